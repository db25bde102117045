"""Ablation of networks and corruption of images, with the accuracy before and after."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from fmnist_core.augmentation.warp import Affine, warp
from fmnist_core.classes import CLASS_COUNT, IMAGE_SIDE
from fmnist_core.config.rules import Number, OneOf, Text, Whole, Wholes, check_fields, ruled
from fmnist_core.errors import ConfigError
from fmnist_core.evaluation import wilson
from fmnist_core.evaluation.paired_comparison import PairedDifference, paired
from fmnist_core.models.calibration import CalibratedPredictions

_Images = NDArray[np.uint8]


def _noise(images: _Images, deviation: float, rng: np.random.Generator) -> _Images:
    moved = images + rng.normal(0, deviation, images.shape)
    return np.clip(np.round(moved), 0, 255).astype(np.uint8)


def _salt(images: _Images, share: float, rng: np.random.Generator) -> _Images:
    hit = rng.random(images.shape) < share
    white = rng.random(images.shape) < 0.5
    return np.where(hit, np.where(white, 255, 0), images).astype(np.uint8)


def _blur(images: _Images, deviation: float, rng: np.random.Generator) -> _Images:
    # Beyond the edge all is black, as in every image of the data set.
    black = cv2.BORDER_CONSTANT
    return np.stack(
        [
            cv2.GaussianBlur(image, (0, 0), _scaled(deviation, image), borderType=black)
            for image in images
        ]
    ).astype(np.uint8)


def _shift(images: _Images, pixels: float, rng: np.random.Generator) -> _Images:
    return _moved(images, right=_scaled(pixels, images))


def _turn(images: _Images, degrees: float, rng: np.random.Generator) -> _Images:
    return _moved(images, turn=float(np.radians(degrees)))


def _scaled(pixels: float, images: _Images) -> float:
    """So many pixels of an image of 28x28 in those of a larger one."""
    return pixels * images.shape[-1] / IMAGE_SIDE


_WAYS: dict[str, Callable[[_Images, float, np.random.Generator], _Images]] = {
    "noise": _noise,
    "salt": _salt,
    "blur": _blur,
    "shift": _shift,
    "turn": _turn,
}


# The largest strength of each kind, in its own unit.
STRONGEST = {
    "weights": 2.0,
    "noise": 128.0,
    "salt": 0.5,
    "blur": 4.0,
    "shift": 14.0,
    "turn": 180.0,
}
IMAGE_KINDS = ("noise", "salt", "blur", "shift", "turn")
KINDS = ("filters", "layer", "weights", *IMAGE_KINDS)


@dataclass(frozen=True)
class Ablation:
    """One ablation of the network, or one corruption of the images.

    Attributes:
        kind: `filters` or `layer`: their outputs become 0, shortcuts around them stay.
            `weights`: Gaussian noise on the weights of the layer, or of all layers; `strength` is
            its standard deviation, in standard deviations of the layer's weights.
            The others corrupt the images. `noise`: Gaussian, `strength` in grey levels. `salt`:
            this share of the pixels becomes black or white. `blur`: Gaussian, `strength` its
            deviation in pixels. `shift`: to the right, in pixels. Pixels are those of an image of
            28x28, as shares of any. `turn`: clockwise, in degrees.
        layer: The layer to ablate; empty for the weights of all.
        channels: The filters to switch off.
        seed: Of the random noise.

    Raises:
        ConfigError: A field out of its range, or filters of no layer.
    """

    kind: str = ruled("filters", OneOf(*KINDS), "What to ablate or corrupt.")
    layer: str = ruled("", Text(200), "The layer to ablate.")
    channels: tuple[int, ...] = ruled((), Wholes(0, 4095, 4096), "The filters switched off.")
    strength: float = ruled(0.0, Number(-180, 180), "How strongly.")
    seed: int = ruled(0, Whole(0, 2**31 - 1), "Seed of the random noise.")

    def __post_init__(self) -> None:
        check_fields(self)
        if self.kind in ("filters", "layer") and not self.layer:
            raise ConfigError("Filters and layers to switch off need the name of a layer.")
        most = STRONGEST.get(self.kind, 0.0)
        least = -most if self.kind in ("shift", "turn") else 0.0
        if not least <= self.strength <= most:
            raise ConfigError(
                f"The strength of {self.kind} is from {least:g} to {most:g}.",
                received=self.strength,
            )

    @property
    def of_images(self) -> bool:
        """Whether it corrupts the images, not the network."""
        return self.kind in IMAGE_KINDS

    @property
    def nothing(self) -> bool:
        """Whether it changes nothing at all."""
        return (
            not self.channels
            if self.kind == "filters"
            else self.kind != "layer" and (self.strength == 0)
        )


@dataclass(frozen=True)
class AblatableLayer:
    """A layer with weights.

    Attributes:
        kind: `convolution`, `dense` or `answer`; the last cannot be switched off.
        channels: How many filters or units it has.
    """

    name: str
    kind: str
    channels: int


@dataclass(frozen=True, eq=False)
class PairedAccuracy:
    """Predictions for the same images before and after an ablation.

    Attributes:
        dataset: Whose test images they are.
        labels: uint8 (n,), their true classes.
        before, after: uint8 (n,), the predicted classes.
    """

    dataset: str
    labels: NDArray[np.uint8]
    before: NDArray[np.uint8]
    after: NDArray[np.uint8]

    @property
    def images(self) -> int:
        """The number of images."""
        return len(self.labels)

    @property
    def changed(self) -> int:
        """The number of images whose predicted class changed."""
        return int((self.before != self.after).sum())

    @property
    def accuracies(self) -> tuple[float, float]:
        """Before and after, 0 to 1."""
        before, after = self._right
        return float(before.mean()), float(after.mean())

    @property
    def intervals(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """The 95 % intervals of the accuracies before and after (Wilson)."""
        before, after = (int(right.sum()) for right in self._right)
        return wilson(before, self.images), wilson(after, self.images)

    @property
    def loss(self) -> PairedDifference:
        """The paired difference in accuracy; below 0 if accuracy rose."""
        return paired(*self._right)

    @cached_property
    def recalls(self) -> NDArray[np.float64]:
        """(2, 10), recall of each class before and after; NaN for a class without images."""
        counts = np.bincount(self.labels, minlength=CLASS_COUNT).astype(np.float64)
        counts[counts == 0] = np.nan
        hits = [np.bincount(self.labels[right], minlength=CLASS_COUNT) for right in self._right]
        return np.stack(hits) / counts

    @property
    def _right(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        return self.before == self.labels, self.after == self.labels


@dataclass(frozen=True, eq=False)
class AblationResult:
    """The effect of an ablation.

    Attributes:
        ablation: What was changed.
        image: uint8 (side, side), the chosen image as the network reads it, corrupted or not.
        before, after: The predictions for it.
        accuracy: On test images; None if the data set is missing.
    """

    ablation: Ablation
    image: NDArray[np.uint8]
    before: CalibratedPredictions
    after: CalibratedPredictions
    accuracy: PairedAccuracy | None


def corrupt(images: _Images, ablation: Ablation) -> _Images:
    """Images uint8 (n, side, side) corrupted as `ablation` says; deterministic for a seed.

    An ablation of the network returns them unchanged.
    """
    if not ablation.of_images or ablation.nothing:
        return images
    return _WAYS[ablation.kind](images, ablation.strength, np.random.default_rng(ablation.seed))


def _moved(images: _Images, *, turn: float = 0.0, right: float = 0.0) -> _Images:
    count = len(images)
    same, none = np.ones(count), np.zeros(count)
    return warp(images, Affine(np.full(count, turn), same, np.full(count, right), none))
