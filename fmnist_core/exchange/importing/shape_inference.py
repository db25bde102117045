"""What shapes a described network makes, and which weights it needs: by arithmetic, without Keras.

Only what the known layers do is known here; whatever does not fit is refused before anything is
made of the size that the description claims.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from fmnist_core.errors import ImportedFileError
from fmnist_core.models.cost import MOST_PARAMETERS

Shape = tuple[int, ...]
Config = dict[str, Any]
# Values of one map, and weights of one network, that the lab still handles.
MOST_VALUES = 2**22
MOST_WEIGHTS = MOST_PARAMETERS
# What a layer makes of shapes without the batch: its output and its weights.
Made = tuple[Shape, list[Shape]]


def network_shapes(description: dict[str, Any]) -> tuple[Shape, list[Shape]]:
    """The shape of the answer, and those of all weights.

    Raises:
        ImportedFileError: Layers that do not fit each other, or sizes beyond reason; an input
            that is not 28 x 28 gray pixels.
    """
    weights: list[Shape] = []
    shapes: dict[str, Shape] = {}
    layers = description["config"]["layers"]
    in_a_row = description["class_name"] == "Sequential"
    last: Shape | None = None
    for layer in layers:
        if str(_name(layer)) in shapes:
            raise ImportedFileError("Two layers have one name.", received=str(_name(layer))[:60])
        try:
            reads = _in_a_row(last) if in_a_row else _reads(layer, shapes, last)
            last, own = _made(layer, reads)
        except ImportedFileError:
            raise
        except Exception as error:
            raise ImportedFileError(
                "The network's layers do not fit each other.",
                received=f"{layer.get('class_name')} {str(layer.get('name'))[:60]!r}",
            ) from error
        _check_size(layer, last, own)
        shapes[str(_name(layer))] = last
        weights += own
    return _answer(description, shapes, last), weights


def _name(layer: dict[str, Any]) -> Any:
    return layer.get("name") or layer["config"]["name"]


def _answer(description: dict[str, Any], shapes: dict[str, Shape], last: Shape | None) -> Shape:
    if description["class_name"] == "Sequential":
        return last or ()
    outputs = description["config"].get("output_layers")
    while isinstance(outputs, list) and outputs and isinstance(outputs[0], list):
        if len(outputs) != 1:
            raise ImportedFileError("A classifier has one answer.", received=len(outputs))
        outputs = outputs[0]
    if not isinstance(outputs, list) or not outputs or outputs[0] not in shapes:
        raise ImportedFileError("The network's description names no output.")
    return shapes[outputs[0]]


def _in_a_row(last: Shape | None) -> list[Shape]:
    return [] if last is None else [last]


def _reads(layer: dict[str, Any], shapes: dict[str, Shape], last: Shape | None) -> list[Shape]:
    nodes = layer.get("inbound_nodes")
    if not nodes:
        return _in_a_row(last)
    if len(nodes) != 1:
        raise ImportedFileError("A layer that is used twice is not read.", received=_name(layer))
    return [shapes[name] for name in _sources(nodes[0].get("args"))]


def _sources(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [str(value["config"]["keras_history"][0])]
    return [name for item in value for name in _sources(item)]


def _made(layer: dict[str, Any], reads: list[Shape]) -> Made:
    kind, config = layer["class_name"], layer["config"]
    if kind == "InputLayer":
        return _input(config), []
    if not reads:
        raise ImportedFileError(
            "The network must begin with its input, 28 x 28.",
            received=kind,
            advice="In Keras: give it a `keras.Input((28, 28, 1))` first.",
        )
    made = _KINDS.get(kind, _same)
    return made(config, reads)


def _input(config: Config) -> Shape:
    shape = config.get("batch_shape") or config.get("batch_input_shape") or [None, *config["shape"]]
    found = tuple(shape[1:])
    if found not in ((28, 28, 1), (28, 28)):
        raise ImportedFileError(
            "The network must take gray images of 28 x 28 pixels: (28, 28, 1) or (28, 28).",
            received=str(found)[:80],
            advice="One trained on images of another size or in colour cannot be shown ours.",
        )
    return found


def _check_size(layer: dict[str, Any], shape: Shape, weights: list[Shape]) -> None:
    sides = [side for each in (shape, *weights) for side in each]
    if any(not isinstance(side, int) or side < 1 for side in sides):
        raise ImportedFileError(
            "A layer's map would have no size.", received=f"{_name(layer)}: {shape}"[:120]
        )
    count = sum(math.prod(each) for each in weights)
    if math.prod(shape) > MOST_VALUES or count > MOST_WEIGHTS:
        raise ImportedFileError(
            f"A layer has at most {MOST_WEIGHTS:,} weights and {MOST_VALUES:,} values here.",
            received=f"{str(_name(layer))[:60]}: {count:,} weights, {math.prod(shape):,} values",
        )


def _same(config: Config, reads: list[Shape]) -> Made:
    return reads[0], []


def _pair(value: Any) -> tuple[int, int]:
    if isinstance(value, int):
        return value, value
    rows, columns = value
    return int(rows), int(columns)


def _window(config: Config, shape: Shape, size: Any, stride: Any) -> tuple[int, int]:
    _check_order(config)
    spread = _pair(config.get("dilation_rate", 1))
    sides = zip(shape[:2], _pair(size), _pair(stride), spread, strict=True)
    if config.get("padding", "valid") == "same":
        rows, columns = (-(-side // step) for side, _, step, _ in sides)
    else:
        rows, columns = (
            (side - (kernel - 1) * apart - 1) // step + 1 for side, kernel, step, apart in sides
        )
    return rows, columns


def _check_order(config: Config) -> None:
    if config.get("data_format", "channels_last") != "channels_last":
        raise ImportedFileError("Maps must have their channels last.", received="channels_first")


def _bias(config: Config, count: int) -> list[Shape]:
    return [(count,)] if config.get("use_bias", True) else []


def _conv(config: Config, reads: list[Shape]) -> Made:
    filters = config["filters"]
    rows, columns = _window(config, reads[0], config["kernel_size"], config["strides"])
    entering = reads[0][2] // config.get("groups", 1)
    kernel = (*_pair(config["kernel_size"]), entering, filters)
    return (rows, columns, filters), [kernel, *_bias(config, filters)]


def _depthwise(config: Config, reads: list[Shape]) -> Made:
    rows, columns = _window(config, reads[0], config["kernel_size"], config["strides"])
    many = config.get("depth_multiplier", 1)
    channels = reads[0][2] * many
    kernel = (*_pair(config["kernel_size"]), reads[0][2], many)
    return (rows, columns, channels), [kernel, *_bias(config, channels)]


def _separable(config: Config, reads: list[Shape]) -> Made:
    filters = config["filters"]
    (rows, columns, channels), (depth, *_) = _depthwise(config, reads)
    return (rows, columns, filters), [depth, (1, 1, channels, filters), *_bias(config, filters)]


def _dense(config: Config, reads: list[Shape]) -> Made:
    units = config["units"]
    return (*reads[0][:-1], units), [(reads[0][-1], units), *_bias(config, units)]


def _norm(config: Config, reads: list[Shape]) -> Made:
    axis = config.get("axis", -1)
    if axis not in (-1, [-1], len(reads[0]), [len(reads[0])]):
        raise ImportedFileError("Normalisation must be over the channels.", received=str(axis)[:40])
    channels = reads[0][-1]
    learned = bool(config.get("center", True)) + bool(config.get("scale", True))
    return reads[0], [(channels,)] * (learned + ("momentum" in config) * 2)


def _pool(config: Config, reads: list[Shape]) -> Made:
    stride = config.get("strides") or config["pool_size"]
    rows, columns = _window(config, reads[0], config["pool_size"], stride)
    return (rows, columns, reads[0][2]), []


def _global_pool(config: Config, reads: list[Shape]) -> Made:
    _check_order(config)
    channels = reads[0][2]
    return ((1, 1, channels) if config.get("keepdims") else (channels,)), []


def _merged(config: Config, reads: list[Shape]) -> Made:
    if len(set(reads)) != 1:
        raise ImportedFileError("Maps that are joined must be equal.", received=str(reads)[:80])
    return reads[0], []


def _joined(config: Config, reads: list[Shape]) -> Made:
    axis = config.get("axis", -1)
    if axis not in (-1, len(reads[0])):
        raise ImportedFileError("Maps must be joined by their channels.", received=axis)
    return (*reads[0][:-1], sum(shape[-1] for shape in reads)), []


def _padded(config: Config, reads: list[Shape]) -> Made:
    return _edges(reads[0], config["padding"], 1)


def _cropped(config: Config, reads: list[Shape]) -> Made:
    return _edges(reads[0], config["cropping"], -1)


def _edges(shape: Shape, edges: Any, sign: int) -> Made:
    rows, columns = (sign * sum(_pair(edge)) for edge in edges)
    return (shape[0] + rows, shape[1] + columns, shape[2]), []


def _reshaped(config: Config, reads: list[Shape]) -> Made:
    count, wanted = math.prod(reads[0]), list(config["target_shape"])
    if -1 in wanted:
        wanted[wanted.index(-1)] = count // max(1, math.prod(s for s in wanted if s != -1))
    if math.prod(wanted) != count:
        raise ImportedFileError("A map cannot be reshaped so.", received=str(wanted)[:80])
    return tuple(wanted), []


def _resized(config: Config, reads: list[Shape]) -> Made:
    _check_order(config)
    return (config["height"], config["width"], reads[0][2]), []


_KINDS: dict[str, Callable[[Config, list[Shape]], Made]] = {
    "Conv2D": _conv,
    "DepthwiseConv2D": _depthwise,
    "SeparableConv2D": _separable,
    "Dense": _dense,
    "BatchNormalization": _norm,
    "LayerNormalization": _norm,
    "MaxPooling2D": _pool,
    "AveragePooling2D": _pool,
    "GlobalAveragePooling2D": _global_pool,
    "GlobalMaxPooling2D": _global_pool,
    "Flatten": lambda config, reads: ((math.prod(reads[0]),), []),
    "Add": _merged,
    "Multiply": _merged,
    "Average": _merged,
    "Maximum": _merged,
    "Concatenate": _joined,
    "ZeroPadding2D": _padded,
    "Cropping2D": _cropped,
    "Reshape": _reshaped,
    "Resizing": _resized,
}
