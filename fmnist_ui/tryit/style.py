"""Rules of style that only this page needs."""

from __future__ import annotations

import streamlit as st

_STYLE = """
<style>
/* The answer's room is there before the answer: nothing moves when it comes. */
.st-key-try_answer { min-height: 12rem; }
.st-key-try_why { min-height: 12.5rem; }
.st-key-try_tool { margin-bottom: .25rem; }
/* A sheet of paper lies still under the finger. As wide as its drawing has pixels, or less. */
.st-key-try_canvas { touch-action: none; width: 100%; max-width: 320px; }
/* The sheet and the three tools need their width, whatever the sidebar leaves to the page: the
   answer gives way first, then stands below. */
.st-key-try_sides { container: try-sides / inline-size; }
.st-key-try_sides > * > [data-testid="stHorizontalBlock"] {
  --sheet: 320px; flex-wrap: nowrap;
  > [data-testid="stColumn"]:first-child { min-width: var(--sheet); }
  > [data-testid="stColumn"]:last-child { min-width: 0; }
}
@container try-sides (max-width: 660px) {
  .st-key-try_sides > * > [data-testid="stHorizontalBlock"] { --sheet: 288px; gap: 1.5rem; }
}
@container try-sides (max-width: 520px) {
  .st-key-try_sides > * > [data-testid="stHorizontalBlock"] {
    flex-direction: column;
    > [data-testid="stColumn"] { min-width: 100% !important; flex: none; }
  }
}
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
