"""What two networks say about the same images, before and after, as one piece of HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

from fmnist_core.figures.images import data_url
from fmnist_core.figures.palette import Palette


@dataclass(frozen=True, eq=False)
class Changed:
    """One image uint8 (28, 28): what it is, its class's colour, two verdicts and their truth."""

    image: NDArray[np.uint8]
    name: str
    colour: str
    before: tuple[str, bool]
    after: tuple[str, bool]


def change_html(rows: Sequence[Changed], palette: Palette) -> str:
    """A card for each image: the earlier verdict above the later one, right and wrong marked."""
    cards = "".join(_card(row, palette) for row in rows)
    return f'{_style(palette)}<div class="changes">{cards}</div>'


def _card(row: Changed, palette: Palette) -> str:
    name = escape(row.name)
    return (
        f'<figure><img src="{data_url(row.image)}" alt="{name}" '
        f'style="border-bottom-color:{row.colour}"><figcaption><b>{name}</b>'
        f"{_line(*row.before, palette)}{_line(*row.after, palette)}</figcaption></figure>"
    )


def _line(said: str, right: bool, palette: Palette) -> str:
    sign, colour = ("✓", palette.good) if right else ("✗", palette.bad)
    return f'<span style="color:{colour}">{sign} {escape(said)}</span>'


def _style(palette: Palette) -> str:
    return f"""<style>
.changes {{ display: grid; gap: 10px; grid-template-columns: repeat(auto-fill, minmax(108px, 1fr));
  max-height: 24rem; overflow-y: auto; }}
.changes figure {{ margin: 0; border: 1px solid {palette.grid}; border-radius: 6px; padding: 6px; }}
.changes img {{ display: block; width: 64px; margin: 0 auto 4px; image-rendering: pixelated;
  border-bottom: 3px solid; border-radius: 3px; }}
.changes figcaption {{ font-size: .75rem; line-height: 1.35; text-align: center; }}
.changes span, .changes b {{ display: block; overflow: hidden; text-overflow: ellipsis;
  white-space: nowrap; }}
</style>"""
