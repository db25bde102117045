"""The Train page: the form, or one run live with figures, curves, notes, controls and outcome.

The page around a run is drawn once; only `_tick` runs every second, and it reads no more than what
the run's event log has gained since the last time.
"""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import streamlit as st

from fmnist_core.config import TrainConfig
from fmnist_core.config.rules import option_label
from fmnist_core.engine.client import recover_engine, request, resume
from fmnist_core.errors import RunError
from fmnist_core.evaluation import Repeats
from fmnist_core.models.cost import summarise
from fmnist_core.permissions import may_change
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.history import History
from fmnist_core.runs.library import summary_of
from fmnist_core.runs.status import RunStatus
from fmnist_core.settings import load_settings
from fmnist_core.tracking import tracking_errors
from fmnist_ui.components.config_field import config_field
from fmnist_ui.components.current_network import make_current
from fmnist_ui.components.pinned_images import show_pinned_strip
from fmnist_ui.figures.network_diagram import network_diagram, stages_of
from fmnist_ui.followed_runs import history_of, trace_of
from fmnist_ui.lab_state import LabState, lab_state
from fmnist_ui.page_errors import page_errors, plain, show_error
from fmnist_ui.theme import palette
from fmnist_ui.train import draft
from fmnist_ui.train.choice import (
    chosen_run,
    seeds_of,
    set_up_another,
    show_repeat,
    together,
    watch,
)
from fmnist_ui.train.form import show_form
from fmnist_ui.train.queue_view import runs_before, show_queue, show_waiting
from fmnist_ui.train.run_header import (
    set_up_another_button,
    show_curves,
    show_engine_notice,
    show_header,
)
from fmnist_ui.train.seeds_view import show_seeds
from fmnist_ui.train.seen_image import choose_seen_image
from fmnist_ui.words import UNKNOWN, data_name, duration, percent, whole

_LOG_BYTES = 12_000

# What a finished run leads to: label, icon, page, and the run's name in that page's address.
_NEXT = (
    ("Evaluate", ":material/fact_check:", "evaluate", "run"),
    ("Try it", ":material/draw:", "try", "run"),
    ("Explain", ":material/layers:", "explain", "model"),
)

_PROGRAMS = {"tensorboard": "TensorBoard", "mlflow": "MLflow"}


# Seconds between two looks: quick just before there is something to see, calm where nothing is due.
_BEFORE_FIRST_POINT, _STEADY, _CALM = 0.3, 1.0, 2.0


def show_train() -> None:
    """A configuration handed over by another page opens the form."""
    if "train_config" in st.session_state:
        set_up_another()
    # Looked at once: a thousand runs are a thousand folders.
    state = lab_state()
    run_id = chosen_run(state)
    if run_id is None:
        draft.start()
        show_form()
        show_queue(state)
        return
    seeds = seeds_of(run_id, state)
    as_one = seeds is not None and together(seeds)
    watch(run_id, seeds=as_one)
    _say_once_already(run_id)
    try:
        if seeds is not None and as_one:
            show_seeds(run_id, seeds, state)
        else:
            _show_run(run_id, state, seeds)
    except RunError as error:
        show_error(error)
        set_up_another_button()


def _say_once_already(run_id: str) -> None:
    if st.session_state.pop("already_there", None) == run_id:
        st.info(
            "A run with this configuration is already training or queued; it is shown here. "
            "Change a setting, such as the seed, to train another one.",
            icon=":material/content_copy:",
        )


def _show_run(run_id: str, state: LabState, seeds: Repeats | None) -> None:
    """The live view of a run, or what became of it, and the other runs in the engine.

    Args:
        seeds: The run with its other seeds, where it has any.

    Raises:
        RunError: There is no such run.
    """
    folder = RunFolder.open(load_settings().runs_dir, run_id)
    status = _status(folder)
    show_header(folder, status, len(seeds.runs) if seeds else 1)
    if status.active:
        _show_controls(folder, status)
    else:
        _show_outcome(folder, status, comparable=_others(folder.id, state))
    # A fragment of its own interval: Streamlit takes it where the fragment is made.
    pace = _interval(folder, status)
    st.fragment(_tick, run_every=pace)(run_id, status.state, pace)
    show_queue(state, run_id)


