"""Setting up a sweep: where it begins, what varies, how it is searched, how long that takes."""

from __future__ import annotations

from typing import Any

import streamlit as st

from fmnist_core.config import RunConfig
from fmnist_core.config.rules import Whole, help_of, rule_of
from fmnist_core.engine.client import engine_status, start_sweep
from fmnist_core.errors import LabError
from fmnist_core.settings import load_settings
from fmnist_core.sweeps import GRID, GUIDED, MOST_EPOCHS, SweepConfig
from fmnist_core.training.check import check_trainable
from fmnist_ui.number_field import number_field
from fmnist_ui.page_errors import page_errors, show_error
from fmnist_ui.sweeps.base import show_base
from fmnist_ui.sweeps.choice import watch
from fmnist_ui.sweeps.expectation import expected_seconds
from fmnist_ui.sweeps.varied import choose_varied, show_varied
from fmnist_ui.sweeps.words import runs_of
from fmnist_ui.train.launch import owner
from fmnist_ui.words import duration

_METHODS = {GUIDED: "Guided search", GRID: "All combinations"}
_METHOD_HELP = (
    "A guided search looks where it was good so far (Optuna). All combinations are few only "
    "where few values are tried."
)


def show_form() -> None:
    """The form and its button; an error of any field stands above the button."""
    with st.container(border=True):
        base, base_problem = show_base()
    if base is None:
        return
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
            method = _method()
            choose_varied(base)
        dimensions, varied_problem = show_varied(base, grid=method == GRID)
    with st.container(border=True):
        wishes, search_problem = _show_search(base, method)
        wishes |= {"dimensions": dimensions, "method": method}
        _show_launch(base, wishes, base_problem or varied_problem or search_problem)


def _method() -> str:
    chosen = st.segmented_control(
        "Search",
        list(_METHODS),
        default=GUIDED,
        format_func=_METHODS.__getitem__,
        required=True,
        key="sweep/method",
        help=_METHOD_HELP,
        persist_state="session",
    )
    return str(chosen or GUIDED)


def _show_search(base: RunConfig, method: str) -> tuple[dict[str, Any], LabError | None]:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        trials = number_field(
            "Trials",
            rule_of(SweepConfig, "trials"),
            value=SweepConfig.trials,
            key="sweep/trials",
            disabled=method == GRID,
            help=help_of(SweepConfig, "trials"),
            persist_state="session",
        )
        epochs = number_field(
            "Epochs",
            Whole(1, MOST_EPOCHS),
            value=max(1, (base.training.epochs + 1) // 2),
            key=f"sweep/{base.preset}/epochs",
            help="Of each run. Fewer are enough to compare; the best can be trained longer.",
            persist_state="session",
        )
        st.text_input(
            "Name",
            key="sweep/name",
            placeholder="My sweep",
            max_chars=30,
            help="What the sweep is called, and the tag of its runs.",
            persist_state="session",
            width=260,
        )
        pruning = st.toggle(
            "Stop laggards early",
            value=True,
            key="sweep/pruning",
            help="After each epoch a run below the median of those that finished is stopped.",
            persist_state="session",
        )
    wishes = {"trials": trials.value, "epochs": epochs.value, "pruning": bool(pruning)}
    return wishes, trials.fault or epochs.fault


def _show_launch(base: RunConfig, wishes: dict[str, Any], problem: LabError | None) -> None:
    config: SweepConfig | None = None
    words = ""
    if problem is None:
        try:
            config = SweepConfig(base=base, **wishes)
            check_trainable(base, load_settings())
            words = _expected(config)
        except LabError as error:
            problem = error
    if problem is not None:
        show_error(problem)
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        pressed = st.button(
            "Start the sweep",
            type="primary",
            icon=":material/play_arrow:",
            key="sweep_start",
            disabled=problem is not None,
        )
        st.markdown(words)
    if pressed and problem is None and config is not None:
        with page_errors():
            _start(config)


def _expected(config: SweepConfig) -> str:
    each = expected_seconds(config)
    slots = min(config.total, max(1, engine_status(load_settings()).slots))
    epochs = config.epochs_of_a_run
    less = ", less where runs are stopped early" if config.pruning else ""
    return (
        f"{runs_of(config.total)} of {epochs} epoch{'s' if epochs != 1 else ''}, "
        f"about {duration(each)} each · {duration(each * config.total / slots)} in all{less}"
    )


def _start(config: SweepConfig) -> None:
    name = (st.session_state.get("sweep/name") or "").strip()
    folder = start_sweep(config, name=name, owner=owner(), settings=load_settings())
    watch(folder.id)
    st.rerun()
