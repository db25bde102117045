"""Draws garments of the ten classes: strokes to gray images, then cloth texture, shading, noise.

Strokes are drawn large and averaged down, so that edges are soft. All functions of texture take
and return float32 images (n, 28, 28) and work on all of them at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from fmnist_core.datasets.garments.bags import bag
from fmnist_core.datasets.garments.dresses import dress
from fmnist_core.datasets.garments.sandals import sandal
from fmnist_core.datasets.garments.shoes import ankle_boot, sneaker
from fmnist_core.datasets.garments.strokes import (
    SIDE,
    Line,
    Mask,
    Numbers,
    Pencil,
    Points,
    Scalar,
    Shape,
    Stroke,
    mirrored,
    moved,
    off,
    smooth,
)
from fmnist_core.datasets.garments.tops import coat, pullover, shirt, tshirt

_Images = NDArray[np.float32]

_ROWS, _COLUMNS = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)

_SCALE = 5

_Mark = Callable[[ImageDraw.ImageDraw], None]


def _trousers(pencil: Pencil) -> list[Stroke]:
    """Straight, narrow or flared legs that part below the hips, a waistband, a fly, pockets."""
    pair = _measures(pencil)
    rim = pencil.between(0.6, 0.92)
    return [
        Shape(_leg(pencil, pair), pair.tone, rim=rim),
        Shape(mirrored(_leg(pencil, pair)), pair.tone * pencil.between(0.93, 1.05), rim=rim),
        *_waistband(pencil, pair),
        *_fly_and_pockets(pencil, pair),
        *_creases(pencil, pair),
    ]


@dataclass(frozen=True)
class Garment:
    """The generator of one class.

    Attributes:
        draw: Its strokes for as many garments as the pencil draws.
        patterned: Share with stripes, checks or blotches.
        facing_right: Share that is mirrored.
    """

    draw: Callable[[Pencil], list[Stroke]]
    patterned: float = 0.25
    facing_right: float = 0.0


WARDROBE: tuple[Garment, ...] = (
    Garment(tshirt, 0.22),
    Garment(_trousers, 0.12),
    Garment(pullover, 0.3),
    Garment(dress, 0.35),
    Garment(coat, 0.2),
    Garment(sandal, 0.05, facing_right=0.04),
    Garment(shirt, 0.5),
    Garment(sneaker, 0.1, facing_right=0.04),
    Garment(bag, 0.2, facing_right=0.5),
    Garment(ankle_boot, 0.08, facing_right=0.04),
)


def draw_garments(label: int, count: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """`count` different garments of the class `label`: uint8 (count, 28, 28), white on black."""
    garment, pencil = WARDROBE[label], Pencil(rng, count)
    strokes = moved(garment.draw(pencil), *_placement(pencil))
    images = _textured(_rasterise(strokes, count), garment.patterned, rng).astype(np.uint8)
    mirrored = pencil.chance(garment.facing_right)
    images[mirrored] = images[mirrored, :, ::-1]
    return images


def _placement(pencil: Pencil) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A slightly different size, slant and place for each garment."""
    turn, slant = pencil.near(0, 0.025), pencil.near(0, 0.02)
    wide, high = pencil.near(0.97, 0.035), pencil.near(0.985, 0.015)
    rows = np.stack([wide, slant - turn], axis=1), np.stack([turn, high], axis=1)
    shift = np.stack([pencil.near(0, 0.3), pencil.near(0, 0.2)], axis=1)
    return np.stack(rows, axis=1), shift


def _rasterise(strokes: list[Stroke], count: int) -> NDArray[np.uint8]:
    """Paints the strokes in their order on `count` black images: uint8 (count, 28, 28)."""
    images = np.empty((count, SIDE, SIDE), np.uint8)
    layers = [list(_marks(stroke, count)) for stroke in strokes]
    for index, marks in enumerate(zip(*layers, strict=True)):
        canvas = Image.new("L", (SIDE * _SCALE, SIDE * _SCALE))
        pen = ImageDraw.Draw(canvas)
        for mark in marks:
            mark(pen)
        images[index] = np.asarray(canvas.reduce(_SCALE))
    return images


