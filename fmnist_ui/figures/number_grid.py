"""A few numbers as coloured squares with the numbers in them."""

from __future__ import annotations

from html import escape

import numpy as np
from numpy.typing import NDArray

from fmnist_ui.figures.chart import Palette
from fmnist_ui.figures.heat_map import signed_colour, text_colour

# Up to here a number has room for two decimals; larger grids leave them to the pointer.
_NUMBERED = 7


def number_grid(
    values: NDArray[np.floating],
    title: str,
    most: float,
    palette: Palette,
    *,
    inside: NDArray[np.bool_] | None = None,
    marked: tuple[int, int] | None = None,
) -> str:
    """One grid of HTML; its style is `grid_style`.

    Args:
        values: (h, w).
        title: Above it.
        most: The size of a number that has the full colour.
        inside: (h, w), false where a zero stands for what lies beyond an edge.
        marked: Row and column with a frame around it.
    """
    height, width = values.shape
    side = max(height, width)
    cells = "".join(
        _cell(
            float(values[row, column]),
            most,
            palette,
            beyond=inside is not None and not inside[row, column],
            marked=marked == (row, column),
            written=side <= _NUMBERED,
        )
        for row in range(height)
        for column in range(width)
    )
    size = "large" if side <= 3 else "small" if side <= _NUMBERED else "bare"
    return (
        f'<figure class="numbers {size}"><figcaption>{escape(title)}</figcaption>'
        f'<div style="grid-template-columns:repeat({width},1fr)">{cells}</div></figure>'
    )


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


def grid_style(palette: Palette) -> str:
    """The style of all grids on a page."""
    hatch = f"repeating-linear-gradient(45deg, {palette.grid} 0 1px, transparent 1px 5px)"
    return f"""<style>
.numbers {{ margin: 0; min-width: 0; }}
.numbers figcaption {{ font-size: .8rem; opacity: .8; margin-bottom: 4px; }}
.numbers > div {{ display: grid; gap: 2px; width: max-content; }}
.numbers b {{ display: grid; place-items: center; font-weight: 400; border-radius: 3px;
  font-variant-numeric: tabular-nums; letter-spacing: -.02em; }}
.numbers.large b {{ width: 3.4rem; height: 2.6rem; font-size: .85rem; }}
.numbers.small b {{ width: 2.3rem; height: 1.8rem; font-size: .66rem; }}
.numbers.bare b {{ width: 1.2rem; height: 1.2rem; border-radius: 2px; }}
.numbers b.beyond {{ background: {hatch}; opacity: .75; }}
.numbers b.marked {{ outline: 2px solid {palette.text}; outline-offset: -1px; }}
@media (max-width: 640px) {{ .numbers.small b {{ width: 1.9rem; height: 1.5rem; }} }}
</style>"""


def _cell(
    value: float, most: float, palette: Palette, *, beyond: bool, marked: bool, written: bool
) -> str:
    classes = " ".join(name for name, on in (("beyond", beyond), ("marked", marked)) if on)
    colours = (
        ""
        if beyond
        else f"background:{signed_colour(value, most, palette)};"
        f"color:{text_colour(value, most, palette)}"
    )
    hint = "0, beyond the edge" if beyond else f"{value:.6g}"
    text = _short(value) if written else ""
    return f'<b class="{classes}" style="{colours}" title="{hint}">{text}</b>'


def _short(value: float) -> str:
    if not np.isfinite(value):
        return "–"
    if value == 0:
        return "0"
    text = f"{value:.2f}" if abs(value) < 100 else f"{value:.0f}"
    return text.replace("-", "\N{MINUS SIGN}")
