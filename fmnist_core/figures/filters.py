"""First-layer filters at one moment, and how far they have come from where they began."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fmnist_core.figures.palette import Palette
from fmnist_core.figures.signed import largest, signed_url
from fmnist_core.figures.tiles import Tile, TileRow
from fmnist_core.traces import Snapshot, Trace

_MOST = 64


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
