"""Sketches drawn with a pen, filled as solid icons, or coloured as emoji are."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from fmnist_core.augmentation.elastic import smooth_noise
from fmnist_core.augmentation.line_drawing import fitted, ring
from fmnist_core.augmentation.sketches.bags import bag
from fmnist_core.augmentation.sketches.clothes import coat, dress, pullover, shirt, trousers, tshirt
from fmnist_core.augmentation.sketches.shoes import boot, sandal, sneaker
from fmnist_core.augmentation.sketches.sketch import Points, paired, rounded
from fmnist_core.classes import IMAGE_SIDE
from fmnist_core.preprocessing.masks import Mask, box_of, grown, outlined
from fmnist_core.preprocessing.resize import SHEET, fit_to, placed

Picture = NDArray[np.uint8]
# In the order of the classes.
SKETCHERS = (tshirt, trousers, pullover, dress, coat, sandal, shirt, sneaker, bag, boot)
# Positions are handed to OpenCV in 1/16 pixel.
_FRACTION = 4
_MARGIN = 8
# Pen width and margin of a picture on paper, as shares of its side.
_PAPER_PEN, _PAPER_MARGIN = 0.022, 0.08
# Share that is tilted, as shoes on icons often are.
_TILTED, _TILTED_SHOES = 0.1, 0.3
_SHOES = (5, 7, 9)
# Share of the sketches of a class with the strokes of an unsteady hand: higher where there are no
# human drawings to learn from (dresses, coats, shirts, boots).
_BY_HAND = {3: 0.6, 4: 0.6, 6: 0.6, 9: 0.6}
_BY_HAND_ELSE = 0.4
# Shown in pairs now and then; sandals are drawn so by their own sketcher.
_PAIRS = (7, 9)


def draw_sketch(
    label: int, distortion: float, rng: np.random.Generator, side: int = IMAGE_SIDE
) -> Picture:
    """One sketch of the class `label` in a random manner: uint8 (side, side), white on black."""
    sketch = SKETCHERS[label](rng)
    if label in _PAIRS and rng.random() < 0.12:
        apart, down = rng.uniform(0.5, 1.15), rng.uniform(-0.25, 0.25)
        sketch = paired(sketch, apart, down, mirror=bool(rng.random() < 0.5))
    parts, closed = sketch.all_parts(), len(sketch.shapes)
    if rng.random() < 0.3:
        parts = [rounded(part, i < closed) for i, part in enumerate(parts)]
    if rng.random() < 0.4:
        parts = [_clumsy(part, 2 * distortion, rng) for part in parts]
    parts = distorted(parts, distortion, rng, tilted=_TILTED_SHOES if label in _SHOES else _TILTED)
    if rng.random() < _BY_HAND.get(label, _BY_HAND_ELSE):
        return fit_to(pen_drawing(by_hand(parts, closed, distortion, rng), 0, rng), side)
    return fit_to(rendered(parts, closed, rng), side)


def rendered(parts: list[Points], closed: int, rng: np.random.Generator) -> Picture:
    """Drawn with a pen, solid or coloured: uint8 (112, 112).

    The first `closed` parts (at least 1) are outlines.
    """
    manner = rng.random()
    if manner < 0.62:
        # Nobody draws every seam.
        kept = [part for i, part in enumerate(parts) if i < closed or rng.random() < 0.85]
        return pen_drawing(kept, closed, rng)
    if manner < 0.8:
        return _solid(parts, closed, rng)
    return _coloured(parts, closed, rng)


def pen_drawing(parts: list[Points], closed: int, rng: np.random.Generator) -> Picture:
    """Lines of one pen, uint8 (112, 112); the first `closed` parts are closed outlines."""
    width = float(rng.uniform(2.0, 7.0) if rng.random() < 0.65 else rng.uniform(7.0, 12.5))
    ink = blank()
    for index, part in enumerate(parts):
        _pen(ink, _with_gaps(part, rng) if rng.random() < 0.07 else part, width, index < closed)
    return as_input(ink > 96, rng)


def as_input(ink: Mask, rng: np.random.Generator) -> Picture:
    """The way of a drawing, now and then with its filling left out as if it had stayed open."""
    if not ink.any():
        return blank()
    sheet = fitted((ink * 255).astype(np.uint8)) > 96
    return outlined(sheet, filling=rng.random() < 0.93)


def distorted(
    parts: list[Points], strength: float, rng: np.random.Generator, tilted: float = _TILTED
) -> list[Points]:
    """All parts under one random affine map, each with the tremor of a hand, on the sheet."""
    turn = rng.normal(0, 0.22) * strength
    if rng.random() < tilted:
        turn = rng.uniform(-0.9, 0.9)
    stretch = np.exp(rng.uniform(-0.35, 0.35) * strength)
    matrix = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    matrix = matrix @ np.array([[1.0, rng.normal(0, 0.12) * strength], [0.0, stretch]])
    flip = np.array([rng.choice([-1.0, 1.0]), 1.0])
    shaky = rng.choice([0.0, 0.004, 0.012]) * 2 * strength
    moved = [_shaken(part * flip @ matrix, shaky, rng) for part in parts]
    return on_sheet(moved)


def by_hand(
    parts: list[Points], closed: int, strength: float, rng: np.random.Generator
) -> list[Points]:
    """The parts in the strokes of an unsteady hand, as people draw with a mouse or a finger.

    An outline becomes one to four open strokes. Each stroke is a little out of place and wavy, and
    too short or too long; some have few corners, one may be drawn twice, details are left out.

    Args:
        parts: Points (m, 2) on the sheet; the first `closed` are outlines. Without outlines no part
            is left out.
        strength: 0 (no tremor) to 1.
    """
    care = strength * rng.uniform(0.3, 1.6)
    corners = rng.uniform(1.0, 3.5) if rng.random() < 0.6 else 0.0
    plain, strokes = rng.random() < 0.35, []
    for index, part in enumerate(parts):
        if index >= closed > 0 and rng.random() < (0.7 if plain else 0.15):
            continue
        pieces = _strokes_of_outline(part, rng) if index < closed else [part]
        strokes += [_one_stroke(piece, care, corners, rng) for piece in pieces]
    if rng.random() < 0.12:
        again = strokes[int(rng.integers(len(strokes)))]
        strokes.append(_one_stroke(again, care, corners, rng))
    return on_sheet(strokes)


def _strokes_of_outline(outline: Points, rng: np.random.Generator) -> list[Points]:
    """A closed outline as open strokes one after the other."""
    around = np.roll(outline, -int(rng.integers(len(outline))), axis=0)
    around = _evenly(np.concatenate([around, around[:1]]), 96)
    cuts = np.sort(rng.choice(np.arange(8, 88), int(rng.integers(0, 4)), replace=False))
    return [part for part in np.split(around, cuts) if len(part) > 1]


def _one_stroke(part: Points, care: float, corners: float, rng: np.random.Generator) -> Points:
    line = _evenly(part, 48)
    length = float(np.linalg.norm(np.diff(line, axis=0), axis=1).sum())
    at = np.linspace(0, 1, len(line))[:, None]
    # Waves get weaker the shorter they are, as of a hand: at most a share of the stroke's length.
    size = min(3.0, 0.04 * length) * care
    for waves in (1, 2, 4, 8):
        turn, much = rng.uniform(0, 2 * np.pi, 2), rng.normal(0, size / waves, 2)
        line = line + much * np.sin(2 * np.pi * waves * at * 0.6 + turn)
    line = line + rng.normal(0, 1.6 * care, 2)
    line = _ends_moved(line, rng.normal(0, 0.05 * care, 2))
    if not corners:
        return line
    few = cv2.approxPolyDP(line.astype(np.float32)[:, None], corners, False)
    # A dot has no corners to spare: a single point would not be drawn.
    return line if len(few) < 2 else few[:, 0].astype(np.float64)


def _ends_moved(line: Points, shares: NDArray[np.float64]) -> Points:
    """Longer at both ends, or shorter, by shares of its points: goes on where it was heading."""
    count = len(line)
    first, last = (int(np.clip(round(share * count), -count // 4, count // 4)) for share in shares)
    line = line[max(0, -first) : count - max(0, -last)]
    before = line[0] + np.arange(first, 0, -1)[:, None] * (line[0] - line[1])
    after = line[-1] + np.arange(1, last + 1)[:, None] * (line[-1] - line[-2])
    return np.concatenate([before, line, after])


def _evenly(part: Points, count: int) -> Points:
    """The line through `count` points at equal distances."""
    steps = np.linalg.norm(np.diff(part, axis=0), axis=1)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    at = np.linspace(0, along[-1], count)
    return np.stack([np.interp(at, along, part[:, axis]) for axis in (0, 1)], axis=1)


def on_sheet(parts: list[Points]) -> list[Points]:
    """Scaled and shifted so that all parts fit the sheet with a margin."""
    everything = np.concatenate(parts)
    low, high = everything.min(axis=0), everything.max(axis=0)
    scale = (SHEET - 2 * _MARGIN) / max(float((high - low).max()), 1e-6)
    middle = (low + high) / 2
    return [(part - middle) * scale + (SHEET - 1) / 2 for part in parts]


def _clumsy(part: Points, strength: float, rng: np.random.Generator) -> Points:
    """A part as an unpractised hand draws it: out of place, too large or small, wavy."""
    middle = part.mean(axis=0)
    size = np.exp(rng.normal(0, 0.05, 2) * strength)
    along = np.linspace(0, 2 * np.pi, len(part))[:, None]
    waves = rng.integers(1, 4, 2)
    wavy = rng.normal(0, 0.018, 2) * np.sin(waves * along + rng.uniform(0, 6.3, 2))
    place = rng.normal(0, 0.015, 2)
    return (part - middle) * size + middle + strength * (wavy + place)


def _shaken(part: Points, size: float, rng: np.random.Generator) -> Points:
    return part + size * rng.standard_normal(part.shape) if size else part


def _with_gaps(part: Points, rng: np.random.Generator) -> Points:
    """The line without a piece of it."""
    cut = rng.integers(len(part))
    rest = np.roll(part, -int(cut), axis=0)
    return rest[: max(2, int(len(rest) * rng.uniform(0.8, 0.97)))]


def blank() -> Picture:
    return np.zeros((SHEET, SHEET), np.uint8)


def _pen(sheet: Picture, part: Points, width: float, closed: bool) -> None:
    fixed = np.round(part * 2**_FRACTION).astype(np.int32)
    cv2.polylines(sheet, [fixed], closed, 255, max(1, round(width)), cv2.LINE_AA, _FRACTION)


def _shape_mask(parts: list[Points]) -> Mask:
    sheet = blank()
    for part in parts:
        cv2.fillPoly(sheet, [np.round(part * 2**_FRACTION).astype(np.int32)], 255, 8, _FRACTION)
    return sheet > 127


def _lines_mask(parts: list[Points], width: float) -> Mask:
    sheet = blank()
    for part in parts:
        _pen(sheet, part, width, False)
    return sheet > 96


def _solid(parts: list[Points], closed: int, rng: np.random.Generator) -> Picture:
    """A filled shape, its inner lines left out, as the way of an item paints solid icons."""
    shape = _shape_mask(parts[:closed]) | _lines_mask(parts[:closed], rng.uniform(2, 6))
    thin = rng.uniform(2.0, 5.0)
    lines = _lines_mask(parts[1:], thin) if rng.random() < 0.75 else np.zeros_like(shape)
    ink = shape & ~lines
    if rng.random() < 0.2:
        return fitted((ink * rng.integers(120, 256)).astype(np.uint8), SHEET)
    return as_input(ink, rng)


def _coloured(parts: list[Points], closed: int, rng: np.random.Generator) -> Picture:
    """Flat tones, shaded a little, with darker or lighter lines."""
    tones = blank().astype(np.float32)
    base = rng.uniform(90, 235)
    for part in parts[:closed]:
        tone = float(np.clip(base + rng.normal(0, 35), 45, 250))
        tones[_shape_mask([part])] = tone
    mask = tones > 0
    lines = _lines_mask(parts[closed:], rng.uniform(2, 6)) | ring(mask, rng.choice([0.0, 3.0, 5.0]))
    shade = np.clip(base + rng.choice([-1, 1]) * rng.uniform(40, 120), 35, 255)
    mask |= _lines_mask(parts[:closed], 3.0)
    tones = np.where(lines & grown(mask, 2), shade, tones) + rng.uniform(0, 18) * smooth_noise(rng)
    result = np.where(mask, np.clip(tones, 25, 255), 0).astype(np.uint8)
    left, top, right, bottom = box_of(mask)
    return placed(result[top:bottom, left:right], SHEET, SHEET)


def sketch_picture(label: int, rng: np.random.Generator, side: int = 256) -> Picture:
    """A sketch of the class `label` in black pen on white paper: uint8 (side, side, 3)."""
    sketch = SKETCHERS[label](rng)
    closed, margin = len(sketch.shapes), side * _PAPER_MARGIN
    parts = [rounded(part, i < closed) for i, part in enumerate(sketch.all_parts())]
    paper = np.full((side, side, 3), 255, np.uint8)
    for index, part in enumerate(on_sheet(parts)):
        placed_part = part * ((side - 2 * margin) / SHEET) + margin
        fixed = np.round(placed_part * 2**_FRACTION).astype(np.int32)
        if index < closed:
            # A shape hides what is behind it.
            cv2.fillPoly(paper, [fixed], (255, 255, 255), cv2.LINE_AA, _FRACTION)
        width = max(1, round(_PAPER_PEN * side))
        cv2.polylines(paper, [fixed], index < closed, (0, 0, 0), width, cv2.LINE_AA, _FRACTION)
    return paper
