"""What the page Sweeps shows, kept in its address: `?sweep=ID` watches, `?sweep=new` the form."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from fmnist_core.sweeps import Sweep

NEW = "new"


def chosen_sweep(sweeps: Sequence[Sweep]) -> str | None:
    """The sweep to watch; None for the form. With nothing chosen, what is running now."""
    asked = st.query_params.get("sweep")
    if asked is None:
        return next((sweep.id for sweep in sweeps if sweep.active), None)
    return None if asked == NEW else asked


def watch(sweep_id: str) -> None:
    """Makes the page one that watches this sweep, also after a reload and in a second tab."""
    st.query_params.from_dict({"sweep": sweep_id})


def set_up_another() -> None:
    """Makes the page the form again, whatever is running."""
    st.query_params.from_dict({"sweep": NEW})
