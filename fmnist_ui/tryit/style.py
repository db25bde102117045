"""Rules of style that only this page needs."""

from __future__ import annotations

import streamlit as st

_STYLE = """
<style>
/* The answer's room is there before the answer: nothing moves when it comes. */
.st-key-try_answer { min-height: 12rem; }
.st-key-try_why { min-height: 12.5rem; }
/* The canvas' own bar appears on hover at the right above the sheet, beside the tools. */
.st-key-try_tool { margin-bottom: .25rem; }
/* A sheet of paper lies still under the finger. */
.st-key-try_canvas { touch-action: none; width: fit-content; }
</style>
"""


def apply_style() -> None:
    """Adds the rules to the page; takes no room on it."""
    st.html(_STYLE)
