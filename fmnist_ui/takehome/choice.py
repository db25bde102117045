"""Which network is taken home; `?run=` in the address names it."""

from __future__ import annotations

import streamlit as st

from fmnist_core.runs.library import list_runs
from fmnist_core.settings import load_settings
from fmnist_core.shipped import SHIPPED
from fmnist_ui.linked import tell_choice
from fmnist_ui.words import moment, percent

_RUN = "taken_home"
_SHIPPED_TITLE = "The lab's own network (shipped)"


def choose_network() -> str:
    """A run that has ended and saved its network, by its identifier, or `"shipped"`."""
    settings = load_settings()
    names = {SHIPPED: _SHIPPED_TITLE}
    runs = [run for run in list_runs(settings) if run.state in ("finished", "stopped")]
    for run in runs:
        if (settings.runs_dir / run.id / "model.keras").is_file():
            figure = percent(run.test_accuracy, 2)
            names[run.id] = f"{run.name}  ·  {figure}  ·  {moment(run.created)}"
    if st.session_state.get(_RUN) not in names:
        st.session_state[_RUN] = _wanted(names)
    chosen = str(
        st.selectbox(
            "Network",
            [*(name for name in names if name != SHIPPED), SHIPPED],
            key=_RUN,
            format_func=lambda run_id: names.get(run_id, run_id),
        )
    )
    tell_choice("run", chosen)
    return chosen


def _wanted(names: dict[str, str]) -> str:
    asked = st.query_params.get("run")
    if asked and asked not in names:
        st.info(
            "The run in the address has no network to take home; this is another.",
            icon=":material/link_off:",
        )
    if asked in names:
        return str(asked)
    return next((name for name in names if name != SHIPPED), SHIPPED)
