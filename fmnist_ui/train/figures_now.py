"""How far a run is, in figures."""

from __future__ import annotations

import streamlit as st

from fmnist_core.runs.history import History
from fmnist_core.runs.status import RunStatus
from fmnist_ui.train.words import duration


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
    return f"Epoch {number}: step {history.step:,} of {history.steps_per_epoch:,}".replace(",", " ")


def _phase(history: History) -> str:
    words = {"loading": "Reading the images…", "building": "Building the network…"}
    words["evaluating"] = "Trying it on the test images…"
    return words.get(history.phase, "Getting ready…")


def _figures(history: History, status: RunStatus) -> list[tuple[str, str]]:
    batch = history.batches[-1] if history.batches else None
    epoch = history.epochs_done[-1] if history.epochs_done else None
    best = history.best
    shown: list[tuple[str, str | None]] = [
        ("Test accuracy", _percent(status.test_accuracy)),
        ("Best validation", _percent(best.val_accuracy if best else None)),
        ("Training accuracy", _percent(epoch.accuracy if epoch else batch and batch.accuracy)),
        ("Training loss", f"{(epoch or batch).loss:.3f}" if epoch or batch else None),
    ]
    if status.active:
        rate = history.learning_rate
        shown += [
            ("Images a second", f"{history.images_per_second:,.0f}".replace(",", " ")),
            ("Learning rate", f"{rate:.2g}" if rate is not None else None),
        ]
    else:
        shown.append(("Time", duration(status.seconds)))
    return [(label, value) for label, value in shown if value is not None]


def _percent(share: float | None) -> str | None:
    return None if share is None else f"{share:.1%}"
