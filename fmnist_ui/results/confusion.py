"""The confusion matrix, and the choice of one of its cells."""

from __future__ import annotations

import streamlit as st

from fmnist_core.evaluation import Evaluation
from fmnist_ui.figures.confusion import confusion_figure
from fmnist_ui.links import CELLS
from fmnist_ui.links.query_params import tell_choice
from fmnist_ui.results import in_address
from fmnist_ui.results.cell_choice import CellChoice
from fmnist_ui.theme import palette

_CELLS = "confusion_cells"

ALT = "Confusion matrix: rows are true classes, columns what they were taken for."


def show(evaluation: Evaluation, key: str) -> tuple[int, int]:
    """Draws matrix and select boxes; returns the chosen cell as (true, predicted).

    A click on a cell, a button beside the matrix and the two boxes all choose the same thing.

    Args:
        key: One per run, so that another run begins at its own commonest mistake.
    """
    worst = evaluation.most_confused(1)
    choice = CellChoice(key, (worst[0].true, worst[0].predicted) if worst else (0, 0))
    left, right = st.columns([7, 4], gap="large")
    with left:
        _show_matrix(evaluation, choice)
    with right:
        _show_sentences(evaluation, choice)
        choice.show_boxes()
    return choice.cell


def _show_matrix(evaluation: Evaluation, choice: CellChoice) -> None:
    in_address.begin("cells", _CELLS, CELLS[0])
    shown = st.segmented_control(
        "Cells show", CELLS, required=True, key=_CELLS, label_visibility="collapsed"
    )
    tell_choice("cells", shown)
    share = shown != CELLS[0]
    figure = confusion_figure(evaluation.counts, palette(), share=share)
    choice.show_figure(figure, str(share), ALT)


def _show_sentences(evaluation: Evaluation, choice: CellChoice) -> None:
    st.markdown("**Most confused**")
    pairs = evaluation.most_confused(7)
    if not pairs:
        st.caption("Nothing: every test image was recognised.")
    with st.container(gap="xxsmall", key="most_confused"):
        for pair in pairs:
            choice.show_sentence(str(pair), pair.true, pair.predicted)
