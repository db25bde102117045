"""Images with a network's predictions as HTML: cards, one answer, comparisons, explanations.

One block in place of some forty widgets: a browser lays it out at once and it follows the width.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

import numpy as np
from jinja2 import Environment, PackageLoader
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_COLOURS, CLASS_NAMES
from fmnist_core.datasets.label_issues import CopyPair, Mislabelled
from fmnist_core.evaluation.predictions import Predictions
from fmnist_core.images import data_url, thumbnail_url
from fmnist_core.models.cost import LayerRow
from fmnist_ui.figures.chart import Palette, mix
from fmnist_ui.words import big, probability

_Images = NDArray[np.uint8]


Neighbour = tuple[NDArray[np.uint8], str, str]

_SHOWN = 3
# Up to this side a picture is shown with hard pixels: it is what a network sees.
_PIXELS = 32


@dataclass(frozen=True)
class Tile:
    """One picture.

    Attributes:
        url: Its address.
        caption: Below it.
        hint: What the pointer is told.
        colour: Of a line below the picture, such as its class's; empty for none.
    """

    url: str
    caption: str = ""
    hint: str = ""
    colour: str = ""


@dataclass(frozen=True)
class TileRow:
    """Pictures that belong together.

    Attributes:
        name, note: Above them; the note is quieter.
        tiles: The pictures.
        side: Pixels that each is wide and high; 0 for as much as the others.
    """

    name: str
    note: str
    tiles: Sequence[Tile]
    side: int = 0


@dataclass(frozen=True)
class Measured:
    """An accuracy with its 95 % interval, all 0 to 1."""

    title: str
    accuracy: float
    interval: tuple[float, float]


@dataclass(frozen=True, eq=False)
class SelectiveAccuracy:
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
) -> str:
    """A card for each of `indices`: image, verdict, probability, the three likeliest classes.

    Args:
        images: uint8 (n, 28, 28), in the order of `said`.
        pickable: Whether a card says which it is (`data-pick`), for a page that lets one choose;
            beside something else there are as many in a row as there is room for.
    """
    cards = [_card(images[index], said, int(index)) for index in indices]
    return card_html("predictions", palette, cards, pickable)


def small_cards(
    images: NDArray[np.uint8],
    said: Predictions,
    indices: Iterable[int],
    palette: Palette,
    before: Predictions | None = None,
) -> str:
    """Six in a row, each to be chosen (`data-pick`): the image, and the prediction's probability.

    Args:
        images: uint8 (n, 28, 28), in the order of `said`.
        before: What another network said about the same images; its class stands below each then.
    """
    cards = [_card(images[index], said, int(index), before) for index in indices]
    return card_html("small", palette, cards)


def _card(
    image: NDArray[np.uint8], said: Predictions, index: int, before: Predictions | None = None
) -> dict[str, Any]:
    return {
        "index": index,
        "image": image,
        "true": int(said.labels[index]),
        "predicted": int(said.predicted[index]),
        "share": said.probabilities[index].max(),
        "top": said.top(index),
        "before": before.top(index)[0] if before is not None else None,
    }


def _best(probabilities: NDArray[np.floating]) -> list[tuple[int, float]]:
    order = np.argsort(probabilities)[::-1][:_SHOWN]
    return [(int(number), float(probabilities[number])) for number in order]


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
        faded: Whether the bars count for little, as for what is none of the ten classes.
    """
    return card_html("answer", palette, title, words, _best(probabilities), of, faded)


def chosen_html(
    image: NDArray[np.uint8],
    name: str,
    truth: str,
    probabilities: NDArray[np.float32],
    palette: Palette,
    *,
    caption: str = "",
    faded: bool = False,
) -> str:
    """The image, its name and the three likeliest classes beside it, or below where it is narrow.

    Args:
        image: uint8 (28, 28).
        name: For people; may hold anything.
        truth: Its true class, empty where it is not known.
        probabilities: float32 (10,), of the network's answer; empty where it is not known.
        caption: Below the image: what it is, where `name` does not say it.
        faded: As in `answer_html`.
    """
    best = _best(probabilities)
    return card_html("chosen", palette, image, name, truth, best, caption, faded)


def compared_html(rows: Sequence[Compared], palette: Palette) -> str:
    """For each network its ten probabilities as one line in the classes' colours."""
    return card_html("compared", palette, rows)


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
    return card_html("why", palette, heat, answer, neighbours)


