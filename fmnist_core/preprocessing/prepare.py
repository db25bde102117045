"""Prepares any picture as a network's input, in steps that can be shown.

Corrections by hand come first, then the choice between a drawing and a photo. A small network
cuts a garment out of a cluttered photo (`cutout`), and a person may correct its mask with a brush.
Photos are negated as the original images were, since products are shot on white (Xiao et al., arXiv
1708.07747, section 2): dark cloth is bright there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from fmnist_core.classes import IMAGE_SIDE
from fmnist_core.config.rules import Flag, Number, OneOf, check_fields, ruled
from fmnist_core.errors import InputError
from fmnist_core.preprocessing.brush import BrushStroke, brushed, checked_strokes
from fmnist_core.preprocessing.cutout import CutOut, cut_out
from fmnist_core.preprocessing.masks import (
    Background,
    Mask,
    box_of,
    distance_from,
    drawing,
    filled,
    find_background,
    grey,
    grown,
    main_parts,
    shrunk,
    stroke_width,
)
from fmnist_core.preprocessing.resize import SHEET, fit_to, placed

READINGS = ("auto", "drawing", "picture", "as is")
_GROUNDS = ("auto", "light", "dark")
# On the page they are within a sentence: "Lies on: dark".
_PLAIN = {name: name for name in (*READINGS, *_GROUNDS)}


@dataclass(frozen=True)
class Corrections:
    """Corrections by hand; the defaults leave every step to the lab.

    Attributes:
        crop: Left, top, right and bottom of the part to use, as shares of width and height
            after turning (0 to 1).
        brush: Strokes that correct the mask of a photo, in their order. A picture that is read as a
            drawing, or taken as it is, has no mask: there they have no effect.
    """

    reading: str = ruled(
        "auto",
        OneOf(*READINGS, labels=_PLAIN),
        "Which kind of picture preprocessing assumes.",
        label="Picture type",
    )
    ground: str = ruled(
        "auto", OneOf(*_GROUNDS, labels=_PLAIN), "The background of the item.", label="Background"
    )
    threshold: float = ruled(
        0.5,
        Number(0.05, 0.95),
        "Minimum difference from the background of a pixel of the item; in a cluttered photo, "
        "its minimum probability.",
        label="Background threshold",
    )
    rotate: float = ruled(
        0.0, Number(-180, 180), "Rotate counterclockwise, in degrees.", label="Rotate left, degrees"
    )
    mirror: bool = ruled(False, Flag(), "Mirror horizontally.", label="Mirror")
    crop: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)
    brush: tuple[BrushStroke, ...] = ()

    def __post_init__(self) -> None:
        check_fields(self)
        object.__setattr__(self, "crop", _checked_crop(self.crop))
        object.__setattr__(self, "brush", checked_strokes(self.brush))


def _checked_crop(crop: object) -> tuple[float, float, float, float]:
    share = Number(0, 1)
    if not isinstance(crop, (list, tuple)) or len(crop) != 4:
        raise InputError("crop must be four numbers.", received=repr(crop)[:80])
    left, top, right, bottom = (share.check("crop", value) for value in crop)
    if right - left < 0.02 or bottom - top < 0.02:
        raise InputError("crop must leave something of the picture.", received=repr(crop))
    return left, top, right, bottom


UNCORRECTED = Corrections()

# Lines are thinner than this share of the drawing's longest side.
_THIN = 0.11

# Ink covers less than this share of what it encloses.
_SPARSE = 0.62

# Within this many grey levels of each other, tones are the same ink.
_SAME_INK = 6

_ONE_TONE = 0.93

_BRIGHTEST = 235.0

_DARKEST = 40.0

# Cloth of nearly one tone keeps its small differences small.
_LEAST_SPREAD = 80.0

Picture = NDArray[np.uint8]
# Red, green and blue of a mask's outline: a hue that few garments and floors have.
OUTLINE = (0, 200, 170)
# Contrast (0 to 255) below which nothing differs from the background.
_LEAST_CONTRAST = 10.0
# So many pixels may be noise: of large pictures a number, of small ones a share.
_ODD_PIXELS, _ODD_SHARE = 24, 0.002
_TITLES = {
    "item": "Original",
    "turned": "Rotated, cropped",
    "background": "Background",
    "cut": "Cut out",
    "fitted": "Resized",
    "input": "Network input",
}


@dataclass(frozen=True, eq=False)
class Step:
    """One step of the way.

    Attributes:
        key: Name for the program: one of item, turned, background, cut, fitted, input.
        title: For people, such as "Background".
        picture: uint8 (h, w) or (h, w, 3), longest side at most 512.
    """

    key: str
    title: str
    picture: Picture


@dataclass(frozen=True, eq=False)
class Prepared:
    """The network's input and the way to it.

    Attributes:
        sheet: uint8 (112, 112), white on black: the fitted item, from which every network gets its
            input at its own side (`fit_to`).
        reading: What it was taken for: `"drawing"`, `"picture"` or `"as is"`.
        steps: In their order; the last one is `image`.
        blank: Nothing was found on the background; `sheet` is then black.
        mask: Of a photo, bool (h, w): the pixels of the garment in the picture as `turned`.
        cut_out_failed: No garment was found in a cluttered photo: before any stroke of the brush,
            the mask was the middle of the photo. Never where a person chose the threshold.
    """

    sheet: Picture
    reading: str
    steps: tuple[Step, ...]
    blank: bool = False
    mask: Mask | None = None
    cut_out_failed: bool = False

    @cached_property
    def image(self) -> Picture:
        """uint8 (28, 28), the sheet at the side of the data set's images."""
        return fit_to(self.sheet, IMAGE_SIDE)


