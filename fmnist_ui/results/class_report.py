"""Precision, recall, F1 and support of each class."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from fmnist_core.evaluation import Evaluation
from fmnist_core.figures.class_bars import class_scores
from fmnist_ui.charts import palette, show_chart
from fmnist_ui.results.judged import Judged


def show(chosen: Judged) -> None:
    """The figure and the table, side by side where there is room."""
    evaluation = chosen.evaluation
    st.subheader("Class by class", anchor=False)
    st.caption(
        "**Recall**: of all shirts, how many were found. **Precision**: of all that were called "
        "shirts, how many are. **F1** is low where either is. **Support**: images of the class."
    )
    left, right = st.columns(2, gap="large")
    with left:
        show_chart(class_scores(evaluation.classes, palette()), key="class_scores")
    with right:
        _show_table(evaluation)


def _show_table(evaluation: Evaluation) -> None:
    frame = pd.DataFrame(
        {
            "Class": [score.name for score in evaluation.classes],
            "Precision": [score.precision for score in evaluation.classes],
            "Recall": [score.recall for score in evaluation.classes],
            "F1": [score.f1 for score in evaluation.classes],
            "Support": [score.support for score in evaluation.classes],
        }
    )
    bar = st.column_config.ProgressColumn
    shares = {
        name: bar(format="%.3f", min_value=0, max_value=1) for name in ("Precision", "Recall", "F1")
    }
    st.dataframe(
        frame,
        hide_index=True,
        height=38 + 35 * len(frame) + 2,
        column_config=shares,
        alt="Precision, recall, F1 and support of each class.",
    )
