"""A trace read from a run's folder, whole or as far as it is there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fmnist_core.errors import InputError, LabError
from fmnist_core.runs.events import read_lines
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.pinned_images import Probe
from fmnist_core.runs.traces.trace import (
    TRAINING,
    VALIDATION,
    LayerFacts,
    Moment,
    Snapshot,
    Trace,
    moment_from,
    snapshot_from,
)

# Two moments so near to each other are one: a fraction of an epoch has rounding in it.
_SAME = 1e-9
_BROKEN = (KeyError, TypeError, ValueError, OverflowError, InputError)


def read_trace(folder: RunFolder, so_far: Trace | None = None) -> Trace:
    """What the run has written down, `missing` saying what is not there.

    Args:
        so_far: What was read before: only what came since is read then.
    """
    so_far = so_far or Trace()
    try:
        size = folder.trace_path.stat().st_size
    except OSError:
        return replace(Trace(), missing=(_why_none(folder),))
    if size < so_far.offset:
        so_far = Trace()
    if size == so_far.offset > 0:
        return so_far
    lines, offset = read_lines(folder.trace_path, so_far.offset)
    folding = _Folding(so_far)
    for line in lines:
        folding.take(line)
    return folding.result(offset)


def _why_none(folder: RunFolder) -> str:
    try:
        if not folder.config.training.trace:
            return "This run was told to write nothing down while it learned."
    except LabError:
        return "The run's configuration cannot be read, and no snapshots are in its folder."
    if folder.status.active:
        return "The run has written nothing down yet."
    return (
        "This run has no snapshots: it ended before its first step, or was trained by a lab "
        "that took none yet."
    )


class _Folding:
    """Grows lists while folding, so that many lines do not copy a tuple each."""

    def __init__(self, so_far: Trace) -> None:
        self._trace = so_far
        self._snapshots = list(so_far.snapshots)
        self._moments = list(so_far.moments)
        self._damaged = so_far.damaged

    def take(self, line: dict[str, Any] | None) -> None:
        steps = {"begin": self._begin, "snapshot": self._snapshot, "probes": self._probes}
        try:
            step = steps.get(line["kind"]) if line else None
            if line is None:
                raise ValueError("A torn line.")
            if step is not None:
                step(line)
        except _BROKEN:
            self._damaged += 1

    def result(self, offset: int) -> Trace:
        trace = replace(
            self._trace,
            snapshots=tuple(self._snapshots),
            moments=tuple(self._moments),
            offset=offset,
            damaged=self._damaged,
        )
        return replace(trace, missing=tuple(_gaps(trace)))

    def _begin(self, line: dict[str, Any]) -> None:
        done = int(line["epoch"])
        probes = tuple(Probe.from_json(value) for value in line["probes"])
        layers = tuple(LayerFacts(**value) for value in line["layers"])
        # Only a folder changed by hand has others; their rows would mean nothing.
        same = layers == self._trace.layers and _ids(probes) == _ids(self._trace.probes)
        # What came after the last saved epoch was lost with its process and is learned again.
        until = done + _SAME if same else -1.0
        self._snapshots = [one for one in self._snapshots if one.epochs <= until]
        self._moments = [one for one in self._moments if one.epochs <= until]
        self._trace = replace(
            self._trace,
            probes=probes,
            layers=layers,
            watched=TRAINING if line["watched"] == TRAINING else VALIDATION,
            epochs=int(line["epochs"]),
            steps_per_epoch=int(line["steps_per_epoch"]),
        )

    def _snapshot(self, line: dict[str, Any]) -> None:
        found = snapshot_from(line, len(self._trace.probes), len(self._trace.layers))
        # A run that goes on says again where it stands: once is enough.
        if self._is_new(found.epochs, self._snapshots):
            self._snapshots.append(found)
            self._add(Moment(found.epochs, found.probabilities))

    def _probes(self, line: dict[str, Any]) -> None:
        self._add(moment_from(line, len(self._trace.probes)))

    def _add(self, moment: Moment) -> None:
        if self._trace.probes and self._is_new(moment.epochs, self._moments):
            self._moments.append(moment)

    def _is_new(self, epochs: float, known: list[Snapshot] | list[Moment]) -> bool:
        return not known or epochs > known[-1].epochs + _SAME


def _ids(probes: tuple[Probe, ...]) -> list[str]:
    return [probe.id for probe in probes]


def _gaps(trace: Trace) -> list[str]:
    found = []
    if trace.damaged:
        found.append(f"Lines of the trace that cannot be read and are left out: {trace.damaged}.")
    if not trace.snapshots:
        return [*found, "No snapshot is there yet."]
    if trace.beginning is None:
        found.append("The network's beginning was not written down.")
    there = {one.epochs for one in trace.snapshots}
    last = int(trace.snapshots[-1].epochs)
    lost = [str(epoch) for epoch in range(1, last + 1) if epoch not in there]
    if lost:
        found.append(f"No snapshot was kept after epoch {', '.join(lost)}.")
    found.extend(_not_told(trace))
    return found


def _not_told(trace: Trace) -> list[str]:
    found = []
    if trace.watched == TRAINING:
        found.append(
            "The run held no images back, so the matrix counts images that it learns from."
        )
    if trace.snapshots[-1].filters is None:
        found.append("The network has no layer whose weights can be seen as pictures.")
    return found
