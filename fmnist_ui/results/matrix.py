"""The section Matrix: what is taken for what, and the images behind each cell."""

from __future__ import annotations

import streamlit as st

from fmnist_core.errors import LabError
from fmnist_ui.components.evaluated_model import Judged
from fmnist_ui.components.stored_results import gallery_of
from fmnist_ui.links import MATRICES
from fmnist_ui.links.query_params import tell_choice
from fmnist_ui.page_errors import page_errors, show_error
from fmnist_ui.remedies import section as improve
from fmnist_ui.results import cell_choice, confusion, in_address, matrix_change, matrix_over_epochs

_ALONE, _AGAINST, _EPOCHS = MATRICES
_VIEW = "matrix_view"


@st.fragment
@page_errors()
def show(chosen: Judged) -> None:
    """The matrix, the choice of a cell, and its images; only what is chosen is computed."""
    st.subheader("What is taken for what", anchor=False)
    in_address.begin("matrix", _VIEW, _ALONE)
    view = st.segmented_control(
        "Which matrix", MATRICES, required=True, key=_VIEW, label_visibility="collapsed"
    )
    tell_choice("matrix", view)
    key = f"confusion/{chosen.run.id}"
    if view == _AGAINST:
        _show_change(chosen, key)
    elif view == _EPOCHS:
        matrix_over_epochs.show(chosen, key)
    else:
        _show_cells(chosen, key)


def _show_cells(chosen: Judged, key: str) -> None:
    true, predicted = confusion.show(chosen.evaluation, key)
    try:
        gallery = gallery_of(chosen.folder, chosen.evaluation)
    except LabError as error:
        show_error(error)
        return
    cell_choice.show(gallery, true, predicted, key, chosen.run.id)
    improve.show(chosen, true, predicted)


def _show_change(chosen: Judged, key: str) -> None:
    with page_errors():
        gallery = gallery_of(chosen.folder, chosen.evaluation)
        matrix_change.show(chosen, gallery, key)
