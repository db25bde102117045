"""Whether two pictures are the same but for a small shift.

Candidates from feature space are confirmed in the pixels, where Barz & Denzler 2020, "Do We Train
on Test Data? Purging CIFAR of Near-Duplicates" (arXiv 1902.00423, section 3) let people confirm.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fmnist_core.classes import IMAGE_SIDE

# Pixels by which one is moved against the other, up, down, left and right.
REACH = 2
# What makes a copy. Outlines alone make any two pairs of plain trousers 0.98 alike: the folds and
# prints inside must be alike too.
WHOLE, INSIDE = 0.98, 0.93
_PIXELS = IMAGE_SIDE**2
_SHIFTS = [(down, right) for down in range(-REACH, REACH + 1) for right in range(-REACH, REACH + 1)]


@dataclass(frozen=True, eq=False)
class Similarity:
    """The best match of each of n pairs.

    Attributes:
        whole: float32 (n,), Pearson's correlation of all pixels, -1 to 1.
        inside: float32 (n,), the same a pixel or more inside both outlines.
        shift: int8 (n, 2), rows and columns by which the first image was moved.

    Both correlations are 0 where an image has only one grey there.
    """

    whole: NDArray[np.float32]
    inside: NDArray[np.float32]
    shift: NDArray[np.int8]

    @property
    def copies(self) -> NDArray[np.bool_]:
        """Which pairs are all but the same picture, bool (n,)."""
        return (self.whole >= WHOLE) & (self.inside >= INSIDE)


def similarity(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> Similarity:
    """Compares images uint8 (n, 28, 28) pair by pair, the first ones moved by up to `REACH`."""
    wanted = _standardised(second)
    whole = np.full(len(second), -2.0, np.float32)
    shift, best = np.zeros((len(second), 2), np.int8), np.zeros_like(second)
    for step in _SHIFTS:
        moved = _moved(first, *step)
        found = np.einsum("ij,ij->i", _standardised(moved), wanted)
        better = found > whole
        whole[better], shift[better], best[better] = found[better], step, moved[better]
    inside = _correlation(best, second, _inside((best > 0) & (second > 0)))
    return Similarity(whole, inside, shift)


def _moved(images: NDArray[np.uint8], down: int, right: int) -> NDArray[np.uint8]:
    """Moved images; what comes in at the edge is background."""
    wide = np.pad(images, ((0, 0), (REACH, REACH), (REACH, REACH)))
    top, left = REACH - down, REACH - right
    return wide[:, top : top + IMAGE_SIDE, left : left + IMAGE_SIDE]


def _inside(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Without its outermost pixels: outlines are alike where nothing else is."""
    wide = np.pad(mask, ((0, 0), (1, 1), (1, 1)))
    rows = wide[:, :-2] & wide[:, 1:-1] & wide[:, 2:]
    return rows[:, :, :-2] & rows[:, :, 1:-1] & rows[:, :, 2:]


def _standardised(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(n, 784), each of mean 0 and length 1; all 0 for an image of one grey."""
    flat = images.reshape(len(images), _PIXELS).astype(np.float32)
    flat -= flat.mean(axis=1, keepdims=True)
    return flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-3)


def _correlation(
    first: NDArray[np.uint8], second: NDArray[np.uint8], where: NDArray[np.bool_]
) -> NDArray[np.float32]:
    one, other = _centred(first, where), _centred(second, where)
    lengths = np.sqrt((one * one).sum(axis=1) * (other * other).sum(axis=1))
    return np.where(lengths > 0, (one * other).sum(axis=1) / np.maximum(lengths, 1e-6), 0)


def _centred(images: NDArray[np.uint8], where: NDArray[np.bool_]) -> NDArray[np.float32]:
    """(n, 784) less the mean of what is in `where`; 0 elsewhere."""
    mask = where.reshape(len(images), _PIXELS)
    flat = np.where(mask, images.reshape(len(images), _PIXELS), 0).astype(np.float32)
    means = flat.sum(axis=1, keepdims=True) / np.maximum(mask.sum(axis=1, keepdims=True), 1)
    return np.where(mask, flat - means, np.float32(0))
