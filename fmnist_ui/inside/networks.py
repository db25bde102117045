"""Which network is looked into: one of the two shipped ones, or that of a run."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from fmnist_core.data import FASHION_MNIST
from fmnist_core.runs.library import DAMAGED, list_runs
from fmnist_core.settings import load_settings
from fmnist_core.shipped import SHIPPED, SHIPPED_TITLES
from fmnist_ui.linked import tell_choice
from fmnist_ui.results.words import labels

MODEL = "inside_model"


@dataclass(frozen=True)
class Network:
    """A network that can be asked.

    Attributes:
        model: Its name for the engine.
        name: Its name for people.
        dataset: Which images it learned from.
    """

    model: str
    name: str
    dataset: str


def choose_network() -> Network:
    """A select box of all networks; `?model=` in the address names one."""
    found = {one.model: one for one in (*_shipped(), *_trained())}
    if st.session_state.get(MODEL) not in found:
        st.session_state[MODEL] = _wanted(found)
    chosen = st.selectbox(
        "Network",
        list(found),
        key=MODEL,
        format_func=lambda model: found[model].name if model in found else model,
        width=320,
        persist_state="session",
    )
    network = found.get(str(chosen)) or next(iter(found.values()))
    tell_choice("model", network.model)
    return network


def _shipped() -> list[Network]:
    return [Network(model, name, FASHION_MNIST) for model, name in SHIPPED_TITLES.items()]


def _trained() -> list[Network]:
    """Every run that saved a network, newest first, one that trains still included."""
    settings = load_settings()
    runs = [run for run in list_runs(settings) if run.state != DAMAGED]
    saved = [run for run in runs if (settings.runs_dir / run.id / "model.keras").is_file()]
    names = labels(saved)
    return [Network(run.id, names[run.id], run.data or FASHION_MNIST) for run in saved]


def _wanted(found: dict[str, Network]) -> str:
    asked = st.session_state.get(MODEL) or st.query_params.get("model")
    if asked and asked != SHIPPED and asked not in found:
        st.info(
            "The run that was asked for has saved no network; this is another.",
            icon=":material/link_off:",
        )
    asked = st.query_params.get("model")
    return asked if asked in found else next(iter(found))