def _interval(folder: RunFolder, status: RunStatus) -> float | None:
    if not status.active:
        return None
    if status.state == "paused":
        return _CALM
    if status.state == "queued":
        return _CALM if runs_before(folder.id) else _STEADY
    return _STEADY if history_of(folder).batches else _BEFORE_FIRST_POINT


@page_errors()
def _tick(run_id: str, state: str, pace: float | None) -> None:
    folder = RunFolder.open(load_settings().runs_dir, run_id)
    status = _status(folder)
    if status.active:
        recover_engine(load_settings())
    if status.state != state or _interval(folder, status) != pace:
        # The page around changes too: other buttons, another interval.
        st.rerun()
    if not show_engine_notice(status) and status.state == "queued":
        show_waiting(run_id)
    history = history_of(folder)
    _show_figures_now(history, status, folder)
    show_curves(history)
    _show_network(folder)
    show_pinned_strip(trace_of(folder))
    _show_notes(history)
    _show_tracking(folder)
    _show_log(folder)


def _show_network(folder: RunFolder) -> None:
    """Its picture, with what each block makes of an image; nothing before the first maps."""
    seen = choose_seen_image(folder)
    if seen is not None:
        stages = stages_of(summarise(folder.config.model).layers)
        st.html(network_diagram(stages, palette(), seen=seen))


def _status(folder: RunFolder) -> RunStatus:
    """The run's status, also where its process is gone and could not write it any more."""
    status = folder.status
    if not status.active:
        return status
    now = summary_of(folder)
    return replace(status, state=now.state, error=now.error, advice=now.advice)


def _show_notes(history: History) -> None:
    """Pauses, changes and gaps, newest last."""
    if history.notes:
        lines = [f"- :gray[{_clock(note.t)}] {plain(note.text)}" for note in history.notes[-8:]]
        st.markdown("\n".join(lines))


def _show_tracking(folder: RunFolder) -> None:
    """Trackers that could not be updated, and why."""
    for name, error in tracking_errors(folder).items():
        st.caption(
            f":orange[:material/cloud_off:] {_PROGRAMS[name]} logging failed: "
            f"{plain(error)}. Training continues."
        )


def _show_log(folder: RunFolder) -> None:
    """The end of the worker's log; nothing is read while it is folded."""
    fold = st.expander("Worker log", icon=":material/terminal:", key="fold_log", on_change="rerun")
    if fold.open:
        with fold:
            st.code(_tail(folder.log_path) or "Nothing yet.", language=None, height=300)


def _tail(path: Path) -> str:
    try:
        with path.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _LOG_BYTES))
            text = file.read().decode(errors="replace")
    except FileNotFoundError:
        return ""
    return text if len(text) < _LOG_BYTES else text.partition("\n")[2]


def _clock(seconds: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(seconds))


def _show_figures_now(history: History, status: RunStatus, folder: RunFolder) -> None:
    """Progress of the run, then the figures of this moment."""
    if not history.epochs:
        if status.state == "running":
            st.progress(0.0, text=_phase(history))
        return
    if status.active:
        st.progress(history.progress, text=_epoch_words(history))
    with st.container(horizontal=True, gap="medium", key="figures_now"):
        for label, value in _figures(history, status, folder):
            st.metric(label, value, width="content")


def _epoch_words(history: History) -> str:
    if history.phase not in ("", "training"):
        return _phase(history)
    number = min(history.epoch + 1, history.epochs)
    return f"Epoch {number}: step {whole(history.step)} of {whole(history.steps_per_epoch)}"


def _phase(history: History) -> str:
    doing = history.phase if history.phase not in ("", "training") else "Preparing"
    return f"{plain(doing)}…"


def _figures(history: History, status: RunStatus, folder: RunFolder) -> list[tuple[str, str]]:
    batch = history.batches[-1] if history.batches else None
    epoch = history.epochs_done[-1] if history.epochs_done else None
    latest = epoch or batch
    speed, left = history.images_per_second, history.seconds_left
    made_on = folder.provenance
    device = (made_on.get("device", ""), _precision(made_on))
    return [
        ("Epochs done", f"{history.epoch} of {history.epochs}"),
        ("Time left", UNKNOWN if left is None else duration(left))
        if status.active
        else ("Time", duration(status.seconds)),
        ("Images per second", whole(speed) if speed else UNKNOWN),
        ("Training accuracy", percent(latest.accuracy if latest else None)),
        ("Best validation", percent(history.best.val_accuracy if history.best else None)),
        *([] if status.active else [("Test accuracy", percent(status.test_accuracy))]),
        ("Device", ", ".join(filter(None, device)) or UNKNOWN),
    ]


