"""Layers that have stopped to learn."""

from __future__ import annotations

import math
import statistics

from fmnist_core.diagnosis.evidence import Evidence, Finding
from fmnist_core.traces import LayerFacts, LayerState, Snapshot

# Up to some four tenths are seen in trainings that go well: a unit may wait for a rare pattern.
_DEAD = 0.5
# Of two units, one that is dead is no sign of anything.
_UNITS = 8
# A healthy first layer has slopes as steep as the last one, or steeper.
_VANISHED = 1e-3


def dead_units(evidence: Evidence) -> Finding | None:
    """Half of a layer's units or more are 0 on every image of the fixed batch."""
    last = evidence.last
    if last is None:
        return None
    pairs = zip(evidence.trace.layers, last.layers, strict=True)
    dead = [
        (facts, state.dead_share)
        for facts, state in pairs
        if facts.units >= _UNITS and (state.dead_share or 0) >= _DEAD
    ]
    if not dead:
        return None
    named = ", ".join(
        f"{round((share or 0) * facts.units)} of {facts.units} in {facts.name}"
        for facts, share in dead
    )
    return Finding(
        "dead_units",
        "Many units are dead: they are 0 whatever the image shows.",
        f"{named} gave 0 on every image of a fixed batch (limit: {_DEAD:.0%} of a layer).",
        "A lower learning rate, leaky ReLU, or a narrower layer.",
        since=_since(evidence, {facts.name for facts, _ in dead}),
    )


def vanishing_gradients(evidence: Evidence) -> Finding | None:
    """In the first epoch the first layer's slopes are a thousandth of the last one's, or less."""
    early = [one for one in evidence.trace.snapshots if one.epochs <= 1]
    ratios = [ratio for one in early if (ratio := _slope_ratio(evidence.trace.layers, one))]
    if not ratios or (typical := statistics.median(ratios)) > _VANISHED:
        return None
    first, last = evidence.trace.layers[0].name, evidence.trace.layers[-1].name
    return Finding(
        "vanishing_gradients",
        "Gradients vanish on their way to the first layers, which then hardly learn.",
        f"A weight of {first} had {typical:.0e} times the slope of one of {last} in the first "
        f"epoch (limit: {_VANISHED:.0e}).",
        "ReLU in place of sigmoid, batch normalisation, residual links, or fewer layers.",
    )


def _slope_ratio(layers: tuple[LayerFacts, ...], one: Snapshot) -> float | None:
    """None where there is none, or where it is dead units that let nothing through."""
    if any((state.dead_share or 0) >= _DEAD for state in one.layers):
        return None
    first = _slope(layers[0], one.layers[0])
    last = _slope(layers[-1], one.layers[-1])
    return first / last if first is not None and last else None


def _slope(facts: LayerFacts, state: LayerState) -> float | None:
    """Of a typical weight: the root of the mean square."""
    norm = state.gradient_norm
    return None if norm is None else norm / math.sqrt(facts.weights)


def _since(evidence: Evidence, names: set[str]) -> float:
    """The first snapshot after which one of the layers stays dead."""
    places = [index for index, one in enumerate(evidence.trace.layers) if one.name in names]
    since = 0.0
    for one in reversed(evidence.trace.snapshots):
        if all((one.layers[place].dead_share or 0) < _DEAD for place in places):
            break
        since = one.epochs
    return since