def prepare(
    picture: Picture, corrections: Corrections = UNCORRECTED, *, steps: bool = True
) -> Prepared:
    """Finds the item on its background, cuts it out and fits it into a square.

    A grey 28x28 picture on a dark ground is an image like those of the data set, and is taken as
    it is.

    Args:
        picture: uint8 (h, w, 3), upright, longest side at most 512.
        corrections: What the person sets right.
        steps: Whether to keep the pictures of the steps.

    Raises:
        NoWeightsError: The network that cuts out garments is missing or damaged.
    """
    way = _Way(steps)
    way.note("item", picture)
    upright = turned(picture, corrections)
    if upright is not picture:
        way.note("turned", upright)
    if _is_input_already(upright, corrections):
        return way.end(_as_is(upright), "as is")
    inside = _inside(picture, corrections)
    # Corners that a turn left empty show no background.
    ground = find_background(upright if inside.all() else picture, corrections.ground)
    distance = distance_from(upright, ground) * inside
    contrast = _contrast(distance)
    if ground.plain and contrast < max(_LEAST_CONTRAST, 2 * ground.noise):
        nothing = np.zeros(distance.shape, np.bool_)
        return _pictured(way, upright, ground, CutOut(nothing), corrections, inside)
    ink = _ink_of(distance, contrast, corrections.threshold)
    if _read_as_drawing(upright, ink, distance, ground, corrections):
        return _drawn(way, ink)
    found = _garment(upright, ground, distance, contrast, corrections)
    return _pictured(way, upright, ground, found, corrections, inside)


@dataclass
class _Way:
    """Collects the steps where they are wanted."""

    wanted: bool
    steps: list[Step] = field(default_factory=list)

    def note(self, key: str, picture: Picture) -> None:
        if self.wanted:
            self.steps.append(Step(key, _TITLES[key], picture))

    def end(
        self,
        sheet: Picture,
        reading: str,
        *,
        blank: bool = False,
        mask: Mask | None = None,
        cut_out_failed: bool = False,
    ) -> Prepared:
        if self.wanted:
            self.note("input", fit_to(sheet, IMAGE_SIDE))
        return Prepared(sheet, reading, tuple(self.steps), blank, mask, cut_out_failed)


def _contrast(distance: NDArray[np.float32]) -> float:
    """Contrast: a high quantile of the pixels' difference from the background.

    A share of the picture would overlook a small drawing on a large sheet.
    """
    odd = min(_ODD_PIXELS, int(_ODD_SHARE * distance.size))
    return float(np.partition(distance, -1 - odd, axis=None)[-1 - odd])


def _nothing() -> Picture:
    return np.zeros((SHEET, SHEET), np.uint8)


