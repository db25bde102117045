"""What the pages on results share: choose a network, and say so where it was never judged."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from fmnist_core.config import IMPORTED
from fmnist_core.engine.client import evaluate_run
from fmnist_core.errors import DataError
from fmnist_core.evaluation import Evaluation
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.library import DAMAGED, RunSummary, list_runs
from fmnist_core.runs.pretrained import SHIPPED_NETWORKS, folder_of, shipped_runs
from fmnist_core.settings import load_settings
from fmnist_ui.components import no_run_yet, pretrained_card, run_picker
from fmnist_ui.components.stored_results import evaluation_of
from fmnist_ui.page_errors import page_errors, plain, show_error


@dataclass(frozen=True, eq=False)
class Judged:
    """A run or a shipped network with its figures; `run.id` is its name for the engine."""

    run: RunSummary
    folder: RunFolder
    evaluation: Evaluation


def choose(key: str) -> Judged | None:
    """Lets the person choose a run or a shipped network.

    Returns:
        None where there are no figures, which is explained.
    """
    runs, shipped = list_runs(load_settings()), shipped_runs()
    ended = [run for run in runs if not run.active and run.state != DAMAGED]
    if not ended:
        no_run_yet.show(training=any(run.active for run in runs), instead=bool(shipped))
    if not ended and not shipped:
        return None
    run = run_picker.show([*ended, *shipped], key)
    folder = folder_of(run.id, load_settings())
    try:
        evaluation = evaluation_of(folder)
    except DataError as error:
        show_error(error)
        offer_evaluation(run)
        return None
    if evaluation is None:
        _show_unjudged(run)
        return None
    pretrained_card.show(run)
    return Judged(run, folder, evaluation)


def offer_evaluation(run: RunSummary, label: str = "Evaluate it again") -> None:
    """The button that has the engine judge a run's saved weights; a shipped network has none."""
    if run.id in SHIPPED_NETWORKS:
        return
    if st.button(label, type="primary", icon=":material/fact_check:", key="evaluate_run"):
        with page_errors():
            with st.spinner("Trying it on the test images…"):
                evaluate_run(run.id, load_settings())
            st.rerun()


def _show_unjudged(run: RunSummary) -> None:
    if run.error:
        st.error(f"**{plain(run.error)}**  \n{plain(run.advice)}", icon=":material/error:")
    if run.preset == IMPORTED:
        st.info(
            "This network came as a file and was not tried on the test images yet.",
            icon=":material/pending:",
        )
        offer_evaluation(run, "Evaluate it")
    elif run.resumable:
        st.info(
            f"This run ended after {run.epoch} of {run.epochs} epochs and was not tried on the "
            "test images. What it learned was saved.",
            icon=":material/pending:",
        )
        offer_evaluation(run, "Evaluate what it learned")
    else:
        st.info(
            "This run saved no weights, so there is nothing to evaluate. "
            "Train again from its configuration on the Runs page.",
            icon=":material/block:",
        )
