"""The section Errors: which classes are taken for each other, and the surest mistakes."""

from __future__ import annotations

import streamlit as st

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.evaluation import ConfusedPair, confused_pairs
from fmnist_ui.components.evaluated_model import Judged
from fmnist_ui.components.result_words import judged_on
from fmnist_ui.components.stored_results import gallery_of
from fmnist_ui.figures.cards import prediction_cards
from fmnist_ui.figures.class_bars import pair_bars
from fmnist_ui.page_errors import page_errors
from fmnist_ui.theme import palette, show_chart
from fmnist_ui.words import percent, whole

_PAIRS, _PAGE = 8, 12


def show(chosen: Judged) -> None:
    """Pairs first, which need the matrix alone; then the images."""
    pairs = confused_pairs(chosen.evaluation.counts, _PAIRS)
    if not pairs:
        st.success(
            f"Every one of {judged_on(chosen.evaluation)} was recognised.", icon=":material/check:"
        )
        return
    _show_pairs(chosen, pairs)
    _show_surest(chosen)


def _show_pairs(chosen: Judged, pairs: list[ConfusedPair]) -> None:
    st.subheader("Most confused pairs", anchor=False)
    mistakes = sum(pair.both for pair in confused_pairs(chosen.evaluation.counts, 45))
    share = sum(pair.both for pair in pairs) / mistakes
    st.caption(
        f"Both directions, with 95 % intervals (Wilson). These pairs make up "
        f"{percent(share, 0)} of {whole(mistakes)} mistakes on {judged_on(chosen.evaluation)}."
    )
    left, right = st.columns([7, 4], gap="large")
    with left:
        show_chart(pair_bars(pairs, palette()), key="pair_bars")
    with right, st.container(gap="xxsmall", key="pairs_to_matrix"):
        st.markdown("**See their images in the matrix**")
        for pair in pairs:
            _link(chosen, pair.first, pair.second, pair.count)


def _link(chosen: Judged, true: int, predicted: int, count: int) -> None:
    st.button(
        f"{CLASS_NAMES[true]} taken for {CLASS_NAMES[predicted]}: {count}",
        type="tertiary",
        key=f"errors/{chosen.run.id}/{true}-{predicted}",
        on_click=_open_cell,
        args=(chosen.run.id, true, predicted),
    )


def _open_cell(run_id: str, true: int, predicted: int) -> None:
    st.session_state["section"] = "Matrix"
    st.session_state[f"confusion/{run_id}/true"] = true
    st.session_state[f"confusion/{run_id}/predicted"] = predicted


@st.fragment
@page_errors()
def _show_surest(chosen: Judged) -> None:
    st.subheader("Most confident errors", anchor=False)
    gallery = gallery_of(chosen.folder, chosen.evaluation)
    found = gallery.said.surest_errors(len(gallery.said))
    st.caption(
        "Test images that it got wrong and was surest about: often mislabelled, cut off, or truly "
        "both. Before you blame the network, look whether you would have known."
    )
    cards = st.container()
    page = 1
    if len(found) > _PAGE:
        page = st.pagination(-(-len(found) // _PAGE), key=f"errors/{chosen.run.id}/page")
    shown = found[(page - 1) * _PAGE : page * _PAGE]
    cards.html(prediction_cards(gallery.images, gallery.said, shown, palette()))
