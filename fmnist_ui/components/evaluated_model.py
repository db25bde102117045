"""Choosing the network a page is about, and what is shown where there is none or no evaluation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from fmnist_core.config import IMPORTED
from fmnist_core.engine.client import evaluate_run
from fmnist_core.errors import DataError
from fmnist_core.evaluation import Evaluation
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.library import DAMAGED, RunSummary
from fmnist_core.runs.pretrained import (
    SHIPPED_CATALOGUE,
    SHIPPED_EVERYDAY,
    SHIPPED_NETWORKS,
    folder_of,
    shipped_runs,
)
from fmnist_core.settings import load_settings
from fmnist_ui.components.current_network import choose_network
from fmnist_ui.components.stored_results import evaluation_of
from fmnist_ui.lab_state import known_runs, maker_of, own_runs
from fmnist_ui.page_errors import page_errors, plain, show_error
from fmnist_ui.words import data_name, day, labels, moment, percent, state_words

_KNOWS = {
    SHIPPED_CATALOGUE: "for Fashion-MNIST images.",
    SHIPPED_EVERYDAY: "for drawings and photos. Here it is evaluated on Fashion-MNIST test images.",
}


_INSTEAD = " Below is a network that comes with the lab."


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
    runs, shipped = known_runs(), shipped_runs()
    ended = [run for run in runs if _has_ended(run)]
    if not any(map(_has_ended, own_runs(runs))):
        training = any(run.active for run in own_runs(runs))
        show_no_finished_run(training=training, instead=bool(ended or shipped))
    if not ended and not shipped:
        return None
    run = show_run_picker([*ended, *shipped], key)
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
    show_pretrained_card(run)
    return Judged(run, folder, evaluation)


def runs_with_network(*, ended: bool = True) -> list[RunSummary]:
    """Own runs whose network is saved and can be asked, newest first.

    Args:
        ended: Only those that train no more.
    """
    settings = load_settings()
    return [
        run
        for run in known_runs(settings)
        if (run.state in ("finished", "stopped") if ended else run.state != DAMAGED)
        and (settings.runs_dir / run.id / "model.keras").is_file()
    ]


def offer_evaluation(run: RunSummary, label: str = "Evaluate it again") -> None:
    """The button that has the engine judge a run's saved weights; a shipped network has none."""
    if run.id in SHIPPED_NETWORKS:
        return
    if st.button(label, type="primary", icon=":material/fact_check:", key="evaluate_run"):
        with page_errors():
            with st.spinner("Evaluating on the test images…"):
                evaluate_run(run.id, load_settings())
            st.rerun()


def _show_unjudged(run: RunSummary) -> None:
    if run.error:
        st.error(f"**{plain(run.error)}**  \n{plain(run.advice)}", icon=":material/error:")
    if run.preset == IMPORTED:
        st.info(
            "This network was imported and is not evaluated on the test images yet.",
            icon=":material/pending:",
        )
        offer_evaluation(run, "Evaluate")
    elif run.resumable:
        st.info(
            f"This run ended after {run.epoch} of {run.epochs} epochs and is not evaluated on "
            "the test images. Its weights were saved.",
            icon=":material/pending:",
        )
        offer_evaluation(run, "Evaluate the saved weights")
    else:
        st.info(
            "This run saved no weights, so there is nothing to evaluate. "
            "Train again from its configuration on the Runs page.",
            icon=":material/block:",
        )


def show_no_finished_run(*, training: bool, instead: bool) -> None:
    """One sentence and the next step.

    Args:
        training: Whether a first run is on its way.
        instead: Whether a shipped network is shown meanwhile.
    """
    with st.container(
        border=True,
        horizontal=instead,
        vertical_alignment="center",
        gap="medium",
        key="card_nothing_judged",
    ):
        if training:
            words = (
                f"**Your first run is still training;** it appears here when it finishes.{_INSTEAD}"
                if instead
                else "**The first run is still training.** Its evaluation appears here at its end."
            )
            st.markdown(words, width="content")
            st.page_link("pages/train.py", label="Watch training", icon=":material/visibility:")
            _look_again()
        else:
            words = (
                f"**No finished run of your own yet.**{_INSTEAD}"
                if instead
                else "**No finished run yet.** Train a network to see its evaluation here."
            )
            st.markdown(words, width="content")
            label = "Train your own" if instead else "Train a network"
            st.page_link("pages/train.py", label=label, icon=":material/play_arrow:")


@st.fragment(run_every=2.0)
def _look_again() -> None:
    if any(map(_has_ended, own_runs(known_runs()))):
        st.rerun()


def _has_ended(run: RunSummary) -> bool:
    return not run.active and run.state != DAMAGED


def show_pretrained_card(run: RunSummary) -> None:
    """One line of what it is, and when it was judged; nothing for a run of one's own."""
    if run.id not in _KNOWS:
        return
    st.caption(
        f":material/deployed_code: **Comes with the lab**, {_KNOWS[run.id]} "
        f"Evaluated on {day(run.updated)}; read-only."
    )


def show_run_picker(runs: Sequence[RunSummary], key: str) -> RunSummary:
    """A select box of `runs` (at least one), which opens on the current network.

    Args:
        key: One per page.
    """
    by_id = {run.id: run for run in runs}
    names = labels(runs)
    return by_id[choose_network({run.id: _label(run, names[run.id]) for run in runs}, key)]


def _label(run: RunSummary, name: str) -> str:
    figure = percent(run.test_accuracy, 2) if run.evaluated else state_words(run.state).in_text
    parts = (name, maker_of(run.owner), figure, data_name(run.data), moment(run.created))
    return "  ·  ".join(filter(None, parts))


def warn_unless_official(evaluation: Evaluation) -> None:
    """Says aloud that the images are not those of Fashion-MNIST, where they are not."""
    if evaluation.official:
        return
    st.warning(
        "**Evaluated on synthetic garments, not on Fashion-MNIST.** The figures are not "
        "comparable with results on Fashion-MNIST.",
        icon=":material/draw:",
    )