def _precision(provenance: dict[str, Any]) -> str:
    used = provenance.get("precision")
    return option_label(TrainConfig, "precision", used) if used else ""


def _others(run_id: str, state: LabState) -> bool:
    """Whether there is another run to compare it with."""
    return any(run.id != run_id and run.test_accuracy is not None for run in state.runs)


def _show_outcome(folder: RunFolder, status: RunStatus, *, comparable: bool) -> None:
    """How the run ended, in a sentence, and buttons for the next step."""
    _show_sentence(folder, status)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if status.test_accuracy is not None:
            _show_next(folder.id)
            if comparable and st.button("Compare", icon=":material/balance:", key="next_compare"):
                make_current(folder.id)
                asked = {"run": folder.id, "section": "Compare"}
                st.switch_page("pages/evaluate.py", query_params=asked)
        if status.state != "finished" and folder.resumable and may_change(folder.owner):
            st.button(
                "Resume from the last epoch",
                icon=":material/play_arrow:",
                type="primary",
                on_click=_continue,
                args=(folder.id,),
                key="continue_run",
            )
        st.button(
            "Edit and train again",
            icon=":material/replay:",
            on_click=_again,
            args=(folder,),
            key="train_again",
        )
        if status.state == "finished":
            show_repeat(folder.id)


def _show_next(run_id: str) -> None:
    """What one does with a trained network, side by side."""
    for label, icon, page, parameter in _NEXT:
        if st.button(label, icon=icon, type="primary", key=f"next_{page}"):
            make_current(run_id)
            st.switch_page(f"pages/{page}.py", query_params={parameter: run_id})


def _show_sentence(folder: RunFolder, status: RunStatus) -> None:
    if status.state == "finished":
        st.success(_finished(folder, status), icon=":material/check_circle:")
    elif status.state == "stopped":
        st.info(_stopped(folder, status), icon=":material/stop_circle:")
    else:
        what = status.error or "The training process ended without an error message."
        st.error(f"**{plain(what)}**  \n{plain(status.advice)}", icon=":material/error:")


def _stopped(folder: RunFolder, status: RunStatus) -> str:
    kept = "The weights are saved." if folder.resumable else "No epoch was completed."
    return f"Stopped after {status.epoch} of {status.epochs} epochs. {kept}"


def _finished(folder: RunFolder, status: RunStatus) -> str:
    words = f"**Finished after {status.epoch} epochs** in {duration(status.seconds)}."
    if status.test_accuracy is not None:
        data = data_name(folder.config.training.dataset)
        words += f" Test accuracy {percent(status.test_accuracy)} ({data})."
    return words


def _continue(run_id: str) -> None:
    with page_errors():
        resume(run_id, load_settings())


def _again(folder: RunFolder) -> None:
    with page_errors():
        st.session_state["train_config"] = folder.config.to_json()
        set_up_another()


def _show_controls(folder: RunFolder, status: RunStatus) -> None:
    """Buttons for a run that is waiting, training or paused, for whom it belongs to."""
    if not may_change(folder.owner):
        return
    control = folder.control.read()
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if status.state != "queued":
            _pause_or_resume(folder.id, paused=control.pause)
        _button(
            "Stopping…" if control.stop else "Stop",
            ":material/stop:",
            folder.id,
            help="Keeps the weights trained so far and evaluates them.",
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
    base = wished or folder.config.training.learning_rate
    with st.popover("Learning rate", icon=":material/speed:"):
        rate = config_field(
            TrainConfig,
            "learning_rate",
            label="Base learning rate",
            value=base,
            step=base / 10,
            width=200,
            key=f"rate/{folder.id}",
            help="The schedule continues from here with the new base rate.",
        )
        st.button(
            "Apply",
            type="primary",
            key="control_rate",
            on_click=_ask,
            args=(folder.id,),
            kwargs={"learning_rate": rate.value},
            disabled=rate.fault is not None,
        )
