"""Images made worse in ways that eyes hardly mind."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from fmnist_core.data.warp import Affine, warp
from fmnist_core.explain.breakage import Breakage

Images = NDArray[np.uint8]


def damaged(images: Images, breakage: Breakage) -> Images:
    """Images uint8 (n, 28, 28) changed as `breakage` says; equal ones for equal seeds.

    Those are given back as they are that a breakage of the network does not touch.
    """
    if not breakage.of_images or breakage.nothing:
        return images
    return _WAYS[breakage.kind](images, breakage.strength, np.random.default_rng(breakage.seed))


def _noise(images: Images, deviation: float, rng: np.random.Generator) -> Images:
    moved = images + rng.normal(0, deviation, images.shape)
    return np.clip(np.round(moved), 0, 255).astype(np.uint8)


def _salt(images: Images, share: float, rng: np.random.Generator) -> Images:
    hit = rng.random(images.shape) < share
    white = rng.random(images.shape) < 0.5
    return np.where(hit, np.where(white, 255, 0), images).astype(np.uint8)


def _blur(images: Images, deviation: float, rng: np.random.Generator) -> Images:
    # Beyond the edge all is black, as in every image of the data set.
    black = cv2.BORDER_CONSTANT
    return np.stack(
        [cv2.GaussianBlur(image, (0, 0), deviation, borderType=black) for image in images]
    ).astype(np.uint8)


def _shift(images: Images, pixels: float, rng: np.random.Generator) -> Images:
    return _moved(images, right=pixels)


def _turn(images: Images, degrees: float, rng: np.random.Generator) -> Images:
    return _moved(images, turn=float(np.radians(degrees)))


def _moved(images: Images, *, turn: float = 0.0, right: float = 0.0) -> Images:
    count = len(images)
    same, none = np.ones(count), np.zeros(count)
    return warp(images, Affine(np.full(count, turn), same, np.full(count, right), none))


_WAYS: dict[str, Callable[[Images, float, np.random.Generator], Images]] = {
    "noise": _noise,
    "salt": _salt,
    "blur": _blur,
    "shift": _shift,
    "turn": _turn,
}
