"""From a cell of the matrix to a remedy: offers, what was tried, and what it changed."""

from __future__ import annotations

import streamlit as st

from fmnist_core.config import RunConfig
from fmnist_core.datasets.label_issues import LabelIssueStore
from fmnist_core.engine.client import submit
from fmnist_core.errors import DataError, LabError
from fmnist_core.evaluation import ValidationPredictions
from fmnist_core.evaluation.class_report import share_of
from fmnist_core.remedies import (
    Pair,
    Remedy,
    Tried,
    expected_seconds,
    holding_back,
    note_tried,
    remedies,
    trained_already,
)
from fmnist_core.remedies.validation_reuse import validation_predictions
from fmnist_core.runs.pretrained import SHIPPED_NETWORKS
from fmnist_core.settings import load_settings
from fmnist_ui.components.evaluated_model import Judged, offer_evaluation
from fmnist_ui.lab_state import owner
from fmnist_ui.page_errors import page_errors, plain, show_error
from fmnist_ui.remedies import tried_list
from fmnist_ui.words import duration, percent, spanning, whole

_PLAN = (
    "Try a remedy and compare this pair and all classes before and after. "
    "Validation images decide; test images only report at the end."
)

_AFRESH, _GOING_ON = "From the initial weights", "From the trained weights"
_HELP = (
    "From the initial weights: trains as the run did, with one change. From the trained weights: "
    "fine-tunes for a few epochs at a tenth of the learning rate, with that change. The run itself "
    "is kept."
)
_COLUMNS = 3


def show(chosen: Judged, true: int, predicted: int) -> None:
    """The offer below a cell of the matrix; nothing for what is recognised."""
    if true == predicted:
        return
    pair = Pair(true, predicted)
    if chosen.run.id in SHIPPED_NETWORKS:
        st.caption(f":material/healing: Remedies for {pair.title} are available for your own runs.")
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
        _show_offers(chosen, pair)
    tried_list.show(chosen, pair)


def _say_before(validation: ValidationPredictions, pair: Pair) -> None:
    counts = validation.predictions.confusion
    true, predicted = pair.classes
    there = share_of(int(counts[true, predicted]), int(counts[true].sum()))
    back = share_of(int(counts[predicted, true]), int(counts[predicted].sum()))
    one, other = pair.names
    st.markdown(
        f"Of {whole(len(validation))} validation images: **{percent(there.value)}** of the "
        f"{whole(there.of)} of class {one} are predicted as {other} "
        f"({spanning(there.interval)}), and "
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
            "This run was made by an older version: its predictions for the validation images are "
            "not stored yet. Computing them takes seconds.",
            icon=":material/history:",
        )
    offer_evaluation(chosen.run, "Evaluate on the validation images")


def _offer_holding_back(chosen: Judged, config: RunConfig) -> None:
    if not st.button(
        "Train with validation images", icon=":material/play_arrow:", key="improve_hold_back"
    ):
        return
    with page_errors():
        name = f"{chosen.run.name}, 10% for validation"[:80]
        started = submit(holding_back(config), name=name, owner=owner(), settings=load_settings())
        st.success(f"{plain(name)} was started: **{started.run_id}**. Choose it here when it ends.")


def _show_offers(chosen: Judged, pair: Pair) -> None:
    """All remedies for the pair.

    Raises:
        LabError: The run's configuration cannot be read, or held no images back.
    """
    where = st.segmented_control(
        "Start",
        [_AFRESH, _GOING_ON],
        default=_AFRESH,
        required=True,
        key="improve_start",
        help=_HELP,
    )
    going_on = where == _GOING_ON
    config = chosen.folder.config
    found = remedies(
        config,
        pair,
        initial_weights=chosen.run.id if going_on else "",
        suspects=_suspects(chosen),
    )
    # Row by row, so that on a phone the likeliest to help come first.
    for first in range(0, len(found), _COLUMNS):
        columns = st.columns(_COLUMNS, gap="small")
        for column, remedy in zip(columns, found[first : first + _COLUMNS], strict=False):
            with column:
                _show_card(chosen, pair, remedy, config, going_on)


def _suspects(chosen: Judged) -> int:
    try:
        fingerprint = str(chosen.evaluation.data.get("fingerprint"))
        return len(LabelIssueStore(load_settings()).ticked(fingerprint))
    except DataError as error:
        show_error(error)
        return 0


def _show_card(chosen: Judged, pair: Pair, remedy: Remedy, base: RunConfig, going_on: bool) -> None:
    with st.container(border=True, key=f"card_improve_{remedy.name}", gap="small"):
        st.markdown(f"**{remedy.title}**")
        st.caption(remedy.why)
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            pressed = st.button(
                "Try it",
                icon=":material/play_arrow:",
                key=f"improve_go_{remedy.name}",
                disabled=bool(remedy.obstacle),
            )
            st.caption(plain(remedy.obstacle) or _cost(chosen, remedy, base))
    if pressed:
        with page_errors():
            _start(chosen, pair, remedy, going_on)


def _cost(chosen: Judged, remedy: Remedy, base: RunConfig) -> str:
    try:
        return f"about {duration(expected_seconds(remedy.config, base, chosen.folder.status))}"
    except LabError:
        return ""


def _start(chosen: Judged, pair: Pair, remedy: Remedy, going_on: bool) -> None:
    settings = load_settings()
    run_id = trained_already(remedy.config, settings)
    if run_id is None:
        name = f"{chosen.run.name}: {remedy.title.lower()}"[:80]
        run_id = submit(remedy.config, name=name, owner=owner(), settings=settings).run_id
    note_tried(chosen.folder, Tried(pair, remedy.name, remedy.title, going_on, run_id))
    st.rerun()
