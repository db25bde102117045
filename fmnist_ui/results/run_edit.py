"""Renaming, tagging and deleting runs, each in a dialog of its own."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from fmnist_core.engine.client import delete_run
from fmnist_core.errors import LabError
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.library import RunSummary
from fmnist_core.settings import load_settings
from fmnist_ui.page_errors import page_errors, plain, show_error


@st.dialog("Name and tags", icon=":material/edit:")
def edit(run: RunSummary) -> None:
    """Lets the person change the name and the tags of one run."""
    with st.form("edit_form", border=False):
        name = st.text_input("Name", run.name, max_chars=80, key="edit_name")
        tags = st.text_input(
            "Tags, with commas between",
            ", ".join(run.tags),
            placeholder="baseline, for Monday",
            key="edit_tags",
        )
        saved = st.form_submit_button("Save", type="primary", key="edit_save")
    if saved:
        with page_errors():
            folder = RunFolder.open(load_settings().runs_dir, run.id)
            folder.rename(name)
            folder.tag(tuple(dict.fromkeys(tag.strip() for tag in tags.split(","))))
            st.rerun()


@st.dialog("Delete for good?", icon=":material/delete:")
def delete(runs: Sequence[RunSummary]) -> None:
    """Deletes after a second yes; a run that is training is stopped first."""
    st.markdown(f"**{_names(runs)}** with {_its(runs)} configuration, curves, weights and figures.")
    if any(run.active for run in runs):
        st.warning("Training that is going on is stopped first.", icon=":material/stop_circle:")
    with st.container(horizontal=True):
        confirmed = st.button(
            "Delete", type="primary", icon=":material/delete:", key="delete_confirm"
        )
        if st.button("Keep", key="delete_keep"):
            st.rerun()
    if confirmed and _delete_all(runs):
        st.rerun()


def _delete_all(runs: Sequence[RunSummary]) -> bool:
    """Whether all are gone; each that could not be deleted is explained, the others go."""
    failures = []
    for run in runs:
        try:
            delete_run(run.id, load_settings())
        except LabError as error:
            failures.append(error)
    for failure in failures:
        show_error(failure)
    return not failures


def _names(runs: Sequence[RunSummary]) -> str:
    return plain(runs[0].name) if len(runs) == 1 else f"{len(runs)} runs"


def _its(runs: Sequence[RunSummary]) -> str:
    return "its" if len(runs) == 1 else "their"
