"""Cuts a garment out of a cluttered photo.

GrabCut (Rother, Kolmogorov, Blake, SIGGRAPH 2004) with a start of our own: what looks like the
photo's frame is background, what does not is the garment, more likely so in the middle.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from fmnist_core.inputs.ground import frame_pixels
from fmnist_core.inputs.masks import Mask, filled, grown, main_parts, shrunk

# GrabCut's time grows with the pixels, and the result is needed at 28x28.
_SIDE = 96
_ROUNDS = 2
_COLOURS = 4


def cut_out(picture: NDArray[np.uint8], threshold: float = 0.5) -> Mask:
    """Mask (h, w) of the garment in a photo (h, w, 3).

    Args:
        threshold: 0 to 1; higher takes less for garment.
    """
    height, width = picture.shape[:2]
    scale = min(1.0, _SIDE / max(height, width))
    size = max(8, round(width * scale)), max(8, round(height * scale))
    small = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    mask = _tidied(_grabbed(small, _start(small, threshold)))
    if not 0.04 <= mask.mean() <= 0.95:
        mask = _middle(*mask.shape) > 0.4
    wide = cv2.resize(mask.astype(np.uint8) * 255, (width, height), interpolation=cv2.INTER_LINEAR)
    return wide >= 128


def _start(small: NDArray[np.uint8], threshold: float) -> NDArray[np.uint8]:
    lab = cv2.cvtColor(small, cv2.COLOR_RGB2LAB).astype(np.float32)
    # Shadows change brightness more than colour.
    lab *= np.array([0.6, 1.3, 1.3], np.float32)
    distance = _distance_from_frame(lab)
    score = distance / max(float(np.percentile(distance, 95)), 1.0)
    score = score * (0.5 + _middle(*score.shape))
    start = np.where(score > 0.1 + 0.6 * threshold, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    edge = max(1, round(0.02 * max(start.shape)))
    start[:edge] = start[:, :edge] = start[:, -edge:] = cv2.GC_BGD
    return start


def _distance_from_frame(lab: NDArray[np.float32]) -> NDArray[np.float32]:
    frame = frame_pixels(lab)  # type: ignore[arg-type]
    cv2.setRNGSeed(0)  # k-means and GrabCut draw random starts; equal photos, equal masks
    stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 10, 1.0)
    count = min(_COLOURS, len(frame))
    _, _, centres = cv2.kmeans(frame, count, None, stop, 1, cv2.KMEANS_PP_CENTERS)  # type: ignore[call-overload]
    gaps = lab[:, :, None, :] - centres
    return np.sqrt((gaps * gaps).sum(axis=3).min(axis=2))


def _middle(height: int, width: int) -> NDArray[np.float32]:
    """1 in the middle, falling to 0 at the corners."""
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, width, dtype=np.float32)
    return np.clip(1 - (x * x + y * y) / 2, 0, 1)


def _grabbed(small: NDArray[np.uint8], start: NDArray[np.uint8]) -> Mask:
    likely = start == cv2.GC_PR_FGD
    if likely.sum() < 20 or (start != cv2.GC_PR_FGD).sum() < 20:
        return likely
    models = np.zeros((1, 65)), np.zeros((1, 65))
    bgr = cv2.cvtColor(small, cv2.COLOR_RGB2BGR)
    mask, *_ = cv2.grabCut(bgr, start, None, *models, _ROUNDS, cv2.GC_INIT_WITH_MASK)  # type: ignore[call-overload]
    return (mask == cv2.GC_FGD) | (mask == cv2.GC_PR_FGD)


def _tidied(mask: Mask) -> Mask:
    """Without specks and threads, holes filled."""
    if not mask.any():
        return mask
    solid = main_parts(grown(shrunk(mask, 1), 1), 0.2)
    return filled(solid) if solid.any() else mask