def _is_input_already(picture: Picture, corrections: Corrections) -> bool:
    if corrections.reading != "auto":
        return corrections.reading == "as is"
    if picture.shape[:2] != (IMAGE_SIDE, IMAGE_SIDE) or corrections.ground == "light":
        return False
    plain_grey = np.ptp(picture.astype(np.int16), axis=2).max() <= 2
    # Only a drawing or a product on white has an almost wholly white frame.
    return bool(plain_grey) and find_background(picture).brightness < 200


def _as_is(picture: Picture) -> Picture:
    """The picture itself on the sheet; an image of 28x28 comes back from it pixel by pixel."""
    flat = grey(picture)
    return fit_to(placed(flat, max(flat.shape), max(flat.shape)), SHEET)


def _read_as_drawing(
    picture: Picture,
    ink: Mask,
    distance: NDArray[np.float32],
    ground: Background,
    corrections: Corrections,
) -> bool:
    if corrections.reading != "auto":
        return corrections.reading == "drawing"
    return ground.plain and _is_drawing(picture, ink, distance, ground.noise)


def _drawn(way: _Way, ink: Mask) -> Prepared:
    way.note("background", ink.astype(np.uint8) * 255)
    ink = main_parts(ink, 0.003)
    if not ink.any():
        return way.end(_nothing(), "drawing", blank=True)
    sheet = drawing(ink)
    way.note("fitted", sheet)
    return way.end(sheet, "drawing")


def _pictured(
    way: _Way,
    picture: Picture,
    ground: Background,
    found: CutOut,
    by: Corrections,
    inside: Mask,
) -> Prepared:
    mask = brushed(found.mask, by.brush) & inside
    if not mask.any():
        return way.end(_nothing(), "picture", blank=True, mask=mask, cut_out_failed=found.failed)
    if way.wanted:
        dimmed = np.where(mask[..., None], picture, picture // 5)
        way.note("background", outlined_mask(dimmed, mask))
    tones = _garment_tones(picture, mask, ground)
    left, top, right, bottom = box_of(mask)
    way.note("cut", tones[top:bottom, left:right])
    sheet = placed(tones[top:bottom, left:right], SHEET, SHEET)
    way.note("fitted", sheet)
    return way.end(sheet, "picture", mask=mask, cut_out_failed=found.failed)


def outlined_mask(picture: Picture, mask: Mask) -> Picture:
    """A copy of uint8 (h, w, 3) with the outline of the mask (h, w) on it."""
    result = np.ascontiguousarray(picture).copy()
    outlines, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    # As thin as can be seen where the picture is shown small.
    cv2.drawContours(result, outlines, -1, OUTLINE, max(1, round(max(mask.shape) / 150)))
    return result


def _garment(
    picture: Picture,
    ground: Background,
    distance: NDArray[np.float32],
    contrast: float,
    by: Corrections,
) -> CutOut:
    chosen = None if by.threshold == UNCORRECTED.threshold else by.threshold
    if not ground.even:
        return cut_out(picture, chosen)
    least = max(3.0 * ground.noise, 0.24 * contrast * by.threshold, 6.0)
    mask = distance > min(least, 0.6 * contrast)
    mask = main_parts(filled(mask), 0.05)
    return CutOut(mask) if mask.any() else cut_out(picture, chosen)


def turned(picture: NDArray[np.uint8], corrections: Corrections) -> NDArray[np.uint8]:
    """The picture after turn, mirror and crop; the very same array where none is wished.

    Corners that a turn leaves empty get the colour of an even background, and else go on from the
    picture's edge: one colour would make a cluttered photo look like one on a sheet.
    """
    if not corrections.rotate % 90:
        return _turned(picture, corrections)
    ground = find_background(picture)
    return _turned(picture, corrections, ground.colour.tolist() if ground.even else None)


def _inside(picture: NDArray[np.uint8], corrections: Corrections) -> Mask:
    """Of the turned picture, (h, w): what shows the picture, and not a corner left empty."""
    return _turned(np.full(picture.shape[:2], 255, np.uint8), corrections, [0.0]) == 255


def _turned(
    picture: NDArray[np.uint8], corrections: Corrections, corners: list[float] | None = None
) -> NDArray[np.uint8]:
    result = picture
    if corrections.rotate:
        result = _rotated(result, corrections.rotate, corners)
    if corrections.mirror:
        result = np.ascontiguousarray(result[:, ::-1])
    if corrections.crop != (0.0, 0.0, 1.0, 1.0):
        result = _cropped(result, corrections.crop)
    return result


def _rotated(
    picture: NDArray[np.uint8], degrees: float, corners: list[float] | None
) -> NDArray[np.uint8]:
    """Quarter turns exactly; else on a sheet that holds it all, its corners of that colour."""
    quarters, rest = divmod(degrees, 90)
    if not rest:
        return np.ascontiguousarray(np.rot90(picture, int(quarters)))
    height, width = picture.shape[:2]
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), degrees, 1.0)
    cosine, sine = abs(matrix[0, 0]), abs(matrix[0, 1])
    wide, high = round(height * sine + width * cosine), round(height * cosine + width * sine)
    matrix[:, 2] += (wide - width) / 2, (high - height) / 2
    border = cv2.BORDER_REPLICATE if corners is None else cv2.BORDER_CONSTANT
    result = cv2.warpAffine(
        picture, matrix, (wide, high), borderMode=border, borderValue=corners or [0.0]
    )
    return np.asarray(result, np.uint8)


