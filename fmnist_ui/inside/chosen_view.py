"""The image and what the network says about it."""

from __future__ import annotations

import streamlit as st

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.errors import LabError
from fmnist_core.figures.chosen import chosen_html
from fmnist_ui.charts import palette
from fmnist_ui.inside.choice import Chosen
from fmnist_ui.page_errors import show_error
from fmnist_ui.tryit.verdicts import verdicts

_WAITING = "Asking the network; the first time takes some seconds…"


def show_chosen(chosen: Chosen) -> bool:
    """Draws them; False where the network gave no answer, which is explained."""
    try:
        with st.spinner(_WAITING):
            verdict = verdicts(chosen.model, [chosen.image])[0]
    except LabError as error:
        show_error(error)
        st.button("Ask again", icon=":material/refresh:", key="inside_again")
        return False
    truth = "" if chosen.true_label is None else CLASS_NAMES[chosen.true_label]
    st.html(chosen_html(chosen.image, chosen.image_name, truth, verdict.probabilities, palette()))
    return True
