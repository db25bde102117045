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
from fmnist_core.runs.pinned_images import PinnedImage, hides_drawings

# Times closer than this, in epochs, are equal: fractions of an epoch are rounded.
_SAME = 1e-9

_BROKEN = (KeyError, TypeError, ValueError, OverflowError, InputError)


class _TraceReader:
    """Collects lines in lists, so that many lines do not copy a tuple each."""

    def __init__(self, so_far: Trace, *, hide: bool) -> None:
        """`hide`: drawings and pictures that somebody pinned are nobody else's to see."""
        self._trace, self._hide = so_far, hide
        self._snapshots = list(so_far.snapshots)
        self._predictions = list(so_far.predictions)
        self._damaged = so_far.damaged

    def take(self, line: dict[str, Any] | None) -> None:
        steps = {
            "begin": self._begin,
            "snapshot": self._snapshot,
            "probes": self._pinned_predictions,
        }
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
            predictions=tuple(self._predictions),
            offset=offset,
            damaged=self._damaged,
        )
        return replace(trace, missing=tuple(_gaps(trace)))

    def _begin(self, line: dict[str, Any]) -> None:
        done = int(line["epoch"])
        pinned_images = tuple(PinnedImage.from_json(value) for value in line["probes"])
        if self._hide:
            pinned_images = tuple(one.hidden if one.personal else one for one in pinned_images)
        layers = tuple(LayerFacts(**value) for value in line["layers"])
        # They differ only in a folder edited by hand, whose rows would not match.
        same = layers == self._trace.layers and _ids(pinned_images) == _ids(
            self._trace.pinned_images
        )
        # Records after the last saved epoch are void: the run trains these steps again.
        until = done + _SAME if same else -1.0
        self._snapshots = [one for one in self._snapshots if one.epochs <= until]
        self._predictions = [one for one in self._predictions if one.epochs <= until]
        self._trace = replace(
            self._trace,
            pinned_images=pinned_images,
            layers=layers,
            watched=TRAINING if line["watched"] == TRAINING else VALIDATION,
            epochs=int(line["epochs"]),
            steps_per_epoch=int(line["steps_per_epoch"]),
        )

    def _snapshot(self, line: dict[str, Any]) -> None:
        found = snapshot_from(line, len(self._trace.pinned_images), len(self._trace.layers))
        # A resumed run repeats the last snapshot: one is enough.
        if self._is_new(found.epochs, self._snapshots):
            self._snapshots.append(found)
            self._add(PinnedPredictions(found.epochs, found.probabilities))

    def _pinned_predictions(self, line: dict[str, Any]) -> None:
        self._add(predictions_from(line, len(self._trace.pinned_images)))

    def _add(self, predictions: PinnedPredictions) -> None:
        if self._trace.pinned_images and self._is_new(predictions.epochs, self._predictions):
            self._predictions.append(predictions)

    def _is_new(self, epochs: float, known: list[Snapshot] | list[PinnedPredictions]) -> bool:
        return not known or epochs > known[-1].epochs + _SAME


_LAYER = ("weight_norm", "gradient_norm", "update_ratio", "dead_share")

VALIDATION, TRAINING = "validation", "training"


class TraceWriter:
    """Appends to a trace; a new writer closes off a line that a killed process left incomplete.

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
        pinned_images: Sequence[PinnedImage],
    ) -> None:
        """An attempt begins after `epoch` whole epochs; later records in the file become void."""
        self._lines.write(
            "begin",
            attempt=attempt,
            epoch=epoch,
            epochs=epochs,
            steps_per_epoch=steps_per_epoch,
            watched=watched,
            layers=[asdict(layer) for layer in layers],
            probes=[pinned_image.to_json() for pinned_image in pinned_images],
        )

    def snapshot(self, snapshot: Snapshot) -> None:
        """The current state of the network."""
        self._lines.write("snapshot", **_snapshot_line(snapshot))

    def predictions(self, predictions: PinnedPredictions) -> None:
        """Current predictions for the pinned images."""
        self._lines.write("probes", **_predictions_line(predictions))

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
    """One layer at one time; None if unknown.

    Attributes:
        weight_norm: Euclidean length of its kernel.
        gradient_norm: The same of the loss's gradient on a fixed batch of training images.
        update_ratio: Norm of the kernel's mean update per step over the last group of steps, as a
            share of `weight_norm`.
        dead_share: Units that are 0 everywhere on every image of that batch, 0 to 1.
    """

    weight_norm: float | None = None
    gradient_norm: float | None = None
    update_ratio: float | None = None
    dead_share: float | None = None


@dataclass(frozen=True, eq=False)
class Snapshot:
    """The network at one time.

    Attributes:
        epochs: Epochs done, fractional inside the first (and where a run was stopped).
        step: Steps done since the run began.
        images_seen: Training images processed since then.
        confusion: int32 (10, 10), true class by predicted class, of validation images (or of
            training images, see `Trace.watched`).
        filters: float32 (h, w, channels, k) of the first convolution; in a network without one,
            the first units of its first dense layer as (side, side, 1, k); None without
            either.
        probabilities: float32 (p, 10), a row per pinned image, not calibrated.
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
        """The number of images in the confusion matrix."""
        return int(self.confusion.sum())

    @property
    def accuracy(self) -> float:
        """The accuracy on them, 0 to 1."""
        return float(np.trace(self.confusion)) / max(1, self.images)


