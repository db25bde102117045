"""A step's page is set up when one arrives from another step, whatever it showed before.

Not through the address: Streamlit refuses to change parameters that widgets of the page one comes
from are bound to.
"""

from __future__ import annotations

import streamlit as st

from fmnist_core.datasets.load import choose_dataset
from fmnist_core.settings import load_settings
from fmnist_ui.lessons import Step
from fmnist_ui.links import page_choices, training_of

_ARRIVING = "lesson/arriving"
# The session state's key of each choice.
_KEYS: dict[str, dict[str, str]] = {
    "data": {
        "data": "data_name",
        "part": "gallery_part",
        "class": "gallery_class",
        "seed": "gallery_seed",
    },
    "evaluate": {"run": "evaluated_run", "section": "section"},
    "predictions": {
        "run": "predicting_run",
        "class": "class",
        "seed": "seed",
        "images": "images",
        "errors": "errors",
    },
    "inside": {"model": "inside_model", "section": "section", "image": "inside_number"},
    "overtime": {"run": "overtime_run"},
}


def leave_for(step: Step) -> None:
    """Remembers how the step's page is to be set up."""
    st.session_state[_ARRIVING] = step


def arrive() -> None:
    """Sets the page up, once, before its widgets are drawn."""
    step: Step | None = st.session_state.pop(_ARRIVING, None)
    if step is None:
        return
    if step.page == "train":
        _fill_form(step)
        return
    if step.page not in _KEYS:
        return
    found, _ = page_choices(step.page, step.set)
    for name, value in found.items():
        if name in _KEYS[step.page]:
            chosen = value == "true" if name == "errors" else value
            st.session_state[_KEYS[step.page][name]] = chosen


def _fill_form(step: Step) -> None:
    config, _ = training_of(step.set)
    handed = config.to_json()
    if "training.dataset" not in step.set:
        handed["training"]["dataset"] = choose_dataset(load_settings())
    # As other pages hand over a configuration.
    st.session_state["train_config"] = handed
