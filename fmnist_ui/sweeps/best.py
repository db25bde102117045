"""The best trial so far, and what to do with its settings."""

from __future__ import annotations

import streamlit as st

from fmnist_core.errors import LabError
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.library import known_summary
from fmnist_core.settings import load_settings
from fmnist_core.sweeps import Sweep, Trial
from fmnist_ui.page_errors import page_errors, plain
from fmnist_ui.sweeps.words import values_words
from fmnist_ui.words import percent


def show_best(sweep: Sweep) -> None:
    """A card; before the first figure a sentence in its place."""
    best = sweep.best
    with st.container(border=True, key="card_sweep_best"):
        if best is None:
            words = "The best appears here when the first trial is over."
            st.markdown(words if sweep.active else "No trial came to a figure.")
            return
        with st.container(horizontal=True, vertical_alignment="center", gap="large"):
            st.metric(
                "Best so far" if sweep.active else "Best",
                percent(best.score),
                help="Accuracy on images held back. Test images are not looked at to choose.",
                width="content",
            )
            with st.container(width="stretch", gap="xsmall"):
                st.markdown(f"**Trial {best.number}:** {values_words(best.values)}")
                st.caption(_beside_base(sweep, best))
        show_next_steps(sweep, best, "best")


def _beside_base(sweep: Sweep, best: Trial) -> str:
    """What the settings one began with reached in the same sweep."""
    base = sweep.config.base_values if sweep.config else None
    first = next((trial for trial in sweep.judged if trial.values == base), None)
    if first is None:
        return "Chosen by the images held back; the test images were not looked at."
    if first == best:
        return "These are the settings that the sweep began with: nothing tried so far beats them."
    return f"The settings the sweep began with reached {percent(first.score)}."


def show_next_steps(sweep: Sweep, trial: Trial, key: str) -> None:
    """Buttons: open the trial's run, or train longer with its settings."""
    with st.container(horizontal=True, vertical_alignment="center"):
        opens = _page_of(trial)
        if opens is not None and st.button(
            "Open its run", icon=":material/visibility:", key=f"sweep_open_{key}"
        ):
            st.switch_page(opens, query_params={"run": trial.run_id})
        if st.button(
            "Train longer with these settings",
            icon=":material/model_training:",
            key=f"sweep_longer_{key}",
            type="primary" if key == "best" and not sweep.active else "secondary",
            help="Fills the form on Train; nothing starts before you press there.",
        ):
            _train_longer(sweep, trial)


def _page_of(trial: Trial) -> str | None:
    try:
        folder = RunFolder.open(load_settings().runs_dir, trial.run_id)
        run = known_summary(folder)
    except LabError:
        return None
    return "pages/evaluate.py" if run.evaluated and not run.active else "pages/train.py"


def _train_longer(sweep: Sweep, trial: Trial) -> None:
    assert sweep.config is not None
    with page_errors():
        st.session_state["train_config"] = sweep.config.longer(trial.values).to_json()
        st.switch_page("pages/train.py")


def show_problem(trial: Trial) -> None:
    """Why a trial was refused or failed."""
    if trial.error:
        st.info(f"**{plain(trial.error)}**  \n{plain(trial.advice)}", icon=":material/info:")
