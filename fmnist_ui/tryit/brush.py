"""Correct the cut-out: the photo under its mask, and a brush that keeps or removes parts of it.

The strokes belong to the item's corrections, which say what is on the canvas: undoing, resetting
or another item change them alone, and the canvas is handed what differs. It adds strokes and does
nothing else, so those that it tells beyond the known ones are new.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
import streamlit as st
from numpy.typing import NDArray
from PIL import Image
from streamlit_drawable_canvas import st_canvas

from fmnist_core.errors import InputError
from fmnist_core.preprocessing.brush import LEAST_RADIUS, MOST_RADIUS, BrushStroke
from fmnist_core.preprocessing.masks import Mask
from fmnist_core.preprocessing.prepare import OUTLINE, Prepared, outlined_mask, turned
from fmnist_core.preprocessing.resize import fit_to
from fmnist_ui.components.predictions import Verdict, input_side
from fmnist_ui.components.verdict_words import title_of
from fmnist_ui.components.widget_start import start_of
from fmnist_ui.figures.cards import chosen_html
from fmnist_ui.page_errors import show_error
from fmnist_ui.theme import palette
from fmnist_ui.tryit.by_hand import (
    DRAWING,
    Item,
    corrections_for,
    keep_corrections,
    strokes_removed,
)
from fmnist_ui.tryit.canvas import adapt_canvas
from fmnist_ui.tryit.drawing import Drawing

CANVAS, FOLD = "try_brush_canvas", "try_brush_fold"
MODE, SIZE = "try_brush_mode", "try_brush_size"
_GIVEN, _FAILED = "try/brush_given", "try/brush_failed"

# Pixels of the canvas' longest side, and the most of it that a screen shows.
_LONGEST, _SHOWN = 480, 380
_REMOVED = (230, 90, 30)
_OPACITY = 0.4
_KEEP, _REMOVE = (f"rgba({red}, {green}, {blue}, .5)" for red, green, blue in (OUTLINE, _REMOVED))
# A stroke's points that lie less than this many pixels beside a straight line go.
_TOLERANCE = 0.6

_MODES = {"keep": ":material/add_circle: Keep", "remove": ":material/do_not_disturb_on: Remove"}
_MODES_HELP = (
    "Keep is a foreground brush: what it paints belongs to the garment. Remove is a background "
    "brush. Without a pointer, use **Background threshold** under **Correct preprocessing "
    "manually**."
)
_SIZE_HELP = "Diameter of the brush in percent of the picture's longest side."
_LEAD = (
    "The colored part is what the network sees. **Keep** paints in what is missing, **Remove** "
    "paints out what is too much."
)
_STROKES_REMOVED = "The brush strokes were removed: they belong to the picture as it was."


@dataclass(frozen=True, eq=False)
class _Given:
    """What the canvas was given, and what is on it since.

    Attributes:
        of: The item's id.
        brush: The strokes on it, as far as they are known here.
        drawing: What it was given last.
        count: Makes each drawing another one: the canvas takes up nothing that it had last.
        waiting: Until the canvas has told that the drawing arrived.
    """

    of: str
    brush: tuple[BrushStroke, ...]
    drawing: Drawing
    count: int
    waiting: bool


def take_strokes(item: Item) -> None:
    """Puts new strokes on the canvas into the item's corrections. Call before these are used."""
    made, told, given = corrections_for(item.id), _told(), st.session_state.get(_GIVEN)
    size = _canvas_size(turned(item.picture, made))
    if given is not None and given.of != item.id:
        st.session_state[MODE] = "keep"
    if told is None or given is None or (given.of, given.brush) != (item.id, made.brush):
        _give(item, made.brush, size, mounted=told is not None)
        return
    if given.waiting and len(told) != len(made.brush):
        return
    brush = made.brush
    try:
        new = [_stroke_of(one, size) for one in told[len(brush) :]]
        brush = (*brush, *(stroke for stroke in new if stroke is not None))
        if brush != made.brush:
            keep_corrections(item.id, replace(made, brush=brush))
    except InputError as error:
        st.session_state[_FAILED] = error.to_keep()
        _give(item, made.brush, size, mounted=True)
        return
    st.session_state[_GIVEN] = replace(given, brush=brush, waiting=False)


