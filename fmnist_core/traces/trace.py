"""What a trace holds. All of it was taken on images to learn from or to choose by, none on test
images.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fmnist_core.probes.probe import Probe

VALIDATION, TRAINING = "validation", "training"


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
