"""Choosing the run a page is about; `?run=` in the address names it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from fmnist_core.runs.library import RunSummary
from fmnist_core.runs.pretrained import SHIPPED_NETWORKS
from fmnist_ui.links.query_params import tell_choice
from fmnist_ui.words import data_name, moment, percent, state_words

# The run one looked at last, whichever page it was on.
_LAST = "last_judged_run"


def show(runs: Sequence[RunSummary], key: str) -> RunSummary:
    """A select box of `runs` (at least one): the one in the address, the last seen, or the newest.

    Shipped networks among them come last, and are the first choice only where nothing else is.

    Args:
        key: One per page.
    """
    by_id = {run.id: run for run in runs}
    if st.session_state.get(key) not in by_id:
        st.session_state[key] = _wanted(by_id)
    _say_anew(key, _label(by_id[st.session_state[key]]))
    chosen = st.selectbox(
        "Run", list(by_id), key=key, format_func=lambda run_id: _label(by_id[run_id])
    )
    run_id = chosen if chosen in by_id else next(iter(by_id))
    # Where there is nothing else, nobody chose it: the first run of one's own comes before it.
    if _own(by_id):
        st.session_state[_LAST] = run_id
    tell_choice("run", run_id)
    return by_id[run_id]


def _say_anew(key: str, label: str) -> None:
    """A browser goes on showing what an option was called when it was chosen, unless told."""
    said = f"{key}/said"
    if st.session_state.get(said) != label:
        st.session_state.update({said: label, key: st.session_state[key]})


def _wanted(by_id: dict[str, RunSummary]) -> str:
    asked = st.query_params.get("run")
    if asked and asked not in by_id:
        st.info(
            "The run in the address has nothing to show here; this is another.",
            icon=":material/link_off:",
        )
    for run_id in (asked, st.session_state.get(_LAST)):
        if run_id in by_id:
            return str(run_id)
    judged = [run_id for run_id in _own(by_id) if by_id[run_id].evaluated]
    return next(iter(judged or by_id))


def _own(by_id: dict[str, RunSummary]) -> list[str]:
    return [run_id for run_id in by_id if run_id not in SHIPPED_NETWORKS]


def _label(run: RunSummary) -> str:
    figure = percent(run.test_accuracy, 2) if run.evaluated else state_words(run.state).in_text
    parts = (run.name, figure, data_name(run.data), moment(run.created))
    return "  ·  ".join(parts)
