"""Ablation and corruption: what can be switched off or degraded, and the accuracy before and after.

Corruptions are noise, blur, shifts and turns that people hardly mind.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from fmnist_core.augmentation.warp import Affine, warp
from fmnist_core.classes import CLASS_COUNT
from fmnist_core.config.rules import Number, OneOf, Text, Whole, Wholes, check_fields, ruled
from fmnist_core.errors import ConfigError
from fmnist_core.evaluation import wilson
from fmnist_core.evaluation.paired_comparison import PairedDifference, paired
from fmnist_core.models.calibration import Answers

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
        [cv2.GaussianBlur(image, (0, 0), deviation, borderType=black) for image in images]
    ).astype(np.uint8)


def _shift(images: _Images, pixels: float, rng: np.random.Generator) -> _Images:
    return _moved(images, right=pixels)


def _turn(images: _Images, degrees: float, rng: np.random.Generator) -> _Images:
    return _moved(images, turn=float(np.radians(degrees)))


_WAYS: dict[str, Callable[[_Images, float, np.random.Generator], _Images]] = {
    "noise": _noise,
    "salt": _salt,
    "blur": _blur,
    "shift": _shift,
    "turn": _turn,
}


# The most each kind may be broken by, in its own unit; those without a measure are not here.
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
class Breakage:
    """One thing that is broken.

    Attributes:
        kind: `filters` or `layer`: what they give becomes 0, shortcuts around them stay.
            `weights`: each weight of the layer, or of all layers, is moved at random; `strength`
            is the deviation of these moves in deviations of the layer's weights.
            `noise`: Gaussian, `strength` in grey levels. `salt`: this share of the pixels becomes
            black or white. `blur`: Gaussian, `strength` its deviation in pixels. `shift`: to the
            right, in pixels. `turn`: clockwise, in degrees. These four change the images.
        layer: The layer that is broken; empty for the weights of all.
        channels: The filters that are switched off.
        seed: Another one lets chance fall otherwise.

    Raises:
        ConfigError: A field out of its range, or filters of no layer.
    """

    kind: str = ruled("filters", OneOf(*KINDS), "What is broken.")
    layer: str = ruled("", Text(200), "The layer that is broken.")
    channels: tuple[int, ...] = ruled((), Wholes(0, 4095, 4096), "The filters switched off.")
    strength: float = ruled(0.0, Number(-180, 180), "How strongly.")
    seed: int = ruled(0, Whole(0, 2**31 - 1), "Where chance begins.")

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
        """Whether the images are changed and not the network."""
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
class Part:
    """A layer that can be broken.

    Attributes:
        kind: `convolution`, `dense` or `answer`; the last cannot be switched off.
        channels: How many filters or units it has.
    """

    name: str
    kind: str
    channels: int


@dataclass(frozen=True, eq=False)
class Judged:
    """The same images before and after.

    Attributes:
        dataset: Whose test images they are.
        labels: uint8 (n,), their true classes.
        before, after: uint8 (n,), what the intact and the broken network take them for.
    """

    dataset: str
    labels: NDArray[np.uint8]
    before: NDArray[np.uint8]
    after: NDArray[np.uint8]

    @property
    def images(self) -> int:
        """How many they are."""
        return len(self.labels)

    @property
    def changed(self) -> int:
        """Of how many the answer is another now."""
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
        """What the network lost, image by image; below 0 where it gained."""
        return paired(*self._right)

    @cached_property
    def recalls(self) -> NDArray[np.float64]:
        """(2, 10), the share of each class that is recognised before and after; NaN of none."""
        counts = np.bincount(self.labels, minlength=CLASS_COUNT).astype(np.float64)
        counts[counts == 0] = np.nan
        hits = [np.bincount(self.labels[right], minlength=CLASS_COUNT) for right in self._right]
        return np.stack(hits) / counts

    @property
    def _right(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        return self.before == self.labels, self.after == self.labels


@dataclass(frozen=True, eq=False)
class Broken:
    """What came of it.

    Attributes:
        breakage: What was broken.
        image: uint8 (28, 28), the chosen image as the network got it.
        before, after: What the intact and the broken network say about it.
        judged: Accuracy before and after; None where there are no test images at hand.
    """

    breakage: Breakage
    image: NDArray[np.uint8]
    before: Answers
    after: Answers
    judged: Judged | None


def damaged(images: _Images, breakage: Breakage) -> _Images:
    """Images uint8 (n, 28, 28) changed as `breakage` says; equal ones for equal seeds.

    Those are given back as they are that a breakage of the network does not touch.
    """
    if not breakage.of_images or breakage.nothing:
        return images
    return _WAYS[breakage.kind](images, breakage.strength, np.random.default_rng(breakage.seed))


def _moved(images: _Images, *, turn: float = 0.0, right: float = 0.0) -> _Images:
    count = len(images)
    same, none = np.ones(count), np.zeros(count)
    return warp(images, Affine(np.full(count, turn), same, np.full(count, right), none))
