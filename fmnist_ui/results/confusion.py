"""The confusion matrix, and the choice of one of its cells."""

from __future__ import annotations

from typing import Any

import streamlit as st

from fmnist_core.classes import CLASS_COUNT, CLASS_NAMES
from fmnist_core.evaluation import Evaluation
from fmnist_core.figures.confusion import confusion_figure
from fmnist_ui.charts import palette

_NUMBERS = list(range(CLASS_COUNT))
_NAME = dict(enumerate(CLASS_NAMES))


def show(evaluation: Evaluation, key: str) -> tuple[int, int]:
    """Draws matrix and select boxes; returns the chosen cell as (true, predicted).

    A click on a cell, a button beside the matrix and the two boxes all choose the same thing.

    Args:
        key: One per run, so that another run begins at its own commonest mistake.
    """
    _start(evaluation, key)
    left, right = st.columns([7, 4], gap="large")
    with left:
        _show_matrix(evaluation, key)
    with right:
        _show_sentences(evaluation, key)
        _show_boxes(key)
    return st.session_state[f"{key}/true"], st.session_state[f"{key}/predicted"]


def _start(evaluation: Evaluation, key: str) -> None:
    if f"{key}/true" not in st.session_state:
        worst = evaluation.most_confused(1)
        _choose(key, *((worst[0].true, worst[0].predicted) if worst else (0, 0)))


def _choose(key: str, true: int, predicted: int) -> None:
    st.session_state[f"{key}/true"] = true
    st.session_state[f"{key}/predicted"] = predicted


def _show_matrix(evaluation: Evaluation, key: str) -> None:
    shown = st.segmented_control(
        "Cells show",
        ["Counts", "Per cent of the true class"],
        default="Counts",
        required=True,
        key="confusion_cells",
        label_visibility="collapsed",
    )
    share = shown != "Counts"
    # A figure that is not the same again would forget the click: nothing here depends on the
    # chosen cell. The mark of a click goes when a cell is chosen by other means.
    chart = f"{key}/matrix-{share}-{st.session_state.get(f'{key}/remade', 0)}"
    st.plotly_chart(
        confusion_figure(evaluation.counts, palette(), share=share),
        key=chart,
        on_select=lambda: _clicked(key, chart),
        selection_mode="points",
        config={"displayModeBar": False},
        alt="Confusion matrix: rows are true classes, columns what they were taken for.",
    )


def _clicked(key: str, chart: str) -> None:
    event: Any = st.session_state.get(chart)
    for point in event.selection.points if event else []:
        true, predicted = point["customdata"][:2]
        _choose(key, int(true), int(predicted))


def _by_other_means(key: str) -> None:
    st.session_state[f"{key}/remade"] = st.session_state.get(f"{key}/remade", 0) + 1


def _show_sentences(evaluation: Evaluation, key: str) -> None:
    st.markdown("**Most confused**")
    pairs = evaluation.most_confused(7)
    if not pairs:
        st.caption("Nothing: every test image was recognised.")
    with st.container(gap="xxsmall", key="most_confused"):
        for pair in pairs:
            st.button(
                str(pair),
                type="tertiary",
                key=f"{key}/pair-{pair.true}-{pair.predicted}",
                on_click=_pressed,
                args=(key, pair.true, pair.predicted),
            )


def _pressed(key: str, true: int, predicted: int) -> None:
    _choose(key, true, predicted)
    _by_other_means(key)


def _show_boxes(key: str) -> None:
    st.markdown("**Look at a cell**")
    st.caption("Click one in the matrix, or choose:")
    with st.container(horizontal=True):
        for label, part in (("Really", "true"), ("Taken for", "predicted")):
            st.selectbox(
                label,
                _NUMBERS,
                format_func=_NAME.__getitem__,
                key=f"{key}/{part}",
                on_change=_by_other_means,
                args=(key,),
                width=140,
            )
