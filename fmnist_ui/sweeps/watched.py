"""Watching one sweep: how far it is, the best so far, what mattered, and every trial.

The page around it is drawn once; only `_tick` runs again and again while the sweep goes on.
"""

from __future__ import annotations

import streamlit as st

from fmnist_core.engine.client import (
    delete_sweep,
    engine_status,
    heal,
    open_sweep,
    stop_sweep,
)
from fmnist_core.runs.status import RunStatus
from fmnist_core.settings import load_settings
from fmnist_core.sweeps import GRID, Sweep
from fmnist_ui.page_errors import page_errors, plain
from fmnist_ui.sweeps.best import show_best
from fmnist_ui.sweeps.choice import set_up_another
from fmnist_ui.sweeps.pictures import show_pictures
from fmnist_ui.sweeps.trial_table import show_trials
from fmnist_ui.sweeps.words import sweep_words
from fmnist_ui.train.engine_notice import show_engine_notice
from fmnist_ui.train.words import path_words
from fmnist_ui.words import data_title, duration, moment

_PACE = 1.5


def show_sweep(sweep: Sweep) -> None:
    """The live view of a sweep, or what became of it."""
    _show_header(sweep)
    pace = _PACE if sweep.active else None
    st.fragment(_tick, run_every=pace)(sweep.id, _stage(sweep))


def _stage(sweep: Sweep) -> tuple[str, int, int]:
    """What the page around the moving part tells of as well: buttons, and runs in the sidebar."""
    return sweep.state, len(sweep.trials), sweep.ended


@page_errors()
def _tick(sweep_id: str, stage: tuple[str, int, int]) -> None:
    sweep = open_sweep(sweep_id, load_settings())
    if sweep.active:
        heal(load_settings())
    if _stage(sweep) != stage:
        st.rerun()
    if sweep.state == "damaged":
        st.error(f"**{plain(sweep.error)}**  \n{plain(sweep.advice)}", icon=":material/error:")
        return
    _show_progress(sweep)
    show_best(sweep)
    show_pictures(sweep)
    show_trials(sweep)


def _show_header(sweep: Sweep) -> None:
    words = sweep_words(sweep.state)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"### {plain(sweep.meta.name)}")
        st.badge(words.word, icon=words.icon, color=words.colour)  # type: ignore[arg-type]
        st.space("stretch")
        if sweep.state == "running":
            st.button(
                "Stop",
                icon=":material/stop:",
                key="sweep_stop",
                on_click=_stop,
                args=(sweep.id,),
                help="What trains is stopped after its step; the best so far is kept.",
            )
        else:
            _offer_to_delete(sweep)
        st.button(
            "Set up another", icon=":material/tune:", on_click=set_up_another, key="sweep_another"
        )
    if sweep.config is not None:
        st.caption(_facts(sweep))


def _offer_to_delete(sweep: Sweep) -> None:
    if sweep.active:
        return
    with st.popover("Delete", icon=":material/delete:"):
        st.markdown("Its record goes; its runs stay on the page Runs.")
        st.button(
            "Delete the record",
            key="sweep_delete",
            type="primary",
            on_click=_delete,
            args=(sweep.id,),
        )


def _facts(sweep: Sweep) -> str:
    assert sweep.config is not None
    config = sweep.config
    varied = ", ".join(path_words(one.field) for one in config.dimensions)
    method = "all combinations" if config.method == GRID else "guided search"
    epochs = config.epochs_of_a_run
    facts = [
        f"{varied}: {method}",
        f"{epochs} epoch{'s' if epochs != 1 else ''} each",
        "laggards stopped early" if config.pruning else "",
        data_title(config.base.training.dataset),
        moment(sweep.meta.created),
    ]
    return " · ".join(fact for fact in facts if fact)


def _show_progress(sweep: Sweep) -> None:
    if not sweep.active:
        if sweep.error:
            st.error(f"**{plain(sweep.error)}**  \n{plain(sweep.advice)}", icon=":material/error:")
        return
    show_engine_notice(RunStatus())
    slots = engine_status(load_settings()).slots
    left = sweep.seconds_left(slots)
    words = [f"{sweep.ended} of {sweep.total} trials over"]
    if sweep.state == "stopping":
        words.append("stopping after the present step")
    elif left is not None:
        words.append(f"about {duration(left)} left")
    else:
        words.append("the first one tells how long it takes")
    st.progress(min(1.0, sweep.ended / max(1, sweep.total)), " · ".join(words))


def _stop(sweep_id: str) -> None:
    with page_errors():
        stop_sweep(sweep_id, load_settings())


def _delete(sweep_id: str) -> None:
    with page_errors():
        delete_sweep(sweep_id, load_settings())
        set_up_another()
