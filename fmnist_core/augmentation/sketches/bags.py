"""Bags with handles, flaps, zips; totes, satchels, rucksacks, cases."""

from __future__ import annotations

import numpy as np

from fmnist_core.augmentation.sketches.sketch import Sketch, chance, curve, oval, symmetric


def bag(rng: np.random.Generator) -> Sketch:
    """A rucksack, a case, or a body with a handle and what closes it."""
    kind = rng.random()
    if kind < 0.22:
        return _rucksack(rng)
    if kind < 0.34:
        return _case(rng)
    wide, high = rng.uniform(0.3, 0.52), rng.uniform(0.3, 0.85)
    taper = rng.uniform(0.65, 1.15)
    sketch = Sketch()
    _handle(sketch, wide * taper, high, rng)
    round_corner = rng.uniform(0.0, 0.2)
    sketch.shapes.append(
        symmetric(
            (0.0, rng.uniform(-0.03, 0.03)),
            (wide * taper - 0.02, 0.0),
            curve((wide, high - round_corner), (wide, high), (wide - round_corner, high)),
            (0.0, high + rng.uniform(0, 0.03)),
        )
    )
    _closing(sketch, wide, taper, high, rng)
    return sketch


def _rucksack(rng: np.random.Generator) -> Sketch:
    """A rounded body, a loop on top, a pocket below, at times pockets beside and straps."""
    wide, high = rng.uniform(0.25, 0.38), rng.uniform(0.7, 0.95)
    dome, corner = rng.uniform(0.1, 0.4), rng.uniform(0.0, 0.15)
    sketch = Sketch()
    if chance(rng, 0.75):
        _loop(sketch, rng.uniform(0.06, 0.14), rng.uniform(0.08, 0.2), rng)
    if chance(rng, 0.4):
        out, low, tall = wide + rng.uniform(0.06, 0.13), rng.uniform(0.4, 0.55), 0.35
        for side in (1.0, -1.0):
            sketch.shape(
                (side * wide, low),
                (side * out, low + 0.04),
                (side * out, low + tall),
                (side * wide, low + tall),
            )
    top = curve((0.0, 0.0), (wide * 0.9, 0.0), (wide, dome * 0.3), (wide, dome))
    low_edge = curve((wide, high - corner), (wide, high), (wide - corner, high))
    sketch.shapes.append(symmetric(top, low_edge, (0.0, high)))
    _front_pocket(sketch, wide, high, rng)
    if chance(rng, 0.3):
        sketch.both_sides(
            (wide * 0.5, 0.02), (wide * 0.55, -0.08), (wide * 0.85, -0.08), (wide * 0.85, 0.06)
        )
    return sketch


def _loop(sketch: Sketch, wide: float, high: float, rng: np.random.Generator) -> None:
    if chance(rng, 0.5):
        sketch.lines.append(
            curve((-wide, 0.02), (-wide, -1.3 * high), (wide, -1.3 * high), (wide, 0.02))
        )
    else:
        sketch.shape(curve((-wide, 0.02), (-wide, -1.3 * high), (wide, -1.3 * high), (wide, 0.02)))


def _front_pocket(sketch: Sketch, wide: float, high: float, rng: np.random.Generator) -> None:
    x, y = wide * rng.uniform(0.55, 0.85), high * rng.uniform(0.45, 0.65)
    low = high * rng.uniform(0.88, 1.0)
    if chance(rng, 0.7):
        sketch.line((-x, low), (-x, y), (x, y), (x, low), (-x, low))
    if chance(rng, 0.5):
        sketch.line((-x * 0.6, y * 0.8), (x * 0.6, y * 0.8))
    if chance(rng, 0.35):
        lid = high * rng.uniform(0.3, 0.45)
        sketch.lines.append(
            curve((-wide, lid * 0.7), (-wide * 0.6, lid), (wide * 0.6, lid), (wide, lid * 0.7))
        )


