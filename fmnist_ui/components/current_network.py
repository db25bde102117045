"""The current network: the one that all pages are about until another is chosen.

A run that finishes becomes it; trials of sweeps and runs that failed do so only when a person
chooses them. The pages' addresses name it.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import streamlit as st

from fmnist_core.runs.library import RunSummary, list_runs
from fmnist_core.runs.pretrained import SHIPPED, SHIPPED_CATALOGUE, SHIPPED_NETWORKS, shipped_runs
from fmnist_core.settings import Settings, load_settings
from fmnist_core.sweeps import trial_runs
from fmnist_ui.components.widget_start import start_among
from fmnist_ui.lab_state import known_runs, own_runs, owner
from fmnist_ui.links.query_params import is_news, note_told, tell_choice
from fmnist_ui.page_errors import plain
from fmnist_ui.words import percent

# The network that was chosen, and the Unix time of the choice.
_CURRENT = "current_network"
# The pages about it, and its name in their addresses.
_PARAMETERS = {
    "evaluate": "run",
    "predictions": "run",
    "explain": "model",
    "training_dynamics": "run",
    "export": "run",
    "try": "run",
}


def current_network(runs: Sequence[RunSummary] | None = None) -> RunSummary | None:
    """The current network; None where there is nothing but runs on their way or failed ones.

    Args:
        runs: All runs, newest first, where they are known already.
    """
    settings = load_settings()
    known = known_runs(settings) if runs is None else runs
    name, since = st.session_state.get(_CURRENT, ("", 0.0))
    chosen = next((run for run in (*known, *shipped_runs()) if run.id == name), None)
    if chosen is None:
        return newest_finished(own_runs(known), settings)
    # Another person's run takes the place of nobody's choice.
    own = newest_finished([run for run in known if run.owner == owner()], settings)
    return own if own is not None and own.updated > since else chosen


def newest_finished(runs: Sequence[RunSummary], settings: Settings) -> RunSummary | None:
    """The run that finished last, but for trials of sweeps and those with no test figures."""
    trials = trial_runs(settings)
    finished = [
        run for run in runs if run.state == "finished" and run.evaluated and run.id not in trials
    ]
    return max(finished, key=lambda run: run.updated, default=None)


def make_current(network: str) -> None:
    """Makes a run, by its identifier, or a shipped network, by its name, the current network."""
    name = SHIPPED_CATALOGUE if network == SHIPPED else network
    st.session_state[_CURRENT] = name, time.time()


def take_from_address(page: str) -> None:
    """Makes the network current that a link to this page names; on Train, a run that finished."""
    parameter = "run" if page == "train" else _PARAMETERS.get(page, "")
    asked = st.query_params.get(parameter, "")
    if not asked or st.session_state.get(_CURRENT, ("",))[0] == asked:
        return
    if page == "train":
        run = next((run for run in known_runs() if run.id == asked), None)
        if run is not None and run.state == "finished" and run.evaluated:
            make_current(asked)
    elif is_news(_CURRENT, {parameter: asked}) and _exists(asked):
        make_current(asked)
        note_told(_CURRENT, {parameter: asked})


def visit(network: str, parameter: str = "run") -> None:
    """Lets the next page be about a network that does not become the current one."""
    note_told(_CURRENT, {parameter: network})


def choose_network(
    labels: Mapping[str, str], key: str, *, parameter: str = "run", **look: Any
) -> str:
    """A select box that opens on the current network; what is chosen becomes the current one.

    Args:
        labels: Names of runs and shipped networks, at least one, and what people call them. Where
            the current network is not among them, the first is shown.
        key: One per page.
        parameter: The network's name in the address.
        look: Of the select box, such as its width.
    """
    if st.session_state.get(key) not in labels:
        st.session_state[key] = _wanted(labels, parameter)
    _say_anew(key, labels[st.session_state[key]])
    chosen = st.selectbox(
        "Network",
        list(labels),
        index=start_among(labels, key),
        key=key,
        format_func=lambda network: labels.get(network, network),
        on_change=partial(_take_choice, key),
        **look,
    )
    network = chosen if chosen in labels else next(iter(labels))
    note_told(_CURRENT, {parameter: network})
    tell_choice(parameter, network)
    return network


def show_current_network(runs: Sequence[RunSummary]) -> None:
    """A line for the sidebar: its name and its accuracy."""
    current = current_network(runs)
    if current is None:
        st.markdown(":gray[:material/deployed_code:] No run finished yet")
        return
    figure = "" if current.test_accuracy is None else f", {percent(current.test_accuracy)}"
    of = "" if current.data == "fashion-mnist" else " (synthetic)"
    st.markdown(
        f":blue[:material/deployed_code:] **{plain(current.name)}**{figure}{of}",
        help="The current network and its test accuracy: what Evaluate, Predictions, Explain, "
        "Training dynamics and Export open on. Choose another on any of these pages.",
    )


def _exists(network: str) -> bool:
    names = (run.id for run in list_runs(load_settings()))
    return network in (*SHIPPED_NETWORKS, SHIPPED, *names)


def _take_choice(key: str) -> None:
    make_current(st.session_state[key])


def _wanted(labels: Mapping[str, str], parameter: str) -> str:
    asked = st.query_params.get(parameter)
    if asked and asked != SHIPPED and asked not in labels:
        st.info(
            "The network in the address has nothing to show here; this is another.",
            icon=":material/link_off:",
        )
    if asked in labels:
        return str(asked)
    current = current_network()
    if current is None:
        # Somebody else's run is nobody's choice.
        known = known_runs()
        others = {run.id for run in known} - {run.id for run in own_runs(known)}
        return next((name for name in labels if name not in others), next(iter(labels)))
    names = (current.id, SHIPPED if current.id in SHIPPED_NETWORKS else "")
    return next((name for name in names if name in labels), next(iter(labels)))


def _say_anew(key: str, label: str) -> None:
    """A browser goes on showing what an option was called when it was chosen, unless told."""
    said = f"{key}/said"
    if st.session_state.get(said) != label:
        st.session_state.update({said: label, key: st.session_state[key]})
