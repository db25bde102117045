"""Near-duplicates: test images that are training images but for a small shift.

A shift changes the phases of a picture's Fourier transform and not their amplitudes, in which two
pictures are at most as far apart as in their pixels (Parseval): pairs that are near there are
confirmed in the pixels, where Barz & Denzler 2020, "Do We Train on Test Data? Purging CIFAR of
Near-Duplicates" (arXiv 1902.00423, section 3) let people confirm.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fmnist_core.array_files import DamagedArraysError, arrays_in, write_arrays
from fmnist_core.atomic_files import read_json, storage_errors
from fmnist_core.classes import IMAGE_SIDE
from fmnist_core.datasets.dataset import Dataset, ImageSet
from fmnist_core.datasets.label_issues.store import CopyPair
from fmnist_core.errors import StorageError
from fmnist_core.locks import locked
from fmnist_core.settings import Settings

# Pixels by which one is moved against the other, up, down, left and right.
REACH = 2
# What makes a copy. Outlines alone make any two pairs of plain trousers 0.98 alike: the folds and
# prints inside must be alike too.
WHOLE, INSIDE = 0.98, 0.93
_PIXELS = IMAGE_SIDE**2
# Amplitudes of standardised copies are at most sqrt(2 - 2 * WHOLE) apart, and a little more where
# a shift took pixels over the edge. Of the pairs that are as near, so many are confirmed for each
# test image: plain trousers are near to thousands.
_NEAR, _CANDIDATES = 0.045, 20
# The axes along which amplitudes differ most; with fewer of them pairs only come nearer.
_AXES = 64
# Rows compared with all training images at once (120 MB), and pairs confirmed at once.
_ROWS, _PAIRS = 500, 4096
# What names a file: a fingerprint may come from a run that was made elsewhere.
_FINGERPRINT = re.compile("[0-9a-f]{64}")
_SHIPPED = Path(__file__).parents[2] / "assets" / "near-duplicates.json"
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


# Cuts so many rows into parts of a size; a caller may tell its progress, or stop, between them.
Parts = Callable[[int, int], Iterator[slice]]

_log = logging.getLogger(__name__)


def kept_near_duplicates(fingerprint: str, settings: Settings) -> NDArray[np.int64] | None:
    """The near-duplicates in the images of that fingerprint, as `near_duplicate_images`.

    Those of Fashion-MNIST come with the lab. None where they are not known: nothing is searched.
    """
    shipped = read_json(_SHIPPED)
    if shipped["fingerprint"] == fingerprint:
        return np.array(shipped["test"], np.int64)
    if not _FINGERPRINT.fullmatch(fingerprint):
        return None
    try:
        with arrays_in(_kept_at(fingerprint, settings)) as arrays:
            return np.asarray(arrays["test"], np.int64)
    except FileNotFoundError:
        return None
    except DamagedArraysError as error:
        _log.warning("Near-duplicates are not known: %s", error)
        return None


def near_duplicate_images(data: Dataset, settings: Settings) -> NDArray[np.int64]:
    """The test images that are near-duplicates of a training image, rising, int64 (m,).

    Where they are not known they are searched for, in 15 s for 70,000 images, and kept in the lab's
    cache: work for a worker or a command, one at a time.
    """
    known = kept_near_duplicates(data.identity.fingerprint, settings)
    if known is not None:
        return known
    path = _kept_at(data.identity.fingerprint, settings)
    try:
        with storage_errors(path), locked(path.with_suffix(".lock")):
            known = kept_near_duplicates(data.identity.fingerprint, settings)
            if known is None:
                known = copied_test_images(data)
                write_arrays(path, test=known)
    except (StorageError, OSError) as error:
        # It costs only time at the next start.
        _log.warning("The near-duplicates are not kept on disk. %s", error)
    return copied_test_images(data) if known is None else known


def _kept_at(fingerprint: str, settings: Settings) -> Path:
    return settings.cache_dir / "near-duplicates" / f"{fingerprint}.npz"


def copied_test_images(data: Dataset) -> NDArray[np.int64]:
    """The same, searched for here and now."""
    return np.unique(np.array([one.test for one in find_copies(data.train, data.test)], np.int64))


def _parts(count: int, size: int) -> Iterator[slice]:
    for start in range(0, count, size):
        yield slice(start, start + size)


def find_copies(train: ImageSet, test: ImageSet, parts: Parts = _parts) -> list[CopyPair]:
    """Pairs of a training and a test image that are near-duplicates, the most alike first.

    Of a test image whose like are many, such as plain trousers, some pairs may be missed.
    """
    pairs = _near_pairs(train, test, parts)
    found = []
    for part in parts(len(pairs), _PAIRS):
        first, second = pairs[part].T
        alike = similarity(train.images[first], test.images[second])
        found += [
            CopyPair(
                train=int(first[row]),
                test=int(second[row]),
                whole=float(alike.whole[row]),
                inside=float(alike.inside[row]),
                shift=(int(alike.shift[row, 0]), int(alike.shift[row, 1])),
                train_label=int(train.labels[first[row]]),
                test_label=int(test.labels[second[row]]),
            )
            for row in np.flatnonzero(alike.copies)
        ]
    return sorted(found, key=lambda pair: -min(pair.whole, pair.inside))


def _near_pairs(train: ImageSet, test: ImageSet, parts: Parts) -> NDArray[np.int64]:
    """int64 (m, 2) of training and test images: those near in their amplitudes."""
    if not len(train) or not len(test):
        return np.zeros((0, 2), np.int64)
    amplitudes = np.concatenate([_amplitudes(train.images[p]) for p in _parts(len(train), _PAIRS)])
    mean = amplitudes.mean(axis=0)
    axes = np.linalg.eigh(np.cov((amplitudes[::10] - mean).T))[1][:, -_AXES:].astype(np.float32)
    known = (amplitudes - mean) @ axes
    sought = (_amplitudes(test.images) - mean) @ axes
    # |a - b|^2 < NEAR in one product: a b - |a|^2 / 2 > (|b|^2 - NEAR) / 2.
    known = np.column_stack([known, (known * known).sum(axis=1) / 2])
    least = ((sought * sought).sum(axis=1) - _NEAR) / 2
    sought = np.column_stack([sought, np.full(len(sought), -1, np.float32)])
    found = [np.zeros((0, 2), np.int64)]
    for part in parts(len(sought), _ROWS):
        closeness = sought[part] @ known.T
        for row, own in enumerate(closeness > least[part, None]):
            near = np.flatnonzero(own)
            if len(near) > _CANDIDATES:
                near = near[np.argpartition(-closeness[row, near], _CANDIDATES)[:_CANDIDATES]]
            found.append(np.column_stack([near, np.full(len(near), part.start + row)]))
    return np.concatenate(found)


def _amplitudes(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(n, 420): of the standardised images; as far apart as those of the whole transform."""
    flat = _standardised(images).reshape(-1, IMAGE_SIDE, IMAGE_SIDE)
    half = np.abs(np.fft.rfft2(flat, norm="ortho")).astype(np.float32)
    # All columns but the first and the last stand for two of the whole transform.
    half[:, :, 1:-1] *= np.float32(np.sqrt(2))
    return half.reshape(len(images), -1)


