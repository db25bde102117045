"""From a cell of the matrix to a remedy: offers, what was tried, and what it changed."""

from __future__ import annotations

import streamlit as st

from fmnist_core.config import RunConfig
from fmnist_core.engine.client import submit
from fmnist_core.errors import DataError
from fmnist_core.evaluation import ValidationPredictions
from fmnist_core.evaluation.class_report import share_of
from fmnist_core.remedies import Pair, holding_back
from fmnist_core.remedies.validation_reuse import validation_predictions
from fmnist_core.runs.pretrained import SHIPPED_NETWORKS
from fmnist_core.settings import load_settings
from fmnist_ui.components.evaluated_model import Judged, offer_evaluation
from fmnist_ui.lab_state import owner
from fmnist_ui.page_errors import page_errors, plain, show_error
from fmnist_ui.remedies import offers, tried_list
from fmnist_ui.words import percent, spanning, whole

_PLAN = (
    "Try a remedy, and see what it changes for this pair and for everything else. "
    "Images held back decide; test images report at the end."
)


def show(chosen: Judged, true: int, predicted: int) -> None:
    """The offer below a cell of the matrix; nothing for what is recognised."""
    if true == predicted:
        return
    pair = Pair(true, predicted)
    if chosen.run.id in SHIPPED_NETWORKS:
        st.caption(f":material/healing: Remedies for {pair.title} are tried on runs of your own.")
        return
    fold = st.expander(
        f"Improve this pair: {pair.title}",
        icon=":material/healing:",
        key="improve_pair",
        on_change="rerun",
    )
    if fold.open:
        with fold, page_errors():
            _show(chosen, pair)


def _show(chosen: Judged, pair: Pair) -> None:
    st.caption(_PLAN)
    try:
        validation = validation_predictions(chosen.folder)
    except DataError as error:
        _show_missing(chosen, error)
        return
    _say_before(validation, pair)
    with page_errors():
        offers.show(chosen, pair)
    tried_list.show(chosen, pair)


def _say_before(validation: ValidationPredictions, pair: Pair) -> None:
    counts = validation.predictions.confusion
    true, predicted = pair.classes
    there = share_of(int(counts[true, predicted]), int(counts[true].sum()))
    back = share_of(int(counts[predicted, true]), int(counts[predicted].sum()))
    one, other = pair.names
    st.markdown(
        f"Of {whole(len(validation))} images held back: **{percent(there.value)}** of the "
        f"{whole(there.of)} of class {one} are taken for {other} ({spanning(there.interval)}), and "
        f"**{percent(back.value)}** the other way round ({spanning(back.interval)})."
    )


def _show_missing(chosen: Judged, error: DataError) -> None:
    config = chosen.folder.config
    if not config.training.validation_share:
        st.info(f"**{error.rule}** {error.advice}", icon=":material/rule:")
        _offer_holding_back(chosen, config)
        return
    if chosen.folder.validation_path.is_file():
        show_error(error)
    else:
        st.info(
            "This run is older than this part of the lab: what it says about the images it held "
            "back is not stored yet. That takes seconds.",
            icon=":material/history:",
        )
    offer_evaluation(chosen.run, "Look at the images held back")


def _offer_holding_back(chosen: Judged, config: RunConfig) -> None:
    if not st.button("Train it so", icon=":material/play_arrow:", key="improve_hold_back"):
        return
    with page_errors():
        name = f"{chosen.run.name}, a tenth held back"[:80]
        started = submit(holding_back(config), name=name, owner=owner(), settings=load_settings())
        st.success(f"{plain(name)} was started: **{started.run_id}**. Choose it here when it ends.")
