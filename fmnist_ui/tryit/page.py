"""The page "Try it": the item on the left, its prediction beside it, then why and what next.

The answer is drawn first, whatever stands above it; explanations come last, so that they never
keep a new stroke waiting.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from streamlit.delta_generator import DeltaGenerator

from fmnist_core.augmentation.sketch_rendering import sketch_picture
from fmnist_core.classes import CLASS_COLOURS, CLASS_COUNT, CLASS_NAMES, IMAGE_SIDE
from fmnist_core.errors import LabError, NoWeightsError
from fmnist_core.images import thumbnail_url
from fmnist_core.preprocessing.cutout import check_network
from fmnist_core.preprocessing.prepare import Prepared, prepare
from fmnist_core.preprocessing.resize import fit_to
from fmnist_core.runs.pretrained import SHIPPED
from fmnist_ui.components.current_network import choose_network
from fmnist_ui.components.datasets import at_hand, dataset
from fmnist_ui.components.evaluated_model import runs_with_network
from fmnist_ui.components.pinned_images import pin_button
from fmnist_ui.components.prediction_details import is_known, show_closer_look
from fmnist_ui.components.predictions import Verdict, input_side, pause, verdicts, wake
from fmnist_ui.components.verdict_words import answered_by, sentence_of, title_of
from fmnist_ui.components.widget_start import start_of
from fmnist_ui.explain.choice import look_inside
from fmnist_ui.explain.pictures import remember_tried
from fmnist_ui.figures.cards import answer_html, picture_html, strip_html
from fmnist_ui.glossary import explained
from fmnist_ui.page_errors import page_errors, plain, show_error
from fmnist_ui.theme import palette
from fmnist_ui.tryit.brush import show_brush, take_strokes
from fmnist_ui.tryit.by_hand import (
    DRAWING,
    Item,
    corrections_for,
    forget_corrections,
    load_corrections,
    show_corrections,
)
from fmnist_ui.tryit.canvas import show_canvas
from fmnist_ui.tryit.compare import show_comparison
from fmnist_ui.tryit.correct import forget_said, said_class, show_correction
from fmnist_ui.tryit.my_collection import show_collection
from fmnist_ui.tryit.picture_choice import Choice, show_choices
from fmnist_ui.tryit.upload import (
    anything_uploaded,
    chosen_entry,
    show_camera,
    show_gallery,
    show_upload,
)
from fmnist_ui.words import data_title, labels

_CHOSEN, _ROUND = "try/example", "try/example_round"


_STYLE = """
<style>
/* The answer's room is there before the answer: nothing moves when it comes. */
.st-key-try_answer { min-height: 12rem; }
.st-key-try_shipped { min-height: 2.5rem; justify-content: center; }
/* Two answers stand beside each other where both have room. */
.st-key-try_answers [data-testid="stHorizontalBlock"] { flex-wrap: wrap; }
.st-key-try_answers [data-testid="stColumn"] { min-width: min(100%, 13rem); }
.st-key-try_why { min-height: 12.5rem; }
.st-key-try_tool { margin-bottom: .25rem; }
/* A sheet of paper lies still under the finger. As wide as its drawing has pixels, or less. */
.st-key-try_canvas, .st-key-try_brush_canvas { touch-action: none; width: 100%; }
.st-key-try_canvas { max-width: 320px; }
/* The sheet and the three tools need their width, whatever the sidebar leaves to the page: the
   answer gives way first, then stands below. */
.st-key-try_sides { container: try-sides / inline-size; }
.st-key-try_sides > * > [data-testid="stHorizontalBlock"] {
  --sheet: 320px; flex-wrap: nowrap;
  > [data-testid="stColumn"]:first-child { min-width: var(--sheet); }
  > [data-testid="stColumn"]:last-child { min-width: 0; }
}
@container try-sides (max-width: 660px) {
  .st-key-try_sides > * > [data-testid="stHorizontalBlock"] { --sheet: 288px; gap: 1.5rem; }
}
@container try-sides (max-width: 520px) {
  .st-key-try_sides > * > [data-testid="stHorizontalBlock"] {
    flex-direction: column;
    > [data-testid="stColumn"] { min-width: 100% !important; flex: none; }
  }
}
/* On a phone the answer must be in view below the sheet: only what one draws with stays above,
   and the heading is left to those who hear the page. How a shape is made must be said. */
