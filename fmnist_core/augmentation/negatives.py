"""Draws negatives, which are no clothing, to be unsure about (outlier exposure, arXiv 1812.04606).

Scribbles, polygons, stars, letters, houses, patches of garments turned to mosaics; and what people
draw that is mistaken for clothing: buckets, towers, tools, furniture. Nothing is meant to look like
one real thing, all of it to surround clothing from every side. The things are a handful of lines
each, with x to the right and y down, about one unit in size.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from fmnist_core.augmentation.elastic import smooth_noise
from fmnist_core.augmentation.sketch_rendering import (
    as_input,
    blank,
    distorted,
    pen_drawing,
    rendered,
)
from fmnist_core.augmentation.sketches.sketch import Points, chance, curve, mirrored, oval, path
from fmnist_core.classes import IMAGE_SIDE
from fmnist_core.preprocessing.resize import SHEET, fit_to, placed

_Maker = Callable[[np.random.Generator], list[Points]]

Picture = NDArray[np.uint8]


def _bucket(rng: np.random.Generator) -> list[Points]:
    """Wider at the top than at the bottom, with an arch over it, hatched as wicker at times."""
    top, deep = rng.uniform(0.3, 0.5), rng.uniform(0.35, 0.8)
    low = top * rng.uniform(0.45, 0.8)
    parts = [path((-top, 0.0), (top, 0.0), (low, deep), (-low, deep), (-top, 0.0))]
    if chance(rng, 0.6):
        parts.append(oval(0.0, 0.0, top, rng.uniform(0.05, 0.16)))
    if chance(rng, 0.75):
        rise = rng.uniform(0.4, 1.3)
        parts.append(curve((-top, 0.0), (-top, -rise), (top, -rise), (top, 0.0)))
    if chance(rng, 0.4):
        for share in np.linspace(-0.8, 0.8, rng.integers(3, 7)):
            slant = rng.choice([0.0, 0.0, 0.3])
            parts.append(path((share * top, 0.02), (share * low + slant * low, deep)))
        for y in np.linspace(0.15, 0.85, rng.integers(0, 4)) * deep:
            parts.append(path((-top, float(y)), (top, float(y))))
    return parts


def _tower(rng: np.random.Generator) -> list[Points]:
    """Tall and narrow: a skyscraper, a lighthouse, a door, a bottle; often open below."""
    high, wide = 1.0, rng.uniform(0.08, 0.3)
    low = wide * rng.uniform(0.9, 1.6)
    parts = [path((-low, high), (-wide, 0.0), (wide, 0.0), (low, high))]
    if chance(rng, 0.4):
        parts.append(path((-low, high), (low, high)))
    if chance(rng, 0.4):
        parts.append(path((-wide, 0.0), (0.0, -rng.uniform(0.1, 0.4)), (wide, 0.0)))
    for y in np.linspace(0.12, 0.85, rng.integers(0, 6)):
        if chance(rng, 0.5):
            parts.append(path((-wide, float(y)), (wide, float(y))))
        else:
            parts += [_box(side * wide * 0.45, float(y), wide * 0.2, 0.03) for side in (-1, 1)]
    if chance(rng, 0.3):
        parts.append(path((wide, 0.3), (wide * 2.5, 0.3), (wide * 2.5, high)))
    return parts


def _canopy(rng: np.random.Generator) -> list[Points]:
    """A dome on a stem: mushroom, umbrella, lamp, tree, parachute."""
    wide, high = rng.uniform(0.3, 0.55), rng.uniform(0.3, 0.7)
    stem, length = rng.uniform(0.0, 0.18), rng.uniform(0.3, 0.8)
    dome = curve((-wide, 0.0), (-wide * 1.1, -high), (wide * 1.1, -high), (wide, 0.0))
    parts = [path(dome, (-wide, 0.0)) if chance(rng, 0.7) else dome]
    if stem < 0.03:
        hook = rng.uniform(-0.2, 0.2)
        parts.append(curve((0.0, 0.0), (0.0, length), (hook, length * 1.2), (hook, length)))
    else:
        parts.append(path((-stem, 0.0), (-stem, length), (stem, length), (stem, 0.0)))
    if chance(rng, 0.3):
        spots = rng.uniform(-0.6, 0.6, (rng.integers(2, 6), 2)) * (wide, 0.3)
        parts += [oval(float(x), float(-high * 0.35 + y), 0.05, 0.04, 12) for x, y in spots]
    return parts


def _ground(rng: np.random.Generator) -> list[Points]:
    """A line with little things on it: a garden, a fence, waves, mountains."""
    parts = [curve((-1.0, 0.0), (-0.3, rng.normal(0, 0.1)), (0.3, rng.normal(0, 0.1)), (1.0, 0.0))]
    for x in np.sort(rng.uniform(-0.9, 0.9, rng.integers(1, 8))):
        high = rng.uniform(0.05, 0.35)
        parts.append(path((float(x), 0.0), (float(x) + rng.normal(0, 0.02), -high)))
        if chance(rng, 0.4):
            parts.append(oval(float(x), -high, 0.06, 0.06, 12))
    if chance(rng, 0.3):
        parts.append(path((-1.0, -0.15), (1.0, -0.15)))
    return parts


def _face(rng: np.random.Generator) -> list[Points]:
    """A round head with eyes, a mouth, perhaps ears, a beak, hair or a hat."""
    wide, high = rng.uniform(0.35, 0.55, 2)
    parts = [oval(0.0, 0.0, wide, high)]
    parts += [oval(side * wide * 0.4, -high * 0.2, 0.05, 0.05, 12) for side in (-1, 1)]
    parts.append(curve((-wide * 0.4, high * 0.4), (0.0, high * 0.7), (wide * 0.4, high * 0.4)))
    if chance(rng, 0.5):
        ear = path((wide * 0.3, -high * 0.9), (wide * 0.7, -high * 1.4), (wide * 0.8, -high * 0.5))
        parts += [ear, mirrored(ear)]
    if chance(rng, 0.3):
        parts.append(path((0.0, 0.0), (-0.06, 0.12), (0.06, 0.12), (0.0, 0.0)))
    return parts


def _limb(rng: np.random.Generator) -> list[Points]:
    """Two lines that bend together, open at the ends: an arm, an elbow, a leg, a road, a snake."""
    bend, thick = rng.uniform(0.2, 0.9), rng.uniform(0.08, 0.3)
    middle = rng.uniform(0.3, 0.7)
    along = path((0.0, 0.0), (rng.normal(0, 0.1), middle), (bend, middle + rng.uniform(-0.2, 0.4)))
    parts = [along]
    if chance(rng, 0.75):
        parts.append(np.add(along, (thick, -thick * rng.uniform(0.3, 1.0))))
    if chance(rng, 0.4):
        end = along[-1]
        for angle in np.linspace(-0.6, 0.6, rng.integers(2, 5)):
            tip = (end[0] + 0.15 * np.cos(angle), end[1] + 0.15 * np.sin(angle))
            parts.append(path(end, tip))
    return parts


def _boat(rng: np.random.Generator) -> list[Points]:
    """A hull with a mast and sails, or a bowl, a bath, a pool."""
    top, low, deep = rng.uniform(0.4, 0.6), rng.uniform(0.2, 0.45), rng.uniform(0.12, 0.4)
    hull = curve((top, 0.0), (top, deep), (low, deep), (0.0, deep))
    parts = [path(hull, mirrored(hull)[::-1], (top, 0.0))]
    kind = rng.random()
    if kind < 0.55:
        mast, sail = rng.uniform(0.5, 1.0), rng.uniform(0.2, 0.5)
        parts.append(path((0.0, 0.0), (0.0, -mast)))
        parts.append(path((0.0, -mast), (sail, -0.1), (0.0, -0.1)))
        if chance(rng, 0.5):
            parts.append(path((0.0, -mast), (-sail, -0.1), (0.0, -0.1)))
    elif kind < 0.8:
        parts.append(oval(0.0, 0.0, top, rng.uniform(0.04, 0.12)))
    return parts


def _furniture(rng: np.random.Generator) -> list[Points]:
    """A plate on legs: a table, a chair, a bed, a bench."""
    wide, legs = rng.uniform(0.3, 0.6), rng.uniform(0.2, 0.6)
    parts = [_box(0.0, 0.0, wide, rng.uniform(0.02, 0.12))]
    for x in (-wide, wide) if chance(rng, 0.6) else (-wide, -wide * 0.6, wide * 0.6, wide):
        parts.append(path((x, 0.0), (x * rng.uniform(0.9, 1.1), legs)))
    if chance(rng, 0.5):
        back = rng.uniform(0.3, 0.7)
        parts.append(path((-wide, 0.0), (-wide, -back)))
        if chance(rng, 0.5):
            parts.append(path((-wide, -back), (wide, -back), (wide, 0.0)))
    return parts


def _tool(rng: np.random.Generator) -> list[Points]:
    """A long handle with something at its end: a spoon, a key, a hammer, a brush, a sword."""
    thick, length = rng.uniform(0.01, 0.08), rng.uniform(0.6, 1.0)
    parts = [_box(0.0, length / 2, thick, length / 2)]
    kind = rng.random()
    if kind < 0.4:
        parts.append(oval(0.0, -0.15, rng.uniform(0.1, 0.3), rng.uniform(0.12, 0.3)))
    elif kind < 0.7:
        parts.append(_box(0.0, -0.08, rng.uniform(0.1, 0.4), rng.uniform(0.06, 0.16)))
    else:
        for x in np.linspace(-0.2, 0.2, rng.integers(2, 6)):
            parts.append(path((0.0, 0.0), (float(x), -rng.uniform(0.15, 0.4))))
    return parts


def _device(rng: np.random.Generator) -> list[Points]:
    """A box with knobs, wheels, a screen or an aerial: a radio, a camera, a bus, an oven."""
    wide, high = rng.uniform(0.35, 0.6), rng.uniform(0.2, 0.5)
    parts = [_box(0.0, 0.0, wide, high)]
    if chance(rng, 0.6):
        size = rng.uniform(0.3, 0.8) * high
        parts.append(oval(rng.uniform(-0.5, 0.5) * wide, 0.0, size, size))
    for x in np.linspace(-0.7, 0.7, rng.integers(0, 5)) * wide:
        parts.append(oval(float(x), high * rng.choice([-0.7, 0.7, 1.0]), 0.05, 0.05, 12))
    if chance(rng, 0.4):
        parts += [oval(side * wide * 0.6, high, 0.12, 0.12) for side in (-1, 1)]
    if chance(rng, 0.3):
        parts.append(path((wide * 0.5, -high), (wide * 0.9, -high - rng.uniform(0.2, 0.5))))
    return parts


_THINGS: tuple[_Maker, ...] = (
    _bucket, _tower, _canopy, _ground, _face, _limb, _boat, _furniture, _tool, _device,
)  # fmt: skip


def draw_other(image: Picture, rng: np.random.Generator, side: int = IMAGE_SIDE) -> Picture:
    """Something that is no clothing: uint8 (side, side); `image` (28, 28) is to be taken apart."""
    return fit_to(_other(image, rng), side)


def _other(image: Picture, rng: np.random.Generator) -> Picture:
    kind = rng.random()
    if kind < 0.66:
        maker = _MAKERS[rng.integers(len(_MAKERS))]
        parts = [part for _ in range(rng.choice([1, 1, 2, 3])) for part in maker(rng)]
        moved = distorted(parts, 1.0, rng)
        return (
            rendered(moved, len(moved), rng) if rng.random() < 0.6 else pen_drawing(moved, 0, rng)
        )
    if kind < 0.76:
        return _letters(rng)
    if kind < 0.88:
        return _blobs(rng)
    return _mosaic(image, rng)


def _scribble(rng: np.random.Generator) -> list[Points]:
    steps = rng.normal(0, 0.2, (rng.integers(5, 40), 2))
    return [np.cumsum(steps, axis=0)]


def _polygon(rng: np.random.Generator) -> list[Points]:
    count = int(rng.integers(3, 9))
    angle = np.linspace(0, 2 * np.pi, count + 1) + rng.uniform(0, 6)
    radius = np.ones(count + 1)
    if rng.random() < 0.4:
        radius[1::2] = rng.uniform(0.3, 0.7)
    points = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1) * 0.5
    return [points + rng.normal(0, 0.2, 2)]


def _rounds(rng: np.random.Generator) -> list[Points]:
    count = rng.integers(1, 6)
    return [oval(*rng.normal(0, 0.3, 2), *rng.uniform(0.05, 0.5, 2)) for _ in range(count)]


def _boxes(rng: np.random.Generator) -> list[Points]:
    parts = []
    for _ in range(rng.integers(1, 6)):
        x, y, w, h = *rng.normal(0, 0.3, 2), *rng.uniform(0.05, 0.7, 2)
        parts.append(np.array([[x, y], [x + w, y], [x + w, y + h], [x, y + h], [x, y]]))
    if rng.random() < 0.4:  # a roof
        parts.append(np.array([[-0.1, 0.0], [0.3, -0.35], [0.7, 0.0]]))
    return parts


def _curves(rng: np.random.Generator) -> list[Points]:
    return [
        curve(*(tuple(point) for point in rng.normal(0, 0.4, (4, 2))))
        for _ in range(rng.integers(2, 8))
    ]


def _animal(rng: np.random.Generator) -> list[Points]:
    body, head = oval(0, 0, rng.uniform(0.3, 0.5), rng.uniform(0.15, 0.3)), rng.uniform(0.1, 0.2)
    x = rng.uniform(0.4, 0.55)
    parts = [body, oval(x, -0.25, head, head), oval(x + 0.04, -0.28, 0.015, 0.015, 8)]
    legs = [
        np.array([[leg, 0.15], [leg + rng.normal(0, 0.05), 0.5]]) for leg in (-0.3, -0.2, 0.2, 0.3)
    ]
    tail = curve((-0.4, 0.0), (-0.6, -0.2), (-0.5, -0.4))
    return [*parts, *legs, tail]


def _plant(rng: np.random.Generator) -> list[Points]:
    parts: list[Points] = [curve((0.0, 0.6), (rng.normal(0, 0.1), 0.2), (0.0, -0.2))]
    for angle in np.linspace(0, 2 * np.pi, rng.integers(4, 9), endpoint=False):
        x, y = 0.25 * np.cos(angle), -0.35 + 0.25 * np.sin(angle)
        parts.append(oval(float(x), float(y), 0.1, 0.1, 14))
    return parts


def _wheels(rng: np.random.Generator) -> list[Points]:
    low, high = rng.uniform(0.1, 0.3), rng.uniform(0.1, 0.35)
    roof = [[-0.6, 0.0], [-0.4, 0.0], [-0.3, -high], [0.2, -high], [0.35, 0.0], [0.6, 0.02]]
    body = np.array([*roof, [0.6, low], [-0.6, low], [-0.6, 0.0]])
    size = rng.uniform(0.08, 0.15)
    return [body, oval(-0.35, low, size, size), oval(0.35, low, size, size)]


def _rays(rng: np.random.Generator) -> list[Points]:
    parts: list[Points] = [oval(0, 0, 0.2, 0.2)]
    for angle in np.linspace(0, 2 * np.pi, rng.integers(5, 14), endpoint=False):
        way = np.array([np.cos(angle), np.sin(angle)])
        parts.append(np.stack([0.25 * way, rng.uniform(0.35, 0.6) * way]))
    return parts


def _frames(rng: np.random.Generator) -> list[Points]:
    """Boxes in boxes: pictures, screens, books, doors, calendars, with lines or a stand."""
    wide, high = rng.uniform(0.2, 0.5), rng.uniform(0.2, 0.6)
    parts = [_box(0.0, 0.0, wide, high)]
    if rng.random() < 0.7:
        inner = rng.uniform(0.6, 0.95)
        parts.append(_box(0.0, 0.0, wide * inner, high * rng.uniform(0.6, 0.95)))
    for y in np.linspace(-0.7, 0.7, rng.integers(0, 6)) * high:
        parts.append(np.array([[-wide * 0.8, y], [wide * 0.8, y]]))
    if rng.random() < 0.4:
        parts.append(np.array([[0.0, -high], [0.0, high]]))
    if rng.random() < 0.3:
        parts.append(
            np.array([[-0.1, high], [-0.15, high + 0.15], [0.15, high + 0.15], [0.1, high]])
        )
    return parts


def _house(rng: np.random.Generator) -> list[Points]:
    """A box with a roof, a door and windows; or a tower."""
    wide, high = rng.uniform(0.15, 0.5), rng.uniform(0.25, 0.7)
    parts = [_box(0.0, 0.0, wide, high)]
    if rng.random() < 0.75:
        over, rise = rng.uniform(0.0, 0.1), rng.uniform(0.15, 0.5)
        parts.append(np.array([[-wide - over, -high], [0.0, -high - rise], [wide + over, -high]]))
    if rng.random() < 0.7:
        parts.append(_box(rng.uniform(-0.5, 0.5) * wide, high * 0.7, wide * 0.2, high * 0.3))
    for y in np.linspace(-0.7, 0.3, rng.integers(0, 4)) * high:
        parts += [_box(side * wide * 0.5, y, wide * 0.2, high * 0.1) for side in (-1, 1)]
    return parts


_MAKERS: tuple[_Maker, ...] = (
    _scribble, _polygon, _rounds, _boxes, _curves, _animal, _plant, _wheels, _rays, _frames, _house,
    *_THINGS,
)  # fmt: skip
_GLYPHS = "ABCDEFGHJKMNPQRSWXZ0123456789?&@#%"


def _letters(rng: np.random.Generator) -> Picture:
    sheet = blank()
    text = "".join(rng.choice(list(_GLYPHS), rng.integers(1, 4)))
    font = int(rng.integers(0, 8))
    cv2.putText(sheet, text, (8, 80), font, 2.2, 255, int(rng.integers(2, 9)), cv2.LINE_AA)
    return as_input(sheet > 96, rng)


def _blobs(rng: np.random.Generator) -> Picture:
    field = smooth_noise(rng)
    mask = field > rng.uniform(-0.3, 1.0)
    tones = np.clip(rng.uniform(60, 220) + rng.uniform(0, 70) * smooth_noise(rng), 20, 255)
    if rng.random() < 0.5:
        tones = np.clip(tones + rng.normal(0, 40, tones.shape), 20, 255)
    return np.where(mask, tones, 0).astype(np.uint8)


def _mosaic(image: Picture, rng: np.random.Generator) -> Picture:
    """A garment's pieces in another order."""
    parts = [piece for row in np.vsplit(image, 4) for piece in np.hsplit(row, 4)]
    order = rng.permutation(16)
    rows = [np.hstack([parts[order[4 * r + c]] for c in range(4)]) for r in range(4)]
    mixed = np.vstack(rows)
    return placed(mixed, SHEET, SHEET)


def _box(x: float, y: float, wide: float, high: float) -> Points:
    """A closed rectangle around (x, y) with these half widths."""
    return path(
        (x - wide, y - high), (x + wide, y - high), (x + wide, y + high), (x - wide, y + high),
        (x - wide, y - high),
    )  # fmt: skip
