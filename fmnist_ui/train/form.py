"""The whole Train form: presets, essentials, and everything else folded away."""

from __future__ import annotations

import streamlit as st

from fmnist_core.config import RunConfig, TrainConfig
from fmnist_core.errors import LabError
from fmnist_ui.page_errors import show_error
from fmnist_ui.train import draft
from fmnist_ui.train.architecture_form import show_architecture_form
from fmnist_ui.train.cost_table import show_cost
from fmnist_ui.train.expectation import Expectation, expect
from fmnist_ui.train.fields import field
from fmnist_ui.train.preset_picker import show_presets
from fmnist_ui.train.training_form import show_training_form


def show_form() -> None:
    show_presets()
    launch = st.container()
    with st.expander("Architecture", icon=":material/account_tree:"):
        left, right = st.columns([3, 2], gap="medium")
        with left:
            show_architecture_form()
        with right:
            config = RunConfig.from_json(draft.collect())
            show_cost(config, expect(config))
    with st.expander("Training", icon=":material/tune:"):
        show_training_form()
    with launch:
        field(TrainConfig, "epochs", "training")