@media (max-width: 640px) {
  [data-testid="stMain"]:has(.st-key-try_way) .st-key-lead,
  .st-key-try_hint_pen, .st-key-try_hint_eraser { display: none; }
  [data-testid="stMain"]:has(.st-key-try_way) [data-testid="stElementContainer"]:has(h1) {
    position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
  .st-key-try_way button { padding-left: .7rem; padding-right: .7rem; }
  .st-key-try_way span:has(> [data-testid="stIconMaterial"]) { display: none; }
  .st-key-try_sides figure > img { max-height: 180px !important; object-position: left; }
  :is(.st-key-try_sides, .st-key-try_brush)
    [data-testid="stHorizontalBlock"]:has(> [data-testid="stColumn"]) { row-gap: .25rem; }
}
</style>
"""


_WAITING = "Computing the prediction; the first one takes a few seconds…"


# Who draws on is not explained a sheet that is half done.
_CALM_SECONDS = 0.35


DRAW, UPLOAD, CAMERA, EXAMPLES = "Draw", "Upload", "Camera", "Examples"
_WAYS = {
    DRAW: ":material/draw:",
    UPLOAD: ":material/upload:",
    CAMERA: ":material/photo_camera:",
    EXAMPLES: ":material/apparel:",
}
WAY = "try_way"
_SHIPPED = (
    "A network that comes with the lab, trained on photos, drawings and icons. Its prediction is "
    "explained below; the prediction of one of your own networks stands beside it."
)
_NOT_CUT_OUT = (
    "The garment was not clearly found in this photo, so the middle of it is used. Paint the "
    "garment under **Correct the cut-out**, or change the **Background threshold** under "
    "**Correct preprocessing manually**."
)
_PROMPTS = {
    DRAW: "Draw a T-shirt, a shoe, a bag … The prediction appears here after each stroke.",
    UPLOAD: "Upload one picture, several, or a ZIP file of pictures.",
    CAMERA: "Photograph a garment on a plain background.",
    EXAMPLES: "Click a picture to see its prediction.",
}


def show_try() -> None:
    """Everything below the lead."""
    _apply_style()
    with page_errors():
        wake()
    with page_errors():
        check_network()
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
        _show_prompt("No prediction", "This file could not be read.")
    else:
        _show_prompt("No image yet", _PROMPTS[way])


def _show_item(item: Item, right: DeltaGenerator, below: DeltaGenerator) -> None:
    prepared = _prepared(item)
    if prepared is None:
        with below:
            _show_collection_part()
        return
    with right:
        runs = runs_with_network()
        names = labels(runs)
        first, second = _two_answers() if names and not prepared.blank else (st.container(), None)
        with first:
            if second is not None:
                st.container(key="try_shipped").markdown("Shipped network", help=_SHIPPED)
            verdict = _answer(item, prepared)
        own = ""
        if second is not None:
            with second, page_errors():
                own = _show_own_answer(prepared.sheet, names, drawn=item.id == DRAWING)
        show_correction(item)
        if not prepared.blank:
            _offer_pin(item, prepared)
        reasons = st.container(key="try_why")
    with below:
        _show_way(item, prepared, [verdict.answered_by if verdict else "", own])
        show_brush(item, prepared, verdict)
        others = st.container(key="try_compare")
        _show_collection_part()
    if verdict is not None:
        remember_tried(prepared.sheet, item.name, item.truth)
        with others, page_errors():
            show_comparison(prepared, verdict, runs)
        with reasons, page_errors():
            _show_why(prepared.sheet)
            _offer_inside(item, prepared, verdict)


def _prepared(item: Item) -> Prepared | None:
    """None for a photo where the network that cuts it out is not there, which is said above."""
    try:
        return prepare(item.picture, corrections_for(item.id))
    except NoWeightsError:
        return None


def _two_answers() -> Sequence[DeltaGenerator]:
    return st.container(key="try_answers").columns(2, gap="medium")


def _show_own_answer(image: NDArray[np.uint8], names: dict[str, str], *, drawn: bool) -> str:
    """What a network of one's own says, beside the shipped one; it opens on the current one.

    Returns:
        The network's run.
    """
    run_id = choose_network(names, "try_network", label_visibility="collapsed")
    with st.spinner(_WAITING):
        verdict = verdicts(run_id, [image])[0]
    said = title_of(verdict), sentence_of(verdict, drawn=drawn), verdict.probabilities
    st.html(answer_html(*said, _digest(image) + run_id, palette(), faded=not verdict.is_of_the_ten))
    return run_id


def _digest(image: NDArray[np.uint8]) -> str:
    return sha256(image.tobytes()).hexdigest()[:12]


def _offer_pin(item: Item, prepared: Prepared) -> None:
    """Lets the next trainings say what they take it for while they learn."""
    label = said_class() if item.truth is None else item.truth
    source = "drawn" if item.id == DRAWING else "uploaded"
    pin_button(prepared.image, item.name, label, source, "try_pin", prepared.sheet)


def _offer_inside(item: Item, prepared: Prepared, verdict: Verdict) -> None:
    """Takes the image along to the page that looks into the network."""
    if st.button("Explain", icon=":material/layers:", key="try_inside"):
        look_inside(verdict.answered_by, prepared.sheet, item.name, item.truth)


def _bring(way: str, above: DeltaGenerator, left: DeltaGenerator) -> Item | None:
    with page_errors():
        if way == UPLOAD:
            return _uploaded(above, left)
        with left:
            return _with_corrections(_BESIDE[way]())
    return None


def _with_corrections(item: Item | None) -> Item | None:
    """The item, once what was set right by hand is known: the gallery counts it, too."""
    if item is not None:
        load_corrections(item)
        take_strokes(item)
    return item


def _uploaded(above: DeltaGenerator, left: DeltaGenerator) -> Item | None:
    with above:
        entries = show_upload()
        chosen = chosen_entry(entries)
        if chosen is None:
            return None
        item = _with_corrections(chosen.item)
        if len(entries) > 1:
            show_gallery(entries, chosen)
    if chosen.error is not None:
        with left:
            st.markdown(f"**{plain(chosen.name)}**")
            show_error(chosen.error)
    return _with_picture(item, left)


def _with_picture(item: Item | None, left: DeltaGenerator) -> Item | None:
    if item is not None:
        with left:
            st.html(picture_html(item.picture, item.name, item.note))
    return item


def _answer(item: Item, prepared: Prepared) -> Verdict | None:
    if prepared.blank:
        _show_prompt(
            "No garment found",
            "The whole picture looks like background. Add contrast, or correct a step below.",
        )
        return None
    return _show_answer(prepared.sheet, drawn=item.id == DRAWING)


def _show_way(item: Item, prepared: Prepared, networks: Sequence[str]) -> None:
    """The steps to the input of each of the networks, at the side that it reads."""
    sides = sorted({input_side(network) for network in networks if network}) or [IMAGE_SIDE]
    # No-break spaces: a size stays in one line.
    sizes = [f"{side}\u00a0×\u00a0{side}" for side in sides]
    inputs = [
        (f"Network input, {size}", fit_to(prepared.sheet, side))
        for size, side in zip(sizes, sides, strict=True)
    ]
    st.subheader(
        f"Preprocessing to {' and '.join(sizes)} pixels",
        anchor=False,
        help=explained("Preprocessing", "Domain shift"),
    )
    steps = [(step.title, step.picture) for step in prepared.steps if step.key != "input"]
    st.html(strip_html([*steps, *inputs], palette()))
    if prepared.cut_out_failed and not corrections_for(item.id).brush:
        st.info(_NOT_CUT_OUT, icon=":material/crop_free:")
    show_corrections(item)


def _show_collection_part() -> None:
    with page_errors():
        show_collection()


def _choose_way() -> str:
    st.session_state.setdefault(WAY, DRAW)
    way = st.segmented_control(
        "Input",
        list(_WAYS),
        default=start_of(WAY),
        key=WAY,
        format_func=lambda name: f"{_WAYS[name]} {name}",
        label_visibility="collapsed",
        required=True,
        persist_state="session",
    )
    return way or DRAW


def _show_why(image: NDArray[np.uint8]) -> None:
    """Heat over the input and the five nearest training images; comes after the answer."""
    pause(0.0 if is_known(SHIPPED, image) else _CALM_SECONDS)
    show_closer_look(SHIPPED, image)


def _show_answer(image: NDArray[np.uint8], *, drawn: bool) -> Verdict | None:
    """Asks the shipped model about the sheet uint8 (112, 112); None where it gave no answer."""
    with st.container(key="try_answer"):
        # Not `st.empty`: what stands there stays until the new answer takes its place.
        place, below = st.container(), st.container()
        try:
            with st.spinner(_WAITING):
                verdict = verdicts(SHIPPED, [image])[0]
        except LabError as error:
            with place:
                _show_failure(error)
            return None
        said = title_of(verdict), sentence_of(verdict, drawn=drawn), verdict.probabilities
        html = answer_html(*said, _digest(image), palette(), faded=not verdict.is_of_the_ten)
        place.html(html)
        words, reason = answered_by(verdict)
        below.caption(words, help=reason)
    return verdict


def _show_prompt(title: str, words: str) -> None:
    """What to do first, where an answer will stand."""
    with st.container(key="try_answer"):
        # One element: the answer's place takes its place, and none of it stays below a spinner.
        st.markdown(f"#### {title}\n\n{words}")


def _show_failure(error: LabError) -> None:
    show_error(error)
    st.button("Retry", icon=":material/refresh:", key="try_again")


def _apply_style() -> None:
    """Adds the page's own rules of style; takes no room on it."""
    st.html(_STYLE)


def _show_examples() -> Item | None:
    """A line drawing and a test image of each class; returns the one that was clicked."""
    round_number = st.session_state.setdefault(_ROUND, 0)
    groups = {"Synthetic sketches": _drawn(round_number), **_test_images(round_number)}
    chosen = st.session_state.get(_CHOSEN, "")
    for title, items in groups.items():
        st.caption(title)
        choices = [_choice(item) for item in items]
        show_choices(title, choices, chosen, _choose, least=49, line=True, key=_key(title))
    st.button("Shuffle", icon=":material/shuffle:", on_click=_others, key="try_other_examples")
    every = [item for items in groups.values() for item in items]
    return next((item for item in every if item.id == chosen), None)


def _key(title: str) -> str:
    return f"try_examples_{title.split()[0].lower()}"


def _choose(item_id: str) -> None:
    st.session_state[_CHOSEN] = item_id


def _others() -> None:
    st.session_state[_ROUND] += 1
    st.session_state.pop(_CHOSEN, None)


def _choice(item: Item) -> Choice:
    label = item.truth or 0
    pixels = len(item.picture) == 28
    source = thumbnail_url(item.picture[..., 0], 96)
    return Choice(item.id, source, CLASS_NAMES[label], colour=CLASS_COLOURS[label], pixels=pixels)


@st.cache_data(max_entries=8, show_spinner=False)
def _sketches(round_number: int) -> list[NDArray[np.uint8]]:
    rng = np.random.default_rng(101 + round_number)
    return [sketch_picture(label, rng) for label in range(CLASS_COUNT)]


def _drawn(round_number: int) -> list[Item]:
    pictures = _sketches(round_number)
    return [_item(one, f"drawn-{round_number}", label) for label, one in enumerate(pictures)]


def _test_images(round_number: int) -> dict[str, list[Item]]:
    names = at_hand()
    if not names:
        return {}
    test, rng = dataset(names[0]).test, np.random.default_rng(round_number)
    labels = np.asarray(test.labels)
    places = [rng.choice(np.flatnonzero(labels == label)) for label in range(CLASS_COUNT)]
    items = [_item(_grey(test.images[one]), f"test-{one}", int(labels[one])) for one in places]
    return {f"Test images of {data_title(names[0])}": items}


def _grey(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.repeat(np.asarray(image)[..., None], 3, axis=2)


def _item(picture: NDArray[np.uint8], kind: str, label: int) -> Item:
    return replace(Item(f"{kind}-{label}", CLASS_NAMES[label], picture), truth=label)


# What stands in the sheet's column, so that the answer is beside the click.
_BESIDE = {DRAW: show_canvas, CAMERA: show_camera, EXAMPLES: _show_examples}
