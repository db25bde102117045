"""What makes a flat shape look like cloth: folds, weave, rounded edges, a camera's noise.

All functions take and return float32 images (n, 28, 28) and work on all of them at once.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fmnist_core.data.garments.strokes import SIDE

Images = NDArray[np.float32]
_ROWS, _COLUMNS = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)


def textured(images: NDArray[np.uint8], weave: float, rng: np.random.Generator) -> Images:
    """Painted shapes as photographed cloth; the background stays black.

    Args:
        images: uint8 (n, 28, 28).
        weave: Share of the images that get a pattern.
        rng: Source of randomness.

    Returns:
        float32 (n, 28, 28), from 0 to 255.
    """
    grey = images.astype(np.float32)
    inside = np.minimum(grey / 24, 1)
    light = _rounded(inside) * _folds(len(images), rng) * _weave(len(images), weave, rng)
    grey = _sharpened(grey * light)
    grey += rng.standard_normal(grey.shape, dtype=np.float32) * 4
    return np.clip(grey, 0, 255) * inside


def _rounded(inside: Images) -> Images:
    """Cloth curves away at its edges and gets darker."""
    return 0.72 + 0.28 * _blurred(_blurred(inside))


def _blurred(images: Images) -> Images:
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1)))
    across = padded[:, :, :-2] + padded[:, :, 1:-1] + padded[:, :, 2:]
    return (across[:, :-2] + across[:, 1:-1] + across[:, 2:]) / 9


def _sharpened(images: Images) -> Images:
    """As the makers of Fashion-MNIST did after shrinking their photos."""
    return images + 0.35 * (images - _blurred(images))


def _waves(steepness: tuple[float, float], lean: float, n: int, rng: np.random.Generator) -> Images:
    """Parallel waves from -1 to 1; `lean` is the largest angle to the upright, in radians."""
    angle = rng.uniform(-lean, lean, (n, 1, 1)).astype(np.float32)
    rate = rng.uniform(*steepness, (n, 1, 1)).astype(np.float32)
    phase = rng.uniform(0, 2 * np.pi, (n, 1, 1)).astype(np.float32)
    return np.sin(rate * (np.cos(angle) * _COLUMNS + np.sin(angle) * _ROWS) + phase)


def _folds(n: int, rng: np.random.Generator) -> Images:
    """Broad soft folds, mostly upright, and light that falls from one side."""
    depth = rng.uniform(0.02, 0.14, (n, 1, 1)).astype(np.float32)
    folds = _waves((0.3, 0.9), 0.5, n, rng) + 0.6 * _waves((0.15, 0.5), 1.5, n, rng)
    side = rng.uniform(-0.008, 0.008, (n, 1, 1)).astype(np.float32)
    return 1 + depth * folds + side * (_COLUMNS - SIDE / 2)


def _weave(n: int, share: float, rng: np.random.Generator) -> Images:
    """For `share` of the images a pattern: stripes across or upright, checks, blotches."""
    strength = rng.uniform(0.08, 0.38, (n, 1, 1)).astype(np.float32)
    across = np.sign(_waves((0.9, 2.2), 0.0, n, rng)).transpose(0, 2, 1)
    upright = np.sign(_waves((0.9, 2.2), 0.0, n, rng))
    blotches = _blurred(rng.standard_normal((n, SIDE, SIDE), dtype=np.float32)) * 3
    patterns = np.stack([across, upright, (across + upright) / 2, np.clip(blotches, -1.5, 1.5)])
    kind = rng.integers(0, len(patterns), n)
    chosen: Images = patterns[kind, np.arange(n)]
    has_pattern = (rng.random((n, 1, 1)) < share).astype(np.float32)
    return 1 + has_pattern * strength * (chosen - 0.4)
