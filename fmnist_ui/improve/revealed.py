"""The test figure of a remedy: behind a button, and every look is counted."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from fmnist_core.improve import BeforeAfter, Pair, looks_at, reveal
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import load_settings
from fmnist_ui.improve import comparison
from fmnist_ui.page_errors import page_errors

_SEEN = "improve/seen"
_UNSEEN = "Nobody has looked at this test figure yet"
_HELP = (
    "Test images say once, at the end, how good the choice is. Who looks at several and takes the "
    "best has chosen by them, and their figure flatters. Counted are looks here; the rest of this "
    "page shows the test figures of every finished run at once and counts nothing."
)


def show(before: RunFolder, run_id: str, pair: Pair, run_ids: Sequence[str]) -> None:
    """The button, the figure it brought in this session, and how often anybody looked.

    Args:
        run_id: The run that tried the remedy.
        run_ids: All that tried one for this pair.
    """
    runs_dir = load_settings().runs_dir
    after = RunFolder.open(runs_dir, run_id)
    seen: dict[tuple[str, Pair], BeforeAfter] = st.session_state.setdefault(_SEEN, {})
    button = st.empty()
    if (run_id, pair) not in seen and button.button(
        "Show the test figure", icon=":material/lock_open:", key="improve_reveal", help=_HELP
    ):
        with page_errors():
            seen[run_id, pair] = reveal(before, after, pair)
            button.empty()
    if (run_id, pair) in seen:
        st.markdown("**On the test images**")
        comparison.show(seen[run_id, pair], f"improve_test/{run_id}")
    looks = {each: looks_at(RunFolder(runs_dir / each), pair) for each in run_ids}
    st.caption(_counted(looks[run_id], sum(looks.values())), help=_HELP)


def _counted(own: int, all_of_pair: int) -> str:
    words = f"This test figure was looked at {_times(own)}" if own else _UNSEEN
    if all_of_pair > own:
        words += f"; those of all remedies for this pair {_times(all_of_pair)}"
    return words + "."


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")
