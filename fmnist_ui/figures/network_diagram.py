"""A picture of a network: each block as a box in the size of its maps, with shape and cost."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape

from fmnist_core.models.cost import LayerRow
from fmnist_ui.figures.chart import Palette, mix
from fmnist_ui.words import big, percent

_BLOCK = re.compile(r"block(\d+)_")
_PIXELS_A_CELL = 2.4
_LEAST_SIDE = 14


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


def network_diagram(stages: Sequence[Stage], palette: Palette, editable: Sequence[str] = ()) -> str:
    """HTML of the picture; parts in `editable` can be picked (`data-pick`)."""
    whole = sum(stage.multiply_adds for stage in stages)
    boxes = [_box(stage, whole, palette, stage.part in editable) for stage in stages]
    arrow = '<div aria-hidden="true" style="padding-bottom:4.1rem;opacity:.6">→</div>'
    # Whoever cannot choose a part still gets to the end of it by keyboard.
    keys = "" if editable else ' tabindex="0"'
    return (
        f'<div role="group"{keys} aria-label="The network, from input to output" style="'
        'display:flex;align-items:flex-end;gap:.15rem;overflow-x:auto;padding:2px 2px 6px">'
        f"{arrow.join(boxes)}</div>"
    )


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


def _box(stage: Stage, whole: int, palette: Palette, editable: bool) -> str:
    pick = f' data-pick="{escape(stage.part)}"' if editable else ""
    shape = "×".join(map(str, stage.shape))
    facts = [shape]
    if stage.parameters:
        facts.append(f"{big(stage.parameters)} params")
    if stage.multiply_adds and whole:
        facts.append(f"{percent(stage.multiply_adds / whole, 0)} of cost")
    hint = f"{stage.title}: output {', '.join(facts)}"
    lines = "".join(f"<div>{escape(fact)}</div>" for fact in (*facts, *[" "] * (3 - len(facts))))
    return (
        f'<div{pick} title="{escape(hint)}" style="flex:none;min-width:5.4rem;padding:.3rem .35rem;'
        'border:1px solid transparent;border-radius:.5rem;text-align:center;line-height:1.3">'
        f'<div style="height:5.2rem;display:flex;align-items:center;justify-content:center">'
        f"{_maps(stage, palette)}</div>"
        f'<div style="font-weight:600;font-size:.85rem">{escape(stage.title)}</div>'
        f'<div style="font-size:.75rem;opacity:.8;white-space:pre">{lines}</div></div>'
    )


def _maps(stage: Stage, palette: Palette) -> str:
    """A square for maps, with more sheets behind it the more channels it has; a bar for units."""
    fill = mix(palette.background, palette.accent, 0.25 if stage.part == "input" else 0.55)
    edge = mix(palette.background, palette.accent, 0.9)
    if len(stage.shape) == 1:
        height = min(76, 10 + round(9 * math.log2(max(1, stage.shape[0]))))
        return _rectangle(12, height, fill, edge, sheets=0)
    side = min(76, max(_LEAST_SIDE, round(_PIXELS_A_CELL * stage.shape[0])))
    sheets = min(4, max(0, round(math.log2(max(1, stage.shape[-1]))) - 2))
    return _rectangle(side, side, fill, edge, sheets)


def _rectangle(width: int, height: int, fill: str, edge: str, sheets: int) -> str:
    behind = ",".join(f"{3 * n}px {-3 * n}px 0 0 {fill}" for n in range(1, sheets + 1))
    shadow = f"box-shadow:{behind};" if behind else ""
    return (
        f'<div style="width:{width}px;height:{height}px;background:{fill};'
        f'border:1px solid {edge};{shadow}"></div>'
    )
