"""The description of a network (`config.json`): known layers with numbers and words alone.

What comes out is written anew in the form of Keras 3: layers as Keras 2.13 to 2.15 describe them
(`older_keras`), what each reads (`connections`), and arithmetic as layers (`arithmetic`). Each
layer keeps its place, since the file of the weights counts layers of a kind.
"""

from __future__ import annotations

import json
import re
from typing import Any

from fmnist_core.errors import ImportedFileError
from fmnist_core.exchange.importing.arithmetic import Operation, as_layer, operation_name
from fmnist_core.exchange.importing.connections import (
    Call,
    Reference,
    call_of,
    only_reference,
    written,
)
from fmnist_core.exchange.importing.older_keras import OTHER_CURVES, modernized

_MOST_LAYERS = 400
# Of networks within networks, and of values within a layer's configuration.
_MOST_NESTED = 4
_MOST_DEPTH = 40
_MOST_TEXT = 2_000
_MOST_NAME = 100

_LAYERS = frozenset(
    (
        *("InputLayer", "Rescaling", "Resizing", "Reshape", "Flatten", "ZeroPadding2D"),
        *("Cropping2D", "Conv2D", "DepthwiseConv2D", "SeparableConv2D", "Dense"),
        *("BatchNormalization", "LayerNormalization", "Normalization", "Activation", "ReLU"),
        *("LeakyReLU", "PReLU", "ELU", "Softmax", "MaxPooling2D", "AveragePooling2D"),
        *("GlobalAveragePooling2D", "GlobalMaxPooling2D", "Dropout", "SpatialDropout2D"),
        *("AlphaDropout", "GaussianDropout", "GaussianNoise", "ActivityRegularization"),
        *("Identity", "Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"),
        "Concatenate",
    )
)
# Augmentation: these change images while a network learns, and do nothing when it is asked.
_AUGMENTATION = frozenset(
    (
        *("RandomFlip", "RandomRotation", "RandomZoom", "RandomTranslation", "RandomContrast"),
        *("RandomBrightness", "RandomHeight", "RandomWidth", "RandomShear", "RandomErasing"),
        *("RandomInvert", "RandomSharpness", "RandomGaussianBlur", "RandomPerspective"),
        *("RandomElasticTransform", "RandomPosterization"),
    )
)
# Layers that can stand in place of the name of an activation; they have no weights.
_ACTIVATION_LAYERS = frozenset({"ELU", "LeakyReLU", "ReLU"})
_AT_RANDOM = re.compile(r"Random|.*Dropout|GaussianNoise")

_MODULES = {"Functional": "keras.src.models.functional", "Sequential": "keras"}
_NETWORKS = frozenset(_MODULES)

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
# Where releases of Keras say that their layers are; what is written anew says `keras.layers`.
_LAYER_MODULE = re.compile(r"(tf_)?keras(\.src)?\.layers(\.[a-z0-9_]+)*")
_TF_OP_MODULE = re.compile(r"(tf_)?keras(\.src)?\.layers\.core\.tf_op_layer")
_FUNCTION_MODULES = frozenset({"builtins", "keras.activations", "tf_keras.activations"})
# Of a layer: what makes one compute otherwise. Keras finds out by itself what it needs of them.
_LEFT_AWAY = (
    *("lora_rank", "lora_alpha", "quantization_config", "gptq_unquantized_kernel"),
    "shared_object_id",
)
# Keras has more of them; these can do nothing but bend a number.
_BENDS = frozenset(
    (
        *("linear", "relu", "relu6", "leaky_relu", "elu", "selu", "gelu", "silu", "swish", "mish"),
        *("tanh", "sigmoid", "hard_sigmoid", "hard_silu", "softplus", "softsign", "softmax"),
        *("log_softmax", "log_sigmoid", "exponential", "celu"),
    )
)
# TensorFlow's own functions have these names inside.
_BENDS_OF_TENSORFLOW = {"softmax_v2": "softmax", "log_softmax_v2": "log_softmax"}

