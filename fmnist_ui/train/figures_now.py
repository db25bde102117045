"""How far a run is, in figures."""

from __future__ import annotations

import streamlit as st

from fmnist_core.runs.history import History
from fmnist_core.runs.status import RunStatus
from fmnist_ui.page_errors import plain
from fmnist_ui.words import UNKNOWN, duration, percent, whole


def show_figures_now(history: History, status: RunStatus) -> None:
    """Progress of run and epoch, then the figures of this moment."""
    if not history.epochs:
        if status.state == "running":
            st.progress(0.0, text=_phase(history))
        return
    if status.active:
        st.progress(history.progress, text=_run_words(history))
        st.progress(history.epoch_progress, text=_epoch_words(history))
    with st.container(horizontal=True, gap="medium"):
        for label, value in _figures(history, status):
            st.metric(label, value, width=130)


def _run_words(history: History) -> str:
    left = history.seconds_left
    words = f"Run: {history.epoch} of {history.epochs} epochs done"
    return words + (f", about {duration(left)} left" if left is not None else "")


def _epoch_words(history: History) -> str:
    if history.phase not in ("", "training"):
        return _phase(history)
    number = min(history.epoch + 1, history.epochs)
    return f"Epoch {number}: step {whole(history.step)} of {whole(history.steps_per_epoch)}"


def _phase(history: History) -> str:
    doing = history.phase if history.phase not in ("", "training") else "Getting ready"
    return f"{plain(doing)}…"


def _figures(history: History, status: RunStatus) -> list[tuple[str, str]]:
    batch = history.batches[-1] if history.batches else None
    epoch = history.epochs_done[-1] if history.epochs_done else None
    latest = epoch or batch
    shown = [
        ("Training accuracy", percent(latest.accuracy if latest else None)),
        ("Training loss", f"{latest.loss:.3f}" if latest else UNKNOWN),
        ("Best validation", percent(history.best.val_accuracy if history.best else None)),
    ]
    return shown + (_of_the_moment(history) if status.active else _of_the_end(status))


def _of_the_moment(history: History) -> list[tuple[str, str]]:
    speed, rate = history.images_per_second, history.learning_rate
    return [
        ("Images a second", whole(speed) if speed else UNKNOWN),
        ("Learning rate", f"{rate:.2g}" if rate is not None else UNKNOWN),
    ]


def _of_the_end(status: RunStatus) -> list[tuple[str, str]]:
    return [
        ("Test accuracy", percent(status.test_accuracy)),
        ("Time", duration(status.seconds)),
    ]