def show_brush(item: Item, prepared: Prepared, verdict: Verdict | None) -> None:
    """The photo with its mask and the brush, folded away; nothing for a drawing.

    Args:
        prepared: The item, by its corrections with all strokes.
        verdict: About the network's input; None where there is none.
    """
    mask = prepared.mask
    # A sheet on which nothing is seen yet waits for a pen.
    if mask is None or (prepared.blank and item.id == DRAWING):
        return
    count = len(corrections_for(item.id).brush)
    fold = st.expander("Correct the cut-out", icon=":material/brush:", key=FOLD, on_change="rerun")
    corrected = f"The cut-out is corrected by {_strokes(count)}." if count else ""
    removed = _STROKES_REMOVED if strokes_removed(item.id) else ""
    if not fold.open:
        if corrected or removed:
            st.caption(corrected or removed)
        return
    with fold, st.container(key="try_brush"):
        st.caption(_LEAD)
        if removed:
            st.caption(removed)
        left, right = st.columns(2, gap="medium")
        with right:
            keep, share = _show_tools(item, count)
            if verdict is None:
                st.markdown("Nothing is left of the picture. **Keep** a part of it.")
            else:
                st.html(
                    chosen_html(
                        fit_to(prepared.sheet, input_side(verdict.answered_by)),
                        f"Prediction: {title_of(verdict)}",
                        "",
                        verdict.probabilities,
                        palette(),
                        caption="Network input",
                        faded=not verdict.is_of_the_ten,
                    )
                )
        with left:
            _show_canvas(turned(item.picture, corrections_for(item.id)), mask, keep, share)
            error = st.session_state.pop(_FAILED, None)
            if error is not None:
                show_error(error)


def _strokes(count: int) -> str:
    return "1 brush stroke" if count == 1 else f"{count} brush strokes"


def _show_tools(item: Item, count: int) -> tuple[bool, float]:
    """Returns whether the brush keeps, and its diameter as a share of the longest side."""
    state = st.session_state
    state.setdefault(MODE, "keep")
    state.setdefault(SIZE, 8)
    mode = st.segmented_control(
        "Brush",
        list(_MODES),
        default=start_of(MODE),
        key=MODE,
        format_func=_MODES.__getitem__,
        required=True,
        persist_state="session",
        help=_MODES_HELP,
    )
    with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall"):
        st.slider(
            "Brush size, %",
            2,
            30,
            value=start_of(SIZE),
            key=SIZE,
            persist_state="session",
            width=140,
            help=_SIZE_HELP,
        )
        _shortening("Undo", ":material/undo:", item, max(0, count - 1), "Removes the last stroke.")
        _shortening("Reset", ":material/restart_alt:", item, 0, "Removes all strokes.")
    return mode != "remove", state[SIZE] / 100


def _shortening(words: str, icon: str, item: Item, count: int, explained: str) -> None:
    """A button that leaves the first `count` strokes."""
    st.button(
        words,
        icon=icon,
        help=explained,
        key=f"try_brush_{words.lower()}",
        on_click=_shorten,
        args=(item.id, count),
        disabled=not corrections_for(item.id).brush,
    )


def _shorten(item_id: str, count: int) -> None:
    made = corrections_for(item_id)
    keep_corrections(item_id, replace(made, brush=made.brush[:count]))


