"""Quick, Draw! files as pictures, for `bench.everyday` to measure on.

    python -m bench.drawings FILE.ndjson [FILE.ndjson…] --half second --into FOLDER/human-drawings

Writes FOLDER/human-drawings/CLASS/*.png and other/*.png: black strokes of 3 to 5 pixels on white,
256 x 256. With `--half second` those that `collection import --half first` leaves out.
"""

from __future__ import annotations

import argparse
import zlib
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from fmnist_core.collections.content import Strokes, folder_of
from fmnist_core.collections.importing import HALVES, Drawing, chosen_drawings

_SIDE, _MARGIN = 256, 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--half", default="all", choices=HALVES)
    parser.add_argument("--into", required=True, type=Path)
    options = parser.parse_args()
    for file in options.files:
        for drawing in chosen_drawings(file, options.half):
            _write(drawing, options.into)


def _write(drawing: Drawing, folder: Path) -> None:
    place = folder / folder_of(drawing.label)
    place.mkdir(parents=True, exist_ok=True)
    width = 3 + zlib.crc32(drawing.key.encode()) % 3
    word = drawing.word.replace(" ", "-").lower()
    cv2.imwrite(str(place / f"{word}-{drawing.key}.png"), drawn(drawing.strokes, width))


def drawn(strokes: Strokes, width: int) -> NDArray[np.uint8]:
    """Black strokes on white: uint8 (256, 256)."""
    sheet = np.full((_SIDE, _SIDE), 255, np.uint8)
    for stroke in strokes:
        points = np.asarray(stroke, float).T * (_SIDE - 2 * _MARGIN) / 255 + _MARGIN
        fixed = np.round(points * 16).astype(np.int32)
        cv2.polylines(sheet, [fixed], False, 0, width, cv2.LINE_AA, 4)
    return sheet


if __name__ == "__main__":
    main()
