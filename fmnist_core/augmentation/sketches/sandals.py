"""Sandals: flip-flops from above, straps from the side, high heels."""

from __future__ import annotations

import numpy as np

from fmnist_core.augmentation.sketches.sketch import Points, Sketch, chance, curve, mirrored, path


def sandal(rng: np.random.Generator) -> Sketch:
    """One of the four kinds."""
    kind = rng.random()
    if kind < 0.42:
        return _from_above(rng)
    if kind < 0.58:
        return _slide(rng)
    return _flat(rng) if kind < 0.8 else _heeled(rng)


def _slide(rng: np.random.Generator) -> Sketch:
    """A slipper from the side: a thick sole and one broad band over the toes."""
    thick, base = rng.uniform(0.08, 0.2), rng.uniform(0.3, 0.42)
    left, right = rng.uniform(0.08, 0.25), rng.uniform(0.55, 0.75)
    high, lean = rng.uniform(0.2, 0.32), rng.uniform(-0.05, 0.2)
    sketch = Sketch()
    sketch.shape((0.0, base), (1.0, base), (1.0, base + thick), (0.0, base + thick))
    rise = curve(
        (left, base),
        (left, base - high * 0.5),
        (left + lean, base - high * 0.8),
        (left + 0.12, base - high),
    )
    sketch.shape(rise, (right - 0.1, base - high * rng.uniform(0.6, 1.0)), (right, base))
    if chance(rng, 0.4):
        sketch.line((0.0, base + thick / 2), (1.0, base + thick / 2))
    return sketch


def _from_above(rng: np.random.Generator) -> Sketch:
    wide, waist = rng.uniform(0.15, 0.22), rng.uniform(0.1, 0.17)
    sole = path(
        curve((0.0, 0.0), (wide * 1.2, 0.0), (wide * 1.1, 0.35)),
        curve((wide * 1.1, 0.35), (waist, 0.6), (waist, 0.75)),
        curve((waist, 0.75), (waist, 1.0), (0.0, 1.0)),
        curve((0.0, 1.0), (-waist, 1.0), (-waist, 0.75)),
        curve((-waist, 0.75), (-waist * 1.1, 0.6), (-wide, 0.3)),
        curve((-wide, 0.3), (-wide, 0.0), (0.0, 0.0)),
    )
    strap = _strap_above(wide, rng)
    pair = chance(rng, 0.55)
    sketch = Sketch()
    turn = rng.uniform(-0.25, 0.25)
    _lay(sketch, sole, strap, (0.0, 0.0), turn)
    if pair:
        apart, slip = rng.uniform(0.4, 0.5), rng.uniform(-0.25, 0.25)
        _lay(sketch, mirrored(sole), [mirrored(s) for s in strap], (apart, slip), -turn * 0.8)
    return sketch


def _strap_above(wide: float, rng: np.random.Generator) -> list[Points]:
    kind, toe = rng.random(), rng.uniform(0.14, 0.26)
    low = toe + rng.uniform(0.2, 0.35)
    if kind < 0.7:
        right = curve((0.0, toe), (wide * 0.3, toe + 0.08), (wide * 0.95, low))
        left = curve((0.0, toe), (-wide * 0.3, toe + 0.08), (-wide * 0.95, low))
        return [right, left]
    if kind < 0.85:
        return [path((wide, toe), (-wide, toe + 0.1)), path((wide, low), (-wide, low + 0.02))]
    return [path((-wide, toe), (wide, low)), path((wide, toe), (-wide, low))]


def _lay(
    sketch: Sketch, sole: Points, straps: list[Points], place: tuple[float, float], turn: float
) -> None:
    matrix = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    sketch.shapes.append(sole @ matrix + place)
    sketch.lines += [strap @ matrix + place for strap in straps]


def _flat(rng: np.random.Generator) -> Sketch:
    thick, base = rng.uniform(0.04, 0.1), rng.uniform(0.3, 0.45)
    sag, rise = rng.uniform(-0.02, 0.05), rng.uniform(0, 0.06)
    sketch = Sketch()
    sketch.shape(
        curve((0.0, base), (0.3, base + sag), (1.0, base - rise)),
        (1.0, base + thick), (0.0, base + thick),
    )  # fmt: skip
    for left, right in ((0.08, 0.36), (0.3, 0.6), (0.7, 0.97))[: rng.integers(1, 4)]:
        high = rng.uniform(0.12, 0.3)
        band = rng.uniform(0.03, 0.09)
        outer = curve((left, base), (left, base - high), (right, base - high), (right, base))
        inner = curve(
            (right - band, base),
            (right - band, base - high * 0.7),
            (left + band, base - high * 0.7),
            (left + band, base),
        )
        sketch.shape(outer, inner)
    if chance(rng, 0.5):
        sketch.lines.append(curve((0.72, base - 0.2), (0.85, base - 0.32), (0.97, base - 0.2)))
    return sketch


def _heeled(rng: np.random.Generator) -> Sketch:
    rise, thick = rng.uniform(0.3, 0.55), rng.uniform(0.03, 0.06)
    floor = rise + 0.1
    bed = curve((0.0, floor), (0.3, floor), (0.5, floor - rise), (0.95, floor - rise))
    sketch = Sketch()
    sketch.shape(
        bed,
        (0.97, floor - rise + thick),
        (0.94, floor),
        (0.9, floor),
        (0.86, floor - rise + 0.12),
        curve(
            (0.8, floor - rise + 0.08),
            (0.55, floor - rise + 0.08),
            (0.3, floor + thick),
            (0.0, floor + thick),
        ),
    )
    sketch.shape(
        curve((0.05, floor), (0.08, floor - 0.2), (0.28, floor - 0.22), (0.33, floor - 0.05))
    )
    if chance(rng, 0.7):
        top = floor - rise
        sketch.lines.append(
            curve((0.95, top), (0.98, top - 0.25), (0.7, top - 0.2), (0.68, top - 0.1))
        )
    return sketch