@dataclass(frozen=True, eq=False)
class PinnedPredictions:
    """Predictions for the pinned images: epochs done, and probabilities float32 (p, 10)."""

    epochs: float
    probabilities: NDArray[np.float32]


@dataclass(frozen=True)
class Trace:
    """The training dynamics that a run has recorded so far.

    Attributes:
        snapshots: In the order of time; the first at the beginning (0 epochs).
        predictions: For the pinned images every few seconds, snapshots included, in order of time.
        pinned_images: The images that were pinned when the run began.
        layers: The layers of `Snapshot.layers`.
        watched: The source of the confusion matrix: `"validation"`, or `"training"` in a run
            without validation images.
        epochs: Epochs asked for; 0 before the beginning.
        steps_per_epoch: Steps in each of them.
        missing: Sentences for people about missing or damaged records.
        offset: Bytes read.
    """

    snapshots: tuple[Snapshot, ...] = ()
    predictions: tuple[PinnedPredictions, ...] = ()
    pinned_images: tuple[PinnedImage, ...] = ()
    layers: tuple[LayerFacts, ...] = ()
    watched: str = VALIDATION
    epochs: int = 0
    steps_per_epoch: int = 0
    missing: tuple[str, ...] = ()
    offset: int = 0
    damaged: int = 0

    @property
    def beginning(self) -> Snapshot | None:
        """The snapshot before the first step; None if there is none."""
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


def _predictions_line(predictions: PinnedPredictions) -> dict[str, Any]:
    """As `_snapshot_line`, for the pinned images alone."""
    return {"epochs": predictions.epochs, "probabilities": _rounded(predictions.probabilities)}


def snapshot_from(line: dict[str, Any], pinned_images: int, layers: int) -> Snapshot:
    """The inverse of `_snapshot_line`.

    Raises:
        KeyError, TypeError, ValueError: It is damaged, or of other images or layers.
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
        probabilities=_rows(line["probabilities"], pinned_images),
        layers=states,
    )


def predictions_from(line: dict[str, Any], pinned_images: int) -> PinnedPredictions:
    """The inverse of `_predictions_line`; errors as those of `snapshot_from`."""
    return PinnedPredictions(_place(line["epochs"]), _rows(line["probabilities"], pinned_images))


def _place(value: Any) -> float:
    epochs = float(value)
    if not 0 <= epochs < math.inf:
        raise ValueError("Epochs are a number from 0 on.")
    return epochs


def _rows(value: Any, pinned_images: int) -> NDArray[np.float32]:
    return np.asarray(value, np.float32).reshape(pinned_images, CLASS_COUNT)


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
    """The training dynamics that a run has recorded.

    Args:
        so_far: An earlier result, for somebody from whom as much is hidden (`hides_drawings`):
            only newer lines are read then.
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
    reader = _TraceReader(so_far, hide=hides_drawings(folder))
    for line in lines:
        reader.take(line)
    return reader.result(offset)


def _why_none(folder: RunFolder) -> str:
    try:
        if not folder.config.training.record_dynamics:
            return "This run does not record its training dynamics."
    except LabError:
        return "The run's configuration cannot be read, and no snapshots are in its folder."
    if folder.status.active:
        return "The run has recorded nothing yet."
    return (
        "This run has no snapshots: it ended before its first step, or was trained by a lab "
        "that took none yet."
    )


def _ids(pinned_images: tuple[PinnedImage, ...]) -> list[str]:
    return [pinned_image.id for pinned_image in pinned_images]


def _gaps(trace: Trace) -> list[str]:
    found = []
    if trace.damaged:
        found.append(f"Lines of the trace that cannot be read and are left out: {trace.damaged}.")
    if not trace.snapshots:
        return [*found, "No snapshot is there yet."]
    if trace.beginning is None:
        found.append("The snapshot before the first step is missing.")
    there = {one.epochs for one in trace.snapshots}
    last = int(trace.snapshots[-1].epochs)
    lost = [str(epoch) for epoch in range(1, last + 1) if epoch not in there]
    if lost:
        found.append(f"No snapshot was kept after epoch {', '.join(lost)}.")
    found.extend(_limitations(trace))
    return found


def _limitations(trace: Trace) -> list[str]:
    found = []
    if trace.watched == TRAINING:
        found.append("The run has no validation images, so the matrix counts training images.")
    if trace.snapshots[-1].filters is None:
        found.append("The network has no layer whose weights can be seen as pictures.")
    return found