def _show_canvas(picture: NDArray[np.uint8], mask: Mask, keep: bool, share: float) -> None:
    width, height = _canvas_size(picture)
    shown = round(_SHOWN * width / max(width, height))
    st.html(
        f"<style>.st-key-{CANVAS} {{ max-width: {shown}px; --canvas-ratio: {width} / {height}; "
        "--canvas-strokes: .35; }</style>"
    )
    st_canvas(
        key=CANVAS,
        width=width,
        height=height,
        stroke_width=max(1, round(share * _LONGEST)),
        stroke_color=_KEEP if keep else _REMOVE,
        background_image=_overlaid(picture, mask, (width, height)),
        drawing_mode="freedraw",
        initial_drawing=st.session_state[_GIVEN].drawing,
    )
    adapt_canvas(CANVAS, active=True)


def _canvas_size(picture: NDArray[np.uint8]) -> tuple[int, int]:
    """Width and height of the canvas in its own pixels, in the picture's proportions."""
    height, width = picture.shape[:2]
    scale = _LONGEST / max(height, width)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _overlaid(picture: NDArray[np.uint8], mask: Mask, size: tuple[int, int]) -> bytes:
    """A JPEG file: the picture, colored where the mask is."""
    shown = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_LINEAR), np.uint8)
    wide = cv2.resize(mask.astype(np.uint8) * 255, size, interpolation=cv2.INTER_LINEAR) >= 128
    tinted = (1 - _OPACITY) * shown + _OPACITY * np.array(OUTLINE, np.float32)
    laid = np.where(wide[..., None], tinted, shown).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(outlined_mask(laid, wide)).save(file, "JPEG", quality=85)
    return file.getvalue()


def _told() -> list[Any] | None:
    """What is on the canvas by its own account; None where it is not shown."""
    value = st.session_state.get(CANVAS)
    raw = (value.get("drawing") or {}).get("raw") if value else None
    return None if raw is None else list(raw.get("objects") or [])


def _give(
    item: Item, brush: tuple[BrushStroke, ...], size: tuple[int, int], *, mounted: bool
) -> None:
    """Hands strokes to the canvas; a mounted one shows others until it tells of these."""
    before = st.session_state.get(_GIVEN)
    count = (before.count if before else 0) + mounted
    drawing = {"objects": [_object_of(one, size) for one in brush], "given": count}
    st.session_state[_GIVEN] = _Given(item.id, brush, drawing, count, waiting=mounted)


def _object_of(stroke: BrushStroke, size: tuple[int, int]) -> dict[str, Any]:
    """The stroke as Fabric.js draws it."""
    way = [[x * size[0], y * size[1]] for x, y in stroke.points]
    # A path needs a second point, also for a dot.
    ends = way[1:] or [[way[0][0] + 0.01, way[0][1]]]
    return {
        "type": "Path",
        "path": [["M", *way[0]], *(["L", *point] for point in ends)],
        "fill": None,
        "stroke": _KEEP if stroke.keep else _REMOVE,
        "strokeWidth": 2 * stroke.radius * max(size),
        "strokeLineCap": "round",
        "strokeLineJoin": "round",
    }


def _stroke_of(one: Any, size: tuple[int, int]) -> BrushStroke | None:
    """The inverse; None for what no brush has drawn, as a browser may tell anything.

    Raises:
        InputError: A stroke of too many points.
    """
    try:
        # ["M", x, y], ["L", x, y], or ["Q", x, y, …]: the hand was at the first point of each.
        way = np.array([command[1:3] for command in one["path"]], np.float32).reshape(-1, 2)
        wide, colour = float(one["strokeWidth"]), str(one["stroke"])
    except (KeyError, TypeError, ValueError):
        return None
    if not len(way) or not np.isfinite(way).all() or not np.isfinite(wide):
        return None
    few = cv2.approxPolyDP(way, _TOLERANCE, False).reshape(-1, 2)
    shares = np.clip(few / np.array(size), 0, 1)
    points = tuple((round(float(x), 4), round(float(y), 4)) for x, y in shares)
    radius = float(np.clip(wide / 2 / max(size), LEAST_RADIUS, MOST_RADIUS))
    return BrushStroke(points, radius, keep=colour != _REMOVE)
