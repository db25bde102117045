"""What the Train page shows, kept in its address: `?run=ID` watches, `?run=new` fills the form."""

from __future__ import annotations

import streamlit as st

from fmnist_ui.lab_state import LabState

NEW = "new"


def chosen_run(state: LabState) -> str | None:
    """The run to watch; None for the form. With nothing chosen, what is training now."""
    asked = st.query_params.get("run")
    if asked is None:
        active = state.in_state("running", "paused") or state.in_state("queued")
        return active[-1].id if active else None
    return None if asked == NEW else asked


def watch(run_id: str) -> None:
    """Makes the page one that watches this run, also after a reload and in a second tab."""
    st.query_params["run"] = run_id


def set_up_another() -> None:
    """Makes the page the form again, whatever is training."""
    st.query_params["run"] = NEW
