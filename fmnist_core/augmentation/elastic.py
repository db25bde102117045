"""Random turns, stretches and bends, as a hand's drawing differs from a photograph."""

from __future__ import annotations

import functools

import cv2
import numpy as np
from numpy.typing import NDArray

from fmnist_core.preprocessing.resize import SHEET

Grid = NDArray[np.float32]
_FIELDS = 96
# At full strength: pixels on the sheet, degrees, shares.
_BEND = 16.0
_TURN = 22.0
_STRETCH = 0.45
_SLANT = 0.22
_TAPER = 0.25


def bent(
    pictures: list[NDArray[np.uint8]], strength: float, rng: np.random.Generator
) -> list[NDArray[np.uint8]]:
    """The same random distortion of each picture (112, 112), black beyond the edge.

    Args:
        strength: 0 (hardly any) to 1.
    """
    x, y = _source(strength, rng)
    return [
        np.asarray(cv2.remap(picture, x, y, cv2.INTER_LINEAR, borderValue=0), np.uint8)
        for picture in pictures
    ]


def _source(strength: float, rng: np.random.Generator) -> tuple[Grid, Grid]:
    """The source of each pixel: an affine map with a taper, plus a smooth wave."""
    across, down = _upright()
    turn = np.radians(rng.normal(0, 0.4) * _TURN * strength)
    stretch = np.exp(rng.uniform(-1, 1) * _STRETCH * strength)
    slant = rng.normal(0, 0.4) * _SLANT * strength
    taper = rng.normal(0, 0.5) * _TAPER * strength
    # A little smaller, so that what grows does not leave the sheet; it is fitted anew later.
    zoom = 1.0 + 0.35 * strength
    wide, high = zoom / np.sqrt(stretch), zoom * np.sqrt(stretch)
    cosine, sine = np.cos(turn), np.sin(turn)
    x0, y0 = cosine * across + sine * down, cosine * down - sine * across
    x = wide * x0 * (1 + taper * y0 / 56) + slant * y0
    y = high * y0
    size = _BEND * strength * abs(rng.normal(0, 0.5))
    wave_x, wave_y = _waves()[rng.integers(_FIELDS)]
    middle = (SHEET - 1) / 2
    return (x + middle + size * wave_x).astype(np.float32), (y + middle + size * wave_y).astype(
        np.float32
    )


@functools.cache
def _upright() -> tuple[Grid, Grid]:
    line = np.arange(SHEET, dtype=np.float32) - (SHEET - 1) / 2
    across, down = np.meshgrid(line, line)
    return across, down


@functools.cache
def _waves() -> list[tuple[Grid, Grid]]:
    """Smooth random fields of size about 1, some with long waves, some with short ones."""
    rng = np.random.default_rng(7)
    return [(_wave(rng, 8 + 2 * (i % 7)), _wave(rng, 8 + 2 * (i % 7))) for i in range(_FIELDS)]


def _wave(rng: np.random.Generator, softness: float) -> Grid:
    wave = cv2.GaussianBlur(
        rng.standard_normal((SHEET, SHEET)).astype(np.float32), (0, 0), softness
    )
    return np.asarray(wave / wave.std(), np.float32)


def smooth_noise(rng: np.random.Generator) -> Grid:
    """One of the smooth fields (112, 112), of size about 1, turned over at random."""
    field = _waves()[rng.integers(_FIELDS)][rng.integers(2)]
    return field[:: rng.choice([-1, 1]), :: rng.choice([-1, 1])]
