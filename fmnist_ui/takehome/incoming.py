"""A file from elsewhere becomes a run."""

from __future__ import annotations

import tempfile
from pathlib import Path

import streamlit as st

from fmnist_core.durable import storage_errors
from fmnist_core.inputs.shown_name import shown_name
from fmnist_core.intake import TakenIn, take_in
from fmnist_core.intake.archive import MOST_BYTES
from fmnist_core.settings import load_settings
from fmnist_ui.owner import owner
from fmnist_ui.page_errors import page_errors, plain

_DONE = "taken_in"


def show_incoming() -> None:
    """The upload, and what came of it."""
    st.subheader("Bring one in", anchor=False)
    st.markdown(
        "A network from elsewhere (`.keras`), or a run that another lab packed (`.zip`). It is "
        "checked before it is opened; then it can be evaluated, explained and drawn to."
    )
    given = st.file_uploader(
        "File",
        key="incoming_file",
        max_upload_size=MOST_BYTES // 2**20,
        label_visibility="collapsed",
    )
    if given is not None and st.button("Take it in", type="primary", key="take_in"):
        with page_errors():
            _take(given.name, given.getvalue())
    if done := st.session_state.get(_DONE):
        _show_done(done)


def _take(name: str, content: bytes) -> None:
    st.session_state.pop(_DONE, None)
    settings, bar = load_settings(), st.progress(0.0, text="checking …")
    home = settings.home / "imports"

    def heard(share: float, what: str) -> None:
        bar.progress(share, text=f"{what} …")

    try:
        with storage_errors(home):
            home.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=home, prefix=".part-") as part:
                # Under a name of ours: theirs may be anything.
                path = Path(part) / "received"
                path.write_bytes(content)
                called = Path(shown_name(name)).stem[:80]
                st.session_state[_DONE] = take_in(
                    path, settings, name=called, owner=owner(), heard=heard
                )
    finally:
        bar.empty()


def _show_done(done: TakenIn) -> None:
    st.success(f"**It is a run now.** {plain(done.note)}", icon=":material/check_circle:")
    st.page_link(
        "pages/evaluate.py",
        label="Evaluate it",
        icon=":material/fact_check:",
        query_params={"run": done.run_id},
    )
