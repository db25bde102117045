"""The description of a network from elsewhere: known layers, with numbers and words alone."""

from __future__ import annotations

import json
from typing import Any

from fmnist_core.errors import ImportedFileError

MOST_LAYERS = 400
_MOST_DEPTH = 40
_MOST_TEXT = 2_000
_LAYERS = frozenset(
    (
        *("InputLayer", "Rescaling", "Resizing", "Reshape", "Flatten", "ZeroPadding2D"),
        *("Cropping2D", "Conv2D", "DepthwiseConv2D", "SeparableConv2D", "Dense"),
        *("BatchNormalization", "LayerNormalization", "Activation", "ReLU", "LeakyReLU", "ELU"),
        *("Softmax", "MaxPooling2D", "AveragePooling2D", "GlobalAveragePooling2D"),
        *("GlobalMaxPooling2D", "Dropout", "SpatialDropout2D", "GaussianNoise", "Add", "Multiply"),
        *("Average", "Maximum", "Concatenate"),
        # Asleep when a network is asked; left away when it is rebuilt.
        *("RandomFlip", "RandomRotation", "RandomZoom", "RandomTranslation", "RandomContrast"),
        *("RandomBrightness", "GaussianDropout", "ActivityRegularization"),
    )
)
_MODULES = {"Functional": "keras.src.models.functional", "Sequential": "keras"}
NETWORKS = frozenset(_MODULES)
_INITIALIZERS = (
    *("Zeros", "Ones", "Constant", "RandomNormal", "RandomUniform", "TruncatedNormal"),
    *("VarianceScaling", "GlorotNormal", "GlorotUniform", "HeNormal", "HeUniform", "LecunNormal"),
    *("LecunUniform", "Orthogonal", "OrthogonalInitializer", "Identity", "IdentityInitializer"),
)
# By module, what may stand inside of a layer.
_INSIDE: dict[str, frozenset[str]] = {
    "keras.initializers": frozenset(_INITIALIZERS),
    "keras.regularizers": frozenset({"L1", "L2", "L1L2", "OrthogonalRegularizer"}),
    "keras.constraints": frozenset({"MaxNorm", "NonNeg", "UnitNorm", "MinMaxNorm"}),
    "keras": frozenset({"DTypePolicy"}),
    "builtins": frozenset({"int", "float", "str", "tuple"}),
}
_LAYER_MODULES = ("keras.layers", "keras.src.layers")
# Of a layer: shapes to build it with in advance, layers that stand for others, and what makes one
# compute otherwise. Keras finds out by itself what it needs of them.
_LEFT_AWAY = ("build_config", "shared_object_id")
_LEFT_AWAY_WITHIN = ("lora_rank", "lora_alpha", "quantization_config", "gptq_unquantized_kernel")
# Keras has more of them; these can do nothing but bend a number.
_BENDS = frozenset(
    (
        *("linear", "relu", "relu6", "leaky_relu", "elu", "selu", "gelu", "silu", "swish", "mish"),
        *("tanh", "sigmoid", "hard_sigmoid", "softplus", "softsign", "softmax", "exponential"),
    )
)
_TENSOR = "__keras_tensor__"


def read_description(content: bytes) -> dict[str, Any]:
    """The network's `config.json`, without what is only needed to train it on.

    Raises:
        ImportedFileError: It is damaged, or holds anything but known layers.
    """
    try:
        value = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ImportedFileError("The network's description is damaged.") from error
    if not isinstance(value, dict) or value.get("class_name") not in NETWORKS:
        name = value.get("class_name") if isinstance(value, dict) else type(value).__name__
        raise ImportedFileError(
            "The lab reads networks of the kinds Functional and Sequential.",
            received=repr(name)[:80],
            advice="A class of one's own is a program, which is not taken.",
        )
    # How it was trained may name functions; nobody needs them here.
    value.pop("compile_config", None)
    value.pop("registered_name", None)
    value["module"] = _MODULES[value["class_name"]]
    _check_network(value)
    return value


def _check_network(value: dict[str, Any]) -> None:
    config = value.get("config")
    layers = config.get("layers") if isinstance(config, dict) else None
    if not isinstance(layers, list) or not 1 <= len(layers) <= MOST_LAYERS:
        raise ImportedFileError(f"A network has 1 to {MOST_LAYERS} layers.")
    value.pop("build_config", None)
    for layer in layers:
        _check_layer(layer)


def _check_layer(layer: Any) -> None:
    if not isinstance(layer, dict) or not isinstance(layer.get("config"), dict):
        raise ImportedFileError("The network's description is damaged: a layer is no layer.")
    name = layer.get("class_name")
    if name in NETWORKS:
        raise ImportedFileError(
            "A network within the network is not read.",
            received=str(layer["config"].get("name"))[:60],
            advice="Save a model that has its layers side by side.",
        )
    if name not in _LAYERS or layer.get("module") not in _LAYER_MODULES:
        raise _unknown(f"{layer.get('module')}.{name}")
    if layer.get("registered_name") not in (None, name):
        raise _unknown(str(layer.get("registered_name")))
    for key in _LEFT_AWAY:
        layer.pop(key, None)
    for key in _LEFT_AWAY_WITHIN:
        layer["config"].pop(key, None)
    for key, item in layer["config"].items():
        _check_bend(key, item)
        _check(item, 1)
    _check(layer.get("inbound_nodes"), 1)


def _check(value: Any, depth: int) -> None:
    if depth > _MOST_DEPTH:
        raise ImportedFileError("The network's description is nested too deeply.")
    if isinstance(value, dict):
        _check_inside(value)
        value.pop("shared_object_id", None)
        for item in value.values():
            _check(item, depth + 1)
    elif isinstance(value, list):
        for item in value:
            _check(item, depth + 1)
    elif isinstance(value, str) and len(value) > _MOST_TEXT:
        raise ImportedFileError("The network's description holds a text that is too long.")


def _check_inside(value: dict[str, Any]) -> None:
    name = value.get("class_name")
    if name is None or name == _TENSOR:
        return
    allowed = _INSIDE.get(str(value.get("module")), frozenset())
    if value.get("registered_name") not in (None, name) or name not in allowed:
        raise _unknown(f"{value.get('module')}.{name}")


def _check_bend(key: str, item: Any) -> None:
    """Where a function may stand, only the name of a known one may."""
    if (
        key.endswith("activation")
        and item is not None
        and not (isinstance(item, str) and item in _BENDS)
    ):
        raise _unknown(f"activation {str(item)[:80]!r}")


def _unknown(name: str) -> ImportedFileError:
    return ImportedFileError(
        "The network has a part that the lab does not know, and does not run.",
        received=name[:120],
        advice=f"Known layers: {', '.join(sorted(_LAYERS))}.",
    )