def _cropped(
    picture: NDArray[np.uint8], crop: tuple[float, float, float, float]
) -> NDArray[np.uint8]:
    height, width = picture.shape[:2]
    left, top = int(crop[0] * width), int(crop[1] * height)
    right, bottom = max(left + 1, round(crop[2] * width)), max(top + 1, round(crop[3] * height))
    return np.ascontiguousarray(picture[top:bottom, left:right])


def _garment_tones(picture: NDArray[np.uint8], mask: Mask, ground: Background) -> NDArray[np.uint8]:
    """uint8 (h, w): the garment's tones spread over the range, black outside the mask."""
    tones = grey(picture).astype(np.float32)
    if tones[mask].mean() <= ground.brightness:
        tones = 255 - tones
    low, high = np.percentile(tones[mask], (2, 98))
    spread = max(high - low, _LEAST_SPREAD)
    bright = _BRIGHTEST - (high - tones) / spread * (_BRIGHTEST - _DARKEST)
    return np.where(mask, np.clip(bright, _DARKEST - 15, 255), 0).astype(np.uint8)


def _ink_of(distance: NDArray[np.float32], contrast: float, threshold: float) -> Mask:
    """Mask of what differs from the background by more than a share of the contrast."""
    return distance > contrast * (0.1 + 0.7 * threshold)


def _is_drawing(
    picture: NDArray[np.uint8], ink: Mask, distance: NDArray[np.float32], noise: float
) -> bool:
    """Whether the ink is made of thin lines on paper, or is one flat tone as in a solid icon.

    Args:
        picture: uint8 (h, w, 3).
        ink: (h, w) what differs from the background.
        distance: float32 (h, w), how much.
        noise: How much the background varies.
    """
    if not ink.any():
        return False
    left, top, right, bottom = box_of(ink)
    size = max(right - left, bottom - top)
    shape = filled(ink, max(1, size // 40))
    if ink.sum() < _SPARSE * shape.sum() and stroke_width(ink) < _THIN * size:
        return _is_paper(shape & ~grown(ink, max(1, size // 60)), distance, noise)
    return _is_flat(picture, ink, size)


def _is_paper(between: Mask, distance: NDArray[np.float32], noise: float) -> bool:
    """Between its lines a drawing shows the sheet; cloth shows itself."""
    if not between.any():
        return True
    return float(np.median(distance[between])) <= max(3 * noise, 10.0)


def _is_flat(picture: NDArray[np.uint8], ink: Mask, size: int) -> bool:
    """One tone everywhere, in each colour: cloth has folds, flat icons have none."""
    core = shrunk(ink, max(1, size // 100))
    if core.sum() < 0.2 * ink.sum():
        return False
    tones = grey(picture)[core].astype(np.int16)
    saturation = np.ptp(picture[core].astype(np.int16), axis=1)
    flat = np.abs(tones - np.median(tones)) <= _SAME_INK
    return bool(flat.mean() >= _ONE_TONE and np.percentile(saturation, 90) < 40)
