"""How a run ended, and the next step."""

from __future__ import annotations

import streamlit as st

from fmnist_core.engine.client import resume
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.status import RunStatus
from fmnist_core.settings import load_settings
from fmnist_ui.page_errors import page_errors, plain
from fmnist_ui.train.choice import set_up_another
from fmnist_ui.train.repeat import show_repeat
from fmnist_ui.words import data_name, duration, percent


def show_outcome(folder: RunFolder, status: RunStatus) -> None:
    """One sentence on the end, and what to do now."""
    _show_sentence(folder, status)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if status.test_accuracy is not None:
            st.page_link(
                "pages/evaluate.py",
                label="Evaluate this run",
                icon=":material/fact_check:",
                query_params={"run": folder.id},
            )
        if status.state != "finished" and folder.resumable:
            st.button(
                "Continue from its last epoch",
                icon=":material/play_arrow:",
                type="primary",
                on_click=_continue,
                args=(folder.id,),
                key="continue_run",
            )
        st.button(
            "Train again from this configuration",
            icon=":material/replay:",
            on_click=_again,
            args=(folder,),
            key="train_again",
        )
        if status.state == "finished":
            show_repeat(folder.id)


def _show_sentence(folder: RunFolder, status: RunStatus) -> None:
    if status.state == "finished":
        st.success(_finished(folder, status), icon=":material/check_circle:")
    elif status.state == "stopped":
        st.info(_stopped(folder, status), icon=":material/stop_circle:")
    else:
        what = status.error or "Its process ended without a word."
        st.error(f"**{plain(what)}**  \n{plain(status.advice)}", icon=":material/error:")


def _stopped(folder: RunFolder, status: RunStatus) -> str:
    kept = "What was learned is kept." if folder.resumable else "Nothing had been learned yet."
    return f"Stopped after {status.epoch} of {status.epochs} epochs. {kept}"


def _finished(folder: RunFolder, status: RunStatus) -> str:
    words = f"**Finished after {status.epoch} epochs** in {duration(status.seconds)}."
    if status.test_accuracy is not None:
        images = f"test images ({data_name(folder.config.training.dataset)})"
        words += f" {percent(status.test_accuracy)} of the {images} are right."
    return words


def _continue(run_id: str) -> None:
    with page_errors():
        resume(run_id, load_settings())


def _again(folder: RunFolder) -> None:
    with page_errors():
        st.session_state["train_config"] = folder.config.to_json()
        set_up_another()
