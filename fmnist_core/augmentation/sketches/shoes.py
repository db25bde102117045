"""Shoes and boots from the side, toes to the left."""

from __future__ import annotations

import numpy as np

from fmnist_core.augmentation.sketches.sketch import Sketch, chance, curve, path


def sneaker(rng: np.random.Generator) -> Sketch:
    """A low shoe: toe, instep, collar, heel, sole; laces, stripes, studs at times."""
    if chance(rng, 0.12):
        return _high_top(rng)
    if chance(rng, 0.14):
        return _slipper(rng)
    high, toe = rng.uniform(0.28, 0.48), rng.uniform(0.1, 0.22)
    collar, front = rng.uniform(0.28, 0.42), rng.uniform(0.5, 0.66)
    sole = rng.uniform(0.03, 0.09)
    base = high
    instep = curve(
        (0.0, base - toe * 0.5),
        (0.02, base - toe * 1.25),
        (0.25, base - toe * 1.1),
        (1 - front + 0.05, base * 0.25),
    )
    opening = curve(
        (1 - front + 0.05, 0.03),
        (1 - collar * 0.6, rng.uniform(0.02, 0.16)),
        (0.95, rng.uniform(-0.02, 0.06)),
    )
    heel = curve((0.96, 0.03), (rng.uniform(0.92, 1.0), base * 0.5), (0.99, base))
    sketch = Sketch()
    sketch.shape(instep, opening, heel, (0.0, base))
    _sole(sketch, base, sole, rng)
    _laces(sketch, base, front, rng)
    if chance(rng, 0.1):
        for x in np.linspace(0.08, 0.92, rng.integers(4, 7)):
            low = base + sole
            sketch.shape(
                (x - 0.03, low), (x + 0.03, low), (x + 0.02, low + 0.06), (x - 0.02, low + 0.06)
            )
    if chance(rng, 0.5):
        sketch.lines.append(curve((0.0, base - 0.02), (0.2, base - toe * 0.9), (0.24, base)))
    if chance(rng, 0.4):
        sketch.lines.append(curve((0.75, base), (0.72, base * 0.5), (0.86, 0.08)))
    if chance(rng, 0.35):
        for x in (0.42, 0.5, 0.58)[: rng.integers(1, 4)]:
            sketch.line((x, base), (x + rng.uniform(0.05, 0.15), base * 0.45))
    return sketch


def _slipper(rng: np.random.Generator) -> Sketch:
    """Round and plain as a loaf: a low toe, a higher heel, an opening or a few laces on top."""
    high, toe = rng.uniform(0.32, 0.55), rng.uniform(0.12, 0.3)
    step, round_toe = rng.uniform(0.3, 0.6), rng.uniform(0.0, 0.12)
    toes = curve((0.06, high), (-0.08, high), (-round_toe, high - toe), (0.2, high - toe))
    instep = curve((0.2, high - toe), (step, high - toe * 1.1), (step, 0.0), (step + 0.15, 0.0))
    heel = curve((0.9, 0.0), (1.02, 0.02), (1.0, high * 0.5), (0.98, high))
    sketch = Sketch()
    sketch.shape(toes, instep, heel)
    if chance(rng, 0.6):
        x = (step + 1.05) / 2
        rim = curve((step + 0.1, 0.0), (x, rng.uniform(0.05, 0.2)), (0.95, 0.0))
        sketch.lines.append(rim)
    for x in np.linspace(step - 0.15, step, rng.integers(0, 4)):
        sketch.line((float(x), high - toe * 1.2), (float(x) + 0.03, high - toe * 0.7))
    if chance(rng, 0.4):
        low = high - rng.uniform(0.03, 0.08)
        sketch.line((0.0, low), (0.98, low))
    return sketch


def _high_top(rng: np.random.Generator) -> Sketch:
    """A canvas shoe that covers the ankle: rubber toe, many laces, a thick flat sole."""
    shaft, left, base = rng.uniform(0.2, 0.35), rng.uniform(0.4, 0.55), rng.uniform(0.6, 0.75)
    toe, sole = rng.uniform(0.12, 0.18), rng.uniform(0.06, 0.11)
    sketch = Sketch()
    front = curve((left, 0.0), (left - 0.05, shaft), (0.25, base - toe * 1.6), (0.05, base - toe))
    sketch.shape(
        front, curve((0.05, base - toe), (0.0, base - toe), (0.0, base)), (0.98, base), (0.96, 0.02)
    )
    sketch.shape((-0.01, base), (1.0, base), (1.0, base + sole), (-0.01, base + sole))
    sketch.lines.append(curve((0.0, base - 0.02), (0.2, base - toe * 1.1), (0.24, base)))
    for share in np.linspace(0.1, 0.85, rng.integers(3, 7)):
        x, y = left - 0.02 - 0.25 * share, share * (base - toe * 1.4)
        sketch.line((x, y), (x + rng.uniform(0.08, 0.16), y + 0.01))
    if chance(rng, 0.4):
        angle = np.linspace(0, 2 * np.pi, 16)
        sketch.line(np.stack([0.8 + 0.07 * np.cos(angle), 0.2 + 0.07 * np.sin(angle)], axis=1))
    return sketch


