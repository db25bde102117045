"""Items: pictures as PNG or drawings as strokes, named by content; their folder is the label."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_COUNT, CLASS_NAMES, OTHER_CLOTHING
from fmnist_core.errors import CollectionError

_OTHER_FOLDER, _OTHER_CLOTHING_FOLDER = "other", "other-clothing"

FOLDERS = (*(str(label) for label in range(CLASS_COUNT)), _OTHER_CLOTHING_FOLDER, _OTHER_FOLDER)

PICTURE, STROKES = ".png", ".json"

_FILE = re.compile(r"[0-9a-f]{16}\.(png|json)")


@dataclass(frozen=True)
class Item:
    """One picture or one drawing.

    Attributes:
        id: 16 hexadecimal digits, the same for the same content.
        label: Class number 0 to 9; `OTHER_CLOTHING` for clothing that is none of the ten; None for
            "no clothing".
        path: Its file; a relabelled item moves to another folder.
        size: Of the file, in bytes.
        added: Unix time.
    """

    id: str
    label: int | None
    path: Path
    size: int
    added: float

    @property
    def is_picture(self) -> bool:
        """A PNG; else the strokes of a drawing."""
        return self.path.suffix == PICTURE


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


_SPELLINGS: dict[str, int | None] = {
    **{_plain(name): label for label, name in enumerate(CLASS_NAMES)},
    **{str(label): label for label in range(CLASS_COUNT)},
    "tshirt": 0,
    "trousers": 1,
    _OTHER_FOLDER: None,
    "otherclothing": OTHER_CLOTHING,
    "otherclothes": OTHER_CLOTHING,
}


Picture = NDArray[np.uint8]
Strokes = tuple[NDArray[np.float32], ...]

LONGEST_SIDE = 512
STROKE_SIDE = 255.0
# Quick, Draw! drawings have some hundred points; more than this is no drawing by hand.
_MOST_POINTS = 10_000
# Of the text of a drawing: with times and all decimals those points take less.
MOST_DRAWING_BYTES = 1024 * 1024
# No sheet is larger, and squares of this are still exact enough.
_FARTHEST = 1e6


@dataclass(frozen=True)
class Content:
    """A file of the store: named by what it shows, and its bytes."""

    file: str
    data: bytes

    @property
    def id(self) -> str:
        return self.file.partition(".")[0]


def picture_content(picture: Picture) -> Content:
    """A uint8 (h, w, 3) RGB picture as PNG.

    Raises:
        CollectionError: Another shape or dtype, or a side above 512 pixels.
    """
    good = picture.dtype == np.uint8 and picture.ndim == 3 and picture.shape[2] == 3
    if not good or not 1 <= min(picture.shape) <= max(picture.shape) <= LONGEST_SIDE:
        raise CollectionError(
            f"A picture must be uint8 (h, w, 3) with sides of at most {LONGEST_SIDE} pixels.",
            received=f"{picture.dtype} {picture.shape}",
        )
    # Named by its pixels: two programs pack the same picture differently.
    name = _name(repr(picture.shape).encode() + picture.tobytes())
    packed = cv2.imencode(PICTURE, cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))[1]
    return Content(name + PICTURE, packed.tobytes())


def drawing_content(strokes: Strokes) -> Content:
    """A drawing as JSON, its coordinates rounded to a tenth."""
    rows = [np.round(stroke.astype(float), 1).tolist() for stroke in strokes]
    data = json.dumps({"strokes": rows}, separators=(",", ":")).encode()
    return Content(_name(data) + STROKES, data)


def _name(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


def decode_picture(data: bytes, place: str, longest: int = LONGEST_SIDE) -> Picture:
    """The uint8 (h, w, 3) RGB picture of an item, shrunk to `longest` pixels.

    Args:
        place: What the file is called in an error.

    Raises:
        CollectionError: The file is damaged.
    """
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) if data else None
    if picture is None:
        raise _damaged(place)
    height, width = picture.shape[:2]
    if (shrink := longest / max(height, width)) < 1:
        size = (max(1, round(width * shrink)), max(1, round(height * shrink)))
        picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8)


def decode_strokes(data: bytes, place: str) -> Strokes:
    """The strokes of an item, each float32 (2, points), 0 to 255.

    Raises:
        CollectionError: The file is damaged, or too large for a drawing.
    """
    try:
        if len(data) > MOST_DRAWING_BYTES:
            raise ValueError("too large")
        return strokes_from(json.loads(data)["strokes"])
    except (ValueError, KeyError, TypeError, RecursionError, CollectionError) as error:
        raise _damaged(place) from error


def strokes_from(value: Any) -> Strokes:
    """Strokes out of lists `[[x…], [y…]]` (a third row, time, is dropped; so are empty strokes).

    Coordinates outside of 0 to 255, as in the raw files of Quick, Draw!, are moved and shrunk
    as its simplified files are: the corner at 0, the longer side 255.

    Raises:
        CollectionError: No points, other shapes, or coordinates beyond a million.
    """
    good = isinstance(value, Sequence) and not isinstance(value, str)
    strokes = [_stroke(item) for item in value] if good else []
    strokes = [stroke for stroke in strokes if stroke.shape[1]]
    points = sum(stroke.shape[1] for stroke in strokes)
    if not 1 <= points <= _MOST_POINTS:
        raise CollectionError(
            f"A drawing must have 1 to {_MOST_POINTS} points.", received=f"{points} points"
        )
    together = np.concatenate(strokes, axis=1)
    low, high = together.min(axis=1, keepdims=True), together.max(axis=1, keepdims=True)
    if low.min() < 0 or high.max() > STROKE_SIDE:
        scale = STROKE_SIDE / max(float((high - low).max()), 1e-6)
        strokes = [(stroke - low) * scale for stroke in strokes]
    return tuple(stroke.astype(np.float32) for stroke in strokes)


def _stroke(value: Any) -> NDArray[np.float64]:
    try:
        points = np.array([value[0], value[1]], float)
    except (TypeError, ValueError, IndexError, KeyError):
        points = np.empty(0)
    except OverflowError:
        points = np.full((2, 1), np.inf)
    # NaN is not within any bounds either.
    if points.ndim != 2 or not (np.abs(points) <= _FARTHEST).all():
        raise CollectionError(
            "A stroke must be two lists of numbers of one length: [[x…], [y…]], "
            "none beyond a million.",
            received=repr(value)[:60],
        )
    return points


def _damaged(place: str) -> CollectionError:
    return CollectionError(
        "A file of a collection is damaged.",
        received=place,
        advice="Delete that file.",
    )


def folder_of(label: int | None) -> str:
    """The folder of items of that class.

    `"0"` to `"9"`, `"other-clothing"` for clothing that is none of the ten, or `"other"` for no
    clothing.

    Raises:
        CollectionError: Another label.
    """
    if label is None:
        return _OTHER_FOLDER
    if label == OTHER_CLOTHING and type(label) is int:
        return _OTHER_CLOTHING_FOLDER
    if isinstance(label, bool) or not isinstance(label, int) or not 0 <= label < CLASS_COUNT:
        raise CollectionError(
            "A label must be a class number from 0 to 9, 10 for other clothing, or none for not "
            "clothing.",
            received=repr(label)[:40],
        )
    return str(label)


def label_of(folder: str) -> int | None:
    """The inverse of `folder_of` for folder names of people: also class names in any spelling.

    Raises:
        CollectionError: The name is that of no class.
    """
    plain = _plain(folder)
    # Names come in many spellings, numbers in one: -1 is not 1.
    if plain in _SPELLINGS and (plain == folder or not plain.isdigit()):
        return _SPELLINGS[plain]
    raise CollectionError(
        "A folder must be named after a class (0 to 9 or its name), `other-clothing` or `other`.",
        received=repr(folder[:60]),
        advice=f"The classes are {', '.join(CLASS_NAMES)}.",
    )


def is_item_file(name: str) -> bool:
    return _FILE.fullmatch(name) is not None
