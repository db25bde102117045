"""A few numbers as coloured squares with the numbers in them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fmnist_ui.figures.chart import Palette
from fmnist_ui.figures.heat_map import signed_colour, text_colour

# Up to here a number has room for two decimals; larger grids leave them to the pointer.
_NUMBERED = 7

Cell = tuple[str, str, str, str, str]


def number_grid(
    values: NDArray[np.floating],
    title: str,
    most: float,
    palette: Palette,
    *,
    inside: NDArray[np.bool_] | None = None,
    marked: tuple[int, int] | None = None,
) -> tuple[str, str, int, list[Cell]]:
    """One grid, as the macro `numbers` of `cards.html` takes it.

    Args:
        values: (h, w).
        title: Above it.
        most: The size of a number that has the full colour.
        inside: (h, w), false where a zero stands for what lies beyond an edge.
        marked: Row and column with a frame around it.
    """
    side = max(values.shape)
    cells = [
        _cell(
            float(value),
            most,
            palette,
            beyond=inside is not None and not inside[place],
            marked=marked == place,
            written=side <= _NUMBERED,
        )
        for place, value in np.ndenumerate(values)
    ]
    size = "large" if side <= 3 else "small" if side <= _NUMBERED else "bare"
    return title, size, values.shape[1], cells


def written(value: float) -> str:
    """A number for people: about three figures, and a true minus."""
    if not np.isfinite(value):
        return "no number"
    if value == 0:
        return "0"
    size = abs(value)
    if size >= 1e4 or size < 5e-4:
        text = f"{value:.1e}"
    else:
        text = f"{value:.0f}" if size >= 1000 else f"{value:.3g}" if size >= 1 else f"{value:.3f}"
    return text.replace("-", "\N{MINUS SIGN}")


def _cell(
    value: float, most: float, palette: Palette, *, beyond: bool, marked: bool, written: bool
) -> Cell:
    classes = " ".join(name for name, on in (("beyond", beyond), ("marked", marked)) if on)
    text = _short(value) if written else ""
    if beyond:
        return classes, "", "", "0, beyond the edge", text
    colours = signed_colour(value, most, palette), text_colour(value, most, palette)
    return classes, *colours, f"{value:.6g}", text


def _short(value: float) -> str:
    if not np.isfinite(value):
        return "–"
    if value == 0:
        return "0"
    text = f"{value:.2f}" if abs(value) < 100 else f"{value:.0f}"
    return text.replace("-", "\N{MINUS SIGN}")
