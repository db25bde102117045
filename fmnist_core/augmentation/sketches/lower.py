"""Dresses and trousers."""

from __future__ import annotations

import numpy as np

from fmnist_core.augmentation.sketches.sketch import Sketch, chance, curve, path, symmetric


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
