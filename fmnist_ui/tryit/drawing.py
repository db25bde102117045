"""What can be done to a drawing as the canvas keeps it (the JSON of Fabric.js), in plain steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

# {"objects": [{"type": "Path", "stroke": "#000000", "fill": None, …}, …], …}
Drawing = dict[str, Any]


@dataclass(frozen=True)
class Paper:
    """Colours of pen and sheet."""

    ink: str
    ground: str


PAPERS = {
    "Dark on white": Paper("#000000", "#FFFFFF"),
    "White on dark": Paper("#FFFFFF", "#000000"),
}
FIRST_PAPER = "Dark on white"


def empty() -> Drawing:
    """A sheet with nothing on it."""
    return {"objects": []}


def strokes(drawing: Drawing) -> list[dict[str, Any]]:
    """All that was drawn, the eraser's strokes too."""
    return list(drawing.get("objects") or [])


def is_empty(drawing: Drawing) -> bool:
    """Whether there is nothing to look at; an eraser on an empty sheet leaves nothing."""
    return all(_wiped(one, drawing) for one in strokes(drawing))


def without_last(drawing: Drawing) -> Drawing:
    """The drawing before its last stroke."""
    return {**drawing, "objects": strokes(drawing)[:-1]}


def last_filled(drawing: Drawing) -> Drawing:
    """The last outline that is not filled yet becomes a shape; the eraser's are passed over."""
    found = strokes(drawing)
    for index in range(len(found) - 1, -1, -1):
        if not found[index].get("fill") and not _wiped(found[index], drawing):
            found[index] = {**found[index], "fill": found[index].get("stroke")}
            break
    return {**drawing, "objects": found}


def on_other_paper(drawing: Drawing, before: Paper, after: Paper) -> Drawing:
    """The same drawing with the colours of another paper."""
    swapped = {before.ink.lower(): after.ink, before.ground.lower(): after.ground}

    def colour(value: Any) -> Any:
        return swapped.get(value.lower(), value) if isinstance(value, str) else value

    def repainted(one: dict[str, Any]) -> dict[str, Any]:
        return {**one, "stroke": colour(one.get("stroke")), "fill": colour(one.get("fill"))}

    objects = [repainted(one) for one in strokes(drawing)]
    return {**drawing, "objects": objects, "background": after.ground}


def _wiped(one: dict[str, Any], drawing: Drawing) -> bool:
    ground = str(drawing.get("background") or "").lower()
    return bool(ground) and str(one.get("stroke") or "").lower() == ground
