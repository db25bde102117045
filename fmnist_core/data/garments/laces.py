"""Laces, which sneakers and boots share."""

from __future__ import annotations

import numpy as np

from fmnist_core.data.garments.strokes import Line, Mask, Numbers, Pencil, Stroke


def laces(
    pencil: Pencil, tone: Numbers, *, throat: Numbers, low: Numbers, high: Numbers, visible: Mask
) -> list[Stroke]:
    """Four short slanted lines up the throat of a shoe, from height `low` to height `high`."""
    dark = tone * pencil.between(0.25, 0.6)
    other = np.where(tone > 150, dark, pencil.between(190, 255))
    strokes: list[Stroke] = []
    for share in (0.05, 0.35, 0.65, 0.95):
        x, y = throat - 3.0 + share * 4.2, low + share * (high - low)
        lace = pencil.path((x - 0.2, y - 0.1), (x + 1.7, y + 1.2))
        strokes.append(Line(lace, other, 0.6, visible))
    return strokes
