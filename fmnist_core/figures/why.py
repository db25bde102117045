"""Where a network looked and what it finds alike, as one piece of HTML."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray

from fmnist_core.figures.images import data_url
from fmnist_core.figures.palette import Palette
from fmnist_core.figures.thumbnail import thumbnail_url

Neighbour = tuple[NDArray[np.uint8], str, str]


def why_html(
    heat: NDArray[np.uint8] | None,
    answer: str,
    neighbours: Sequence[Neighbour],
    palette: Palette,
) -> str:
    """The heat map on the left, the neighbours beside it, a sentence to each.

    Args:
        heat: uint8 (h, w, 3), the input with its heat; None for a network that gives none.
        answer: The class that the heat speaks for.
        neighbours: Training images uint8 (28, 28), the names of their classes, their colours.
    """
    return f'{_style(palette)}<div class="why">{_heat(heat, answer)}{_alike(neighbours)}</div>'


def _heat(heat: NDArray[np.uint8] | None, answer: str) -> str:
    if heat is None:
        return ""
    return (
        f'<figure class="heat"><img src="{thumbnail_url(heat, 224)}" '
        'alt="Heat map over the network\'s input"><figcaption>Warm is what speaks for '
        f"<b>{escape(answer)}</b>.</figcaption></figure>"
    )


def _alike(neighbours: Sequence[Neighbour]) -> str:
    if not neighbours:
        return ""
    return (
        f'<div class="alike"><div class="row">{"".join(_one(*each) for each in neighbours)}</div>'
        "<p>The five training images that it finds most alike, nearest first: not by their pixels, "
        "but by what its last layers make of them.</p></div>"
    )


def _one(image: NDArray[np.uint8], name: str, colour: str) -> str:
    text = escape(name)
    return (
        f'<figure><img src="{data_url(image)}" alt="{text}" style="border-bottom-color:{colour}">'
        f"<figcaption>{text}</figcaption></figure>"
    )


def _style(palette: Palette) -> str:
    return f"""<style>
.why {{ display: flex; gap: 20px; flex-wrap: wrap; font-size: .8rem; min-height: 11rem; }}
.why figure {{ margin: 0; min-width: 0; }}
.why img {{ display: block; width: 100%; image-rendering: pixelated; border-radius: 4px; }}
.why .heat {{ flex: 0 0 140px; }}
.why .heat img {{ image-rendering: auto; border: 1px solid {palette.grid}; }}
.why figcaption, .why p {{ font-size: .8rem; opacity: .8; margin: 4px 0 0; line-height: 1.35; }}
.why .alike {{ flex: 1 1 280px; max-width: 34rem; }}
.why .row {{ display: grid; grid-template-columns: repeat(5, minmax(0, 1fr)); gap: 8px; }}
.why .row img {{ border-bottom: 3px solid; }}
.why .row figcaption {{ text-align: center; white-space: nowrap; overflow: hidden;
  text-overflow: ellipsis; font-size: .72rem; }}
</style>"""
