"""The image and what the network says about it."""

from __future__ import annotations

import numpy as np
import streamlit as st

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.errors import CalibrationError, LabError
from fmnist_core.figures.chosen import chosen_html
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.library import summary_of
from fmnist_core.settings import load_settings
from fmnist_ui.charts import palette
from fmnist_ui.inside.choice import Chosen
from fmnist_ui.page_errors import show_error
from fmnist_ui.results import judged
from fmnist_ui.tryit.verdicts import verdicts

_WAITING = "Asking the network; the first time takes some seconds…"


def show_chosen(chosen: Chosen) -> bool:
    """Draws them; False where the network gave no answer, which is explained.

    What lies inside can be looked at also where only the answer cannot be believed.
    """
    truth = "" if chosen.true_label is None else CLASS_NAMES[chosen.true_label]
    try:
        with st.spinner(_WAITING):
            shares = verdicts(chosen.model, [chosen.image])[0].probabilities
    except CalibrationError as error:
        show_error(error)
        _offer_evaluation(chosen.model)
        shares = np.empty(0, np.float32)
    except LabError as error:
        show_error(error)
        st.button("Ask again", icon=":material/refresh:", key="inside_again")
        return False
    st.html(chosen_html(chosen.image, chosen.image_name, truth, shares, palette()))
    return True


def _offer_evaluation(model: str) -> None:
    folder = RunFolder.open(load_settings().runs_dir, model)
    judged.offer_evaluation(summary_of(folder))
