"""The image that goes through a network, beside the network's answer."""

from __future__ import annotations

from html import escape

import numpy as np
from numpy.typing import NDArray

from fmnist_core.figures.cards import bar_html
from fmnist_core.figures.images import data_url
from fmnist_core.figures.palette import Palette, mix

_SHOWN = 3


def chosen_html(
    image: NDArray[np.uint8],
    name: str,
    truth: str,
    probabilities: NDArray[np.float32],
    palette: Palette,
) -> str:
    """The image on the left, its name and the three likeliest classes beside it.

    Args:
        image: uint8 (28, 28).
        name: For people; may hold anything.
        truth: Its true class, empty where it is not known.
        probabilities: float32 (10,), of the network's answer; empty where it is not known.
    """
    best = np.argsort(probabilities)[::-1][:_SHOWN]
    bars = "".join(bar_html("said", int(number), float(probabilities[number])) for number in best)
    really = f" · really {escape(truth)}" if truth else ""
    return (
        f'{_style(palette)}<div class="chosen"><img src="{data_url(image)}" alt="{escape(name)}">'
        f'<div><p class="name">{escape(name)}{really}</p>{bars}</div></div>'
    )


def _style(palette: Palette) -> str:
    quiet = mix(palette.background, palette.text, 0.08)
    return f"""<style>
.chosen {{ display: grid; grid-template-columns: 112px minmax(0, 26rem); gap: 18px;
  align-items: center; }}
.chosen img {{ width: 112px; height: 112px; image-rendering: pixelated; border-radius: 6px; }}
.chosen p {{ margin: 0 0 .35rem; font-size: .9rem; opacity: .85; overflow-wrap: anywhere; }}
.chosen .said {{ display: grid; grid-template-columns: 6em 1fr 3.4em; align-items: center;
  gap: 10px; line-height: 1.7; font-size: .85rem; }}
.chosen .track {{ background: {quiet}; border-radius: 4px; height: 10px; overflow: hidden; }}
.chosen .track i {{ display: block; height: 100%; min-width: 1px; border-radius: 4px; }}
.chosen .share {{ text-align: right; opacity: .85; font-variant-numeric: tabular-nums; }}
</style>"""
