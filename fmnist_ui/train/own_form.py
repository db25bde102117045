"""What a training takes from this lab: own collections, and weights to start from."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from fmnist_core.collection import CollectionStore
from fmnist_core.config import RunConfig, TrainConfig
from fmnist_core.config.rules import help_of
from fmnist_core.errors import ConfigError
from fmnist_core.runs.library import RunSummary, list_runs
from fmnist_core.settings import Settings, load_settings
from fmnist_core.shipped import SHIPPED, SHIPPED_EVERYDAY, SHIPPED_TITLES
from fmnist_core.training.beginning import check_beginning
from fmnist_ui.train import draft
from fmnist_ui.train.fields import field
from fmnist_ui.train.verdict import Verdict

# The newest so many of equal size are looked into; older ones are taken up on the page Runs.
_MOST_RUNS = 30


def show_own_form(verdict: Verdict) -> None:
    """Collections with their share, and the choice of first weights."""
    settings = load_settings()
    with st.container(border=True, gap="small"):
        st.markdown("**Own collections**")
        _show_collections(settings)
    with st.container(border=True, gap="small"):
        st.markdown("**First weights**")
        _show_beginning(verdict, settings)


def _show_collections(settings: Settings) -> None:
    names = CollectionStore(settings).names()
    chosen = tuple(draft.get_or("training.collections", ()) or ())
    # Also those that are chosen and gone: the reason stands beside the button then.
    options = [*names, *(name for name in chosen if name not in names)]
    if not options:
        st.caption(
            "None yet. Collect corrected pictures on the page Try it, or bring a folder in: "
            "`python -m fmnist_core collection import NAME FOLDER`."
        )
        return
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        st.multiselect(
            "Collections",
            options,
            key=draft.key_of("training.collections"),
            help=help_of(TrainConfig, "collections"),
            placeholder="none",
            persist_state="session",
            width=420,
        )
        field(TrainConfig, "collection_share", "training", disabled=not chosen)


def _show_beginning(verdict: Verdict, settings: Settings) -> None:
    offers = _offers(verdict, settings)
    chosen = draft.get_or("training.start_from", "") or ""
    offers.setdefault(chosen, chosen)
    st.selectbox(
        "Start from",
        list(offers),
        key=draft.key_of("training.start_from"),
        format_func=lambda source: offers.get(source, source),
        help=help_of(TrainConfig, "start_from"),
        persist_state="session",
        width=420,
    )
    if len(offers) == 1:
        st.caption("Finished runs with this very network can be chosen here.")


def _offers(verdict: Verdict, settings: Settings) -> dict[str, str]:
    """Random weights and all equal networks of the lab: `start_from` and a title for people."""
    offers = {"": "Random weights"}
    if verdict.config is None or verdict.expectation is None:
        return offers
    if _fits(verdict.config, SHIPPED, settings):
        offers[SHIPPED] = SHIPPED_TITLES[SHIPPED_EVERYDAY]
    size = verdict.expectation.summary.parameters
    like = [run for run in list_runs(settings) if run.evaluated and run.parameters == size]
    for run in like[:_MOST_RUNS]:
        if _fits(verdict.config, run.id, settings):
            offers[run.id] = _title(run)
    return offers


def _fits(config: RunConfig, source: str, settings: Settings) -> bool:
    training = replace(config.training, start_from=source)
    try:
        check_beginning(replace(config, training=training), settings)
    except ConfigError:
        return False
    return True


def _title(run: RunSummary) -> str:
    accuracy = "" if run.test_accuracy is None else f", {run.test_accuracy:.2%}"
    return f"{run.name}{accuracy} ({run.id})"
