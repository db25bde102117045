"""Occlusion sensitivity (Zeiler and Fergus 2014, arXiv 1311.2901, section 4.2).

Only worker processes import this.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fmnist_core.classes import IMAGE_SIDE
from fmnist_core.errors import ConfigError
from fmnist_core.explain.views import Floats, Occlusion
from fmnist_core.lab_keras import keras
from fmnist_core.models.calibration import of_classes, softmax
from fmnist_core.models.features import as_read, scores

# Hidden is what is black, as the ground of every image of the data set is.
_HIDDEN = 0


def occlude(
    model: keras.Model,
    image: NDArray[np.uint8],
    label: int,
    *,
    patch: int = 6,
    stride: int = 2,
    temperature: float = 1.0,
) -> Occlusion:
    """Slides a black square over an image uint8 (s, s) and asks the network each time.

    Args:
        label: The class asked about.
        patch: The square's side in pixels of an image of 28x28, 1 to 27; it hides the same share
            of a larger one.
        stride: Such pixels from one place to the next, 1 to `patch`: no pixel is left out.
        temperature: What scores are divided by before they become probabilities.

    Raises:
        ConfigError: The square or its steps are too small or too large.
    """
    if not 1 <= stride <= patch < IMAGE_SIDE:
        raise ConfigError(
            f"A patch has 1 to {IMAGE_SIDE - 1} pixels a side and moves by 1 up to its side.",
            received=f"{patch}, by {stride}",
        )
    image = as_read(model, image)
    side = image.shape[0]
    patch, stride = (round(pixels * side / IMAGE_SIDE) for pixels in (patch, stride))
    corners = _corners(side, patch, stride)
    said = of_classes(scores(model, np.concatenate([image[None], _hidden(image, corners, patch)])))
    # Log-odds rise and fall with the probability, even near 0 and 1; a score may not.
    odds = _log_odds(said.astype(np.float64) / temperature, label)
    loss = _spread(odds[0] - odds[1:], corners, side, patch)
    shares = softmax(said.astype(np.float64) / temperature)[:, label]
    # A square among others of the opposite sign is not named: the map would contradict it.
    warm = np.array([loss[r : r + patch, c : c + patch].mean() > 0 for r, c in corners])
    least = int(np.where(warm, shares[1:], np.inf).argmin())
    return Occlusion(
        loss=loss,
        share=float(shares[0]),
        least=float(shares[1 + least]) if warm[least] else float(shares[0]),
        row=int(corners[least, 0]),
        column=int(corners[least, 1]),
        patch=patch,
    )


def _log_odds(said: NDArray[np.float64], label: int) -> NDArray[np.float64]:
    """(n,) log of the class's probability over that of all others."""
    return said[:, label] - np.logaddexp.reduce(np.delete(said, label, axis=1), axis=1)


def _corners(side: int, patch: int, stride: int) -> NDArray[np.intp]:
    """(m, 2) rows and columns; the last square of a row ends at the image's edge."""
    last = side - patch
    along = np.unique(np.append(np.arange(0, last, stride), last))
    return np.stack(np.meshgrid(along, along, indexing="ij"), axis=-1).reshape(-1, 2)


def _hidden(image: NDArray[np.uint8], corners: NDArray[np.intp], patch: int) -> NDArray[np.uint8]:
    images = np.repeat(image[None], len(corners), axis=0)
    for one, (row, column) in zip(images, corners, strict=True):
        one[row : row + patch, column : column + patch] = _HIDDEN
    return images


def _spread(fall: Floats, corners: NDArray[np.intp], side: int, patch: int) -> Floats:
    """The mean fall over the squares that hide a pixel, float32 (side, side)."""
    total, count = np.zeros((2, side, side))
    for much, (row, column) in zip(fall, corners, strict=True):
        total[row : row + patch, column : column + patch] += much
        count[row : row + patch, column : column + patch] += 1
    return (total / count).astype(np.float32)
