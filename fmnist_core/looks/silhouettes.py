"""Training images as filled shapes, as on signs and in solid icons."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from fmnist_core.inputs.fitting import shrunk_to_input
from fmnist_core.inputs.outline import outlined
from fmnist_core.looks.bending import bent, smooth_noise
from fmnist_core.looks.lines import fitted, shape_of

Picture = NDArray[np.uint8]


def as_silhouette(sheet: Picture, distortion: float, rng: np.random.Generator) -> Picture:
    """A garment (112, 112) as a shape of one tone or with a rim, uint8 (28, 28)."""
    sheet = fitted(bent([sheet], distortion, rng)[0])
    shape = shape_of(sheet, rng)
    if not shape.any():
        return shrunk_to_input(sheet)
    if rng.random() < 0.7:
        # As the way of an item paints solid icons.
        return shrunk_to_input(outlined(shape & ~_left_out(sheet, shape, rng)))
    tone = rng.integers(90, 256)
    return shrunk_to_input((shape * tone).astype(np.uint8))


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
