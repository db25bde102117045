"""Images with a network's predictions as HTML: cards, one answer, comparisons, explanations.

One block in place of some forty widgets: a browser lays it out at once and it follows the width.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_COLOURS, CLASS_NAMES
from fmnist_core.evaluation.predictions import Predictions
from fmnist_core.images import data_url, thumbnail_url
from fmnist_ui.figures.chart import Palette, mix

Neighbour = tuple[NDArray[np.uint8], str, str]

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


@dataclass(frozen=True, eq=False)
class Compared:
    """One network: its name, its verdict in a word, its probabilities float32 (10,)."""

    name: str
    verdict: str
    probabilities: NDArray[np.float32]


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
        f'{_answer_style(palette)}<div class="{kind}" role="status" data-of="{escape(of)}">'
        f'<p class="title">{escape(title)}</p><p class="words">{escape(words)}</p>{bars}</div>'
    )


def _answer_style(palette: Palette) -> str:
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
        f'{_chosen_style(palette)}<div class="chosen">'
        f'<img src="{data_url(image)}" alt="{escape(name)}">'
        f'<div><p class="name">{escape(name)}{really}</p>{bars}</div></div>'
    )


def _chosen_style(palette: Palette) -> str:
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


def compared_html(rows: Sequence[Compared], palette: Palette) -> str:
    """For each network its ten probabilities as one line in the classes' colours."""
    lines = "".join(_row(row) for row in rows)
    return f'{_compared_style(palette)}<div class="compared">{lines}</div>'


def _row(row: Compared) -> str:
    parts = "".join(
        f'<i style="width:{100 * share:.2f}%;background:{CLASS_COLOURS[number]}" '
        f'title="{escape(CLASS_NAMES[number])}: {escape(per_cent(float(share)))}"></i>'
        for number, share in enumerate(row.probabilities)
    )
    return (
        f'<span class="model">{escape(row.name)}</span><span class="said">{escape(row.verdict)} '
        f"<small>{escape(per_cent(float(row.probabilities.max())))}</small></span>"
        f'<span class="line">{parts}</span>'
    )


def _compared_style(palette: Palette) -> str:
    return f"""<style>
.compared {{ display: grid; grid-template-columns: minmax(7rem, 14rem) 10rem 1fr; gap: 8px 14px;
  align-items: center; max-width: 56rem; }}
.compared .model {{ overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }}
.compared .said {{ font-weight: 600; }} .compared small {{ font-weight: 400; opacity: .75; }}
.compared .line {{ display: flex; height: 16px; border-radius: 4px; overflow: hidden;
  border: 1px solid {palette.grid}; }}
@media (max-width: 640px) {{ .compared {{ grid-template-columns: 1fr 1fr; }}
  .compared .line {{ grid-column: 1 / -1; margin-bottom: 6px; }} }}
</style>"""


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
    return f'{_why_style(palette)}<div class="why">{_heat(heat, answer)}{_alike(neighbours)}</div>'


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


def _why_style(palette: Palette) -> str:
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


def accuracies_html(rows: Sequence[Measured], palette: Palette) -> str:
    """A bar for each accuracy from 0 to 100 %, with its interval as a line on it."""
    bars = "".join(_measured(row) for row in rows)
    return f'{_before_after_style(palette)}<div class="accuracies">{bars}</div>'


def answers_html(answers: Sequence[Answered], palette: Palette) -> str:
    """The images side by side, the classes that are likeliest in any of them below each."""
    best = [np.argsort(-each.probabilities, kind="stable")[:_SHOWN] for each in answers]
    classes = list(dict.fromkeys(int(number) for row in best for number in row))
    parts = "".join(_answered(each, classes) for each in answers)
    return f'{_before_after_style(palette)}<div class="twice">{parts}</div>'


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


def _before_after_style(palette: Palette) -> str:
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
