"""What a person can do to a training: pause, resume, stop, change the learning rate."""

from __future__ import annotations

from typing import Any

import streamlit as st

from fmnist_core.config import TrainConfig
from fmnist_core.config.rules import rule_of
from fmnist_core.engine.client import request
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.status import RunStatus
from fmnist_core.settings import load_settings
from fmnist_ui.number_field import number_field
from fmnist_ui.page_errors import page_errors


def show_controls(folder: RunFolder, status: RunStatus) -> None:
    """Buttons for a run that is waiting, training or paused."""
    control = folder.control.read()
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if status.state != "queued":
            _pause_or_resume(folder.id, paused=control.pause)
        _button(
            "Stopping…" if control.stop else "Stop",
            ":material/stop:",
            folder.id,
            help="What was learned so far is kept and evaluated.",
            disabled=control.stop,
            stop=True,
        )
        if status.state != "queued":
            _learning_rate(folder, control.learning_rate)


def _pause_or_resume(run_id: str, *, paused: bool) -> None:
    if paused:
        _button("Resume", ":material/play_arrow:", run_id, type="primary", pause=False)
    else:
        _button("Pause", ":material/pause:", run_id, pause=True)


def _button(
    label: str,
    icon: str,
    run_id: str,
    *,
    type: Any = "secondary",
    help: str | None = None,
    disabled: bool = False,
    **wish: Any,
) -> None:
    st.button(
        label,
        icon=icon,
        type=type,
        help=help,
        disabled=disabled,
        key=f"control_{next(iter(wish))}",
        on_click=_ask,
        args=(run_id,),
        kwargs=wish,
    )


def _ask(run_id: str, **wish: Any) -> None:
    with page_errors():
        request(run_id, load_settings(), **wish)


def _learning_rate(folder: RunFolder, wished: float | None) -> None:
    rule = rule_of(TrainConfig, "learning_rate")
    base = wished or folder.config.training.learning_rate
    with st.popover("Learning rate", icon=":material/speed:"):
        rate = number_field(
            "Base learning rate",
            rule,
            value=base,
            step=base / 10,
            width=200,
            key=f"rate/{folder.id}",
            help="The schedule goes on from here with this rate in place of the old one.",
        )
        st.button(
            "Use it from now on",
            type="primary",
            key="control_rate",
            on_click=_ask,
            args=(folder.id,),
            kwargs={"learning_rate": rate.value},
            disabled=rate.fault is not None,
        )
