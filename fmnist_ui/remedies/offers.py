"""Remedies as cards: what, why, how long it takes, and the button."""

from __future__ import annotations

import streamlit as st

from fmnist_core.config import RunConfig
from fmnist_core.datasets.label_issues import LabelIssueStore
from fmnist_core.engine.client import submit
from fmnist_core.errors import DataError, LabError
from fmnist_core.remedies import (
    Pair,
    Remedy,
    Tried,
    expected_seconds,
    note_tried,
    remedies,
    trained_already,
)
from fmnist_core.settings import load_settings
from fmnist_ui.components.evaluated_model import Judged
from fmnist_ui.lab_state import owner
from fmnist_ui.page_errors import page_errors, plain, show_error
from fmnist_ui.words import duration

_AFRESH, _GOING_ON = "Afresh", "From the present weights"
_HELP = (
    "Afresh: as the run itself began, with one change. From the present weights: a few epochs more "
    "at a tenth of the rate, with that change. The run as it is stays either way."
)
_COLUMNS = 3


def show(chosen: Judged, pair: Pair) -> None:
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
