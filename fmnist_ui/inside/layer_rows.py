"""What layers make of an image, a row a layer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fmnist_core.classes import CLASS_COUNT, CLASS_NAMES
from fmnist_core.explain.views import LayerMaps
from fmnist_core.figures.images import data_url
from fmnist_core.figures.number_grid import written
from fmnist_core.figures.tiles import Tile, TileRow

_KINDS = {
    "Rescaling": "scaled pixels",
    "Conv2D": "convolution",
    "BatchNormalization": "normalised",
    "Activation": "activation",
    "Add": "shortcut added",
    "MaxPooling2D": "pooled, largest of four",
    "AveragePooling2D": "pooled, mean of four",
    "GlobalAveragePooling2D": "mean of each map",
    "GlobalMaxPooling2D": "largest of each map",
    "Dense": "dense",
}
_UNIT_SIDE = 22


def layer_rows(layers: Sequence[LayerMaps]) -> list[TileRow]:
    """Dark is a map's least number, light its largest; units share one scale."""
    return [_row(one) for one in layers]


def _row(one: LayerMaps) -> TileRow:
    tiles = [_tile(one, place) for place in range(len(one.channels))]
    # Units are plain squares: many of them need little room.
    small = len(one.shape) == 1 and not _is_answer(one)
    return TileRow(one.layer, _note(one), tiles, _UNIT_SIDE if small else 0)


def _note(one: LayerMaps) -> str:
    size = " × ".join(str(side) for side in one.shape)
    shown, there = len(one.channels), one.shape[-1]
    part = f" · {shown} of {there}" if shown < there else ""
    return f"{_KINDS.get(one.kind, one.kind)} · {size}{part}"


def _tile(one: LayerMaps, place: int) -> Tile:
    channel, image = int(one.channels[place]), one.maps[place]
    least, most = float(one.least[place]), float(one.most[place])
    if image.shape == (1, 1):
        # One pixel is drawn as a plain square.
        name = CLASS_NAMES[channel] if _is_answer(one) else ""
        return Tile(data_url(image), name, f"{name or channel}: {written(most)}")
    silent = " · silent" if most == least else ""
    said = f"{channel}: from {written(least)} to {written(most)}"
    return Tile(data_url(np.ascontiguousarray(image)), f"{channel}{silent}", said)


def _is_answer(one: LayerMaps) -> bool:
    return one.layer == "answer" and one.shape == (CLASS_COUNT,)
