"""Shifts, turns and zooms images in one step, each by its own measures.

The speed comes from two tricks. The four neighbours that bilinear interpolation mixes are packed
into one 32-bit word for each pixel, so each output pixel costs one look-up in place of four. And
two of the four are mixed at a time inside one 32-bit integer, each in its own half.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Images warped together: their words (230 kB) stay in the processor's fast cache.
_BLOCK = 64
# Positions are counted in 1/256 pixel.
_BITS = 8
_ONE = 1 << _BITS
_HALVES = np.uint32(0x00FF00FF)
_ROUNDING = np.uint32(0x00800080)


@dataclass(frozen=True, eq=False)
class Affine:
    """Affine changes of n images about their centers.

    Attributes:
        turn: (n,) radians, clockwise.
        zoom: (n,) factors; above 1 the image grows.
        right: (n,) pixels.
        down: (n,) pixels.
    """

    turn: NDArray[np.float64]
    zoom: NDArray[np.float64]
    right: NDArray[np.float64]
    down: NDArray[np.float64]

    def block(self, part: slice) -> Affine:
        """The changes of some of the images."""
        return Affine(self.turn[part], self.zoom[part], self.right[part], self.down[part])


def warp(images: NDArray[np.uint8], affine: Affine) -> NDArray[np.uint8]:
    """Bilinear interpolation of uint8 images (n, h, w); black beyond the edge."""
    result = np.empty_like(images)
    for start in range(0, len(images), _BLOCK):
        part = slice(start, min(start + _BLOCK, len(images)))
        result[part] = _warp_block(images[part], affine.block(part))
    return result


def _warp_block(images: NDArray[np.uint8], affine: Affine) -> NDArray[np.uint8]:
    height, width = images.shape[1:]
    x, y = _source_positions(affine, height, width)
    # To one pixel beyond the edge at most: there everything is black already.
    np.clip(x, -_ONE, width * _ONE, out=x)
    np.clip(y, -_ONE, height * _ONE, out=y)
    words = _look_up(_packed(images), x >> _BITS, y >> _BITS)
    return _mixed(words, _fraction(x), _fraction(y))


def _source_positions(
    affine: Affine, height: int, width: int
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """The source of each output pixel, in 1/256 pixel: x and y as int32 (n, h, w)."""
    cosine, sine = np.cos(affine.turn) / affine.zoom, np.sin(affine.turn) / affine.zoom
    middle_x, middle_y = (width - 1) / 2, (height - 1) / 2
    across = np.arange(width) - middle_x - affine.right[:, None]
    upright = np.arange(height) - middle_y - affine.down[:, None]
    x = _grid(sine[:, None] * upright + middle_x, cosine[:, None] * across)
    y = _grid(cosine[:, None] * upright + middle_y, -sine[:, None] * across)
    return x, y


def _grid(by_row: NDArray[np.float64], by_column: NDArray[np.float64]) -> NDArray[np.int32]:
    rows = np.round(by_row * _ONE).astype(np.int32)
    columns = np.round(by_column * _ONE).astype(np.int32)
    return rows[:, :, None] + columns[:, None, :]


def _packed(images: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """Words (n, h + 2, w + 2): a pixel, and its neighbours right, below, and below right.

    The lowest byte is the pixel itself and the word's place is shifted by one, so that the first
    row and column stand for the black edge.
    """
    count, height, width = images.shape
    wide = np.zeros((count, height + 3, width + 3), np.uint32)
    wide[:, 1 : height + 1, 1 : width + 1] = images
    pairs = wide[:, :, :-1] | (wide[:, :, 1:] << np.uint32(8))
    return pairs[:, :-1] | (pairs[:, 1:] << np.uint32(16))


def _look_up(
    words: NDArray[np.uint32], column: NDArray[np.int32], row: NDArray[np.int32]
) -> NDArray[np.uint32]:
    count, height, width = words.shape
    first = np.arange(count, dtype=np.int32)[:, None, None] * (height * width) + (width + 1)
    return words.reshape(-1).take(row * width + column + first)


def _fraction(position: NDArray[np.int32]) -> NDArray[np.uint32]:
    return (position & (_ONE - 1)).view(np.uint32)


def _mixed(
    words: NDArray[np.uint32], right: NDArray[np.uint32], below: NDArray[np.uint32]
) -> NDArray[np.uint8]:
    """Left and right are mixed in both halves of the words at once, then above and below."""
    near, far = words & _HALVES, (words >> np.uint32(8)) & _HALVES
    rows = near * (np.uint32(_ONE) - right) + far * right + _ROUNDING
    rows = (rows >> np.uint32(_BITS)) & _HALVES
    above, under = rows & np.uint32(0xFF), rows >> np.uint32(16)
    mixed = above * (np.uint32(_ONE) - below) + under * below + (_ROUNDING & np.uint32(0xFF))
    return (mixed >> np.uint32(_BITS)).astype(np.uint8)
