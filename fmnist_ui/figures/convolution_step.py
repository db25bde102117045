"""One number of a convolution, from its patch to what becomes of it, as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

from fmnist_ui.figures.chart import Palette
from fmnist_ui.figures.heat_map import largest, signed_colour, text_colour
from fmnist_ui.figures.number_grid import grid_style, number_grid, written

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
    parts = (
        number_grid(operands.patch, "What it reads", patch, palette, inside=operands.inside),
        '<span class="sign">×</span>',
        number_grid(operands.kernel, "The filter's weights", kernel, palette),
        '<span class="sign">=</span>',
        number_grid(products, "Products", product, palette, inside=operands.inside),
        f'<span class="sign">Σ {written(float(products.sum()))}</span>',
    )
    return f'{grid_style(palette)}{_style(palette)}<div class="operands">{"".join(parts)}</div>'


def channel_bars_html(sums: NDArray[np.floating], palette: Palette) -> str:
    """What each input channel adds to the sum, the strongest first; each can be picked."""
    order = np.argsort(-np.abs(sums), kind="stable")[:_SHOWN_CHANNELS]
    most = largest(sums)
    bars = "".join(_bar(int(channel), float(sums[channel]), most, palette) for channel in order)
    return f'{_style(palette)}<div class="adds">{bars}</div>'


def stages_html(stages: Sequence[Stage], palette: Palette) -> str:
    """The number's way, from left to right; it wraps where the page is narrow."""
    most = max((abs(stage.value) for stage in stages if np.isfinite(stage.value)), default=0.0)
    parts = '<span class="sign">→</span>'.join(_stage(stage, most, palette) for stage in stages)
    return f'{grid_style(palette)}{_style(palette)}<div class="stages">{parts}</div>'


def _bar(channel: int, value: float, most: float, palette: Palette) -> str:
    share = 0.0 if not most > 0 or not np.isfinite(value) else 50 * abs(value) / most
    side = "left" if value >= 0 else "right"
    colour = palette.accent if value >= 0 else palette.second
    return (
        f'<div class="add" data-pick="{channel}"><span>channel {channel}</span>'
        f'<span class="track"><i style="{side}:50%;width:{share:.1f}%;background:{colour}"></i>'
        f"</span><span>{written(value)}</span></div>"
    )


def _stage(stage: Stage, most: float, palette: Palette) -> str:
    grid = "" if stage.window is None else _window(stage, palette)
    colours = (
        f"background:{signed_colour(stage.value, most, palette)};"
        f"color:{text_colour(stage.value, most, palette)}"
    )
    return (
        f'<div class="stage"><small>{escape(stage.title)}</small>{grid}'
        f'<strong style="{colours}" title="{stage.value:.9g}">{written(stage.value)}</strong>'
        f"<small>{escape(stage.words)}</small></div>"
    )


def _window(stage: Stage, palette: Palette) -> str:
    window = stage.window
    if window is None or max(window.shape) > 3:
        return ""
    return number_grid(window, "", largest(window), palette, marked=stage.own)


def _style(palette: Palette) -> str:
    return f"""<style>
.operands, .stages {{ display: flex; flex-wrap: wrap; align-items: center; gap: 10px 14px; }}
.operands .sign, .stages .sign {{ font-size: 1.1rem; opacity: .7; white-space: nowrap;
  font-variant-numeric: tabular-nums; }}
.stage {{ display: grid; gap: 4px; justify-items: center; text-align: center; max-width: 11rem; }}
.stage small {{ font-size: .76rem; opacity: .8; line-height: 1.25; }}
.stage strong {{ font-weight: 600; font-size: 1.05rem; padding: .3rem .7rem; border-radius: 6px;
  border: 1px solid {palette.grid}; font-variant-numeric: tabular-nums; }}
.stage .numbers figcaption {{ display: none; }}
.adds {{ display: grid; gap: 3px; max-width: 30rem; font-size: .82rem; }}
.add {{ display: grid; grid-template-columns: 6.2rem 1fr 4.2rem; gap: 10px; align-items: center;
  padding: 2px 6px; border: 1px solid transparent; border-radius: 4px; }}
.add .track {{ position: relative; height: 12px; border-left: 0; background:
  linear-gradient({palette.grid}, {palette.grid}) 50% 0 / 1px 100% no-repeat; }}
.add .track i {{ position: absolute; top: 1px; bottom: 1px; min-width: 1px; border-radius: 2px; }}
.add span:last-child {{ text-align: right; font-variant-numeric: tabular-nums; }}
</style>"""
