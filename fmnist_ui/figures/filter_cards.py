"""Filters of the first layer: weights now and before training, the change, their responses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fmnist_core.runs.trace import Snapshot, Trace
from fmnist_ui.figures.cards import Tile, TileRow, card_html
from fmnist_ui.figures.chart import Palette
from fmnist_ui.figures.heat_map import largest, signed_url
from fmnist_ui.words import significant

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
    shown = []
    for card in cards:
        pair = None
        if card.before is not None:
            change = signed_url(card.now - card.before, moved, palette)
            pair = signed_url(card.before, most, palette), change
        now = signed_url(card.now, most, palette)
        shown.append((card.name, now, _range(card.now), pair, card.response))
    return card_html("filters", palette, shown, large)


def _full(parts: Sequence[NDArray[np.float32]]) -> float:
    """The size that gets the full colour: few large weights must not fade all others."""
    sizes = np.concatenate([np.abs(part).ravel() for part in parts]) if parts else np.zeros(1)
    return float(np.quantile(sizes, _FULL))


def _weights(card: FilterCard) -> list[NDArray[np.float32]]:
    return [card.now] if card.before is None else [card.now, card.before]


def _range(weights: NDArray[np.float32]) -> str:
    return f", from {significant(float(weights.min()))} to {significant(float(weights.max()))}"


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
        rows.append(_row("Their change since initialization", "", change, ways, palette))
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
