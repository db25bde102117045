"""The way from an item to the network's input, as one line of pictures."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray

from fmnist_core.figures.palette import Palette
from fmnist_core.figures.thumbnail import thumbnail_url

# Up to this side a picture is shown with hard pixels: it is what a network sees.
_PIXELS = 32


def strip_html(steps: Sequence[tuple[str, NDArray[np.uint8]]], palette: Palette) -> str:
    """Titles and pictures (uint8 (h, w) or (h, w, 3)) from left to right, arrows between them."""
    figures = "".join(_figure(title, picture) for title, picture in steps)
    return f'{_style(palette)}<div class="way">{figures}</div>'


def _figure(title: str, picture: NDArray[np.uint8]) -> str:
    kind = "pixels" if max(picture.shape[:2]) <= _PIXELS else "picture"
    text = escape(title)
    return (
        f'<figure><div class="frame"><img class="{kind}" src="{thumbnail_url(picture, 224)}" '
        f'alt="{text}"></div><figcaption>{text}</figcaption></figure>'
    )


def picture_html(picture: NDArray[np.uint8], name: str, note: str) -> str:
    """One item, large, with its name as plain text."""
    kind = "pixelated" if max(picture.shape[:2]) <= _PIXELS else "auto"
    text = escape(name)
    return (
        f'<figure style="margin:0"><img src="{thumbnail_url(picture, 384)}" alt="{text}" '
        f'style="width:100%;max-width:320px;max-height:320px;object-fit:contain;'
        f'border-radius:6px;image-rendering:{kind};display:block">'
        f'<figcaption style="font-size:.85rem;opacity:.85;padding-top:6px;overflow-wrap:anywhere">'
        f"{text}<br>{escape(note)}</figcaption></figure>"
    )


def _style(palette: Palette) -> str:
    return f"""<style>
.way {{ display: grid; grid-template-columns: repeat(auto-fill, minmax(104px, 1fr)); gap: 26px;
  max-width: 56rem; }}
.way figure {{ margin: 0; position: relative; min-width: 0; }}
.way figure + figure::before {{ content: "→"; position: absolute; left: -21px; top: 38%;
  opacity: .45; }}
.way .frame {{ aspect-ratio: 1; border: 1px solid {palette.grid}; border-radius: 6px;
  overflow: hidden; display: flex; }}
.way img {{ width: 100%; height: 100%; object-fit: contain; }}
.way .pixels {{ image-rendering: pixelated; }}
.way figcaption {{ font-size: .75rem; opacity: .8; padding-top: 4px; text-align: center; }}
/* On a phone one row to push sideways: a last step alone in a second row looks left over. */
@media (max-width: 640px) {{ .way {{ display: flex; gap: 16px; overflow-x: auto; }}
  .way figure {{ flex: 1 0 76px; max-width: 140px; }}
  .way figure + figure::before {{ left: -15px; top: 30px; }} }}
</style>"""
