"""What a network says about one item, as one piece of HTML."""

from __future__ import annotations

from html import escape

import numpy as np
from numpy.typing import NDArray

from fmnist_core.figures.cards import bar_html
from fmnist_core.figures.palette import Palette, mix

_SHOWN = 3


def answer_html(
    title: str,
    words: str,
    probabilities: NDArray[np.float32],
    of: str,
    palette: Palette,
    *,
    faded: bool = False,
) -> str:
    """A verdict, a sentence, and the three likeliest classes as bars in their colours.

    Always equally high, so that nothing below moves while one draws.

    Args:
        probabilities: float32 (10,).
        of: Which input it is about, kept in the HTML: two inputs may get the same answer.
        faded: Whether the bars count for little, as for what is no clothing.
    """
    best = np.argsort(probabilities)[::-1][:_SHOWN]
    bars = "".join(bar_html("likely", int(number), float(probabilities[number])) for number in best)
    kind = "answer faded" if faded else "answer"
    return (
        f'{_style(palette)}<div class="{kind}" role="status" data-of="{escape(of)}">'
        f'<p class="title">{escape(title)}</p><p class="words">{escape(words)}</p>{bars}</div>'
    )


def _style(palette: Palette) -> str:
    quiet = mix(palette.background, palette.text, 0.08)
    return f"""<style>
.answer {{ min-height: 11.2rem; }}
.answer p {{ margin: 0; line-height: 1.25; }}
.answer .title {{ font-family: Fraunces, serif; font-weight: 550; font-size: 1.7rem; }}
.answer .words {{ opacity: .8; min-height: 2.5em; margin: .15rem 0 .6rem; max-width: 34rem; }}
.likely {{ display: grid; grid-template-columns: 6.4em 1fr 3.4em; align-items: center; gap: 10px;
  line-height: 1.9; max-width: 34rem; }}
.faded .likely {{ opacity: .4; }}
.likely .track {{ background: {quiet}; border-radius: 4px; height: 14px; overflow: hidden; }}
.likely .track i {{ display: block; height: 100%; min-width: 1px; border-radius: 4px;
  transition: width .15s ease; }}
.likely .share {{ text-align: right; opacity: .85; font-variant-numeric: tabular-nums; }}
</style>"""
