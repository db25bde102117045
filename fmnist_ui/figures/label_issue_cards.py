"""Suspicious training images as cards that can be ticked, as one piece of HTML."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

import numpy as np
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.datasets.label_issues import CopyPair, Mislabelled
from fmnist_core.images import data_url
from fmnist_ui.figures.cards import bar_html, per_cent
from fmnist_ui.figures.chart import Palette, mix

Images = NDArray[np.uint8]


def mislabelled_cards(found: Iterable[Mislabelled], train: Images, palette: Palette) -> str:
    """A card each: the image, what it is called and what it should be, who says so.

    Args:
        train: uint8 (n, 28, 28), all training images.
    """
    return _grid("".join(_mislabelled(one, train[one.index]) for one in found), palette)


def copy_cards(found: Iterable[CopyPair], train: Images, test: Images, palette: Palette) -> str:
    """A card each: the training image, the test image, and how alike they are.

    Args:
        train, test: uint8 (n, 28, 28), all training and all test images.
    """
    cards = "".join(_copy(one, train[one.train], test[one.test]) for one in found)
    return _grid(cards, palette, least=200)


def _mislabelled(one: Mislabelled, image: Images) -> str:
    given, suggested = escape(CLASS_NAMES[one.given]), escape(CLASS_NAMES[one.suggested])
    bars = bar_html("bar", one.suggested, one.probability) + bar_html(
        "bar", one.given, one.of_given
    )
    held = " · held back" if one.held_back else ""
    return _card(
        one.index,
        _picture(image, f"Training image {one.index}"),
        f'<p class="labels"><s>{given}</s> {suggested}?</p>{bars}'
        f'<p class="quiet">{per_cent(one.agreeing)} of its neighbours agree{held}</p>',
    )


def _copy(one: CopyPair, train: Images, test: Images) -> str:
    label, other = escape(CLASS_NAMES[one.train_label]), escape(CLASS_NAMES[one.test_label])
    names = label if label == other else f"{label} · as test image: {other}"
    moved = "" if one.shift == (0, 0) else f" · moved {_shift(one.shift)}"
    pair = _picture(train, f"Training image {one.train}") + _picture(test, f"Test image {one.test}")
    return _card(
        one.train,
        f'<div class="pair">{pair}</div>',
        f'<p class="labels">{names}</p><p class="quiet">training {one.train} · test {one.test}</p>'
        f'<p class="quiet">{min(one.whole, one.inside):.3f} alike{moved}</p>',
    )


def _shift(shift: tuple[int, int]) -> str:
    down, right = shift
    parts = [f"{abs(down)} {'down' if down > 0 else 'up'}"] if down else []
    parts += [f"{abs(right)} {'right' if right > 0 else 'left'}"] if right else []
    return ", ".join(parts)


def _card(index: int, pictures: str, words: str) -> str:
    return (
        f'<figure class="suspect" data-tick="{index}"><span class="box"></span>{pictures}'
        f"<figcaption>{words}</figcaption></figure>"
    )


def _picture(image: Images, alt: str) -> str:
    return f'<img src="{data_url(image)}" alt="{alt}" title="{alt}">'


def _grid(cards: str, palette: Palette, least: int = 150) -> str:
    return f'{_style(palette)}<div class="suspects" style="--least:{least}px">{cards}</div>'


def _style(palette: Palette) -> str:
    quiet = mix(palette.background, palette.text, 0.08)
    return f"""<style>
.suspects {{ display: grid; gap: 12px;
  grid-template-columns: repeat(auto-fill, minmax(min(var(--least), 46%), 1fr)); }}
.suspect {{ margin: 0; border: 1px solid {palette.grid}; border-radius: 8px; padding: 8px;
  position: relative; min-width: 0; }}
.suspect img {{ width: 100%; display: block; aspect-ratio: 1; image-rendering: pixelated;
  border-radius: 4px; background: #000; }}
.suspect .pair {{ display: grid; grid-template-columns: 1fr 1fr; gap: 4px; }}
.suspect p {{ margin: 4px 0 0; font-size: .78rem; line-height: 1.3; overflow-wrap: anywhere; }}
.suspect .labels {{ font-weight: 600; }}
.suspect s {{ opacity: .6; font-weight: 400; }}
.suspect .quiet {{ opacity: .7; font-size: .7rem; }}
.suspect .bar {{ display: grid; grid-template-columns: 5.2em 1fr 3em; align-items: center;
  gap: 5px; font-size: .7rem; line-height: 1.5; }}
.suspect .name {{ white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }}
.suspect .track {{ background: {quiet}; border-radius: 3px; height: 6px; overflow: hidden; }}
.suspect .track i {{ display: block; height: 100%; min-width: 1px; }}
.suspect .share {{ text-align: right; font-variant-numeric: tabular-nums; }}
.suspect .box {{ position: absolute; top: 14px; left: 14px; width: 18px; height: 18px;
  border-radius: 4px; border: 2px solid #FFF; background: rgba(0, 0, 0, .45); z-index: 1;
  color: #FFF; font: 700 14px/18px sans-serif; text-align: center; box-sizing: content-box; }}
.suspect[aria-checked=true] .box {{ background: {palette.accent}; }}
.suspect[aria-checked=true] .box::after {{ content: "✓"; }}
</style>"""
