"""The network as lines of Keras, layer by layer as the lab plans it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from fmnist_core.config import RunConfig
from fmnist_core.exchange.exporting.source_code.cells import Cell, code, words
from fmnist_core.models import summarise
from fmnist_core.models.plan import STANDARD_DEVIATION, STANDARD_MEAN, Layer, plan

KERAS_MOMENTUM = 0.99
# The lab goes through each batch in halves: see `models/build.py`, which needs Keras, as this must
# not.
HALVES = 2


def network_cells(config: RunConfig) -> list[Cell]:
    """Words about the network, and a function `build_model()`."""
    count = summarise(config.model).parameters
    mixed = config.training.precision == "mixed_bfloat16"
    text = f"""
        # The network

        {count:,} numbers to learn. It takes gray values from 0 to 255 and scales them itself, so
        that nobody who uses it can forget to.
        """
    if mixed:
        text += """
        While it learns it computes in bfloat16, numbers of half the length: faster where the
        processor has them. The weights themselves, and the answer, stay in float32.
        """
    return [words(text), code("\n".join(_function(config)))]


def _function(config: RunConfig) -> list[str]:
    layers = plan(config.model)
    names = _Names(layers, config.training.ema_decay)
    body = [line for layer in layers for line in _lines(layer, names, layers[-1])]
    return ["def build_model():", *(f"    {line}" if line else "" for line in body)]


class _Names:
    """Which variable holds a layer's output: `x`, but another one where a shortcut leads past."""

    def __init__(self, layers: tuple[Layer, ...], ema_decay: float) -> None:
        # What is averaged over a thousand steps needs statistics of as many; each half of a step
        # moves them on.
        kept = max(KERAS_MOMENTUM, ema_decay) ** (1 / HALVES)
        self.momentum = f"momentum={kept:.6g}"
        before = {layer.name: last.name for last, layer in pairwise(layers)}
        paths = {layer.inputs[0] for layer in layers if layer.kind == "add"}
        # What is read by others than the layer right behind.
        read = {name for layer in layers for name in layer.inputs if before[layer.name] != name}
        self.kept = {name: "path" if name in paths else _of_block(name) for name in read}

    def read(self, layer: Layer, number: int = 0) -> str:
        return self.kept.get(layer.inputs[number], "x")


def _of_block(layer: str) -> str:
    """`block2` for what block 2 gives; what goes into the first one has a name of its own."""
    return layer.split("_")[0]


def _lines(layer: Layer, names: _Names, last: Layer) -> list[str]:
    if layer.kind == "input":
        return ["inputs = x = keras.Input((28, 28, 1))"]
    made = _MAKERS[layer.kind](layer, names)
    comment = [f"# {title}"] if (title := _title(layer)) else []
    lines = [*comment, f"x = {made}"]
    if layer.name in names.kept:
        lines.append(f"{names.kept[layer.name]} = x")
    if layer is last:
        lines.append("return keras.Model(inputs, x)")
    return lines


def _title(layer: Layer) -> str:
    if layer.name.endswith(("_conv1", "_conv1_depth")) and "block" in layer.name:
        first = layer.kind == "depthwise" or "kernel" in layer.options
        return f"Block {layer.name[5:].split('_')[0]}" if first else ""
    return {"flatten": "The answer", "global_pool": "The answer"}.get(layer.kind, "")


def _scale(layer: Layer, names: _Names) -> str:
    if layer.options["normalization"] == "unit":
        return f"layers.Rescaling(1 / 255)({names.read(layer)})"
    mean, deviation = STANDARD_MEAN, STANDARD_DEVIATION
    numbers = f"1 / (255 * {deviation}), -{mean} / {deviation}"
    return f"layers.Rescaling({numbers})({names.read(layer)})"


def _conv(layer: Layer, names: _Names) -> str:
    kernel, stride, bias = (layer.options[key] for key in ("kernel", "stride", "bias"))
    parts = [str(layer.shape[-1]), str(kernel)]
    parts += [f"strides={stride}"] if stride != 1 else []
    parts += [f'padding="{layer.options["padding"]}"'] if kernel != 1 or stride != 1 else []
    parts += [] if bias else ["use_bias=False"]
    return f"layers.Conv2D({', '.join(parts)})({names.read(layer)})"


def _depthwise(layer: Layer, names: _Names) -> str:
    stride = layer.options["stride"]
    parts = [str(layer.options["kernel"])]
    parts += [f"strides={stride}"] if stride != 1 else []
    parts += [f'padding="{layer.options["padding"]}"', "use_bias=False"]
    return f"layers.DepthwiseConv2D({', '.join(parts)})({names.read(layer)})"


def _dense(layer: Layer, names: _Names) -> str:
    parts = [str(layer.shape[0])]
    if layer.options["activation"] != "linear":
        parts.append(f'activation="{layer.options["activation"]}"')
    if layer.name == "answer":
        parts.append('dtype="float32"')
    return f"layers.Dense({', '.join(parts)})({names.read(layer)})"


def _pool(layer: Layer, names: _Names) -> str:
    kind = "Max" if layer.options["kind_"] == "max" else "Average"
    return f"layers.{kind}Pooling2D(2)({names.read(layer)})"


def _global_pool(layer: Layer, names: _Names) -> str:
    kind = "Average" if layer.options["kind_"] == "global_average" else "Max"
    return f"layers.Global{kind}Pooling2D()({names.read(layer)})"


_MAKERS: dict[str, Callable[[Layer, _Names], str]] = {
    "scale": _scale,
    "conv": _conv,
    "depthwise": _depthwise,
    "norm": lambda layer, names: (
        f"layers.BatchNormalization({names.momentum})({names.read(layer)})"
    ),
    "activation": lambda layer, names: (
        f'layers.Activation("{layer.options["kind_"]}")({names.read(layer)})'
    ),
    "pool": _pool,
    "dropout": lambda layer, names: f"layers.Dropout({layer.options['rate']})({names.read(layer)})",
    "add": lambda layer, names: f"layers.Add()([{names.read(layer, 0)}, {names.read(layer, 1)}])",
    "flatten": lambda layer, names: f"layers.Flatten()({names.read(layer)})",
    "global_pool": _global_pool,
    "dense": _dense,
}