def _sole(sketch: Sketch, base: float, thick: float, rng: np.random.Generator) -> None:
    if chance(rng, 0.75):
        sketch.shape(
            (-0.01, base), (1.0, base), (1.0, base + thick),
            curve((0.6, base + thick), (0.1, base + thick), (0.0, base + thick), (-0.01, base)),
        )  # fmt: skip


def _laces(sketch: Sketch, base: float, front: float, rng: np.random.Generator) -> None:
    if not chance(rng, 0.6):
        return
    count = rng.integers(2, 5)
    for share in np.linspace(0.15, 0.75, count):
        x, y = 0.22 + share * (1 - front - 0.1), base * (0.62 - 0.42 * share)
        size = rng.uniform(0.05, 0.1)
        sketch.line((x, y), (x + size, y + size * rng.uniform(0.3, 1.0)))


def boot(rng: np.random.Generator) -> Sketch:
    """A shaft above the ankle, a foot, a heel or a flat sole."""
    shaft, wide = rng.uniform(0.35, 0.95), rng.uniform(0.32, 0.5)
    foot = rng.uniform(0.75, 1.0)
    toe, base = rng.uniform(0.13, 0.24), shaft + rng.uniform(0.22, 0.3)
    left = 1 - wide
    ankle = (left + rng.uniform(0.0, 0.08), base - toe * 1.5)
    front = curve((left - rng.uniform(-0.03, 0.08), 0.0), (left + 0.03, shaft * 0.6), ankle)
    bridge = curve(
        ankle, (1 - foot + 0.15, base - toe * 1.25), (1 - foot, base - toe), (1 - foot, base)
    )
    back = curve(
        (1.0, base), (rng.uniform(0.92, 1.02), shaft * 0.8), (rng.uniform(0.96, 1.05), 0.0)
    )
    sketch = Sketch()
    sketch.shape(front, bridge, back)
    _under(sketch, 1 - foot, base, rng)
    _shaft_details(sketch, left, shaft, base, toe, 1 - foot, rng)
    return sketch


def _under(sketch: Sketch, left: float, base: float, rng: np.random.Generator) -> None:
    kind = rng.random()
    thick = rng.uniform(0.03, 0.08)
    if kind < 0.35:  # flat sole
        sketch.shape((left, base), (1.0, base), (1.0, base + thick), (left, base + thick))
    elif kind < 0.65:  # block heel
        heel, wide = rng.uniform(0.06, 0.16), rng.uniform(0.15, 0.28)
        sketch.shape((1 - wide, base), (1.0, base), (1.0, base + heel), (1 - wide, base + heel))
        if chance(rng, 0.5):
            sketch.line((left, base + 0.02), (1 - wide, base + 0.02))
    elif kind < 0.85:  # stiletto: the sole rises to the heel
        heel = rng.uniform(0.15, 0.3)
        sketch.shape((0.86, base), (1.0, base - 0.02), (0.97, base + heel), (0.92, base + heel))


def _shaft_details(
    sketch: Sketch,
    left: float,
    shaft: float,
    base: float,
    toe: float,
    tip: float,
    rng: np.random.Generator,
) -> None:
    if chance(rng, 0.4):
        y = rng.uniform(0.05, 0.14)
        sketch.line((left, y), (1.0, y))
    if chance(rng, 0.35):
        for y in np.linspace(0.1, base - toe * 1.6, rng.integers(2, 6)):
            sketch.line((left + 0.01, float(y)), (left + rng.uniform(0.08, 0.2), float(y) + 0.02))
    if chance(rng, 0.3):
        sketch.lines.append(curve((tip, base - 0.01), (tip + 0.18, base - toe), (tip + 0.24, base)))
    if chance(rng, 0.2):
        sketch.line((0.95, shaft), (left + 0.2, base - toe), (left + 0.1, base))
    if chance(rng, 0.15):
        sketch.shapes.append(path((0.97, -0.01), (1.06, -0.06), (1.06, 0.08), (1.0, 0.08)))
