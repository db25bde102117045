"""Whatever goes wrong on a page becomes a calm box; the traceback goes to the log."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from fmnist_core.errors import LabError, StorageError

_log = logging.getLogger("fmnist_ui")
_SAID = "storage_trouble_is_said"


@contextmanager
def page_errors() -> Iterator[None]:
    """Explains any error inside to the person; `with page_errors():` or `@page_errors()`.

    Streamlit's own signals (rerun, stop) are no `Exception` and pass through.
    """
    try:
        yield
    except LabError as error:
        _log.warning("%s: %s", type(error).__name__, error)
        show_error(error)
    except Exception:
        _log.exception("A page failed.")
        st.error(
            "**This part of the page could not be shown.** What happened is in the log of the "
            "server. Reloading the page may help; running trainings are not affected.",
            icon=":material/healing:",
        )


def note_storage_trouble(is_said: bool) -> None:
    """Whether a box above tells that the disk takes nothing, so that others only refer to it."""
    st.session_state[_SAID] = is_said


def show_error(error: LabError) -> None:
    """The rule, what was received and the advice, each on its own line."""
    if isinstance(error, StorageError) and st.session_state.get(_SAID):
        st.caption(f":material/hard_drive: {plain(error.rule)} See the top of the page.")
        return
    lines = [f"**{plain(error.rule)}**"]
    if error.received is not None:
        lines.append(f"Received: {plain(str(error.received))}.")
    if error.advice:
        lines.append(_with_code(error.advice))
    st.error("  \n".join(lines), icon=":material/error:")


def _with_code(text: str) -> str:
    """The same as plain text, but for what is between backticks: commands to be typed."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return plain(text)
    return "".join(f"`{part}`" if number % 2 else plain(part) for number, part in enumerate(parts))


def plain(text: str) -> str:
    """Text as it is: names, values and messages must not turn into Markdown, links or pictures."""
    for mark in "\\*_$[]<>`:#~|!&":
        text = text.replace(mark, f"\\{mark}")
    return text.replace("\n", " ")
