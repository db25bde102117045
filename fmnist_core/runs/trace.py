"""The trace of a training in `trace.jsonl`: its records, and how they are written and read.

All of it was computed on training or validation images, none on test images. Kinds of line, each
with `t` (Unix time) and `kind`:
    begin     attempt, epoch (completed before), epochs, steps_per_epoch, watched, layers, probes
    snapshot  see `_snapshot_line`
    probes    epochs, probabilities
"""

from __future__ import annotations

import base64
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_COUNT
from fmnist_core.errors import InputError, LabError
from fmnist_core.runs.events import EventWriter, read_lines
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.pinned_images import Probe

# Two moments so near to each other are one: a fraction of an epoch has rounding in it.
_SAME = 1e-9

_BROKEN = (KeyError, TypeError, ValueError, OverflowError, InputError)


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


_LAYER = ("weight_norm", "gradient_norm", "update_ratio", "dead_share")

VALIDATION, TRAINING = "validation", "training"


class TraceWriter:
    """Appends to a trace; what a kill tore is closed off when writing starts again.

    Every method raises StorageError where the disk is full or cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._lines = EventWriter(path)

    def begin(
        self,
        *,
        attempt: int,
        epoch: int,
        epochs: int,
        steps_per_epoch: int,
        watched: str,
        layers: Sequence[LayerFacts],
        probes: Sequence[Probe],
    ) -> None:
        """An attempt begins after `epoch` whole epochs: what came later in the file is void."""
        self._lines.write(
            "begin",
            attempt=attempt,
            epoch=epoch,
            epochs=epochs,
            steps_per_epoch=steps_per_epoch,
            watched=watched,
            layers=[asdict(layer) for layer in layers],
            probes=[probe.to_json() for probe in probes],
        )

    def snapshot(self, snapshot: Snapshot) -> None:
        """The network as it is now."""
        self._lines.write("snapshot", **_snapshot_line(snapshot))

    def moment(self, moment: Moment) -> None:
        """What it says about the probes now."""
        self._lines.write("probes", **_moment_line(moment))

    def close(self) -> None:
        self._lines.close()


@dataclass(frozen=True)
class LayerFacts:
    """A layer with weights: its name, and how many weights (kernel only) and units it has."""

    name: str
    weights: int
    units: int


@dataclass(frozen=True)
class LayerState:
    """One layer at one moment; None where it could not be told.

    Attributes:
        weight_norm: Euclidean length of its kernel.
        gradient_norm: The same of the loss's gradient on a fixed batch of training images.
        update_ratio: Length of the way its kernel went in the last group of steps, per step, as a
            share of `weight_norm`.
        dead_share: Units that are 0 everywhere on every image of that batch, 0 to 1.
    """

    weight_norm: float | None = None
    gradient_norm: float | None = None
    update_ratio: float | None = None
    dead_share: float | None = None


@dataclass(frozen=True, eq=False)
class Snapshot:
    """The network at one moment.

    Attributes:
        epochs: Epochs done, fractional inside the first (and where a run was stopped).
        step: Steps done since the run began.
        images_seen: Training images looked at since then.
        confusion: int32 (10, 10), true class by what it was taken for, of some images that were
            held back (or, see `Trace.watched`, of training images).
        filters: float32 (h, w, channels, k) of the first convolution; in a network without one,
            the first units of its first dense layer as (28, 28, 1, k); None where there is neither.
        probabilities: float32 (p, 10), one row a probe of the trace, not calibrated.
        layers: In the order of `Trace.layers`.
    """

    epochs: float
    step: int
    images_seen: int
    confusion: NDArray[np.int32]
    filters: NDArray[np.float32] | None
    probabilities: NDArray[np.float32]
    layers: tuple[LayerState, ...]

    @property
    def images(self) -> int:
        """How many images the confusion counts."""
        return int(self.confusion.sum())

    @property
    def accuracy(self) -> float:
        """Share of them that was recognised, 0 to 1."""
        return float(np.trace(self.confusion)) / max(1, self.images)


@dataclass(frozen=True, eq=False)
class Moment:
    """The probes between two snapshots: epochs done, and probabilities float32 (p, 10)."""

    epochs: float
    probabilities: NDArray[np.float32]


@dataclass(frozen=True)
class Trace:
    """All that a run has written down so far.

    Attributes:
        snapshots: In the order of time; the first at the beginning (0 epochs).
        moments: The probes every few seconds, snapshots included, in the order of time.
        probes: What was watched.
        layers: The layers that `Snapshot.layers` speaks of.
        watched: Where the images of the confusion come from: `"validation"`, or `"training"` where
            the run held none back.
        epochs: Epochs asked for; 0 before the beginning.
        steps_per_epoch: Steps in each of them.
        missing: What is not there or damaged, in sentences for people.
        offset: How far the file was read, in bytes.
    """

    snapshots: tuple[Snapshot, ...] = ()
    moments: tuple[Moment, ...] = ()
    probes: tuple[Probe, ...] = ()
    layers: tuple[LayerFacts, ...] = ()
    watched: str = VALIDATION
    epochs: int = 0
    steps_per_epoch: int = 0
    missing: tuple[str, ...] = ()
    offset: int = 0
    damaged: int = 0

    @property
    def beginning(self) -> Snapshot | None:
        """The network before its first step; None where that was not written down."""
        first = self.snapshots[0] if self.snapshots else None
        return first if first is not None and first.epochs == 0 else None

    def at(self, epochs: float) -> Snapshot | None:
        """The last snapshot taken until then, or the first; None without any."""
        until = [one for one in self.snapshots if one.epochs <= epochs + 1e-9]
        return until[-1] if until else (self.snapshots[0] if self.snapshots else None)


def _snapshot_line(snapshot: Snapshot) -> dict[str, Any]:
    """Plain JSON values; a number that is not finite becomes null."""
    return {
        "epochs": snapshot.epochs,
        "step": snapshot.step,
        "images_seen": snapshot.images_seen,
        "confusion": snapshot.confusion.tolist(),
        "filters": None if snapshot.filters is None else _packed(snapshot.filters),
        "probabilities": _rounded(snapshot.probabilities),
        "layers": [[_short(getattr(one, name)) for name in _LAYER] for one in snapshot.layers],
    }


def _moment_line(moment: Moment) -> dict[str, Any]:
    """As `_snapshot_line`, of the probes alone."""
    return {"epochs": moment.epochs, "probabilities": _rounded(moment.probabilities)}


def snapshot_from(line: dict[str, Any], probes: int, layers: int) -> Snapshot:
    """The inverse of `_snapshot_line`.

    Raises:
        KeyError, TypeError, ValueError: It is damaged, or of other probes or layers.
    """
    confusion = np.asarray(line["confusion"], np.int32)
    states = tuple(_layer(values) for values in line["layers"])
    if confusion.shape != (CLASS_COUNT, CLASS_COUNT) or len(states) != layers:
        raise ValueError("A snapshot of another form.")
    return Snapshot(
        epochs=_place(line["epochs"]),
        step=int(line["step"]),
        images_seen=int(line["images_seen"]),
        confusion=confusion,
        filters=None if line["filters"] is None else _unpacked(line["filters"]),
        probabilities=_rows(line["probabilities"], probes),
        layers=states,
    )


def moment_from(line: dict[str, Any], probes: int) -> Moment:
    """The inverse of `_moment_line`; errors as those of `snapshot_from`."""
    return Moment(_place(line["epochs"]), _rows(line["probabilities"], probes))


def _place(value: Any) -> float:
    epochs = float(value)
    if not 0 <= epochs < math.inf:
        raise ValueError("Epochs are a number from 0 on.")
    return epochs


def _rows(value: Any, probes: int) -> NDArray[np.float32]:
    return np.asarray(value, np.float32).reshape(probes, CLASS_COUNT)


def _layer(values: Iterable[float | None]) -> LayerState:
    numbers = (None if value is None else float(value) for value in values)
    return LayerState(**dict(zip(_LAYER, numbers, strict=True)))


def _packed(array: NDArray[np.float32]) -> dict[str, Any]:
    content = np.ascontiguousarray(array, "<f4").tobytes()
    return {"shape": list(array.shape), "float32": base64.b64encode(content).decode()}


def _unpacked(value: dict[str, Any]) -> NDArray[np.float32]:
    content = base64.b64decode(value["float32"], validate=True)
    height, width, channels, count = value["shape"]
    return np.frombuffer(content, "<f4").reshape(height, width, channels, count)


def _rounded(probabilities: NDArray[np.float32]) -> list[list[float]]:
    finite = np.nan_to_num(probabilities.astype(float), nan=0.0)
    return [[round(value, 4) for value in row] for row in finite.tolist()]


def _short(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(f"{value:.5g}")


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
        if not folder.config.training.record_dynamics:
            return "This run was told to write nothing down while it learned."
    except LabError:
        return "The run's configuration cannot be read, and no snapshots are in its folder."
    if folder.status.active:
        return "The run has written nothing down yet."
    return (
        "This run has no snapshots: it ended before its first step, or was trained by a lab "
        "that took none yet."
    )


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
