"""The section Classes: how well each is recognised, with intervals, and its images."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from fmnist_core.evaluation import ClassReport, Exemplars, Predictions, class_reports, exemplars
from fmnist_ui.components.evaluated_model import Judged
from fmnist_ui.components.result_words import between, judged_on
from fmnist_ui.components.stored_results import gallery_of, remembered
from fmnist_ui.figures.class_bars import class_scores, class_strips
from fmnist_ui.page_errors import page_errors
from fmnist_ui.theme import palette, show_chart

_FIGURES = ("Recall", "Precision", "F1")


@st.fragment
@page_errors()
def show(chosen: Judged) -> None:
    """The figure, the images, the numbers."""
    st.subheader("Class by class", anchor=False)
    st.caption(
        "**Recall**: of all shirts, how many were found. **Precision**: of all that were called "
        "shirts, how many are. **F1** is low where either is. Lines are 95 % intervals: classes "
        f"whose lines overlap widely may be equally hard. {judged_on(chosen.evaluation)}."
    )
    reports = class_reports(chosen.evaluation.counts)
    show_chart(class_scores(reports, palette()), key="class_scores")
    with page_errors():
        _show_strips(chosen, reports)
    _show_table(reports)


def _show_table(reports: tuple[ClassReport, ...]) -> None:
    st.subheader("The numbers", anchor=False)
    columns: dict[str, list[object]] = {"Class": [report.name for report in reports]}
    for title in _FIGURES:
        shares = [getattr(report, title.lower()) for report in reports]
        columns[title] = [share.value for share in shares]
        columns[f"{title} from – to"] = [between(share.interval) for share in shares]
    columns["Support"] = [report.support for report in reports]
    number = st.column_config.NumberColumn
    st.dataframe(
        pd.DataFrame(columns),
        hide_index=True,
        height=38 + 35 * len(reports) + 2,
        column_config={
            "Class": st.column_config.TextColumn(pinned=True),
            **{title: number(format="%.3f") for title in _FIGURES},
            "Support": number(help="Test images of the class."),
        },
        alt="Recall, precision, F1 with their intervals, and support of each class.",
    )
    st.caption("Intervals: Wilson; that of F1 follows from the share it is made of.")


def _show_strips(chosen: Judged, reports: tuple[ClassReport, ...]) -> None:
    st.subheader("What the classes look like to it", anchor=False)
    gallery = gallery_of(chosen.folder, chosen.evaluation)
    found = remembered(chosen.folder, _exemplars_of_all)
    weakest_first = sorted(reports, key=lambda report: report.f1.value)
    rows = [(report.number, found[report.number]) for report in weakest_first if report.support]
    st.caption(
        "Test images, by the probability given to their true class; the weakest class on top. "
        "A red frame: taken for something else."
    )
    st.html(class_strips(gallery.images, gallery.said, rows, palette()))


def _exemplars_of_all(said: Predictions) -> list[Exemplars]:
    return [exemplars(said, number) for number in range(said.probabilities.shape[1])]
