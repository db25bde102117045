"""A network that is there already learns a little more, from one's own collection."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import streamlit as st

from fmnist_core.config import RunConfig, ScheduleConfig
from fmnist_core.config.rules import Whole
from fmnist_core.engine.client import submit
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.library import RunSummary, list_runs
from fmnist_core.settings import load_settings
from fmnist_core.shipped import SHIPPED, SHIPPED_EVERYDAY, SHIPPED_TITLES, shipped_card
from fmnist_ui.number_field import number_field
from fmnist_ui.page_errors import page_errors, plain
from fmnist_ui.results.words import labels
from fmnist_ui.train.launch import owner
from fmnist_ui.tryit.before_after import show_before_after
from fmnist_ui.tryit.compare import ended_runs
from fmnist_ui.words import state_words

# Low, so that the network keeps what it knows; the images it knew come along for the same reason.
_RATE, _IMAGES, _EPOCHS, _SHARE = 2e-4, 10_000, 3, 0.5
_PACE = 2.0
_WORDS = (
    "Fine-tuning: a network that knows clothes already learns a little more from your items. "
    "It becomes a new run, found on the page **Runs**; the network it began with stays as it is."
)
_EPOCHS_HELP = (
    "How many times it goes through your items and the images that come along. "
    "More takes longer and holds on to your items more tightly."
)
_BASE, _COUNT = "try_base", "try_epochs"


def show_fine_tuning(collection: str) -> None:
    """The offer; below it how the last fine-tuning with this collection goes, or went."""
    with st.container(border=True, key="try_fine_tune"):
        st.markdown("**Fine-tune a network on it**")
        st.caption(_WORDS)
        _show_offer(collection)
        last = _last_with(collection)
        if last is not None:
            st.fragment(_follow, run_every=_PACE if last.active else None)(collection, last.id)


def fine_tuning(base: RunConfig, source: str, collection: str, epochs: int) -> RunConfig:
    """`base` once more for a few epochs at a low rate, from the weights of `source`."""
    training = replace(
        base.training,
        start_from=source,
        collections=(collection,),
        collection_share=_SHARE,
        train_images=_IMAGES,
        epochs=epochs,
        optimizer="adam",
        learning_rate=_RATE,
        schedule=ScheduleConfig(),
        early_stopping=0,
        keep_weights="last",
    )
    return RunConfig(base.model, training)


def _show_offer(collection: str) -> None:
    names = {SHIPPED: SHIPPED_TITLES[SHIPPED_EVERYDAY], **labels(ended_runs())}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        base = st.selectbox(
            "Begin with", list(names), key=_BASE, format_func=lambda one: names[one], width=260
        )
        epochs = number_field(
            "Epochs", Whole(1, 20), value=_EPOCHS, key=_COUNT, width=120, help=_EPOCHS_HELP
        )
        pressed = st.button(
            "Fine-tune",
            type="primary",
            icon=":material/model_training:",
            key="try_fine_tune_go",
            disabled=epochs.fault is not None,
        )
    if pressed and base in names:
        with page_errors():
            _start(base, names[base], collection, epochs.value)


def _start(base: str, name: str, collection: str, epochs: int) -> None:
    settings = load_settings()
    config = fine_tuning(_config_of(base), base, collection, epochs)
    submit(config, name=f"{name} + {collection}"[:80], owner=owner(), settings=settings)
    st.rerun()


def _config_of(base: str) -> RunConfig:
    if base == SHIPPED:
        return RunConfig.from_json(shipped_card(SHIPPED_EVERYDAY).get("recipe", {}).get("config"))
    return RunFolder.open(load_settings().runs_dir, base).config


def _last_with(collection: str) -> RunSummary | None:
    """The newest run that began with another's weights and learned from this collection."""
    settings = load_settings()
    for run in list_runs(settings):
        if run.state == "damaged":
            continue
        start, collections = _learned_from(str(settings.runs_dir), run.id)
        if start and collection in collections:
            return run
    return None


@st.cache_data(max_entries=5_000, show_spinner=False)
def _learned_from(runs_dir: str, run_id: str) -> tuple[str, tuple[str, ...]]:
    """A run's first weights and collections, read once: its configuration never changes."""
    training = RunFolder.open(Path(runs_dir), run_id).config.training
    return training.start_from, training.collections


@page_errors()
def _follow(collection: str, run_id: str) -> None:
    run = next((one for one in list_runs(load_settings()) if one.id == run_id), None)
    if run is None:
        return
    if run.active:
        _show_progress(run)
    elif run.state == "finished":
        # Here for the first time since it ended: the page's pace changes with it.
        if st.session_state.pop("try/followed", None) == run_id:
            st.rerun()
        start = RunFolder.open(load_settings().runs_dir, run_id).config.training.start_from
        show_before_after(collection, run, start)
    else:
        words = state_words(run.state).in_text
        st.markdown(f"{plain(run.name)}: {words}. {plain(run.error)} {plain(run.advice)}")


def _show_progress(run: RunSummary) -> None:
    st.session_state["try/followed"] = run.id
    words = state_words(run.state).in_text
    done = f", {run.epoch} of {run.epochs} epochs" if run.state != "queued" else ""
    st.progress(
        run.epoch / max(1, run.epochs), f"{plain(run.name)}: {words}{done}. It goes on by itself."
    )
    if st.button("Watch it", icon=":material/visibility:", key="try_watch"):
        st.switch_page("pages/train.py", query_params={"run": run.id})
