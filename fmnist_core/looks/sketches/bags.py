"""Bags with handles, flaps, zips; totes, satchels, rucksacks, cases."""

from __future__ import annotations

import numpy as np

from fmnist_core.looks.sketches.sketch import Sketch, chance, curve, oval, symmetric


def bag(rng: np.random.Generator) -> Sketch:
    """A body, usually a handle, and what closes it."""
    wide, high = rng.uniform(0.3, 0.52), rng.uniform(0.45, 0.85)
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
    elif kind < 0.85:  # square
        band = rng.uniform(0.03, 0.06)
        sketch.shape(
            (-reach, 0.0),
            (-reach, -rise),
            (reach, -rise),
            (reach, 0.0),
            (reach - band, 0.0),
            (reach - band, -rise + band),
            (-reach + band, -rise + band),
            (-reach + band, 0.0),
        )
    elif kind < 0.93:  # a second handle behind
        for shift in (-0.06, 0.08):
            sketch.lines.append(
                curve(
                    (-reach + shift, 0.02),
                    (-reach + shift, -rise),
                    (reach + shift, -rise),
                    (reach + shift, 0.02),
                )
            )


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
            size = rng.uniform(0.03, 0.07)
            sketch.line(
                (-size, y - size),
                (size, y - size),
                (size, y + size),
                (-size, y + size),
                (-size, y - size),
            )
    elif kind < 0.65:  # rucksack: a pocket below
        x, y = wide * 0.65, high * rng.uniform(0.45, 0.6)
        sketch.line((-x, high * 0.92), (-x, y), (x, y), (x, high * 0.92), (-x, high * 0.92))
    elif kind < 0.8:
        sketch.lines.append(oval(0.0, high * 0.4, rng.uniform(0.04, 0.12), rng.uniform(0.04, 0.12)))
    if chance(rng, 0.15):
        for x in np.linspace(-wide * 0.6, wide * 0.6, 3):
            sketch.line((float(x), 0.05), (float(x), high - 0.05))
