"""Cuts the garment out of a photo: a small network of the lab's own says where it is.

OpenCV runs it (assets/cutout.onnx), so that pages and command line need no Keras for it. Input:
float32 (1, 3, 128, 128), red, green and blue from 0 to 1, the whole picture stretched to the
square. Output: float32 (1, 1, 128, 128), the probability that a pixel belongs to the garment.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import cv2
import numpy as np
from numpy.typing import NDArray

from fmnist_core.errors import NoWeightsError
from fmnist_core.preprocessing.masks import Mask, filled, grown, main_parts, shrunk

log = logging.getLogger(__name__)

NETWORK = Path(__file__).parents[1] / "assets" / "cutout.onnx"
_SIDE = 128

# A garment covers neither less of a photo nor more.
_LEAST, _MOST = 0.04, 0.95
# The least probability of a pixel of the garment, and what is tried where that finds too little.
_THRESHOLDS = tuple(percent / 100 for percent in range(50, 0, -5))
# Connected parts smaller than this share of the largest one are left out.
_PART = 0.2
# Threads thinner than twice this share of the picture's longest side are cut off.
_THREAD = 1 / 96

_ROUNDING = 1e-3

# A network of OpenCV answers one question at a time.
_lock = Lock()


@dataclass(frozen=True, eq=False)
class CutOut:
    """What was cut out of a photo.

    Attributes:
        mask: bool (h, w), the pixels of the garment.
        failed: The network found no garment: the mask is the middle of the photo.
    """

    mask: Mask
    failed: bool = False


def cut_out(picture: NDArray[np.uint8], threshold: float | None = None) -> CutOut:
    """Cuts the garment out of a photo.

    Args:
        picture: uint8 (h, w, 3).
        threshold: 0 to 1, the least probability of a pixel of the garment, and nothing else counts.
            By default 0.5, or less where that leaves hardly anything; and if no threshold helps,
            or nearly all would be taken, the middle of the photo is taken.

    Raises:
        NoWeightsError: The network's file is missing or damaged.
    """
    probability = garment_probability(picture)
    if threshold is not None:
        return CutOut(_cleaned(probability >= threshold))
    for lower in _THRESHOLDS:
        mask = _cleaned(probability >= lower)
        if mask.mean() >= _LEAST:
            break
    if _LEAST <= mask.mean() <= _MOST:
        return CutOut(mask)
    return CutOut(_middle(*mask.shape) > 0.4, failed=True)


def garment_probability(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Float32 (h, w), 0 to 1: how probably each pixel of uint8 (h, w, 3) belongs to the garment.

    Raises:
        NoWeightsError: The network's file is missing or damaged.
    """
    height, width = picture.shape[:2]
    way = cv2.INTER_AREA if min(height, width) > _SIDE else cv2.INTER_LINEAR
    square = cv2.resize(picture, (_SIDE, _SIDE), interpolation=way)
    planes = np.ascontiguousarray(square.transpose(2, 0, 1)[None], np.float32) / np.float32(255)
    with _alone_and_explained():
        small = _asked(_loaded(NETWORK), planes)
    wide = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(wide, np.float32)


def check_network() -> None:
    """Loads the network, so that a broken installation is noticed before there is a photo.

    Raises:
        NoWeightsError: Its file is missing or damaged.
    """
    with _alone_and_explained():
        _loaded(NETWORK)


def _cleaned(mask: Mask) -> Mask:
    """Without specks and threads, holes filled."""
    radius = max(1, round(_THREAD * max(mask.shape)))
    solid = main_parts(grown(shrunk(mask, radius), radius), _PART)
    return filled(solid) if solid.any() else mask


@functools.cache
def _loaded(path: Path) -> cv2.dnn.Net:
    """Once a process; a file that could not be read is tried again with the next photo."""
    network = cv2.dnn.readNetFromONNX(np.frombuffer(path.read_bytes(), np.uint8))
    # A file may be whole and hold another network.
    _asked(network, np.zeros((1, 3, _SIDE, _SIDE), np.float32))
    return network


def _asked(network: cv2.dnn.Net, planes: NDArray[np.float32]) -> NDArray[np.float32]:
    """Float32 (128, 128); raises ValueError for an answer of another kind."""
    network.setInput(planes)
    answer = np.asarray(network.forward())
    inside = answer.size and answer.min() >= -_ROUNDING and answer.max() <= 1 + _ROUNDING
    if answer.shape != (1, 1, _SIDE, _SIDE) or not inside:
        raise ValueError(f"Its answer {answer.dtype} {answer.shape} holds no probabilities.")
    # A copy: OpenCV writes the next answer into the same memory.
    return np.clip(answer[0, 0], 0, 1).astype(np.float32)


@contextmanager
def _alone_and_explained() -> Iterator[None]:
    """One question at a time; what is wrong with the network is said to log and person."""
    try:
        with _lock:
            yield
    except (OSError, cv2.error, ValueError) as error:
        log.error("The network %s cannot be used: %s", NETWORK, error)
        raise NoWeightsError(
            "The network that cuts garments out of photos cannot be read: "
            f"{NETWORK.name} is missing or damaged.",
            advice="Install the lab again. Drawings need no such network.",
        ) from error


def _middle(height: int, width: int) -> NDArray[np.float32]:
    """1 in the middle, falling to 0 at the corners."""
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, width, dtype=np.float32)
    return np.clip(1 - (x * x + y * y) / 2, 0, 1)
