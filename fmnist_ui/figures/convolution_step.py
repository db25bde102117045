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
from fmnist_ui.figures.number_grid import number_grid, written

_SHOWN_CHANNELS = 10


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
        number_grid(operands.patch, "What it reads", patch, palette, inside=operands.inside),
        number_grid(operands.kernel, "The filter's weights", kernel, palette),
        number_grid(products, "Products", product, palette, inside=operands.inside),
        written(float(products.sum())),
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
    return channel, side, share, colour, written(value)


def _stage(stage: Stage, most: float, palette: Palette) -> tuple[Any, ...]:
    """The stage, its grid where there is one, background, ink and number."""
    colours = signed_colour(stage.value, most, palette), text_colour(stage.value, most, palette)
    grid, window = None, stage.window
    if window is not None and max(window.shape) <= 3:
        grid = number_grid(window, "", largest(window), palette, marked=stage.own)
    return stage, grid, *colours, written(stage.value)
