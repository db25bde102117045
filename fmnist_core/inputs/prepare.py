"""From a picture of any kind to the network's 28x28 input, in steps that can be shown."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from fmnist_core.classes import IMAGE_SIDE
from fmnist_core.inputs.corrections import UNCORRECTED, Corrections
from fmnist_core.inputs.cutout import cut_out
from fmnist_core.inputs.fitting import SHEET, placed, shrunk_to_input
from fmnist_core.inputs.ground import Ground, distance_from, find_ground, grey
from fmnist_core.inputs.masks import Mask, box_of, filled, main_parts
from fmnist_core.inputs.outline import drawing
from fmnist_core.inputs.reading import ink_of, is_drawing
from fmnist_core.inputs.tones import garment_tones
from fmnist_core.inputs.turning import turned

Picture = NDArray[np.uint8]
# Contrast (0 to 255) under which nothing is told from the background.
_LEAST_CONTRAST = 10.0
# So many pixels may be noise: of large pictures a number, of small ones a share.
_ODD_PIXELS, _ODD_SHARE = 24, 0.002
_TITLES = {
    "item": "As it came",
    "turned": "Turned and cropped",
    "background": "Background found",
    "cut": "Cut out",
    "fitted": "Fitted",
    "input": "As the network sees it",
}


@dataclass(frozen=True, eq=False)
class Step:
    """One step of the way.

    Attributes:
        key: Name for the program: one of item, turned, background, cut, fitted, input.
        title: For people, such as "Background found".
        picture: uint8 (h, w) or (h, w, 3), longest side at most 512.
    """

    key: str
    title: str
    picture: Picture


@dataclass(frozen=True, eq=False)
class Prepared:
    """The network's input and the way to it.

    Attributes:
        image: uint8 (28, 28), white on black.
        reading: What it was taken for: `"drawing"`, `"picture"` or `"as is"`.
        steps: In their order; the last one is `image`.
        blank: Nothing was found on the background; `image` is then black.
    """

    image: Picture
    reading: str
    steps: tuple[Step, ...]
    blank: bool = False


@dataclass
class _Way:
    """Collects the steps where they are wanted."""

    wanted: bool
    steps: list[Step] = field(default_factory=list)

    def note(self, key: str, picture: Picture) -> None:
        if self.wanted:
            self.steps.append(Step(key, _TITLES[key], picture))

    def end(self, image: Picture, reading: str, *, blank: bool = False) -> Prepared:
        self.note("input", image)
        return Prepared(image, reading, tuple(self.steps), blank)


def prepare(
    picture: Picture, corrections: Corrections = UNCORRECTED, *, steps: bool = True
) -> Prepared:
    """Finds the item on its background, cuts it out and fits it into 28x28.

    A grey 28x28 picture on a dark ground is an image like those of the data set, and is taken as
    it is.

    Args:
        picture: uint8 (h, w, 3), upright, longest side at most 512.
        corrections: What the person sets right.
        steps: Whether to keep the pictures of the steps.
    """
    way = _Way(steps)
    way.note("item", picture)
    upright = turned(picture, corrections)
    if upright is not picture:
        way.note("turned", upright)
    if _is_input_already(upright, corrections):
        return way.end(_as_is(upright), "as is")
    ground = find_ground(upright, corrections.ground)
    distance = distance_from(upright, ground)
    contrast = _contrast(distance)
    if ground.plain and contrast < max(_LEAST_CONTRAST, 2 * ground.noise):
        return way.end(_nothing(), "picture", blank=True)
    ink = ink_of(distance, contrast, corrections.threshold)
    if _read_as_drawing(upright, ink, distance, ground, corrections):
        return _drawn(way, ink)
    mask = _garment(upright, ground, distance, contrast, corrections)
    return _pictured(way, upright, ground, mask)


def _contrast(distance: NDArray[np.float32]) -> float:
    """How much the most different pixels differ from the background, a few odd ones left out.

    A share of the picture would overlook a small drawing on a large sheet.
    """
    odd = min(_ODD_PIXELS, int(_ODD_SHARE * distance.size))
    return float(np.partition(distance, -1 - odd, axis=None)[-1 - odd])


def _nothing() -> Picture:
    return np.zeros((IMAGE_SIDE, IMAGE_SIDE), np.uint8)


def _is_input_already(picture: Picture, corrections: Corrections) -> bool:
    if corrections.reading != "auto":
        return corrections.reading == "as is"
    if picture.shape[:2] != (IMAGE_SIDE, IMAGE_SIDE) or corrections.ground == "light":
        return False
    plain_grey = np.ptp(picture.astype(np.int16), axis=2).max() <= 2
    # Only a drawing or a product on white has an almost wholly white frame.
    return bool(plain_grey) and find_ground(picture).brightness < 200


def _as_is(picture: Picture) -> Picture:
    flat = grey(picture)
    if flat.shape == (IMAGE_SIDE, IMAGE_SIDE):
        return flat
    return shrunk_to_input(placed(flat, max(flat.shape), max(flat.shape)))


def _read_as_drawing(
    picture: Picture,
    ink: Mask,
    distance: NDArray[np.float32],
    ground: Ground,
    corrections: Corrections,
) -> bool:
    if corrections.reading != "auto":
        return corrections.reading == "drawing"
    return ground.plain and is_drawing(picture, ink, distance, ground.noise)


def _drawn(way: _Way, ink: Mask) -> Prepared:
    way.note("background", ink.astype(np.uint8) * 255)
    ink = main_parts(ink, 0.003)
    if not ink.any():
        return way.end(_nothing(), "drawing", blank=True)
    sheet = drawing(ink)
    way.note("fitted", sheet)
    return way.end(shrunk_to_input(sheet), "drawing")


def _pictured(way: _Way, picture: Picture, ground: Ground, mask: Mask) -> Prepared:
    way.note("background", np.where(mask[..., None], picture, picture // 5))
    tones = garment_tones(picture, mask, ground)
    left, top, right, bottom = box_of(mask)
    way.note("cut", tones[top:bottom, left:right])
    sheet = placed(tones[top:bottom, left:right], SHEET, SHEET)
    way.note("fitted", sheet)
    return way.end(shrunk_to_input(sheet), "picture")


def _garment(
    picture: Picture,
    ground: Ground,
    distance: NDArray[np.float32],
    contrast: float,
    by: Corrections,
) -> Mask:
    if not ground.even:
        return cut_out(picture, by.threshold)
    least = max(3.0 * ground.noise, 0.24 * contrast * by.threshold, 6.0)
    mask = distance > min(least, 0.6 * contrast)
    mask = main_parts(filled(mask), 0.05)
    return mask if mask.any() else cut_out(picture, by.threshold)
