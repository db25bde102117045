"""One number of a convolution, from its patch to what becomes of it, as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_ui.figures.cards import card_html
from fmnist_ui.figures.chart import Palette
from fmnist_ui.figures.heat_map import largest, signed_colour, text_colour
from fmnist_ui.words import significant

_SHOWN_CHANNELS = 10
# Up to here a number has room for two decimals; larger grids leave them to the pointer.
_NUMBERED = 7

Cell = tuple[str, str, str, str, str]


@dataclass(frozen=True, eq=False)
class Operands:
    """What is multiplied, for one input channel: (k, k) each, with the sizes of full colours.

    Attributes:
        inside: false where the patch lies beyond the edge.
        most: Of the patch, the kernel and the products.
    """

    patch: NDArray[np.floating]
    kernel: NDArray[np.floating]
    inside: NDArray[np.bool_]
    most: tuple[float, float, float]


@dataclass(frozen=True, eq=False)
class Stage:
    """A number on its way: what was done, in words, the number then, and a grid it was pooled in.

    Attributes:
        window: (h, w), the pooled numbers; None for any other stage.
        own: Where in it the number is.
    """

    title: str
    words: str
    value: float
    window: NDArray[np.floating] | None = None
    own: tuple[int, int] | None = None


def operands_html(operands: Operands, palette: Palette) -> str:
    """Patch times kernel is products: three numbered grids."""
    products = operands.patch.astype(np.float64) * operands.kernel
    patch, kernel, product = operands.most
    return card_html(
        "operands",
        palette,
        _number_grid(operands.patch, "Input patch", patch, palette, inside=operands.inside),
        _number_grid(operands.kernel, "Filter weights", kernel, palette),
        _number_grid(products, "Products", product, palette, inside=operands.inside),
        significant(float(products.sum())),
    )


def channel_bars_html(sums: NDArray[np.floating], palette: Palette) -> str:
    """What each input channel adds to the sum, the strongest first; each can be picked."""
    order = np.argsort(-np.abs(sums), kind="stable")[:_SHOWN_CHANNELS]
    most = largest(sums)
    bars = [_bar(int(channel), float(sums[channel]), most, palette) for channel in order]
    return card_html("channels", palette, bars)


def stages_html(stages: Sequence[Stage], palette: Palette) -> str:
    """The number's way, from left to right; it wraps where the page is narrow."""
    most = max((abs(stage.value) for stage in stages if np.isfinite(stage.value)), default=0.0)
    return card_html("stages", palette, [_stage(stage, most, palette) for stage in stages])


def _bar(
    channel: int, value: float, most: float, palette: Palette
) -> tuple[int, str, float, str, str]:
    share = 0.0 if not most > 0 or not np.isfinite(value) else 50 * abs(value) / most
    side, colour = ("left", palette.accent) if value >= 0 else ("right", palette.second)
    return channel, side, share, colour, significant(value)


def _stage(stage: Stage, most: float, palette: Palette) -> tuple[Any, ...]:
    """The stage, its grid where there is one, background, ink and number."""
    colours = signed_colour(stage.value, most, palette), text_colour(stage.value, most, palette)
    grid, window = None, stage.window
    if window is not None and max(window.shape) <= 3:
        grid = _number_grid(window, "", largest(window), palette, marked=stage.own)
    return stage, grid, *colours, significant(stage.value)


def _number_grid(
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


def _cell(
    value: float, most: float, palette: Palette, *, beyond: bool, marked: bool, written: bool
) -> Cell:
    classes = " ".join(name for name, on in (("beyond", beyond), ("marked", marked)) if on)
    text = _short(value) if written else ""
    if beyond:
        return classes, "", "", "0, padding", text
    colours = signed_colour(value, most, palette), text_colour(value, most, palette)
    return classes, *colours, f"{value:.6g}", text


def _short(value: float) -> str:
    if not np.isfinite(value):
        return "–"
    if value == 0:
        return "0"
    text = f"{value:.2f}" if abs(value) < 100 else f"{value:.0f}"
    return text.replace("-", "\N{MINUS SIGN}")
