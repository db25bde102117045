"""The same network whole and broken: accuracy and one answer, before and after, as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fmnist_core.figures.cards import bar_html
from fmnist_core.figures.images import data_url
from fmnist_core.figures.palette import Palette, mix

_SHOWN = 3


@dataclass(frozen=True)
class Measured:
    """An accuracy with its 95 % interval, all 0 to 1."""

    title: str
    accuracy: float
    interval: tuple[float, float]


@dataclass(frozen=True, eq=False)
class Answered:
    """An image uint8 (28, 28) as a network got it, and its probabilities float32 (10,)."""

    title: str
    image: NDArray[np.uint8]
    probabilities: NDArray[np.floating]


def accuracies_html(rows: Sequence[Measured], palette: Palette) -> str:
    """A bar for each accuracy from 0 to 100 %, with its interval as a line on it."""
    bars = "".join(_measured(row) for row in rows)
    return f'{_style(palette)}<div class="accuracies">{bars}</div>'


def answers_html(answers: Sequence[Answered], palette: Palette) -> str:
    """The images side by side, the classes that are likeliest in any of them below each."""
    best = [np.argsort(-each.probabilities, kind="stable")[:_SHOWN] for each in answers]
    classes = list(dict.fromkeys(int(number) for row in best for number in row))
    parts = "".join(_answered(each, classes) for each in answers)
    return f'{_style(palette)}<div class="twice">{parts}</div>'


def _measured(row: Measured) -> str:
    low, high = row.interval
    return (
        f'<div class="acc"><span>{row.title}</span><span class="track">'
        f'<i style="width:{100 * row.accuracy:.2f}%"></i>'
        f'<u style="left:{100 * low:.2f}%;width:{100 * (high - low):.2f}%"></u></span>'
        f"<span><b>{100 * row.accuracy:.1f} %</b> "
        f"<small>{100 * low:.1f} to {100 * high:.1f}</small></span></div>"
    )


def _answered(answer: Answered, classes: Sequence[int]) -> str:
    bars = "".join(
        bar_html("likely", number, float(answer.probabilities[number])) for number in classes
    )
    return (
        f'<figure><figcaption>{answer.title}</figcaption><img src="{data_url(answer.image)}" '
        f'alt="{answer.title}: the image as the network gets it">{bars}</figure>'
    )


def _style(palette: Palette) -> str:
    quiet = mix(palette.background, palette.text, 0.08)
    return f"""<style>
.accuracies {{ display: grid; gap: 8px; max-width: 44rem; }}
.acc {{ display: grid; grid-template-columns: 5rem 1fr 9.5rem; gap: 12px; align-items: center; }}
.acc .track {{ position: relative; height: 20px; background: {quiet}; border-radius: 4px; }}
.acc i {{ position: absolute; inset: 0 auto 0 0; border-radius: 4px;
  background: {palette.accent}; }}
.acc + .acc i {{ background: {palette.second}; }}
.acc u {{ position: absolute; top: 8px; height: 4px; background: {palette.text}; opacity: .7;
  border-radius: 2px; min-width: 2px; }}
.acc b {{ font-variant-numeric: tabular-nums; }}
.acc small {{ opacity: .75; font-variant-numeric: tabular-nums; white-space: nowrap; }}
.twice {{ display: grid; grid-template-columns: 1fr 1fr; gap: 40px; max-width: 48rem; }}
.twice figure {{ margin: 0; min-width: 0; }}
.twice img {{ width: 112px; height: 112px; image-rendering: pixelated; border-radius: 6px;
  background: #000; margin: 4px 0 8px; display: block; }}
.twice figcaption {{ font-weight: 600; font-size: .9rem; }}
.twice .likely {{ display: grid; grid-template-columns: 6em 1fr 3.4em; align-items: center;
  gap: 10px; line-height: 1.7; font-size: .85rem; }}
.twice .track {{ background: {quiet}; border-radius: 4px; height: 10px; overflow: hidden; }}
.twice .track i {{ display: block; height: 100%; min-width: 1px; border-radius: 4px; }}
.twice .share {{ text-align: right; opacity: .85; font-variant-numeric: tabular-nums; }}
@media (max-width: 640px) {{
  .twice {{ gap: 18px; }}
  .acc {{ grid-template-columns: 1fr auto; }} .acc .track {{ grid-column: 1 / -1; order: 3; }}
  .twice .likely {{ grid-template-columns: 1fr 3em; gap: 0 4px; }}
  .twice .likely .track {{ grid-column: 1 / -1; order: 3; }}
}}
</style>"""
