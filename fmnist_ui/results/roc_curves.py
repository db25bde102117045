"""The section Curves: each class against all others, at every threshold."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.errors import DataError
from fmnist_core.evaluation import OneVsRest, Predictions, each_vs_rest
from fmnist_ui.components.data_table import COUNT, WRITTEN, Column, data_table
from fmnist_ui.components.evaluated_model import Judged
from fmnist_ui.components.stored_results import remembered, said_of
from fmnist_ui.figures.chart import Chart, Palette
from fmnist_ui.figures.roc_curves import precision_recall_curves, roc_curves
from fmnist_ui.page_errors import page_errors
from fmnist_ui.theme import palette, show_chart
from fmnist_ui.words import between, judged_on


@st.fragment
@page_errors()
def show(chosen: Judged) -> None:
    """Two figures side by side where there is room, and their areas with intervals."""
    said_of(chosen.folder, chosen.evaluation)
    curves, precision_recall, roc = remembered(chosen.folder, _drawn, palette())
    st.subheader("How well a class is told from all others", anchor=False)
    st.caption(
        "Call everything a shirt that the network gives at least so much probability of one. "
        "The lower that threshold, the more shirts are found, and the more others with them. "
        f"Press a class in the legend to see it alone. {judged_on(chosen.evaluation)}."
    )
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("**Precision over recall**")
        show_chart(precision_recall, key="precision_recall")
    with right:
        st.markdown("**ROC curve: true over false positive rate**")
        show_chart(roc, key="roc")
    _show_table(sorted(curves, key=lambda curve: curve.average_precision))


def _drawn(said: Predictions, palette: Palette) -> tuple[tuple[OneVsRest, ...], Chart, Chart]:
    curves = each_vs_rest(said)
    if not curves:
        raise DataError("All test images are of one class: there are no others to tell it from.")
    return curves, precision_recall_curves(curves, palette), roc_curves(curves, palette)


def _show_table(curves: Sequence[OneVsRest]) -> None:
    data_table(
        [
            Column("Class", [CLASS_NAMES[curve.number] for curve in curves], pinned=True),
            Column(
                "Average precision",
                [curve.average_precision for curve in curves],
                "%.4f",
                help="Area under precision over recall, in steps.",
            ),
            Column(
                "AP from – to", [between(curve.precision_interval) for curve in curves], WRITTEN
            ),
            Column(
                "AUC",
                [curve.roc.auroc for curve in curves],
                "%.4f",
                help="Area under the ROC curve: how often one of the class scores above one of "
                "the others.",
            ),
            Column("AUC from – to", [between(curve.roc.interval, 4) for curve in curves], WRITTEN),
            Column("Images", [curve.roc.firsts for curve in curves], COUNT),
            Column("Others", [curve.roc.seconds for curve in curves], COUNT),
        ],
        alt="Average precision and area under the ROC curve of each class, with intervals.",
    )
    st.caption(
        "95 % intervals: logit for average precision (Boyd et al. 2013), Newcombe's for the ROC. "
        "With nine others to one of the class, average precision tells more."
    )