def _marks(stroke: Stroke, count: int) -> Iterator[_Mark]:
    outlines = (stroke.points * _SCALE).reshape(count, -1).tolist()
    tones = _each(stroke.tone, count).tolist()
    visible = _each(stroke.visible, count).tolist()
    extra = stroke.width if isinstance(stroke, Line) else stroke.rim
    extras = _each(extra, count).tolist()
    paint = _line if isinstance(stroke, Line) else _shape(stroke)
    for outline, tone, shown, value in zip(outlines, tones, visible, extras, strict=True):
        yield paint(outline, tone, value) if shown else _nothing


def _each(value: Scalar | Mask | bool, count: int) -> NDArray[np.float64]:
    return np.broadcast_to(np.asarray(value, np.float64), (count,))


def _line(outline: list[float], tone: float, width: float) -> _Mark:
    return lambda pen: pen.line(outline, fill=_grey(tone), width=max(1, round(width * _SCALE)))


def _shape(shape: Shape) -> Callable[[list[float], float, float], _Mark]:
    width = round(shape.rim_width * _SCALE)

    def paint(outline: list[float], tone: float, rim: float) -> _Mark:
        def mark(pen: ImageDraw.ImageDraw) -> None:
            pen.polygon(outline, fill=_grey(tone))
            if width:
                pen.line(outline + outline[:2], fill=_grey(tone * rim), width=width)

        return mark

    return paint


def _grey(tone: float) -> int:
    return min(255, max(1, int(tone)))


def _nothing(_: ImageDraw.ImageDraw) -> None:
    return None


def _textured(images: NDArray[np.uint8], weave: float, rng: np.random.Generator) -> _Images:
    """Painted shapes as photographed cloth; the background stays black.

    Args:
        images: uint8 (n, 28, 28).
        weave: Share of the images that get a pattern.
        rng: Source of randomness.

    Returns:
        float32 (n, 28, 28), from 0 to 255.
    """
    grey = images.astype(np.float32)
    inside = np.minimum(grey / 24, 1)
    light = _rounded(inside) * _folds(len(images), rng) * _weave(len(images), weave, rng)
    grey = _sharpened(grey * light)
    grey += rng.standard_normal(grey.shape, dtype=np.float32) * 4
    return np.clip(grey, 0, 255) * inside


def _rounded(inside: _Images) -> _Images:
    """Cloth curves away at its edges and gets darker."""
    return 0.72 + 0.28 * _blurred(_blurred(inside))


def _blurred(images: _Images) -> _Images:
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1)))
    across = padded[:, :, :-2] + padded[:, :, 1:-1] + padded[:, :, 2:]
    return (across[:, :-2] + across[:, 1:-1] + across[:, 2:]) / 9


def _sharpened(images: _Images) -> _Images:
    """As the makers of Fashion-MNIST did after shrinking their photos."""
    return images + 0.35 * (images - _blurred(images))


def _waves(
    steepness: tuple[float, float], lean: float, n: int, rng: np.random.Generator
) -> _Images:
    """Parallel waves from -1 to 1; `lean` is the largest angle to the upright, in radians."""
    angle = rng.uniform(-lean, lean, (n, 1, 1)).astype(np.float32)
    rate = rng.uniform(*steepness, (n, 1, 1)).astype(np.float32)
    phase = rng.uniform(0, 2 * np.pi, (n, 1, 1)).astype(np.float32)
    return np.sin(rate * (np.cos(angle) * _COLUMNS + np.sin(angle) * _ROWS) + phase)


def _folds(n: int, rng: np.random.Generator) -> _Images:
    """Broad soft folds, mostly upright, and light that falls from one side."""
    depth = rng.uniform(0.02, 0.14, (n, 1, 1)).astype(np.float32)
    folds = _waves((0.3, 0.9), 0.5, n, rng) + 0.6 * _waves((0.15, 0.5), 1.5, n, rng)
    side = rng.uniform(-0.008, 0.008, (n, 1, 1)).astype(np.float32)
    return 1 + depth * folds + side * (_COLUMNS - SIDE / 2)


