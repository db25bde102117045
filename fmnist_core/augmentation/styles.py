"""Style augmentation of training images: line drawings, silhouettes, textures, clutter."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from fmnist_core.augmentation.elastic import bent, smooth_noise
from fmnist_core.augmentation.line_drawing import as_lines, fitted, shape_of
from fmnist_core.augmentation.texture import as_other_cloth, recut
from fmnist_core.classes import IMAGE_SIDE
from fmnist_core.config import StyleAugmentationConfig
from fmnist_core.preprocessing.masks import outlined
from fmnist_core.preprocessing.resize import enlarged, fit_to

Picture = NDArray[np.uint8]
_Style = Callable[[Picture, float, np.random.Generator], Picture]


def _as_silhouette(sheet: Picture, distortion: float, rng: np.random.Generator) -> Picture:
    """A garment as a shape of one tone or with a rim: both uint8 (112, 112)."""
    sheet = fitted(bent([sheet], distortion, rng)[0])
    shape = shape_of(sheet, rng)
    if not shape.any():
        return sheet
    if rng.random() < 0.7:
        # As the way of an item paints solid icons.
        return outlined(shape & ~_left_out(sheet, shape, rng))
    tone = rng.integers(90, 256)
    return (shape * tone).astype(np.uint8)


def _as_cluttered(sheet: Picture, distortion: float, rng: np.random.Generator) -> Picture:
    """A garment with a rough edge, pieces missing and pieces of floor: both (112, 112)."""
    return roughened(recut(sheet, distortion, rng), rng)


STYLES: dict[str, _Style] = {
    "line_drawings": as_lines,
    "silhouettes": _as_silhouette,
    "textures": as_other_cloth,
    "background_clutter": _as_cluttered,
}


def restyle(
    images: NDArray[np.uint8],
    style: StyleAugmentationConfig,
    rng: np.random.Generator,
    side: int = IMAGE_SIDE,
) -> NDArray[np.uint8]:
    """The images, a random share of them in another style.

    Takes about half a millisecond for each image that changes.

    Args:
        images: uint8 (n, 28, 28). Never changed.
        style: The share of each style, and the strength of distortion.
        rng: Source of randomness; equal states give equal results.
        side: Of the results; styles are drawn on a sheet of 112 pixels, and show its detail.

    Returns:
        uint8 (n, side, side); at 28 pixels `images` itself if all shares are 0.
    """
    fitted = fit_to(images, side)
    if not style.restyled or not len(images):
        return fitted
    result = fitted.copy() if fitted is images else fitted
    chosen = _choice(len(images), style, rng)
    for index in np.flatnonzero(chosen >= 0):
        make_style = STYLES[list(STYLES)[chosen[index]]]
        changed = fit_to(make_style(enlarged(images[index]), style.distortion, rng), side)
        result[index] = swapped(changed) if rng.random() < style.inverted else changed
    return result


def _choice(
    count: int, style: StyleAugmentationConfig, rng: np.random.Generator
) -> NDArray[np.int64]:
    """(n,) index of each image's style, -1 for none."""
    shares = [getattr(style, name) for name in STYLES]
    edges = np.cumsum(shares)
    place = np.searchsorted(edges, rng.random(count), side="right")
    # When the shares come to one, rounding must not leave a gap at the end.
    full = edges[-1] > 1 - 1e-9
    return np.where(place < len(shares), place, len(shares) - 1 if full else -1)


def swapped(image: Picture) -> Picture:
    """Dark and light swapped within the garment; the background stays black."""
    return np.where(image > 12, 270 - image.astype(np.int16), image).clip(0, 255).astype(np.uint8)


def roughened(garment: Picture, rng: np.random.Generator) -> Picture:
    """A cut-out (112, 112) as if the background had been found badly."""
    result = garment
    if rng.random() < 0.5:
        bitten = smooth_noise(rng) < rng.uniform(-2.6, -1.6)
        result = np.where(bitten, 0, result)
    if rng.random() < 0.5:
        added = (smooth_noise(rng) > rng.uniform(1.6, 2.6)) & (result == 0)
        floor = np.clip(rng.uniform(30, 220) + 25 * smooth_noise(rng), 15, 255)
        result = np.where(added, floor, result)
    if rng.random() < 0.15:
        floor = np.clip(rng.uniform(10, 160) + rng.uniform(5, 40) * smooth_noise(rng), 0, 255)
        result = np.where(result == 0, floor, result)
    noise = rng.normal(0, rng.uniform(0, 14), result.shape)
    return np.clip(result + noise * (result > 0), 0, 255).astype(np.uint8)


def _left_out(
    sheet: Picture, shape: NDArray[np.bool_], rng: np.random.Generator
) -> NDArray[np.bool_]:
    """Dark parts of the garment, which an icon shows as gaps."""
    if rng.random() < 0.5:
        return np.zeros_like(shape)
    soft = np.asarray(cv2.GaussianBlur(sheet, (0, 0), rng.uniform(1.5, 3.0)), np.float32)
    middle = np.asarray(cv2.GaussianBlur(sheet, (0, 0), 9.0), np.float32)
    dark = soft < middle - rng.uniform(8, 30)
    return dark & shape & (smooth_noise(rng) > rng.uniform(-2, 0.5))
