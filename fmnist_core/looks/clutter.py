"""Training images as a photo's garment comes out of its clutter: a rough mask, bits of floor."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fmnist_core.inputs.fitting import shrunk_to_input
from fmnist_core.looks.bending import smooth_noise
from fmnist_core.looks.cloth import recut

Picture = NDArray[np.uint8]


def as_cluttered(sheet: Picture, distortion: float, rng: np.random.Generator) -> Picture:
    """A garment (112, 112) with a rough edge, pieces missing and pieces of floor: (28, 28)."""
    return shrunk_to_input(roughened(recut(sheet, distortion, rng), rng))


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