def _case(rng: np.random.Generator) -> Sketch:
    """A briefcase: a box, a small handle, a line across, a lock."""
    wide, high = rng.uniform(0.4, 0.52), rng.uniform(0.45, 0.75)
    reach, rise, band = rng.uniform(0.1, 0.22), rng.uniform(0.08, 0.18), rng.uniform(0.03, 0.06)
    corner = rng.uniform(0.0, 0.1)
    sketch = Sketch()
    _square_handle(sketch, reach, rise, band)
    upper = curve((wide - corner, 0.0), (wide, 0.0), (wide, corner))
    lower = curve((wide, high - corner), (wide, high), (wide - corner, high))
    sketch.shapes.append(symmetric((0.0, 0.0), upper, lower, (0.0, high)))
    y = high * rng.uniform(0.35, 0.6)
    if chance(rng, 0.75):
        sketch.line((-wide, y), (wide, y))
    if chance(rng, 0.6):
        _lock(sketch, y, rng.uniform(0.03, 0.06))
    return sketch


def _handle(sketch: Sketch, top: float, high: float, rng: np.random.Generator) -> None:
    kind = rng.random()
    reach, rise = top * rng.uniform(0.35, 0.9), rng.uniform(0.15, 0.5)
    if kind < 0.3:  # one line
        sketch.lines.append(
            curve((-reach, 0.0), (-reach, -1.3 * rise), (reach, -1.3 * rise), (reach, 0.0))
        )
    elif kind < 0.75:  # a band
        band = rng.uniform(0.03, 0.08)
        outer = curve((-reach, 0.0), (-reach, -1.3 * rise), (reach, -1.3 * rise), (reach, 0.0))
        inside, low = reach - band, rise - band
        inner = curve((inside, 0.0), (inside, -1.3 * low), (-inside, -1.3 * low), (-inside, 0.0))
        sketch.shape(outer, inner)
    elif kind < 0.85:
        _square_handle(sketch, reach, rise, rng.uniform(0.03, 0.06))
    elif kind < 0.97:  # a second handle behind
        for shift in (-0.06, 0.08):
            sketch.lines.append(
                curve(
                    (-reach + shift, 0.02),
                    (-reach + shift, -rise),
                    (reach + shift, -rise),
                    (reach + shift, 0.02),
                )
            )


def _square_handle(sketch: Sketch, reach: float, rise: float, band: float) -> None:
    inside, low = reach - band, rise - band
    sketch.shape(
        (-reach, 0.0), (-reach, -rise), (reach, -rise), (reach, 0.0),
        (inside, 0.0), (inside, -low), (-inside, -low), (-inside, 0.0),
    )  # fmt: skip


def _lock(sketch: Sketch, y: float, size: float) -> None:
    """A small square, `size` from its middle to its sides."""
    top, low = y - size, y + size
    sketch.line((-size, top), (size, top), (size, low), (-size, low), (-size, top))


def _closing(
    sketch: Sketch, wide: float, taper: float, high: float, rng: np.random.Generator
) -> None:
    kind = rng.random()
    if kind < 0.25:
        low = high * rng.uniform(0.3, 0.6)
        sketch.lines.append(
            curve(
                (-wide * taper, 0.02), (-wide * 0.8, low), (wide * 0.8, low), (wide * taper, 0.02)
            )
        )
        if chance(rng, 0.6):
            sketch.dot(0.0, low * 0.78, rng.uniform(0.015, 0.04))
    elif kind < 0.5:
        y = high * rng.uniform(0.1, 0.45)
        sketch.line((-wide * max(taper, 0.9), y), (wide * max(taper, 0.9), y))
        if chance(rng, 0.5):
            _lock(sketch, y, rng.uniform(0.03, 0.07))
    elif kind < 0.65:  # rucksack: a pocket below
        x, y = wide * 0.65, high * rng.uniform(0.45, 0.6)
        sketch.line((-x, high * 0.92), (-x, y), (x, y), (x, high * 0.92), (-x, high * 0.92))
    elif kind < 0.8:
        sketch.lines.append(oval(0.0, high * 0.4, rng.uniform(0.04, 0.12), rng.uniform(0.04, 0.12)))
    if chance(rng, 0.15):
        for x in np.linspace(-wide * 0.6, wide * 0.6, 3):
            sketch.line((float(x), 0.05), (float(x), high - 0.05))
