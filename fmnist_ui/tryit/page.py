"""The page "Try it": the item on the left, the answer beside it, then why and what next.

The answer is drawn first, whatever stands above it; explanations come last, so that they never
keep a new stroke waiting.
"""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from fmnist_core.figures.strip import picture_html, strip_html
from fmnist_core.inputs.prepare import Prepared, prepare
from fmnist_ui.charts import palette
from fmnist_ui.inside.choice import look_inside
from fmnist_ui.inside.pictures import remember_tried
from fmnist_ui.overtime.pins import pin_button
from fmnist_ui.page_errors import page_errors, plain, show_error
from fmnist_ui.tryit.answer import show_answer, show_prompt
from fmnist_ui.tryit.by_hand import (
    corrections_for,
    forget_corrections,
    load_corrections,
    show_corrections,
)
from fmnist_ui.tryit.camera import show_camera
from fmnist_ui.tryit.canvas import show_canvas
from fmnist_ui.tryit.compare import show_comparison
from fmnist_ui.tryit.correct import forget_said, said_class, show_correction
from fmnist_ui.tryit.examples import show_examples
from fmnist_ui.tryit.item import DRAWING, Item
from fmnist_ui.tryit.my_collection import show_collection
from fmnist_ui.tryit.several import show_gallery
from fmnist_ui.tryit.style import apply_style
from fmnist_ui.tryit.upload import anything_uploaded, chosen_entry, show_upload
from fmnist_ui.tryit.verdicts import Verdict, wake
from fmnist_ui.tryit.why import show_why

DRAW, UPLOAD, CAMERA, EXAMPLES = "Draw", "Upload", "Camera", "Examples"
_WAYS = {
    DRAW: ":material/draw:",
    UPLOAD: ":material/upload:",
    CAMERA: ":material/photo_camera:",
    EXAMPLES: ":material/apparel:",
}
WAY = "try_way"
_PROMPTS = {
    DRAW: "Draw a T-shirt, a shoe, a bag … After each stroke the answer stands here.",
    UPLOAD: "Bring one picture, several, or a ZIP of them.",
    CAMERA: "Take a photo of a garment on a plain ground.",
    EXAMPLES: "Click one of the pictures.",
}


def show_try() -> None:
    """Everything below the lead."""
    apply_style()
    with page_errors():
        wake()
    way = _choose_way()
    above = st.container(key="try_above")
    left, right = st.container(key="try_sides").columns([5, 8], gap="large")
    below = st.container(key="try_below")
    item = _bring(way, above, left)
    if item is None:
        _forget(way)
        with right:
            _show_nothing(way)
        with below:
            _show_collection_part()
        return
    _show_item(item, right, below)


def _forget(way: str) -> None:
    forget_said()
    if way == DRAW:
        forget_corrections(DRAWING)


def _show_nothing(way: str) -> None:
    if way == UPLOAD and anything_uploaded():
        show_prompt("No answer", "This file could not be read, so there is nothing to look at.")
    else:
        show_prompt("Nothing here yet", _PROMPTS[way])


def _show_item(item: Item, right: DeltaGenerator, below: DeltaGenerator) -> None:
    load_corrections(item)
    prepared = prepare(item.picture, corrections_for(item.id))
    with right:
        verdict = _answer(item, prepared)
        show_correction(item)
        if not prepared.blank:
            _offer_pin(item, prepared)
        reasons = st.container(key="try_why")
    with below:
        _show_way(item, prepared)
        others = st.container(key="try_compare")
        _show_collection_part()
    if verdict is not None:
        remember_tried(prepared.image, item.name, item.truth)
        with others, page_errors():
            show_comparison(prepared, verdict)
        with reasons, page_errors():
            show_why(prepared.image)
            _offer_inside(item, prepared, verdict)


def _offer_pin(item: Item, prepared: Prepared) -> None:
    """Lets the next trainings say what they take it for while they learn."""
    label = said_class() if item.truth is None else item.truth
    source = "drawn" if item.id == DRAWING else "uploaded"
    pin_button(prepared.image, item.name, label, source, "try_pin")


def _offer_inside(item: Item, prepared: Prepared, verdict: Verdict) -> None:
    """Takes the image along to the page that looks into the network."""
    if st.button("Look inside the network", icon=":material/layers:", key="try_inside"):
        look_inside(verdict.answered_by, prepared.image, item.name, item.truth)


def _bring(way: str, above: DeltaGenerator, left: DeltaGenerator) -> Item | None:
    with page_errors():
        if way == UPLOAD:
            return _uploaded(above, left)
        if way == EXAMPLES:
            with above:
                return _with_picture(show_examples(), left)
        with left:
            return show_canvas() if way == DRAW else show_camera()
    return None


def _uploaded(above: DeltaGenerator, left: DeltaGenerator) -> Item | None:
    with above:
        entries = show_upload()
        chosen = chosen_entry(entries)
        if chosen is None:
            return None
        if len(entries) > 1:
            show_gallery(entries, chosen)
    if chosen.error is not None:
        with left:
            st.markdown(f"**{plain(chosen.name)}**")
            show_error(chosen.error)
    return _with_picture(chosen.item, left)


def _with_picture(item: Item | None, left: DeltaGenerator) -> Item | None:
    if item is not None:
        with left:
            st.html(picture_html(item.picture, item.name, item.note))
    return item


def _answer(item: Item, prepared: Prepared) -> Verdict | None:
    if prepared.blank:
        show_prompt(
            "I see nothing on it",
            "All of it looks like background. More contrast helps, or a step set right by hand.",
        )
        return None
    return show_answer(prepared.image, drawn=item.id == DRAWING)


def _show_way(item: Item, prepared: Prepared) -> None:
    st.subheader("The way to 28 × 28 pixels", anchor=False)
    st.html(strip_html([(step.title, step.picture) for step in prepared.steps], palette()))
    show_corrections(item)


def _show_collection_part() -> None:
    with page_errors():
        show_collection()


def _choose_way() -> str:
    st.session_state.setdefault(WAY, DRAW)
    way = st.segmented_control(
        "How to bring an item",
        list(_WAYS),
        key=WAY,
        format_func=lambda name: f"{_WAYS[name]} {name}",
        label_visibility="collapsed",
        required=True,
        persist_state="session",
    )
    return way or DRAW
