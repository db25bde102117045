"""The head of a watched run: name, live curves, and a notice when the engine is not running."""

from __future__ import annotations

import streamlit as st

from fmnist_core.config import TrainConfig
from fmnist_core.config.presets import PRESETS
from fmnist_core.config.rules import option_label
from fmnist_core.engine.client import engine_status, start_failure
from fmnist_core.models.cost import summarise
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.history import History
from fmnist_core.runs.status import RunStatus
from fmnist_core.settings import load_settings
from fmnist_ui.classroom.joining import copied_from
from fmnist_ui.figures.live_curves import accuracy_curve, loss_curve, rate_curve
from fmnist_ui.lab_state import maker_of, start_engine
from fmnist_ui.page_errors import plain
from fmnist_ui.theme import palette, show_chart
from fmnist_ui.train.choice import set_up_another, watch
from fmnist_ui.words import big, data_title, state_words

# Legend and axis included; both curves stay in view of a laptop without scrolling.
_HEIGHT = 290


def show_header(folder: RunFolder, status: RunStatus, seeds: int = 1) -> None:
    """Name, state and make of the run, and the way to the next one.

    Args:
        seeds: How many runs there are of its configuration, itself included.
    """
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.subheader(plain(folder.name), anchor=False, width="content")
        words = state_words(status.state)
        st.badge(words.word.capitalize(), icon=words.icon, color=words.colour)  # type: ignore[arg-type]
        st.space("stretch")
        if seeds > 1:
            _all_seeds_button(folder.id, seeds)
        set_up_another_button()
    st.caption(make_of(folder))


def set_up_another_button() -> None:
    """The way back to the form."""
    st.button("New run", icon=":material/add:", on_click=set_up_another, key="set_up_another")


def _all_seeds_button(run_id: str, seeds: int) -> None:
    st.button(
        f"All {seeds} seeds",
        icon=":material/stacked_line_chart:",
        on_click=watch,
        args=(run_id,),
        kwargs={"seeds": True},
        key="all_seeds",
    )


def make_of(folder: RunFolder) -> str:
    """Where its configuration began, its size, its data, and how it is trained."""
    config = folder.config
    began = PRESETS[config.preset].title if config.preset in PRESETS else "Custom"
    optimizer = option_label(TrainConfig, "optimizer", config.training.optimizer)
    parts = [
        began,
        f"{big(summarise(config.model).parameters)} parameters",
        data_title(config.training.dataset),
        f"{optimizer}, batches of {config.training.batch_size}",
    ]
    about = filter(None, (maker_of(folder.owner), copied_from(folder.meta.origin)))
    return " · ".join([*parts, *map(plain, about)])


def show_engine_notice(status: RunStatus) -> bool:
    """Says why a run that wants the engine stands still; returns whether it did."""
    if not status.active or status.in_own_process:
        return False
    settings = load_settings()
    engine = engine_status(settings)
    if engine.running:
        return False
    if engine.state == "stopped":
        _offer("The engine is stopped, so nothing trains. Start it to continue.")
    elif failure := start_failure(settings):
        _offer(plain(failure), "Retry")
    elif engine.state == "restarting":
        st.info("The engine was killed and is being restarted.", icon=":material/bolt:")
    else:
        _offer("The engine is not running; the lab is trying to start it.")
    return True


def _offer(words: str, label: str = "Start the engine") -> None:
    st.warning(words, icon=":material/bolt:")
    st.button(label, icon=":material/play_arrow:", on_click=start_engine, key="start_engine")


def show_curves(history: History) -> None:
    """Two large curves side by side, the learning rate small below; nothing before the start."""
    if not history.epochs:
        return
    colours = palette()
    accuracy, loss = st.container(key="live_curves").columns(2, gap="medium")
    with accuracy:
        st.markdown("**Accuracy**")
        show_chart(accuracy_curve(history, colours, _HEIGHT), "live_accuracy")
    with loss:
        st.markdown("**Loss** (cross-entropy, log scale)")
        show_chart(loss_curve(history, colours, _HEIGHT), "live_loss")
    with st.expander("Learning rate", icon=":material/speed:", key="fold_rate"):
        show_chart(rate_curve(history, colours), "live_rate")