def similarity(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> Similarity:
    """Compares images uint8 (n, 28, 28) pair by pair, the first ones moved by up to `REACH`."""
    wanted = _standardised(second).reshape(-1, IMAGE_SIDE, IMAGE_SIDE)
    pixels = first.astype(np.float32)
    sums, squares = _summed(pixels), _summed(pixels * pixels)
    whole = np.full(len(second), -2.0, np.float32)
    shift = np.zeros((len(second), 2), np.int8)
    for down, right in _SHIFTS:
        # What is moved in is background, 0: only what both have counts.
        there = (_kept_side(down), _kept_side(right))
        here = (_kept_side(-down), _kept_side(-right))
        products = np.einsum("ijk,ijk->i", pixels[:, *here], wanted[:, *there])
        spread = _within(squares, *here) - _within(sums, *here) ** 2 / _PIXELS
        found = (products / np.maximum(np.sqrt(np.maximum(spread, 0)), 1e-3)).astype(np.float32)
        better = found > whole
        whole[better], shift[better] = found[better], (down, right)
    best = np.zeros_like(second)
    for down, right in _SHIFTS:
        own = np.flatnonzero((shift == (down, right)).all(axis=1))
        best[own] = _moved(first[own], down, right)
    inside = _correlation(best, second, _inside((best > 0) & (second > 0)))
    return Similarity(whole, inside, shift)


def _kept_side(step: int) -> slice:
    """The rows, or columns, of an image in which one moved by `step` still has its own."""
    return slice(max(step, 0), IMAGE_SIDE + min(step, 0))


def _summed(values: NDArray[np.float32]) -> NDArray[np.float64]:
    """Summed-area tables (n, 29, 29) of (n, 28, 28)."""
    table = values.cumsum(axis=1, dtype=np.float64).cumsum(axis=2)
    return np.pad(table, ((0, 0), (1, 0), (1, 0)))


def _within(table: NDArray[np.float64], rows: slice, columns: slice) -> NDArray[np.float64]:
    ends, starts = table[:, rows.stop], table[:, rows.start]
    across = ends - starts
    return across[:, columns.stop] - across[:, columns.start]


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
