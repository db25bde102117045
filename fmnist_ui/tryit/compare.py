"""The same item seen by one's own networks, and why they may see it differently."""

from __future__ import annotations

from collections.abc import Container, Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.errors import LabError
from fmnist_core.preprocessing.prepare import Prepared
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.library import RunSummary
from fmnist_core.runs.pretrained import SHIPPED_NETWORKS
from fmnist_core.settings import load_settings
from fmnist_ui.components.predictions import Verdict, verdicts
from fmnist_ui.components.verdict_words import short
from fmnist_ui.components.widget_start import start_of
from fmnist_ui.figures.cards import Compared, compared_html
from fmnist_ui.page_errors import plain, show_error
from fmnist_ui.theme import palette
from fmnist_ui.words import labels, probability

_CHOSEN = "try_compared"
_MOST = 6
_SHIFT = (
    "**Why they differ: domain shift.** A network trained on Fashion-MNIST alone has seen only "
    "small photographs of clothing on black, not drawings or your photos. On Train, **Style "
    "augmentation** turns training images into line drawings, silhouettes and other textures, and "
    "**Your collections** adds your items: the shipped model was trained on such a mixture."
)


# Below this share of right test images a wrong answer needs no further reason.
_ABLE = 0.8


def show_comparison(prepared: Prepared, shipped: Verdict, saved: Sequence[RunSummary]) -> None:
    """A row for the shipped model and each run that is chosen among those that saved a network."""
    st.subheader("Predictions of your networks", anchor=False)
    runs = {run.id: run for run in saved}
    names = labels(saved)
    if not names:
        st.markdown("Train a network, and its prediction for the same item appears here.")
        st.page_link("pages/train.py", label="Train a network", icon=":material/play_arrow:")
        return
    _forget_gone(names)
    chosen = st.multiselect(
        "Runs to compare with",
        list(names),
        default=start_of(_CHOSEN),
        key=_CHOSEN,
        format_func=names.__getitem__,
        max_selections=_MOST,
        placeholder="Choose runs",
        persist_state="session",
    )
    rows, missed = [_row(f"Shipped model, {SHIPPED_NETWORKS[shipped.answered_by]}", shipped)], []
    for run_id in chosen:
        verdict = _asked(run_id, prepared.sheet)
        if verdict is not None:
            rows.append(_row(names[run_id], verdict))
            missed += [(runs[run_id], verdict)] if _fails(verdict, shipped) else []
    if len(rows) > 1:
        st.html(compared_html(rows, palette()))
    _explain(missed, prepared)


def _explain(missed: Sequence[tuple[RunSummary, Verdict]], prepared: Prepared) -> None:
    """Domain shift where it may be the reason; a run that is merely weak is called so."""
    able = [run for run, verdict in missed if verdict.sure or (run.test_accuracy or 0) > _ABLE]
    # An image that lies as the training images do comes from no other world.
    if prepared.reading != "as is" and any(_ordinary(run.id) for run in able):
        st.markdown(_SHIFT)
        return
    for run, verdict in missed:
        if run not in able:
            st.markdown(_weak(run, verdict))


def _weak(run: RunSummary, verdict: Verdict) -> str:
    right = (
        "" if run.test_accuracy is None else f" ({probability(run.test_accuracy)} test accuracy)"
    )
    return (
        f"**{plain(run.name)}** has a low accuracy{right} and low confidence here "
        f"({probability(verdict.confidence)}). Train it longer or on more images first."
    )


def _forget_gone(names: Container[str]) -> None:
    if _CHOSEN in st.session_state:
        st.session_state[_CHOSEN] = [run for run in st.session_state[_CHOSEN] if run in names]


def _asked(run_id: str, image: NDArray[np.uint8]) -> Verdict | None:
    try:
        with st.spinner("Computing the prediction…"):
            return verdicts(run_id, [image])[0]
    except LabError as error:
        show_error(error)
        return None


def _row(name: str, verdict: Verdict) -> Compared:
    return Compared(name, short(verdict), verdict.probabilities)


def _ordinary(run_id: str) -> bool:
    """Whether it learned from plain training images only."""
    training = RunFolder.open(load_settings().runs_dir, run_id).config.training
    return not (
        training.style_augmentation.active or training.collections or training.initial_weights
    )


def _fails(own: Verdict, shipped: Verdict) -> bool:
    """Whether it misses what the shipped model is sure of."""
    return shipped.is_of_the_ten and shipped.sure and own.label != shipped.label
