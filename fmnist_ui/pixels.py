"""28x28 images as one element of a page: a grid of pictures with their names."""

from __future__ import annotations

import html
from collections.abc import Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.figures.images import data_url


def show_pictures(
    images: NDArray[np.uint8],
    captions: Sequence[str] = (),
    *,
    columns: int,
    least_width: int = 56,
    colours: Sequence[str] = (),
) -> None:
    """Draws what `pictures_html` makes of images (n, 28, 28)."""
    grid = pictures_html(
        images, captions, columns=columns, least_width=least_width, colours=colours
    )
    st.html(grid)


def pictures_html(
    images: NDArray[np.uint8],
    captions: Sequence[str] = (),
    *,
    columns: int,
    least_width: int = 56,
    colours: Sequence[str] = (),
    picks: Sequence[int] = (),
) -> str:
    """Images (n, 28, 28) in rows of at most `columns`, fewer where the screen is narrow.

    Args:
        captions: One below each image; none to leave them out.
        least_width: Pixels below which a picture is not shrunk; a row breaks instead.
        colours: A line of colour below each image, such as its class's.
        picks: Each image's number (`data-pick`), for a page that lets one choose.
    """
    gap = 8
    share = f"calc((100% - {gap * (columns - 1)}px) / {columns})"
    cells = "".join(
        _cell(image, *(_at(texts, index) for texts in (captions, colours, picks)))
        for index, image in enumerate(images)
    )
    return (
        f'<div style="display:grid;gap:{gap}px;'
        f'grid-template-columns:repeat(auto-fill,minmax(max({least_width}px,{share}),1fr))">'
        f"{cells}</div>"
    )


def _at(texts: Sequence[str | int], index: int) -> str:
    return str(texts[index]) if texts else ""


def _cell(image: NDArray[np.uint8], caption: str, colour: str, pick: str) -> str:
    line = f"border-bottom:3px solid {colour};" if colour else ""
    text = html.escape(caption)
    below = f'<figcaption style="{_CAPTION}">{text}</figcaption>' if caption else ""
    chosen = f' data-pick="{pick}"' if pick else ""
    return (
        f'<figure style="margin:0;min-width:0;border-radius:4px"{chosen}>'
        f'<img src="{data_url(image)}" alt="{text}" style="{_IMAGE}{line}">{below}</figure>'
    )


_IMAGE = "width:100%;display:block;image-rendering:pixelated;border-radius:4px;"
_CAPTION = (
    "font-size:.75rem;opacity:.8;text-align:center;white-space:nowrap;overflow:hidden;"
    "text-overflow:ellipsis;padding-top:2px"
)
