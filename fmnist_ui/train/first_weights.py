"""What a training begins with in place of random weights: a run's network, or the shipped one."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from fmnist_core.config import ModelConfig, RunConfig, TrainConfig
from fmnist_core.config.rules import help_of
from fmnist_core.errors import ArchitectureError, LabError
from fmnist_core.model import summarise
from fmnist_core.model.fitting import Fit
from fmnist_core.settings import Settings, load_settings
from fmnist_core.shipped import SHIPPED, SHIPPED_EVERYDAY, SHIPPED_TITLES
from fmnist_core.training.beginning import beginning_of
from fmnist_ui.lessons.locks import is_locked
from fmnist_ui.train import draft
from fmnist_ui.train.offered_networks import network_titles, with_chosen
from fmnist_ui.train.verdict import Verdict

_SHIPPED = {SHIPPED: SHIPPED_TITLES[SHIPPED_EVERYDAY]}


def show_first_weights(verdict: Verdict) -> None:
    """The choice, and what of it is taken over."""
    settings = load_settings()
    offers = _offers(verdict, settings)
    chosen = draft.get_or("training.start_from", "") or ""
    fitting = {source: title for source, (title, _) in offers.items()}
    titles = with_chosen(fitting, chosen, _SHIPPED, settings)
    st.selectbox(
        "Start from",
        list(titles),
        key=draft.key_of("training.start_from"),
        disabled=is_locked("training.start_from"),
        format_func=lambda source: titles.get(source, source),
        help=help_of(TrainConfig, "start_from"),
        persist_state="session",
        width=420,
    )
    _, fit = offers.get(chosen, ("", None))
    if fit is not None:
        st.caption(_taken(fit))
    elif len(offers) == 1:
        st.caption("Finished runs of which at least one layer fits can be chosen here.")


def _offers(verdict: Verdict, settings: Settings) -> dict[str, tuple[str, Fit | None]]:
    """No network and all that fit: `start_from`, a title for people, and what is taken over."""
    offers: dict[str, tuple[str, Fit | None]] = {"": ("No other network", None)}
    # Also beside an error: perhaps weights to start from are what it lacks.
    size = None if verdict.config is None else _size(verdict.config.model)
    if verdict.config is None or size is None:
        return offers
    titles = network_titles(_SHIPPED, settings, size)
    fits = {source: _fit(verdict.config, source, settings) for source in titles}
    whole_first = sorted(titles, key=lambda source: not (fits[source] or Fit((), ("",))).whole)
    for source in whole_first:
        if (fit := fits[source]) is not None:
            offers[source] = (titles[source], fit)
    return offers


def _size(model: ModelConfig) -> int | None:
    try:
        return summarise(model).parameters
    except ArchitectureError:
        return None


def _fit(config: RunConfig, source: str, settings: Settings) -> Fit | None:
    training = replace(config.training, start_from=source)
    try:
        return beginning_of(replace(config, training=training), settings)
    except LabError:
        return None


def _taken(fit: Fit) -> str:
    if fit.whole:
        return "All layers fit and are taken over."
    count = len(fit.taken) + len(fit.fresh)
    return (
        f"**Taken over, {len(fit.taken)} of {count} layers:** {', '.join(fit.taken)}. "
        f"**New, with random weights:** {', '.join(fit.fresh)}."
    )
