"""Images with what a network said about them, as one piece of HTML.

One block in place of some forty widgets: a browser lays it out at once and it follows the width.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

import numpy as np
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_COLOURS, CLASS_NAMES
from fmnist_core.evaluation.predictions import Predictions
from fmnist_core.figures.images import data_url
from fmnist_core.figures.palette import Palette, mix


def prediction_cards(
    images: NDArray[np.uint8],
    said: Predictions,
    indices: Iterable[int],
    palette: Palette,
    *,
    pickable: bool = False,
    before: Predictions | None = None,
) -> str:
    """A card for each of `indices`: image, verdict, probability, the three likeliest classes.

    Args:
        images: uint8 (n, 28, 28), in the order of `said`.
        pickable: Whether a card says which it is (`data-pick`), for a page that lets one choose;
            beside something else there are as many in a row as there is room for.
        before: What another network said about the same images, for a line on each card.
    """
    cards = "".join(
        _card(images[index], said, int(index), palette, pickable, before) for index in indices
    )
    grid = f'<div class="cards">{cards}</div>'
    return _style(palette) + (f'<div class="cards-room">{grid}</div>' if pickable else grid)


def _card(
    image: NDArray[np.uint8],
    said: Predictions,
    index: int,
    palette: Palette,
    pickable: bool,
    before: Predictions | None,
) -> str:
    true, predicted = int(said.labels[index]), int(said.predicted[index])
    right = true == predicted
    sure = said.probabilities[index, predicted]
    really = "recognised" if right else f"really {escape(CLASS_NAMES[true])}"
    title = (
        f'<p class="verdict" style="color:{palette.good if right else palette.bad}">'
        f"<span>{'✓' if right else '✗'} {escape(CLASS_NAMES[predicted])}</span>"
        f"<span>{per_cent(sure)}</span></p>"
    )
    bars = "".join(bar_html("bar", number, share) for number, share in said.top(index))
    if before is not None:
        really = f"{really}<br>{_before(before, index)}"
    alt = f"Test image {index}: {escape(CLASS_NAMES[true])}"
    pick = f' data-pick="{index}"' if pickable else ""
    return (
        f'<figure class="card"{pick}><img src="{data_url(image)}" alt="{alt}" title="{alt}">'
        f'<figcaption>{title}<p class="really">{really}</p>{bars}</figcaption></figure>'
    )


def _before(said: Predictions, index: int) -> str:
    predicted = int(said.predicted[index])
    sure = per_cent(float(said.probabilities[index, predicted]))
    return f"other run: {escape(CLASS_NAMES[predicted])}, {sure}"


def bar_html(kind: str, number: int, share: float) -> str:
    """A class's name, its probability as a bar in its colour, and in per cent.

    Args:
        kind: Its class in the style sheet of the page it is for.
        number: 0 to 9.
        share: 0 to 1.
    """
    return (
        f'<div class="{kind}"><span class="name">{escape(CLASS_NAMES[number])}</span>'
        f'<span class="track"><i style="width:{100 * share:.1f}%;'
        f'background:{CLASS_COLOURS[number]}"></i></span>'
        f'<span class="share">{per_cent(share)}</span></div>'
    )


def per_cent(share: float) -> str:
    """A probability for people: never a rounded 100 % or 0 % that is not quite so."""
    if share >= 0.995:
        return "> 99 %" if share < 1 else "100 %"
    return f"{100 * share:.0f} %" if share >= 0.005 else "< 1 %"


def _style(palette: Palette) -> str:
    quiet = mix(palette.background, palette.text, 0.08)
    return f"""<style>
.cards {{ display: grid; gap: 14px; grid-template-columns: repeat(4, minmax(0, 1fr)); }}
.cards .card {{ margin: 0; border: 1px solid {palette.grid}; border-radius: 8px; padding: 10px;
  display: flex; flex-direction: column; }}
.cards img {{ width: 100%; max-width: 224px; aspect-ratio: 1; image-rendering: pixelated;
  border-radius: 4px; margin: 0 auto 8px; display: block; background: #000; }}
.cards p {{ margin: 0; line-height: 1.3; }}
.cards .verdict {{ display: flex; justify-content: space-between; gap: 6px; font-weight: 600; }}
.cards .verdict span:last-child {{ white-space: nowrap; font-variant-numeric: tabular-nums; }}
.cards .really {{ font-size: .82rem; opacity: .75; margin-bottom: 6px; }}
.cards .bar {{ display: grid; grid-template-columns: 5.2em 1fr 3.2em; align-items: center;
  gap: 6px; font-size: .75rem; line-height: 1.55; }}
.cards .name {{ white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }}
.cards .track {{ background: {quiet}; border-radius: 3px; height: 7px; overflow: hidden; }}
.cards .track i {{ display: block; height: 100%; min-width: 1px; }}
.cards .share {{ text-align: right; opacity: .8; font-variant-numeric: tabular-nums; }}
@media (min-width: 1700px) {{ .cards {{ grid-template-columns: repeat(8, minmax(0, 1fr)); }} }}
@media (max-width: 1000px) {{ .cards {{ grid-template-columns: repeat(3, minmax(0, 1fr)); }} }}
@media (max-width: 640px) {{
  .cards {{ grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 8px; }}
  .cards .card {{ padding: 8px; }}
  .cards .bar {{ grid-template-columns: 5.4em 1fr 2.9em; gap: 4px; font-size: .68rem; }}
}}
.cards-room {{ container-type: inline-size; }}
@container (max-width: 800px) {{
  .cards {{ grid-template-columns: repeat(auto-fill, minmax(min(160px, 46%), 1fr)); }}
}}
</style>"""
