"""The Evaluate page: a run's figures in one line, and a section for each question about them."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from fmnist_ui.components import evaluated_model
from fmnist_ui.components.evaluated_model import Judged
from fmnist_ui.components.share import show_share
from fmnist_ui.links.query_params import check_link
from fmnist_ui.page_errors import page_errors
from fmnist_ui.results import (
    calibration,
    class_report,
    headline,
    label_issues,
    matrix,
    overview,
    roc_curves,
    versus,
)

# A section's name, which is in the address, and what draws it. Only the open one is computed.
SECTIONS: tuple[tuple[str, Callable[[Judged], None]], ...] = (
    ("Overview", overview.show),
    ("Matrix", matrix.show),
    ("Classes", class_report.show),
    ("Curves", roc_curves.show),
    ("Calibration", calibration.show),
    ("Errors", class_report.show_errors),
    ("Compare", versus.show),
    ("Suspects", label_issues.show),
)


def show_evaluation() -> None:
    """Lets the person choose a run and a section, and shows that section."""
    check_link("evaluate")
    chosen = evaluated_model.choose("evaluated_run")
    if chosen is None:
        return
    headline.show(chosen.evaluation)
    names = [name for name, _ in SECTIONS]
    tabs = st.tabs(names, key="section", on_change="rerun", bind="query-params")
    for tab, (_, show) in zip(tabs, SECTIONS, strict=True):
        if tab.open:
            with tab, page_errors():
                show(chosen)
    show_share(key="share_evaluation")
