"""The section Matrix: what is taken for what, and the images behind each cell."""

from __future__ import annotations

import streamlit as st

from fmnist_core.errors import LabError
from fmnist_ui.page_errors import page_errors, show_error
from fmnist_ui.results import cell_images, confusion
from fmnist_ui.results.judged import Judged
from fmnist_ui.results.stored import gallery_of


@st.fragment
@page_errors()
def show(chosen: Judged) -> None:
    """The matrix, the choice of a cell, and its images."""
    st.subheader("What is taken for what", anchor=False)
    key = f"confusion/{chosen.run.id}"
    true, predicted = confusion.show(chosen.evaluation, key)
    try:
        gallery = gallery_of(chosen.folder, chosen.evaluation)
    except LabError as error:
        show_error(error)
        return
    cell_images.show(gallery, true, predicted, key, chosen.run.id)
