"""A sketch as a person would bring it: black pen on white paper, at a size to look at."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from fmnist_core.augmentation.sketch_rendering import SKETCHERS, on_sheet
from fmnist_core.augmentation.sketches.sketch import Points, rounded
from fmnist_core.preprocessing.resize import SHEET

# The pen's width and the paper's margin as shares of the side.
_PEN, _MARGIN = 0.022, 0.08
# Positions are handed to OpenCV in 1/16 pixel.
_FRACTION = 4


def sketch_picture(label: int, rng: np.random.Generator, side: int = 256) -> NDArray[np.uint8]:
    """A line drawing of the class `label` (0 to 9): uint8 (side, side, 3), black on white."""
    sketch = SKETCHERS[label](rng)
    closed = len(sketch.shapes)
    parts = [rounded(part, i < closed) for i, part in enumerate(sketch.all_parts())]
    paper = np.full((side, side, 3), 255, np.uint8)
    for index, part in enumerate(_on_paper(parts, side)):
        _draw(paper, part, index < closed)
    return paper


def _on_paper(parts: list[Points], side: int) -> list[Points]:
    inner = side * (1 - 2 * _MARGIN)
    return [part * (inner / SHEET) + side * _MARGIN for part in on_sheet(parts)]


def _draw(paper: NDArray[np.uint8], part: Points, closed: bool) -> None:
    fixed = np.round(part * 2**_FRACTION).astype(np.int32)
    if closed:
        # What lies behind a shape is not seen through it.
        cv2.fillPoly(paper, [fixed], (255, 255, 255), cv2.LINE_AA, _FRACTION)
    width = max(1, round(_PEN * paper.shape[0]))
    cv2.polylines(paper, [fixed], closed, (0, 0, 0), width, cv2.LINE_AA, _FRACTION)