def _weave(n: int, share: float, rng: np.random.Generator) -> _Images:
    """For `share` of the images a pattern: stripes across or upright, checks, blotches."""
    strength = rng.uniform(0.08, 0.38, (n, 1, 1)).astype(np.float32)
    across = np.sign(_waves((0.9, 2.2), 0.0, n, rng)).transpose(0, 2, 1)
    upright = np.sign(_waves((0.9, 2.2), 0.0, n, rng))
    blotches = _blurred(rng.standard_normal((n, SIDE, SIDE), dtype=np.float32)) * 3
    patterns = np.stack([across, upright, (across + upright) / 2, np.clip(blotches, -1.5, 1.5)])
    kind = rng.integers(0, len(patterns), n)
    chosen: _Images = patterns[kind, np.arange(n)]
    has_pattern = (rng.random((n, 1, 1)) < share).astype(np.float32)
    return 1 + has_pattern * strength * (chosen - 0.4)


def _measures(pencil: Pencil) -> _Trousers:
    top, waist = pencil.near(1.2, 0.3), pencil.near(3.7, 0.45)
    hips = waist + pencil.between(0.5, 1.4)
    outer = hips + pencil.between(0.0, 1.3) + pencil.near(0.0, 0.5)
    return _Trousers(
        tone=pencil.cloth(),
        top=top,
        crotch=top + pencil.near(8.0, 0.7),
        bottom=pencil.near(26.8, 0.4),
        waist=waist,
        hips=hips,
        outer=outer,
        inner=np.maximum(0.35, outer - pencil.between(2.0, 3.9)),
    )


@dataclass(frozen=True, eq=False)
class _Trousers:
    """Half widths from the middle line, and heights, of n pairs."""

    tone: Numbers
    top: Numbers
    crotch: Numbers
    bottom: Numbers
    waist: Numbers
    hips: Numbers
    outer: Numbers
    inner: Numbers


def _leg(pencil: Pencil, pair: _Trousers) -> Points:
    knee = (pair.crotch + pair.bottom) / 2
    outline = pencil.path(
        (off(-0.2), pair.top + 0.2),
        (off(pair.waist), pair.top),
        (off(pair.hips), pair.top + 5.5),
        (off((pair.hips + pair.outer) / 2 + pencil.near(-0.2, 0.25)), knee),
        (off(pair.outer), pair.bottom),
        (off(pair.inner), pair.bottom + pencil.near(0, 0.2)),
        (off(pair.inner * 0.6 + pencil.between(0.1, 0.5)), knee),
        (off(pencil.between(0.0, 0.25)), pair.crotch),
        (off(-0.2), pair.crotch - 1.5),
    )
    return smooth(pencil.wobble(outline, 0.08), corners=(0, 1, 4, 5, 7, 8))


def _waistband(pencil: Pencil, pair: _Trousers) -> list[Stroke]:
    y = pair.top + pencil.between(1.2, 1.8)
    band = pencil.path((off(-pair.waist - 0.1), y), (off(pair.waist + 0.1), y))
    return [Line(band, pair.tone * pencil.between(0.35, 0.75), 0.7, pencil.chance(0.8))]


def _fly_and_pockets(pencil: Pencil, pair: _Trousers) -> list[Stroke]:
    shade = pair.tone * pencil.between(0.45, 0.8)
    fly = pencil.path((off(0.0), pair.top + 1.6), (off(0.0), pair.crotch))
    pocket = pencil.path(
        (off(pair.waist * 0.55), pair.top + 1.8), (off(pair.hips - 0.3), pair.top + 4.6)
    )
    visible = pencil.chance(0.6)
    return [
        Line(fly, shade, 0.6),
        *(Line(side, shade, 0.5, visible) for side in (pocket, mirrored(pocket))),
    ]


def _creases(pencil: Pencil, pair: _Trousers) -> list[Stroke]:
    """Ironed creases, or the bleached streak down the thigh of jeans."""
    crease = pencil.path(
        (off(pair.hips * 0.55), pair.crotch - 2),
        (off((pair.outer + pair.inner) / 2), pair.bottom - 1.5),
    )
    bleached = pencil.chance(0.5)
    shade = np.minimum(255, pair.tone * np.where(bleached, 1.3, 0.75))
    width = np.where(bleached, pencil.between(0.8, 1.6), 0.5)
    visible = pencil.chance(0.55)
    return [Line(side, shade, width, visible) for side in (crease, mirrored(crease))]
