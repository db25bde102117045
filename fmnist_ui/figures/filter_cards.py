"""Filters of the first layer: weights now and before training, the change, their responses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

from fmnist_core.images import data_url
from fmnist_core.runs.trace import Snapshot, Trace
from fmnist_ui.figures.chart import Palette
from fmnist_ui.figures.heat_map import largest, signed_url
from fmnist_ui.figures.number_grid import written
from fmnist_ui.figures.tiles import Tile, TileRow

_MOST = 64


# This share of the weights is not yet of the full colour.
_FULL = 0.98


@dataclass(frozen=True, eq=False)
class FilterCard:
    """One filter.

    Attributes:
        name: Its number, or what it stands for.
        now: float32 (h, w), its weights.
        before: The same before training; None where they are not known.
        response: uint8 (h, w), what it makes of an image; None for none.
    """

    name: str
    now: NDArray[np.float32]
    before: NDArray[np.float32] | None
    response: NDArray[np.uint8] | None


def filter_cards(cards: Sequence[FilterCard], palette: Palette, *, large: int = 84) -> str:
    """All cards; one scale of colour for all weights, another one for all changes.

    Args:
        large: Pixels that a filter is wide.
    """
    most = _full([part for card in cards for part in _weights(card)])
    moved = _full([card.now - card.before for card in cards if card.before is not None])
    shown = "".join(_card(card, most, moved, palette) for card in cards)
    return f'{_style(palette)}<div class="filters" style="--large:{large}px">{shown}</div>'


def _full(parts: Sequence[NDArray[np.float32]]) -> float:
    """The size that gets the full colour: few large weights must not fade all others."""
    sizes = np.concatenate([np.abs(part).ravel() for part in parts]) if parts else np.zeros(1)
    return float(np.quantile(sizes, _FULL))


def _weights(card: FilterCard) -> list[NDArray[np.float32]]:
    return [card.now] if card.before is None else [card.now, card.before]


def _card(card: FilterCard, most: float, moved: float, palette: Palette) -> str:
    name = escape(card.name)
    parts = [_picture(signed_url(card.now, most, palette), f"{name} now{_range(card.now)}", name)]
    if card.before is not None:
        pair = (
            _picture(signed_url(card.before, most, palette), f"{name} before training", "before"),
            _picture(
                signed_url(card.now - card.before, moved, palette), f"{name}: change", "change"
            ),
        )
        parts.append(f'<div class="pair">{"".join(pair)}</div>')
    if card.response is not None:
        parts.append(_picture(data_url(card.response), f"What {name} makes of the image", ""))
    return f'<div class="filter">{"".join(parts)}</div>'


def _picture(url: str, hint: str, caption: str) -> str:
    below = f"<figcaption>{caption}</figcaption>" if caption else ""
    return f'<figure title="{hint}"><img src="{url}" alt="{hint}">{below}</figure>'


def _range(weights: NDArray[np.float32]) -> str:
    return f", from {written(float(weights.min()))} to {written(float(weights.max()))}"


def _style(palette: Palette) -> str:
    return f"""<style>
.filters {{ display: grid; gap: 18px 12px;
  grid-template-columns: repeat(auto-fill, minmax(var(--large), var(--large))); }}
.filters .filter {{ display: flex; flex-direction: column; gap: 4px; }}
.filters .pair {{ display: grid; grid-template-columns: 1fr 1fr; gap: 4px; }}
.filters figure {{ margin: 0; min-width: 0; }}
.filters img {{ display: block; width: 100%; aspect-ratio: 1; image-rendering: pixelated;
  border-radius: 4px; border: 1px solid {palette.grid}; box-sizing: border-box; }}
.filters figcaption {{ font-size: .7rem; opacity: .75; text-align: center; white-space: nowrap;
  overflow: hidden; text-overflow: ellipsis; }}
</style>"""


def filter_rows(trace: Trace, now: Snapshot, palette: Palette) -> list[TileRow]:
    """A row of filters and one of their changes; none where the network has no such layer.

    The colours' scale is that of the whole training, so that growing is seen as such.
    """
    if now.filters is None:
        return []
    every = [one.filters for one in trace.snapshots if one.filters is not None]
    rows = [_row("Filters of the first layer", _note(now.filters), now.filters, every, palette)]
    begun = trace.beginning.filters if trace.beginning else None
    if begun is not None and begun.shape == now.filters.shape:
        ways = [one - begun for one in every if one.shape == begun.shape]
        change = now.filters - begun
        rows.append(_row("Their change since the beginning", "", change, ways, palette))
    return rows


def _row(
    name: str,
    note: str,
    filters: NDArray[np.float32],
    every: list[NDArray[np.float32]],
    palette: Palette,
) -> TileRow:
    most = max(largest(one) for one in every)
    count = min(filters.shape[-1], _MOST)
    tiles = [
        # Gray images have one channel; of several the mean is seen.
        Tile(signed_url(filters[..., index].mean(axis=2), most, palette), hint=f"Filter {index}")
        for index in range(count)
    ]
    return TileRow(name, note, tiles)


def _note(filters: NDArray[np.float32]) -> str:
    height, width, _, count = filters.shape
    shown = f", {_MOST} of them shown" if count > _MOST else ""
    return f"{count} of {height} × {width} pixels{shown}"
