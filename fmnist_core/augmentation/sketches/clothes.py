"""T-shirts to coats, sleeves spread as in drawings and on icons; dresses and trousers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fmnist_core.augmentation.sketches.sketch import Points, Sketch, chance, curve, path, symmetric

_Point = tuple[float, float]


@dataclass(frozen=True)
class _Cut:
    """Measures of a top: half widths and heights."""

    neck: float
    dip: float
    shoulder: _Point
    cuff_out: _Point
    cuff_in: _Point
    armpit: _Point
    hem: float
    bottom: float


def tshirt(rng: np.random.Generator) -> Sketch:
    """Short sleeves or none, a round or V neck, at times a print or a pocket."""
    if chance(rng, 0.08):
        return _sleeveless(rng)
    cut = _cut(rng, sleeve=(0.1, 0.3), steep=(5, 60), bottom=(0.65, 1.05), widest=0.27)
    sketch = _top(cut, rng, round_neck=chance(rng, 0.8))
    if chance(rng, 0.45):
        sketch.both_sides(cut.shoulder, cut.armpit)
    if chance(rng, 0.3):
        sketch.both_sides(_between(cut.cuff_out, cut.shoulder, 0.2), _inside(cut, 0.2))
    if chance(rng, 0.4):
        _neck_band(sketch, cut, rng)
    if chance(rng, 0.2):
        _print(sketch, cut, rng)
    return sketch


def pullover(rng: np.random.Generator) -> Sketch:
    """Long sleeves, ribs at cuffs and hem, a round neck, roll neck or hood."""
    cut = _cut(rng, sleeve=(0.42, 0.8), steep=(15, 82), bottom=(0.65, 0.95))
    sketch = _top(cut, rng, round_neck=chance(rng, 0.85))
    if chance(rng, 0.55):
        _ribs(sketch, cut, rng)
    if chance(rng, 0.5):
        sketch.both_sides(cut.shoulder, cut.armpit)
    kind = rng.random()
    if kind < 0.15:
        _roll_neck(sketch, cut, rng)
    elif kind < 0.35:
        _hood(sketch, cut, rng)
    elif kind < 0.75:
        _neck_band(sketch, cut, rng)
    if chance(rng, 0.2):
        _print(sketch, cut, rng)
    return sketch


def coat(rng: np.random.Generator) -> Sketch:
    """Long sleeves, open or zipped all the way down, lapels or hood, pockets, buttons."""
    cut = _cut(rng, sleeve=(0.42, 0.8), steep=(25, 85), bottom=(0.75, 1.3))
    sketch = _top(cut, rng, round_neck=False)
    _front(sketch, cut, rng)
    if chance(rng, 0.55):
        _lapels(sketch, cut, rng)
    elif chance(rng, 0.4):
        _hood(sketch, cut, rng)
    if chance(rng, 0.6):
        _pockets(sketch, cut, rng)
    if chance(rng, 0.5):
        _buttons(sketch, cut, rng, beside=rng.choice([0.0, 0.04, -0.05]))
    if chance(rng, 0.45):
        sketch.both_sides(cut.shoulder, cut.armpit)
    if chance(rng, 0.2):
        waist = (cut.armpit[1] + cut.bottom) / 2
        sketch.line((-cut.hem, waist), (cut.hem, waist))
    return sketch


def shirt(rng: np.random.Generator) -> Sketch:
    """A pointed collar and a row of buttons; sleeves long, short or folded away."""
    if chance(rng, 0.18):
        return _folded(rng)
    long = chance(rng, 0.55)
    sleeve, steep = ((0.42, 0.75), (30, 85)) if long else ((0.12, 0.3), (10, 60))
    cut = _cut(rng, sleeve=sleeve, steep=steep, bottom=(0.75, 1.05))
    sketch = _top(cut, rng, round_neck=False)
    _collar(sketch, cut, rng)
    if chance(rng, 0.8):
        sketch.line((0.0, cut.dip), (0.0, cut.bottom))
    if chance(rng, 0.75):
        _buttons(sketch, cut, rng, beside=rng.choice([0.0, 0.03]))
    if chance(rng, 0.4):
        x, y = 0.45 * cut.armpit[0], cut.armpit[1] + 0.04
        side = rng.uniform(0.08, 0.12)
        sketch.line((x, y), (x + side, y), (x + side, y + side), (x, y + side), (x, y))
    if chance(rng, 0.3):
        sketch.both_sides(cut.shoulder, cut.armpit)
    return sketch


def _sleeveless(rng: np.random.Generator) -> Sketch:
    """Two straps and a deep neck."""
    neck, strap = rng.uniform(0.08, 0.14), rng.uniform(0.03, 0.08)
    chest, deep = rng.uniform(0.2, 0.27), rng.uniform(0.12, 0.28)
    sketch = Sketch()
    sketch.shapes.append(
        symmetric(
            curve((0.0, deep), (neck * 0.9, deep), (neck, 0.0)),
            (neck + strap, 0.0),
            curve((neck + strap, 0.0), (neck + strap, 0.25), (chest, 0.3)),
            (chest * rng.uniform(0.95, 1.15), rng.uniform(0.75, 1.0)),
        )
    )
    return sketch


def _folded(rng: np.random.Generator) -> Sketch:
    """A shirt as it lies in a shop: a rectangle with collar, buttons and perhaps a pocket."""
    wide, high = rng.uniform(0.28, 0.42), rng.uniform(0.65, 0.95)
    neck, drop = rng.uniform(0.09, 0.17), rng.uniform(0.1, 0.22)
    slope = rng.uniform(0.0, 0.1)
    sketch = Sketch()
    sketch.shapes.append(symmetric((0.0, 0.0), (neck, 0.0), (wide, slope), (wide, high)))
    sketch.both_sides((0.0, drop * 0.6), (neck * 0.8, drop), (neck * 1.2, 0.0))
    if chance(rng, 0.8):
        sketch.line((0.0, drop * 0.6), (0.0, high))
    for y in np.linspace(drop + 0.1, high - 0.08, rng.integers(2, 5)):
        sketch.dot(rng.choice([0.0, 0.03]), float(y), rng.uniform(0.008, 0.02))
    if chance(rng, 0.5):
        x, y, side = wide * 0.35, high * 0.4, wide * 0.4
        sketch.line((x, y), (x + side, y), (x + side, y + side), (x, y + side), (x, y))
    return sketch


def _cut(
    rng: np.random.Generator,
    *,
    sleeve: tuple[float, float],
    steep: tuple[float, float],
    bottom: tuple[float, float],
    widest: float = 0.21,
) -> _Cut:
    shoulder = (rng.uniform(0.2, 0.32), rng.uniform(0.0, 0.1))
    angle = np.radians(rng.uniform(*steep))
    along = np.array([np.cos(angle), np.sin(angle)])
    wide, length = rng.uniform(0.11, widest), rng.uniform(*sleeve)
    out = np.array(shoulder) + length * along
    narrow = wide * rng.uniform(0.65, 1.1)
    inner = out + narrow * np.array([-along[1], along[0]])
    chest = shoulder[0] * rng.uniform(0.85, 1.05)
    armpit = (chest, shoulder[1] + wide / max(0.45, float(np.cos(angle))))
    inner = np.maximum(inner, (chest + 0.012, 0.0))
    return _Cut(
        neck=rng.uniform(0.07, 0.16),
        dip=rng.uniform(0.03, 0.16),
        shoulder=shoulder,
        cuff_out=(float(out[0]), float(out[1])),
        cuff_in=(float(inner[0]), float(inner[1])),
        armpit=armpit,
        hem=chest * rng.uniform(0.9, 1.2),
        bottom=max(rng.uniform(*bottom), armpit[1] + 0.25),
    )


def _top(cut: _Cut, rng: np.random.Generator, *, round_neck: bool) -> Sketch:
    neck = (
        curve((0.0, cut.dip), (cut.neck * 0.9, cut.dip), (cut.neck, -0.02))
        if round_neck
        else path((0.0, cut.dip), (cut.neck, -0.02))
    )
    outer, inner = _elbows(cut, rng)
    sketch = Sketch()
    sketch.shapes.append(
        symmetric(
            neck,
            cut.shoulder,
            outer,
            cut.cuff_out,
            cut.cuff_in,
            inner,
            cut.armpit,
            (cut.hem, cut.bottom),
            (0.0, cut.bottom + rng.uniform(0, 0.03)),
        )
    )
    return sketch


def _elbows(cut: _Cut, rng: np.random.Generator) -> tuple[_Point, _Point]:
    """Outer and inner elbow; now and then bent outwards."""
    bend = rng.uniform(0.04, 0.14) if chance(rng, 0.25) else 0.0
    along = np.subtract(cut.cuff_out, cut.shoulder)
    out = np.array([along[1], -along[0]]) * bend / max(float(np.hypot(*along)), 0.1)
    outer = _between(cut.shoulder, cut.cuff_out, 0.55)
    inner = _between(cut.armpit, cut.cuff_in, 0.55)
    return (outer[0] + out[0], outer[1] + out[1]), (inner[0] + out[0], inner[1] + out[1])


def _between(a: _Point, b: _Point, share: float) -> _Point:
    return a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])


def _inside(cut: _Cut, share: float) -> _Point:
    return _between(cut.cuff_in, cut.armpit, share)


def _neck_curve(cut: _Cut, drop: float) -> Points:
    wide = cut.neck + 0.6 * drop
    return curve(
        (-wide, -0.01), (-wide * 0.8, cut.dip + drop), (wide * 0.8, cut.dip + drop), (wide, -0.01)
    )


def _neck_band(sketch: Sketch, cut: _Cut, rng: np.random.Generator) -> None:
    sketch.lines.append(_neck_curve(cut, rng.uniform(0.03, 0.07)))


def _ribs(sketch: Sketch, cut: _Cut, rng: np.random.Generator) -> None:
    share = rng.uniform(0.08, 0.18)
    sketch.both_sides(_between(cut.cuff_out, cut.shoulder, share), _inside(cut, share))
    y = cut.bottom - rng.uniform(0.04, 0.09)
    sketch.line((-cut.hem, y), (cut.hem, y))


def _roll_neck(sketch: Sketch, cut: _Cut, rng: np.random.Generator) -> None:
    high, wide = rng.uniform(0.06, 0.14), cut.neck
    sketch.shape((-wide, -high), (wide, -high), (wide * 1.1, 0.04), (-wide * 1.1, 0.04))


def _hood(sketch: Sketch, cut: _Cut, rng: np.random.Generator) -> None:
    high, wide = rng.uniform(0.12, 0.25), cut.neck + rng.uniform(0.02, 0.08)
    sketch.shape(
        curve((-wide, 0.06), (-wide, -1.4 * high), (wide, -1.4 * high), (wide, 0.06)), (0.0, 0.14)
    )
    if chance(rng, 0.6):
        sketch.lines.append(
            curve(
                (-wide * 0.6, 0.05), (-wide * 0.5, -high), (wide * 0.5, -high), (wide * 0.6, 0.05)
            )
        )
    if chance(rng, 0.4):
        sketch.both_sides((0.03, 0.12), (0.04, 0.26))


def _print(sketch: Sketch, cut: _Cut, rng: np.random.Generator) -> None:
    y = cut.armpit[1] + rng.uniform(0.05, 0.15)
    if chance(rng, 0.5):
        sketch.line((-cut.armpit[0], y), (cut.armpit[0], y))
        sketch.line((-cut.armpit[0], y + 0.08), (cut.armpit[0], y + 0.08))
    else:
        angle = np.linspace(0, 2 * np.pi, 16)
        size = rng.uniform(0.05, 0.1)
        sketch.line(np.stack([size * np.cos(angle), y + size * np.sin(angle)], axis=1))


def _front(sketch: Sketch, cut: _Cut, rng: np.random.Generator) -> None:
    gap = rng.choice([0.0, 0.0, rng.uniform(0.03, 0.12)])
    if gap:
        sketch.line((0.0, cut.dip), (gap / 2, cut.bottom))
        sketch.line((0.0, cut.dip), (-gap / 2, cut.bottom))
    else:
        x = rng.choice([0.0, 0.0, 0.05])
        sketch.line((x, cut.dip), (x, cut.bottom))


def _lapels(sketch: Sketch, cut: _Cut, rng: np.random.Generator) -> None:
    low, wide = rng.uniform(0.2, 0.45), rng.uniform(0.06, 0.14)
    sketch.both_sides((cut.neck, -0.01), (cut.neck + wide * 0.4, 0.12), (wide, 0.17), (0.0, low))


def _collar(sketch: Sketch, cut: _Cut, rng: np.random.Generator) -> None:
    drop, wide = rng.uniform(0.08, 0.16), rng.uniform(0.02, 0.08)
    sketch.both_sides(
        (0.0, cut.dip), (cut.neck * 0.5 + wide, cut.dip + drop * 0.6), (cut.neck, -0.02)
    )
    if chance(rng, 0.4):
        sketch.line((-cut.neck, -0.02), (cut.neck, -0.02))


def _pockets(sketch: Sketch, cut: _Cut, rng: np.random.Generator) -> None:
    y = cut.armpit[1] + rng.uniform(0.45, 0.7) * (cut.bottom - cut.armpit[1])
    x, wide = 0.3 * cut.hem, 0.4 * cut.hem
    if chance(rng, 0.5):
        sketch.both_sides((x, y), (x + wide, y - rng.uniform(0, 0.06)))
    else:
        sketch.both_sides((x, y), (x + wide, y), (x + wide, y + 0.12), (x, y + 0.12), (x, y))


def _buttons(sketch: Sketch, cut: _Cut, rng: np.random.Generator, *, beside: float) -> None:
    count = rng.integers(2, 6)
    for y in np.linspace(cut.dip + 0.12, cut.bottom - 0.08, count):
        sketch.dot(beside, float(y), rng.uniform(0.006, 0.018))


def dress(rng: np.random.Generator) -> Sketch:
    """A bodice with straps or short sleeves, a waist, and a skirt that widens."""
    neck, chest = rng.uniform(0.07, 0.15), rng.uniform(0.16, 0.22)
    waist, low = chest * rng.uniform(0.45, 0.95), rng.uniform(0.25, 0.5)
    hem, bottom = chest * rng.uniform(1.2, 2.8), low + rng.uniform(0.4, 0.9)
    top = path((0.0, rng.uniform(0.06, 0.2)), (neck, 0.0), *_shoulder(neck, chest, rng))
    side = curve(
        (waist, low), (waist * rng.uniform(1.0, 2.0), low + 0.2), (hem, bottom - 0.1), (hem, bottom)
    )
    if chance(rng, 0.5):
        side = path((waist, low), (hem, bottom))
    sketch = Sketch()
    drop = rng.uniform(-0.08, 0.06)
    sketch.shapes.append(symmetric(top, (chest, 0.22), side, (0.0, bottom + drop)))
    _waist(sketch, waist, low, rng)
    _folds(sketch, waist, low, hem, bottom, rng)
    return sketch


def _shoulder(neck: float, chest: float, rng: np.random.Generator) -> list[tuple[float, float]]:
    kind = rng.random()
    if kind < 0.6:  # straps or no sleeves
        strap = rng.uniform(0.02, 0.08)
        return [(neck + strap, 0.0), (neck + strap, 0.1)]
    reach, drop = rng.uniform(0.1, 0.2), rng.uniform(0.08, 0.22)
    if kind > 0.9:
        reach, drop = rng.uniform(0.15, 0.35), rng.uniform(0.3, 0.5)
    return [
        (chest, 0.03),
        (chest + reach, 0.03 + drop),
        (chest + reach - 0.09, 0.08 + drop),
        (chest, 0.18),
    ]


def _waist(sketch: Sketch, waist: float, low: float, rng: np.random.Generator) -> None:
    if chance(rng, 0.65):
        sketch.line((-waist, low), (waist, low))
        if chance(rng, 0.4):
            sketch.line((-waist, low + 0.05), (waist, low + 0.05))
    if chance(rng, 0.1):
        sketch.both_sides((0.0, low), (0.08, low - 0.04), (0.08, low + 0.04), (0.0, low))


def _folds(
    sketch: Sketch, waist: float, low: float, hem: float, bottom: float, rng: np.random.Generator
) -> None:
    if chance(rng, 0.35):
        share = rng.uniform(0.3, 0.6)
        sketch.both_sides((waist * share, low + 0.1), (hem * share, bottom - 0.02))
    if chance(rng, 0.2):
        y = low + (bottom - low) * rng.uniform(0.6, 0.9)
        wide = waist + (hem - waist) * (y - low) / (bottom - low)
        sketch.line((-wide, y), (wide, y))


def trousers(rng: np.random.Generator) -> Sketch:
    """A waist and two legs, narrow or wide."""
    waist, hip = rng.uniform(0.16, 0.24), rng.uniform(0.2, 0.28)
    bottom, crotch = rng.uniform(0.85, 1.25), rng.uniform(0.26, 0.42)
    spread = hip * rng.uniform(0.85, 1.6)
    leg = rng.uniform(0.11, 0.22)
    inner = max(0.015, spread - leg)
    sketch = Sketch()
    sketch.shapes.append(
        symmetric(
            (0.0, rng.uniform(0.0, 0.02)),
            (waist, 0.0),
            (hip, crotch * 0.8),
            (spread, bottom),
            (inner, bottom),
            (rng.uniform(0.0, 0.03), crotch),
        )
    )
    _waistband(sketch, waist, hip, crotch, rng)
    if chance(rng, 0.25):
        y = bottom - rng.uniform(0.05, 0.12)
        sketch.both_sides((inner, y), (spread, y))
    return sketch


def _waistband(
    sketch: Sketch, waist: float, hip: float, crotch: float, rng: np.random.Generator
) -> None:
    if chance(rng, 0.6):
        y = rng.uniform(0.05, 0.09)
        sketch.line((-waist * 1.03, y), (waist * 1.03, y))
    if chance(rng, 0.55):
        sketch.line((0.0, 0.02), (0.0, crotch))
        if chance(rng, 0.4):
            sketch.lines.append(curve((0.0, crotch * 0.75), (0.06, crotch * 0.7), (0.06, 0.07)))
    if chance(rng, 0.5):
        sketch.both_sides(curve((waist * 0.5, 0.07), (waist * 0.55, 0.17), (hip * 0.97, 0.18)))
    if chance(rng, 0.15):
        sketch.dot(0.0, 0.035, 0.012)
    if chance(rng, 0.1):
        knee = np.array([0.6, 0.65]) * 1.0
        sketch.both_sides((hip * 0.4, float(knee[0])), (hip * 0.9, float(knee[0])))
