"""The Predictions page: a random sample of test images, of one class or of errors alone."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.errors import DataError
from fmnist_core.evaluation import pick
from fmnist_ui.components import beside, evaluated_model
from fmnist_ui.components.pickable import show_pickable
from fmnist_ui.components.share import show_share
from fmnist_ui.components.stored_results import Gallery, gallery_of
from fmnist_ui.figures.cards import prediction_cards
from fmnist_ui.links import MOST_SEED
from fmnist_ui.links.query_params import check_link
from fmnist_ui.page_errors import page_errors, show_error
from fmnist_ui.results import cell_choice
from fmnist_ui.theme import palette
from fmnist_ui.words import basis, percent, whole

_FEWEST, _MOST = 4, 40

_ALL = "All classes"

_OPENED, _CARDS = "predictions/opened", "prediction"


def show_predictions() -> None:
    """Random test images with what the chosen run makes of them."""
    check_link("predictions")
    chosen = evaluated_model.choose("predicting_run")
    if chosen is None:
        return
    try:
        gallery = gallery_of(chosen.folder, chosen.evaluation)
    except DataError as error:
        show_error(error)
        evaluated_model.offer_evaluation(chosen.run)
        return
    accuracy = percent(chosen.evaluation.accuracy, 2)
    st.caption(f"Drawn from {basis(chosen.evaluation)} · accuracy {accuracy}")
    evaluated_model.warn_unless_official(chosen.evaluation)
    _show_cards(gallery, chosen.run.id)
    show_share(key="share_predictions")


@st.fragment
@page_errors()
def _show_cards(gallery: Gallery, model: str) -> None:
    choice, said = _show(), gallery.said
    found = said.matching(only_errors=choice.only_errors, true=choice.true)
    if not len(found):
        st.success("No errors: all images here are classified correctly.", icon=":material/check:")
        return
    shown = pick(found, choice.count, choice.seed)
    left, right = beside.columns(_CARDS)
    with left:
        _show_pickable(gallery, shown.tolist())
        st.caption(_count(choice, len(shown), len(found), int(said.right[shown].sum())))
    opened = st.session_state.get(_OPENED, -1)
    # Last, since it asks the engine.
    with right:
        if opened in shown:
            cell_choice.show_opened_image(gallery, opened, "predictions", model)
        else:
            st.caption("Click an image to open, explain or pin it.")


def _show_pickable(gallery: Gallery, shown: list[int]) -> None:
    show_pickable(
        prediction_cards(gallery.images, gallery.said, shown, palette(), pickable=True),
        key="prediction_cards",
        chosen=str(st.session_state.get(_OPENED, "")),
        on_pick=lambda picked: st.session_state.update({_OPENED: int(picked)}),
        opens=beside.answer(_CARDS),
    )


def _count(choice: _Choice, shown: int, found: int, right: int) -> str:
    what = "errors" if choice.only_errors else "images"
    of_class = "" if choice.true is None else f" of {CLASS_NAMES[choice.true]}"
    verdict = "" if choice.only_errors else f", {right} correct"
    return f"{shown} of {whole(found)} {what}{of_class}{verdict}."


@dataclass(frozen=True)
class _Choice:
    """How many images, drawn with which seed, from which."""

    count: int
    seed: int
    only_errors: bool
    true: int | None


def _show() -> _Choice:
    """The controls, all in the address, so that a link shows the same images."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="prediction_choice"):
        st.button("Shuffle", type="primary", icon=":material/shuffle:", on_click=_next_seed)
        seed = st.number_input("Seed", 0, MOST_SEED, 0, key="seed", bind="query-params", width=130)
        count = st.number_input(
            "Images", _FEWEST, _MOST, 8, step=4, key="images", bind="query-params", width=130
        )
        name = st.selectbox(
            "Class", [_ALL, *CLASS_NAMES], key="class", bind="query-params", width=170
        )
        only_errors = st.toggle("Only errors", key="errors", bind="query-params")
    return _Choice(
        # The address can hold anything; the page's limits hold all the same.
        count=min(_MOST, max(_FEWEST, int(count or _FEWEST))),
        seed=min(MOST_SEED, max(0, int(seed or 0))),
        only_errors=only_errors,
        true=CLASS_NAMES.index(name) if name in CLASS_NAMES else None,
    )


def _next_seed() -> None:
    st.session_state["seed"] = (int(st.session_state.get("seed") or 0) + 1) % (MOST_SEED + 1)
