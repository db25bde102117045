"""A picture of a network: each block as a box in the size of its maps, with shape and cost."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.models.cost import LayerRow
from fmnist_ui.figures.cards import card_html
from fmnist_ui.figures.chart import Palette, mix
from fmnist_ui.words import big, percent

_BLOCK = re.compile(r"block(\d+)_")
_PIXELS_A_CELL = 2.4
_LEAST_SIDE, _MOST_SIDE = 14, 76
_PICKED_BLOCK = re.compile(r"block-(\d+)$")


@dataclass(frozen=True)
class Stage:
    """A part of the network that is drawn as one box.

    Attributes:
        part: `input`, `block-N` from 0, `backbone`, `head` or `output`.
        shape: Of its output, without the batch.
        multiply_adds: For one image.
    """

    part: str
    title: str
    shape: tuple[int, ...]
    parameters: int
    multiply_adds: int


@dataclass(frozen=True, eq=False)
class SeenImage:
    """An image on its way through a network.

    Attributes:
        title: What it is called.
        image: uint8 (side, side), as the network reads it.
        blocks: What each block makes of it, uint8 (height, width, channels).
    """

    title: str
    image: NDArray[np.uint8]
    blocks: tuple[NDArray[np.uint8], ...]


def stages_of(layers: Sequence[LayerRow]) -> tuple[Stage, ...]:
    """The layers of a network, in their order, as the boxes of its picture."""
    stages: list[Stage] = []
    for number, layer in enumerate(layers):
        part, title = _part(layer, last=number == len(layers) - 1)
        if not stages or stages[-1].part != part:
            stages.append(Stage(part, title, layer.output_shape, 0, 0))
        one = stages[-1]
        stages[-1] = replace(
            one,
            shape=layer.output_shape,
            parameters=one.parameters + layer.parameters,
            multiply_adds=one.multiply_adds + layer.multiply_adds,
        )
    return tuple(stages)


def network_diagram(
    stages: Sequence[Stage],
    palette: Palette,
    editable: Sequence[str] = (),
    seen: SeenImage | None = None,
) -> str:
    """HTML of the picture; parts in `editable` can be picked (`data-pick`).

    Args:
        seen: What the blocks make of an image, in place of empty maps.
    """
    whole = sum(stage.multiply_adds for stage in stages)
    boxes = [_box(stage, whole, palette, stage.part in editable, seen) for stage in stages]
    # Whoever cannot choose a part still gets to the end of it by keyboard.
    return card_html("network", boxes, not editable)


def _part(layer: LayerRow, *, last: bool) -> tuple[str, str]:
    if match := _BLOCK.match(layer.name):
        return f"block-{int(match[1]) - 1}", f"Block {match[1]}"
    if last:
        return "output", "Output"
    if layer.kind in ("backbone", "imported"):
        return "backbone", "Backbone"
    if layer.kind in ("flatten", "global_pool", "dense") or len(layer.output_shape) == 1:
        return "head", "Head"
    return "input", "Input"


def _box(
    stage: Stage, whole: int, palette: Palette, editable: bool, seen: SeenImage | None
) -> dict[str, Any]:
    facts = ["×".join(map(str, stage.shape))]
    if stage.parameters:
        facts.append(f"{big(stage.parameters)} params")
    if stage.multiply_adds and whole:
        facts.append(f"{percent(stage.multiply_adds / whole, 0)} of cost")
    pictures = _seen(stage, seen)
    return {
        "part": stage.part if editable else "",
        "title": stage.title,
        "hint": f"{stage.title}: output {', '.join(facts)}",
        "facts": [*facts, *["\N{NO-BREAK SPACE}"] * (3 - len(facts))],
        "pictures": pictures,
        "alt": _alt(stage, seen) if pictures else "",
        "sheet": _sheet(stage, palette),
    }


def _seen(stage: Stage, seen: SeenImage | None) -> list[NDArray[np.uint8]]:
    """The image, or what a block makes of it; nothing for other parts and other shapes."""
    if seen is None:
        return []
    if stage.part == "input":
        return [seen.image]
    match = _PICKED_BLOCK.match(stage.part)
    if match is None or int(match[1]) >= len(seen.blocks):
        return []
    maps = seen.blocks[int(match[1])]
    return list(np.moveaxis(maps, -1, 0)) if maps.shape[:2] == stage.shape[:2] else []


def _alt(stage: Stage, seen: SeenImage | None) -> str:
    what = seen.title if seen else ""
    return what if stage.part == "input" else f"{stage.title}, a feature map of {what}"


def _sheet(stage: Stage, palette: Palette) -> dict[str, Any]:
    """A square for maps, with more sheets behind it the more channels it has; a bar for units."""
    fill = mix(palette.background, palette.accent, 0.25 if stage.part == "input" else 0.55)
    edge = mix(palette.background, palette.accent, 0.9)
    sheet = {"fill": fill, "edge": edge, "behind": 0}
    if len(stage.shape) == 1:
        height = min(_MOST_SIDE, 10 + round(9 * math.log2(max(1, stage.shape[0]))))
        return {**sheet, "width": 12, "height": height}
    side = min(_MOST_SIDE, max(_LEAST_SIDE, round(_PIXELS_A_CELL * stage.shape[0])))
    behind = min(4, max(0, round(math.log2(max(1, stage.shape[-1]))) - 2))
    return {**sheet, "width": side, "height": side, "behind": behind}
