"""Network files as Keras 2.13 and 2.15 write them, made from those of Keras 3.

Checked once against files that these releases saved: configurations and names of weights are alike.
"""

import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import h5py

_FUNCTIONS = {
    "TrueDivide": "math.truediv",
    "Subtract": "math.subtract",
    "Multiply": "math.multiply",
    "Add": "__operators__.add",
}


def as_keras_2(path: Path, version: str) -> Path:
    """The file rewritten in place."""
    with zipfile.ZipFile(path) as archive:
        description = json.loads(archive.read("config.json"))
        weights = io.BytesIO(archive.read("model.weights.h5"))
    description["config"] = _network(description["config"])
    if description["class_name"] == "Functional":
        description["module"] = "keras.src.engine.functional"
    if version.startswith("2.13"):
        with h5py.File(weights, "r+") as file:
            _counted_twice(file)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("metadata.json", json.dumps({"keras_version": version}))
        archive.writestr("config.json", json.dumps(description))
        archive.writestr("model.weights.h5", weights.getvalue())
    return path


def _network(config: dict[str, Any]) -> dict[str, Any]:
    found = {"name": config["name"], "layers": [_layer(layer) for layer in config["layers"]]}
    for end in ("input_layers", "output_layers"):
        if end in config:
            found[end] = [config[end]]
    return found


def _layer(layer: dict[str, Any]) -> dict[str, Any]:
    kind, config = layer["class_name"], dict(layer["config"])
    if "layers" in config:
        config = _network(config)
    if isinstance(config.get("dtype"), dict):
        config["dtype"] = config["dtype"]["config"]["name"]
    if "batch_shape" in config:
        config["batch_input_shape"] = config.pop("batch_shape")
    elif kind in ("Conv2D", "Flatten", "Dense"):
        # The first of a row has it; that others do not is all the same to a reader.
        config["batch_input_shape"] = [None, None]
    if kind in ("DepthwiseConv2D", "SeparableConv2D"):
        config["groups"] = 1
    if kind == "SeparableConv2D":
        config |= {"kernel_initializer": "zeros", "kernel_regularizer": None}
        config["kernel_constraint"] = None
    if kind == "LeakyReLU":
        config["alpha"] = config.pop("negative_slope")
    if kind == "BatchNormalization":
        config["axis"] = [3]
        config.pop("renorm", None)
    found = {**layer, "config": config}
    nodes = layer.get("inbound_nodes")
    if "keras.src.ops" in layer["module"]:
        found |= {"module": "keras.src.layers.core.tf_op_layer", "class_name": "TFOpLambda"}
        found["registered_name"] = "TFOpLambda"
        found["config"] = {"name": config["name"], "function": _FUNCTIONS[kind]}
        found["inbound_nodes"] = [_function_call(*nodes[0]["args"])]
    elif nodes:
        given = nodes[0]["args"][0]
        several = given if isinstance(given, list) else [given]
        found["inbound_nodes"] = [[[*_history(one), {}] for one in several]]
    return found


def _function_call(first: Any, second: Any) -> list[Any]:
    other = _history(second) if isinstance(second, dict) else second
    if isinstance(first, dict):
        return [*_history(first), {"y": other, "name": None}]
    return ["_CONSTANT_VALUE", -1, first, {"y": other, "name": None}]


def _history(tensor: dict[str, Any]) -> list[Any]:
    return list(tensor["config"]["keras_history"])


def _counted_twice(group: Any) -> None:
    """Keras 2.13 counts a layer with weights once for the layer and once for its weights."""
    if "layers" not in group:
        return
    group.move("layers", "_layer_checkpoint_dependencies")
    layers = group["_layer_checkpoint_dependencies"]
    for name in sorted(layers, reverse=True):
        found = re.fullmatch(r"(.+)_(\d+)", name)
        if found and _has_weights(layers[name]):
            layers.move(name, f"{found[1]}_{2 * int(found[2])}")
    for name in layers:
        _counted_twice(layers[name])


def _has_weights(group: Any) -> bool:
    found: list[Any] = []
    group.visititems(lambda _, item: found.append(item) if isinstance(item, h5py.Dataset) else None)
    return bool(found)
