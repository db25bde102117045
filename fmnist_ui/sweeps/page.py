"""The page Sweeps: the form, or the sweep that is watched; past ones below."""

from __future__ import annotations

import streamlit as st

from fmnist_core.engine.client import list_sweeps, open_sweep
from fmnist_core.errors import SweepError
from fmnist_core.settings import load_settings
from fmnist_ui.page_errors import show_error
from fmnist_ui.sweeps.choice import chosen_sweep, set_up_another, watch
from fmnist_ui.sweeps.form import show_form
from fmnist_ui.sweeps.past import show_past
from fmnist_ui.sweeps.watched import show_sweep


def show_sweeps() -> None:
    """Draws the page."""
    sweeps = list_sweeps(load_settings())
    sweep_id = chosen_sweep(sweeps)
    if sweep_id is None:
        show_form()
    else:
        try:
            found = open_sweep(sweep_id, load_settings())
        except SweepError as error:
            show_error(error)
            st.button("Set up a sweep", icon=":material/tune:", on_click=set_up_another)
        else:
            watch(sweep_id)
            show_sweep(found)
    show_past([sweep for sweep in sweeps if sweep.id != sweep_id])
