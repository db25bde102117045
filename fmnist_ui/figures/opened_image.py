"""One image at its size on a page, and all that a network finds likely for it."""

from __future__ import annotations

from html import escape

import numpy as np
from numpy.typing import NDArray

from fmnist_core.images import data_url
from fmnist_ui.figures.cards import bar_html
from fmnist_ui.figures.chart import Palette, mix


def opened_html(
    image: NDArray[np.uint8], probabilities: NDArray[np.float32], alt: str, palette: Palette
) -> str:
    """The image on the left; a bar for each class beside it, in class order.

    Args:
        image: uint8 (28, 28).
        probabilities: float32 (10,).
        alt: What it is, in words.
    """
    bars = "".join(bar_html("bar", number, float(p)) for number, p in enumerate(probabilities))
    return (
        f'{_style(palette)}<div class="opened"><img src="{data_url(image)}" alt="{escape(alt)}">'
        f"<div>{bars}</div></div>"
    )


def _style(palette: Palette) -> str:
    quiet = mix(palette.background, palette.text, 0.08)
    return f"""<style>
.opened {{ display: flex; gap: 16px; align-items: center; }}
.opened img {{ flex: 0 1 140px; min-width: 90px; aspect-ratio: 1; image-rendering: pixelated;
  border-radius: 4px; background: #000; }}
.opened > div {{ flex: 1; min-width: 0; }}
.opened .bar {{ display: grid; grid-template-columns: 6.4em 1fr 3.2em; align-items: center;
  gap: 6px; font-size: .75rem; line-height: 1.4; }}
.opened .name {{ white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }}
.opened .track {{ background: {quiet}; border-radius: 3px; height: 7px; overflow: hidden; }}
.opened .track i {{ display: block; height: 100%; min-width: 1px; }}
.opened .share {{ text-align: right; opacity: .8; font-variant-numeric: tabular-nums; }}
</style>"""
