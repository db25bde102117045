"""The latest feature maps of a run's blocks, for its pinned images, in `feature_maps.npz`.

A run replaces the file as it learns: it is what the network computes now, not a history.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fmnist_core.array_files import DamagedArraysError, arrays_in, write_arrays
from fmnist_core.config.model import INPUT_SIDES
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.pinned_images import hides_drawings, pinned_images_of

# Of each block, the first channels: the same ones all the time, so that one sees them change.
CHANNELS_KEPT = 4


@dataclass(frozen=True, eq=False)
class FeatureMaps:
    """What the blocks put out for the images that were pinned when the run began.

    Attributes:
        epochs: Epochs done, fractional inside one.
        blocks: One array a block, uint8 (pinned images, height, width, at most 4 channels), each
            channel of an image scaled from its least value (0) to its largest (255).
    """

    epochs: float
    blocks: tuple[NDArray[np.uint8], ...]


def scaled(outputs: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Outputs (n, height, width, channels) as pictures of the same shape, each channel by itself.

    A channel that is the same everywhere, or not finite, is black.
    """
    outputs = np.nan_to_num(outputs.astype(np.float32), posinf=0.0, neginf=0.0)
    least = outputs.min(axis=(1, 2), keepdims=True)
    span = outputs.max(axis=(1, 2), keepdims=True) - least
    shares = np.divide(outputs - least, span, out=np.zeros_like(outputs), where=span > 0)
    return np.round(255 * shares).astype(np.uint8)


def write_feature_maps(
    folder: RunFolder, epochs: float, blocks: Sequence[NDArray[np.uint8]]
) -> None:
    """Replaces the run's maps.

    Raises:
        StorageError: The disk is full or cannot be written.
    """
    arrays = {f"block{number}": maps for number, maps in enumerate(blocks, start=1)}
    write_arrays(folder.feature_maps_path, epochs=np.float64(epochs), **arrays)


def read_feature_maps(folder: RunFolder) -> FeatureMaps | None:
    """The run's latest maps; None where it has none, or the file is damaged.

    Also None where they show a drawing or picture that is not for who acts to see.
    """
    if hides_drawings(folder) and any(one.personal for one in pinned_images_of(folder)):
        return None
    try:
        with arrays_in(folder.feature_maps_path) as found:
            names = [f"block{number}" for number in range(1, len(found.files))]
            maps = FeatureMaps(float(found["epochs"]), tuple(found[name] for name in names))
    except (FileNotFoundError, DamagedArraysError):
        return None
    return maps if all(map(_is_picture, maps.blocks)) else None


def _is_picture(maps: NDArray[np.uint8]) -> bool:
    return (
        maps.dtype == np.uint8
        and maps.ndim == 4
        and max(maps.shape[1:3]) <= max(INPUT_SIDES)
        and maps.shape[3] <= CHANNELS_KEPT
    )
