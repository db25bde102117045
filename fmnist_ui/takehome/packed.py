"""A whole run for another lab."""

from __future__ import annotations

import tempfile
from pathlib import Path

import streamlit as st

from fmnist_core.export.subject import Subject
from fmnist_core.intake import export_run
from fmnist_core.shipped import SHIPPED_NETWORKS


def show_packed(subject: Subject) -> None:
    """Nothing for the shipped network, which every lab has."""
    if subject.id in SHIPPED_NETWORKS:
        return
    st.download_button(
        "Pack the whole run for another lab",
        lambda: _packed(subject),
        f"{subject.id}.zip",
        "application/zip",
        key="pack_run",
        icon=":material/inventory_2:",
        help="Network, curves, figures and predictions in one file, which another lab takes in.",
        on_click="ignore",
    )


def _packed(subject: Subject) -> bytes:
    with tempfile.TemporaryDirectory() as part:
        path = Path(part) / "run.zip"
        export_run(subject.folder, path)
        return path.read_bytes()