def accuracies_html(rows: Sequence[Measured], palette: Palette) -> str:
    """A bar for each accuracy from 0 to 100 %, with its interval as a line on it."""
    return card_html("accuracies", palette, rows)


def answers_html(answers: Sequence[SelectiveAccuracy], palette: Palette) -> str:
    """The images side by side, the classes that are likeliest in any of them below each."""
    best = [np.argsort(-each.probabilities, kind="stable")[:_SHOWN] for each in answers]
    classes = list(dict.fromkeys(int(number) for row in best for number in row))
    return card_html("answers", palette, answers, classes)


def _quiet(palette: Palette) -> str:
    return mix(palette.background, palette.text, 0.08)


_TEMPLATES = Environment(loader=PackageLoader("fmnist_ui", "figures"), autoescape=True)
_TEMPLATES.globals.update(names=CLASS_NAMES, colours=CLASS_COLOURS)
_TEMPLATES.filters.update(
    big=big, data_url=data_url, thumbnail_url=thumbnail_url, per_cent=probability, quiet=_quiet
)
# Compiled here, and not when first used, which thirty sessions may do in one moment.
_CARDS = _TEMPLATES.get_template("cards.html").module


def card_html(macro: str, *values: Any) -> str:
    """What a macro of `cards.html` makes, with its style; text in `values` is escaped."""
    return str(getattr(_CARDS, macro)(*values))


def opened_html(
    image: NDArray[np.uint8], probabilities: NDArray[np.float32], alt: str, palette: Palette
) -> str:
    """The image on the left; a bar for each class beside it, in class order.

    Args:
        image: uint8 (28, 28).
        probabilities: float32 (10,).
        alt: What it is, in words.
    """
    return card_html("opened", palette, image, probabilities, alt)


def mislabelled_cards(
    found: Iterable[Mislabelled], train: _Images, palette: Palette, *, alone: bool = False
) -> str:
    """A card each: the image, what it is called and what it should be, who says so.

    Args:
        train: uint8 (n, 28, 28), all training images.
        alone: Whether it is one to look at, in place of many to open and to tick.
    """
    return card_html("mislabelled", palette, found, train, alone)


def copy_cards(
    found: Iterable[CopyPair],
    train: _Images,
    test: _Images,
    palette: Palette,
    *,
    alone: bool = False,
) -> str:
    """A card each: the training image, the test image, and how alike they are.

    Args:
        train, test: uint8 (n, 28, 28), all training and all test images.
        alone: As in `mislabelled_cards`.
    """
    moved = [(one, _shift(one.shift)) for one in found]
    return card_html("copies", palette, moved, train, test, alone)


def _shift(shift: tuple[int, int]) -> str:
    down, right = shift
    parts = [f"{abs(down)} {'down' if down > 0 else 'up'}"] if down else []
    parts += [f"{abs(right)} {'right' if right > 0 else 'left'}"] if right else []
    return ", ".join(parts)


def tiles_html(
    rows: Sequence[TileRow],
    palette: Palette,
    *,
    side: int = 72,
    most: int = 0,
    smooth: bool = False,
) -> str:
    """Rows of pictures.

    Args:
        side: Pixels that a picture is wide and high.
        most: Pictures side by side, smaller where there is little room; 0 for as many as fit.
        smooth: Whether pixels are blurred into each other.
    """
    return card_html("tiles", palette, rows, side, most, smooth)


def pictures_html(
    images: _Images,
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
    cells = zip_longest(images, captions, colours, picks)
    return card_html("pictures", list(cells), columns, least_width)


def cost_html(layers: Sequence[LayerRow]) -> str:
    """The network's table: a line a layer, with its output, parameters and multiply-adds."""
    return card_html("costs", layers)


def strip_html(steps: Sequence[tuple[str, NDArray[np.uint8]]], palette: Palette) -> str:
    """Titles and pictures (uint8 (h, w) or (h, w, 3)) from left to right, arrows between them."""
    return card_html("way", palette, steps, _PIXELS)


def picture_html(picture: NDArray[np.uint8], name: str, note: str) -> str:
    """One item, large, with its name as plain text."""
    return card_html("large", picture, name, note, _PIXELS)