_REPLACE = "Replace it by layers of Keras for images, and save the network again."
_ADVICE = {
    "Lambda": "A Lambda layer is a program, which is not run. Use layers such as Rescaling, "
    "Reshape or Activation in its place, and save the network again.",
}


def read_description(content: bytes, version: str) -> dict[str, Any]:
    """The network's `config.json`, written anew without what is only needed to train it on.

    Args:
        version: Of the Keras that saved it, as the file says; empty if it does not.

    Raises:
        ImportedFileError: It is damaged, or holds anything but known layers.
    """
    try:
        value = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ImportedFileError("The network's description is damaged.") from error
    kind = value.get("class_name") if isinstance(value, dict) else type(value).__name__
    if not isinstance(value, dict) or not isinstance(kind, str) or kind not in _NETWORKS:
        raise ImportedFileError(
            "The lab reads networks of the kinds Functional and Sequential.",
            received=repr(kind)[:80],
            advice="A class of one's own is a program, which is not taken.",
        )
    return _Reader(version).network(value, 0)


class _Reader:
    """Reads one description; counts the layers of all its networks together."""

    def __init__(self, version: str) -> None:
        self._old = version.startswith("2.")
        self._layers = 0

    def network(self, value: dict[str, Any], depth: int) -> dict[str, Any]:
        kind = str(value["class_name"])
        config = value.get("config")
        config = config if isinstance(config, dict) else {}
        layers = config.get("layers")
        self._layers += len(layers) if isinstance(layers, list) else 0
        if not isinstance(layers, list) or not layers or self._layers > _MOST_LAYERS:
            raise ImportedFileError(f"A network has 1 to {_MOST_LAYERS} layers.")
        if depth > _MOST_NESTED:
            raise ImportedFileError(
                "Networks within the network are nested too deeply.",
                received=f"more than {_MOST_NESTED} levels",
                advice="Save a model that has its layers side by side.",
            )
        made: dict[str, Any] = {"name": _name(config.get("name")) or kind.lower()}
        if kind == "Sequential":
            made["layers"] = [self._layer(layer, depth) for layer in layers]
            _begin(made["layers"], config, value)
        else:
            made["layers"] = [self._connected(layer, depth) for layer in layers]
            made["input_layers"] = _end(config.get("input_layers"), "takes one image")
            made["output_layers"] = _end(config.get("output_layers"), "gives one answer")
        return {
            "module": _MODULES[kind],
            "class_name": kind,
            "config": made,
            "registered_name": None,
        }

    def _connected(self, layer: Any, depth: int) -> dict[str, Any]:
        """A layer of a functional network, with what it reads."""
        kind, config = _parts(layer)
        name = _name(layer.get("name"))
        if not name:
            raise ImportedFileError("The network's description is damaged: a layer has no name.")
        nodes = layer.get("inbound_nodes") or []
        if not isinstance(nodes, list) or len(nodes) > 1:
            raise ImportedFileError("A layer that is used twice is not read.", received=name)
        call = call_of(nodes[0]) if nodes else Call((), False, {})
        operation = operation_name(layer.get("module"), kind, config)
        if operation and call and (kind != "TFOpLambda" or _of_tf_op(layer)):
            made = _computed(operation, call, config, name)
        else:
            made = self._layer(layer, depth)
            made["inbound_nodes"] = _read(call, kind, name) if nodes else []
        made["name"] = made["config"]["name"] = name
        return made

    def _layer(self, layer: Any, depth: int) -> dict[str, Any]:
        kind, config = _parts(layer)
        name = _name(config.get("name"))
        if kind in _NETWORKS:
            return self.network(layer, depth + 1)
        module, registered = layer.get("module"), layer.get("registered_name")
        known = isinstance(module, str) and _LAYER_MODULE.fullmatch(module)
        if kind not in _LAYERS | _AUGMENTATION or not known or registered not in (None, kind):
            raise _unknown(_called(layer, kind, name), _ADVICE.get(kind, _REPLACE))
        if kind in _AUGMENTATION:
            return _made("Identity", {"name": name} if name else {})
        return _made(kind, self._config(kind, config, name))

    def _config(self, kind: str, config: dict[str, Any], name: str) -> dict[str, Any]:
        found = {
            key: value for key, value in modernized(kind, config).items() if key not in _LEFT_AWAY
        }
        for key, value in found.items():
            if key == "dtype":
                found[key] = _dtype(value)
            elif key == "batch_shape" and isinstance(value, list) and value:
                # How many images it was asked at once is not kept.
                found[key] = [None, *value[1:]]
            elif key.endswith("activation"):
                found[key] = self._bend(value, kind, name)
            _check(found[key], 1)
        if name:
            found["name"] = name
        return found

    def _bend(self, value: Any, kind: str, layer: str) -> Any:
        """The name of a known function; or a layer that only bends numbers."""
        if value is None:
            return None
        bend = value
        if isinstance(value, dict):
            bend = value.get("config")
            if str(value.get("class_name")) in _ACTIVATION_LAYERS:
                return self._layer(value, 0)
            module = str(value.get("module"))
            if value.get("class_name") != "function" or module not in _FUNCTION_MODULES:
                bend = f"{module}.{value.get('class_name')}"
        bend = _BENDS_OF_TENSORFLOW.get(bend, bend) if isinstance(bend, str) else str(type(bend))
        if bend not in _BENDS:
            raise _unknown(
                f"activation {_short(bend)!r} of {kind} {_short(layer)!r}",
                f"Known activations: {', '.join(sorted(_BENDS))}.",
            )
        if self._old and bend in OTHER_CURVES:
            raise ImportedFileError(
                f"The activation {bend} of Keras 2 is another curve than that of Keras 3.",
                received=f"{kind} {_short(layer)!r}",
                advice="Train the network again with Keras 3, or with another activation.",
            )
        return bend


