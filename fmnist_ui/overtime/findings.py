"""The diagnosis: what is wrong with a run, and the figures that say so."""

from __future__ import annotations

import streamlit as st

from fmnist_core.diagnosis import Finding, diagnose
from fmnist_core.errors import LabError
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.history import History
from fmnist_core.traces import Trace
from fmnist_ui.page_errors import plain


def show_findings(history: History, trace: Trace, folder: RunFolder) -> None:
    """A card a finding; one quiet line where there is none."""
    try:
        config = folder.config
    except LabError:
        config = None
    diagnosis = diagnose(history, trace, config)
    if not history.epochs_done and not diagnosis.findings:
        return
    with st.container(key="overtime_findings", gap="small"):
        if not diagnosis.findings:
            st.markdown(
                f":green[:material/check_circle:] **Nothing found.** {plain(diagnosis.looked)}"
            )
        for finding in diagnosis.findings:
            _show(finding)


def _show(finding: Finding) -> None:
    st.warning(
        f"**{plain(finding.claim)}**  \n{plain(finding.evidence)}  \n"
        f":material/lightbulb: {plain(finding.advice)}",
        icon=":material/stethoscope:",
    )
