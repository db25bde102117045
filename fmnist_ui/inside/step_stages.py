"""What becomes of a number, in words for people."""

from __future__ import annotations

from fmnist_core.explain.step import Change, ConvolutionStep
from fmnist_core.figures.number_grid import written
from fmnist_core.figures.step import Stage

_ACTIVATIONS = {
    "linear": "as it is",
    "relu": "below 0 becomes 0",
    "relu6": "below 0 becomes 0, above 6 stays 6",
    "leaky_relu": "below 0 becomes a fifth",
    "elu": "below 0 is bent towards \N{MINUS SIGN}1",
    "gelu": "below 0 fades to 0",
    "silu": "below 0 fades to 0",
    "tanh": "squeezed to \N{MINUS SIGN}1..1",
    "sigmoid": "squeezed to 0..1",
}
_POOLED = {"max": "the largest stays", "average": "their mean stays"}


def stages_of(step: ConvolutionStep) -> list[Stage]:
    """The sum of the products and all that follows."""
    count = step.patch.size
    words = f"of {count} products" if count > 1 else "one product"
    stages = [Stage("Sum", words, step.total)]
    stages += [_changed(change) for change in step.changes]
    if (pooling := step.pooling) is not None:
        height, width = pooling.window.shape
        where = "whole map" if pooling.whole else f"{height}×{width}"
        stages.append(
            Stage(
                f"Pooling, {where}",
                _POOLED[pooling.kind] + _won(step),
                pooling.value,
                pooling.window,
                pooling.own,
            )
        )
    return stages


def network_says(step: ConvolutionStep) -> list[tuple[float, float]]:
    """Each number that the network tells too, computed here and by the network."""
    found = [
        (change.value, change.network_says)
        for change in step.changes
        if change.network_says is not None
    ]
    if not step.changes:
        found.append((step.total, float(step.sums[step.place.row, step.place.column])))
    if step.pooling is not None:
        found.append((step.pooling.value, step.pooling.network_says))
    return found


def _changed(change: Change) -> Stage:
    numbers = dict(change.numbers)
    if change.kind == "bias":
        return Stage("Bias", f"plus {written(numbers['bias'])}", change.value)
    if change.kind == "shortcut":
        return Stage("Shortcut", f"plus {written(numbers['shortcut'])} from it", change.value)
    if change.kind == "batch_norm":
        mean, deviation, scale, offset = (written(number) for number in numbers.values())
        words = f"less {mean}, ÷ {deviation}, × {scale}, plus {offset}"
        return Stage("Batch norm", words, change.value)
    return Stage(change.name, _ACTIVATIONS[change.name], change.value)


def _won(step: ConvolutionStep) -> str:
    pooling = step.pooling
    if pooling is None or pooling.winner is None:
        return ""
    # Equal numbers, such as two zeros, win together.
    won = pooling.window[pooling.own] == pooling.window[pooling.winner]
    return ": this one" if won else ": another"