def _parts(layer: Any) -> tuple[str, dict[str, Any]]:
    if not isinstance(layer, dict) or not isinstance(layer.get("config"), dict):
        raise ImportedFileError("The network's description is damaged: a layer is no layer.")
    return str(layer.get("class_name")), layer["config"]


def _made(kind: str, config: dict[str, Any]) -> dict[str, Any]:
    return {
        "module": "keras.layers",
        "class_name": kind,
        "config": config,
        "registered_name": None,
    }


def _begin(layers: list[dict[str, Any]], config: Any, value: dict[str, Any]) -> None:
    """A row of layers that met its first image in training has no input, but says its shape."""
    if layers[0]["class_name"] == "InputLayer":
        return
    built = value.get("build_config")
    shape = config.get("build_input_shape") or (
        built.get("input_shape") if isinstance(built, dict) else None
    )
    if isinstance(shape, list) and all(size is None or isinstance(size, int) for size in shape[1:]):
        layers.insert(0, _made("InputLayer", {"batch_shape": [None, *shape[1:]]}))


def _end(value: Any, rule: str) -> list[Any]:
    found = only_reference(value)
    if found is None:
        received = f"{len(value)} of them" if isinstance(value, (list, dict)) else "none"
        raise ImportedFileError(f"A network {rule}.", received=received)
    return [_name(found.layer), 0, 0]


def _of_tf_op(layer: dict[str, Any]) -> bool:
    module, registered = layer.get("module"), layer.get("registered_name")
    return (
        isinstance(module, str)
        and bool(_TF_OP_MODULE.fullmatch(module))
        and registered in (None, "TFOpLambda")
    )


