"""Training a finished run's configuration with more seeds."""

from __future__ import annotations

import streamlit as st

from fmnist_core.config.seeds import SEED_COUNT
from fmnist_core.engine.client import repeat_run
from fmnist_core.settings import load_settings
from fmnist_ui.number_field import number_field
from fmnist_ui.page_errors import page_errors
from fmnist_ui.train.choice import ALL_SEEDS
from fmnist_ui.train.launch import owner

# With the seed that is there five: enough for an interval that says something.
_USUAL = 4


def show_repeat(run_id: str, label: str = "Repeat with more seeds") -> None:
    """A button that asks how many and then shows all seeds at work."""
    with st.popover(label, icon=":material/casino:", key=f"repeat_{run_id}"):
        more = number_field(
            "More seeds",
            SEED_COUNT,
            value=_USUAL,
            key=f"more_seeds_{run_id}",
            help="The same configuration with other random numbers, each as a run of its own.",
        )
        key, wrong = f"train_seeds_{run_id}", more.fault is not None
        if st.button("Train them", type="primary", key=key, disabled=wrong):
            with page_errors():
                _repeat(run_id, more.value)


def _repeat(run_id: str, more: int) -> None:
    repeat_run(run_id, more, owner=owner(), settings=load_settings())
    st.switch_page("pages/train.py", query_params={"run": run_id, **ALL_SEEDS})
