"""The Evaluate page."""

from __future__ import annotations

import streamlit as st

from fmnist_core.errors import LabError
from fmnist_ui.page_errors import page_errors, show_error
from fmnist_ui.results import cell_images, class_report, confusion, headline, judged
from fmnist_ui.results.stored import gallery_of


def show_evaluation() -> None:
    """A run's figures, its confusion with the images behind it, and its classes."""
    chosen = judged.choose("evaluated_run")
    if chosen is None:
        return
    headline.show(chosen.evaluation)
    _cell_by_cell(chosen)
    st.space("small")
    class_report.show(chosen.evaluation)


@st.fragment
@page_errors()
def _cell_by_cell(chosen: judged.Judged) -> None:
    st.subheader("What is taken for what", anchor=False)
    key = f"confusion/{chosen.run.id}"
    true, predicted = confusion.show(chosen.evaluation, key)
    try:
        gallery = gallery_of(chosen.folder, chosen.evaluation)
    except LabError as error:
        show_error(error)
        return
    cell_images.show(gallery, true, predicted, key)