def _computed(operation: str, call: Call, config: dict[str, Any], name: str) -> dict[str, Any]:
    told = {**config, **call.options}
    options = {
        key: value
        for key, value in told.items()
        if key not in ("name", "trainable", "function") and (key != "dtype" or operation == "cast")
    }
    found = as_layer(Operation(operation, call.given, options))
    if found is None:
        raise _unknown(
            f"operation {_short(name)!r} ({operation})",
            "The lab reads arithmetic with numbers and with other layers. Use layers of Keras in "
            "its place, such as Rescaling, and save the network again.",
        )
    made = _made(found.kind, dict(found.config))
    reads = tuple(_name(one) for one in found.reads)
    made["inbound_nodes"] = [written(reads, len(reads) > 1)]
    return made


def _read(call: Call | None, kind: str, name: str) -> list[dict[str, Any]]:
    odd = f"the way into {kind} {_short(name)!r}"
    if call is None or not all(isinstance(one, Reference) for one in call.given):
        raise _unknown(odd)
    for key, value in call.options.items():
        if key not in ("training", "mask") or not (value is None or isinstance(value, bool)):
            raise _unknown(f"argument {_short(key)!r} of {kind} {_short(name)!r}")
    if call.options.get("training") and _AT_RANDOM.match(kind):
        raise ImportedFileError(
            "A layer that draws at random also when the network is asked is not read.",
            received=f"{kind} {_short(name)!r}, called with training=True",
            advice="Save the network without training=True.",
        )
    reads = tuple(_name(one.layer) for one in call.given if isinstance(one, Reference))
    return [written(reads, call.together)]


def _dtype(value: Any) -> Any:
    """A policy by its name, as Keras 2 and Keras 3 write it."""
    if isinstance(value, dict) and value.get("class_name") in ("DTypePolicy", "Policy"):
        config = value.get("config")
        value = config.get("name") if isinstance(config, dict) else None
    if value is None or isinstance(value, str):
        return value
    raise _unknown("precision of a layer", "Save the network in float32.")


def _check(value: Any, depth: int) -> None:
    if depth > _MOST_DEPTH:
        raise ImportedFileError("The network's description is nested too deeply.")
    if isinstance(value, dict):
        _check_inside(value)
        for key in ("shared_object_id", "build_config"):
            value.pop(key, None)
        for item in value.values():
            _check(item, depth + 1)
    elif isinstance(value, list):
        for item in value:
            _check(item, depth + 1)
    elif isinstance(value, str) and len(value) > _MOST_TEXT:
        raise ImportedFileError("The network's description holds a text that is too long.")


def _check_inside(value: dict[str, Any]) -> None:
    if value.get("class_name") is None:
        return
    name = str(value["class_name"])
    # An activation that is a layer was written anew before.
    module = str(value.get("module"))
    if module.startswith("tf_keras."):
        module = value["module"] = module.removeprefix("tf_")
    allowed = _ACTIVATION_LAYERS if module == "keras.layers" else _INSIDE.get(module, frozenset())
    if value.get("registered_name") not in (None, name) or name not in allowed:
        raise _unknown(f"{_short(module)}.{_short(name)}")


def _name(value: Any) -> str:
    """Of a layer, as Keras 3 takes it: without what separates folders."""
    return value[:_MOST_NAME].replace("/", "_") if isinstance(value, str) else ""


def _called(layer: dict[str, Any], kind: str, name: str) -> str:
    module = layer.get("module")
    registered = layer.get("registered_name")
    if not isinstance(module, str) or not re.fullmatch(r"(tf_)?keras[.\w]*", module):
        kind = f"{module}.{kind}"
    elif registered not in (None, kind):
        kind = str(registered)
    elif kind == "TFOpLambda":
        kind = f"function {layer['config'].get('function')}"
    return f"{_short(kind)} {_short(name)!r}"


def _short(value: Any) -> str:
    text = "".join(sign for sign in str(value) if sign.isprintable())
    return text if len(text) <= 40 else f"{text[:39]}…"


def _unknown(what: str, advice: str = _REPLACE) -> ImportedFileError:
    return ImportedFileError(
        "The network has a part that the lab does not know, and does not run.",
        received=what,
        advice=advice,
    )
