"""Training images in another cloth: flat, striped, checked, blotched, lighter or darker."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fmnist_core.augmentation.elastic import bent, smooth_noise
from fmnist_core.augmentation.line_drawing import fitted, shape_of
from fmnist_core.preprocessing.resize import SHEET

Picture = NDArray[np.uint8]
Tones = NDArray[np.float32]


def as_other_cloth(sheet: Picture, distortion: float, rng: np.random.Generator) -> Picture:
    """A garment in another cloth: both uint8 (112, 112)."""
    return recut(sheet, distortion, rng)


def recut(sheet: Picture, distortion: float, rng: np.random.Generator) -> Picture:
    """The garment bent, in another cloth and light: uint8 (112, 112)."""
    sheet = fitted(bent([sheet], 0.8 * distortion, rng)[0], SHEET)
    shape = shape_of(sheet, rng)
    own = sheet.astype(np.float32)
    share = rng.uniform(0, 1)
    tones = share * own + (1 - share) * _weave(rng)
    tones = relit(tones, rng)
    return np.where(shape, np.clip(tones, 15, 255), 0).astype(np.uint8)


def _weave(rng: np.random.Generator) -> Tones:
    """A pattern between two tones (112, 112)."""
    dark, light = np.sort(rng.uniform(40, 250, 2))
    kind = rng.integers(5)
    if kind == 0:
        wave = np.zeros((SHEET, SHEET), np.float32)
    elif kind == 1:
        wave = _stripes(rng)
    elif kind == 2:
        wave = np.maximum(_stripes(rng), _stripes(rng))
    else:
        wave = (smooth_noise(rng) > rng.uniform(-0.8, 1.2)).astype(np.float32)
    return np.asarray(dark + (light - dark) * wave, np.float32)


def _stripes(rng: np.random.Generator) -> Tones:
    line = np.arange(SHEET, dtype=np.float32)
    angle = rng.choice([0.0, np.pi / 2, rng.uniform(0, np.pi)])
    position = np.cos(angle) * line[None, :] + np.sin(angle) * line[:, None]
    phase = np.sin(2 * np.pi * position / rng.uniform(8, 40) + rng.uniform(0, 6.3))
    return (phase > rng.uniform(-0.7, 0.7)).astype(np.float32)


def relit(tones: Tones, rng: np.random.Generator) -> Tones:
    """Light from one side, another contrast and brightness."""
    line = np.linspace(-1, 1, SHEET, dtype=np.float32)
    slope = rng.normal(0, 25) * line[None, :] + rng.normal(0, 25) * line[:, None]
    contrast, middle = rng.uniform(0.5, 1.3), rng.uniform(80, 200)
    return np.asarray((tones - 128) * contrast + middle + slope, np.float32)
