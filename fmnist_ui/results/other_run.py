"""Choosing a second run to lay beside the first."""

from __future__ import annotations

import streamlit as st

from fmnist_core.errors import DataError
from fmnist_core.evaluation import check_same_images
from fmnist_core.runs.library import DAMAGED, RunSummary, list_runs
from fmnist_core.settings import load_settings
from fmnist_core.shipped import folder_of, shipped_runs
from fmnist_ui.linked import tell_choice
from fmnist_ui.results import in_address
from fmnist_ui.results.judged import Judged
from fmnist_ui.results.stored import evaluation_of
from fmnist_ui.results.words import labels
from fmnist_ui.words import data_name, percent


def choose(run: RunSummary, label: str, key: str) -> RunSummary | None:
    """A select box of the other runs with figures, comparable ones first; None without any.

    Shipped networks are offered where they were tried on the same images.

    Args:
        key: One per run and place.
    """
    others = {other.id: other for other in _others(run)}
    if not others:
        st.info(
            "There is no second run with figures yet. Train another one and come back.",
            icon=":material/difference:",
        )
        return None
    names = labels([*others.values(), run])
    in_address.begin("other", key, among=others)
    chosen = st.selectbox(
        label,
        list(others),
        format_func=lambda run_id: _line(others[run_id], names[run_id]),
        key=key,
    )
    tell_choice("other", chosen)
    return others.get(chosen) or next(iter(others.values()))


def figures(chosen: Judged, other: RunSummary) -> Judged:
    """The other run with its figures, which are on the same images as those of `chosen`.

    Raises:
        LabError: It has none any more, they are damaged, or they are on other images.
    """
    folder = folder_of(other.id, load_settings())
    found = evaluation_of(folder)
    if found is None:
        raise DataError("The other run has no figures any more.", advice="Evaluate it again.")
    check_same_images(chosen.evaluation, found)
    return Judged(other, folder, found)


def _others(run: RunSummary) -> list[RunSummary]:
    judged = [
        other
        for other in list_runs(load_settings())
        if other.evaluated and not other.active and other.state != DAMAGED and other.id != run.id
    ]
    comparable = [other for other in judged if _same_images(run, other)]
    shipped = [other for other in shipped_runs() if _same_images(run, other) and other.id != run.id]
    return comparable + shipped + [other for other in judged if other not in comparable]


def _same_images(one: RunSummary, other: RunSummary) -> bool:
    """Whether the two may have been tried on the same images, as far as their folders tell."""
    prints = {run.fingerprint for run in (one, other) if run.fingerprint}
    return one.data == other.data and len(prints) <= 1


def _line(run: RunSummary, name: str) -> str:
    return "  ·  ".join((name, percent(run.test_accuracy, 2), data_name(run.data)))
