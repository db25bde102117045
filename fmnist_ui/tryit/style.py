"""Rules of style that only this page needs."""

from __future__ import annotations

import streamlit as st

_STYLE = """
<style>
/* The answer's room is there before the answer: nothing moves when it comes. */
.st-key-try_answer { min-height: 12rem; }
.st-key-try_why { min-height: 12.5rem; }
/* The canvas' own bar appears on hover at the right above the sheet, below the tools. */
.st-key-try_tool { margin-bottom: .25rem; }
@media (hover: hover) { .st-key-try_tool { margin-bottom: 1.4rem; } }
/* A sheet of paper lies still under the finger. */
.st-key-try_canvas { touch-action: none; width: fit-content; }
/* On a phone the answer must be in view below the sheet: only what one draws with stays above,
   and the heading is left to those who hear the page. How a shape is made must be said. */
@media (max-width: 640px) {
  [data-testid="stMain"]:has(.st-key-try_way) .st-key-lead,
  .st-key-try_hint_pen, .st-key-try_hint_eraser { display: none; }
  [data-testid="stMain"]:has(.st-key-try_way) [data-testid="stElementContainer"]:has(h1) {
    position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
  .st-key-try_way button { padding-left: .7rem; padding-right: .7rem; }
  .st-key-try_way span:has(> [data-testid="stIconMaterial"]) { display: none; }
  .st-key-try_sides figure > img { max-height: 180px !important; object-position: left; }
  .st-key-try_sides [data-testid="stHorizontalBlock"]:has(> [data-testid="stColumn"]) {
    row-gap: .25rem; }
}
</style>
"""


def apply_style() -> None:
    """Adds the rules to the page; takes no room on it."""
    st.html(_STYLE)
