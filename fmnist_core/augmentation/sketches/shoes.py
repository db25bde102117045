"""Shoes and boots from the side, toes to the left; sandals, also from above."""

from __future__ import annotations

import numpy as np

from fmnist_core.augmentation.sketches.sketch import Points, Sketch, chance, curve, mirrored, path


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
