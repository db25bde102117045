"""What the theme in `.streamlit/config.toml` has no key for: a few rules of style."""

from __future__ import annotations

import streamlit as st

# Only documented hooks: `st-key-*` classes of our own containers and Streamlit's test ids.
_STYLE = """
<style>
/* What only listens takes no room, nor the gap below it. */
.st-key-one_entry_a_page { position: absolute; }
/* Cards side by side are equally high and lift a little under the pointer. */
[class*="st-key-card"] { transition: border-color .15s ease; }
[class*="st-key-card"]:hover { border-color: #5672A5; }
/* Navigation: the whole line is the link, the page one is on has weight. */
.st-key-navigation [data-testid="stPageLink-NavLink"] { width: 100%; padding: .3rem .6rem; }
.st-key-lab_state p { font-size: .85rem; opacity: .85; }
/* The banner: one quiet strip on every page, on linen and on dark cloth alike. */
.st-key-banner {
  background: rgba(182, 138, 30, .13); border: 1px solid rgba(182, 138, 30, .35);
  border-radius: .5rem; padding: .35rem .9rem; margin-top: .75rem; margin-bottom: .5rem;
}
/* Figures that change every second must not dance. */
[data-testid="stMetricValue"] { font-variant-numeric: tabular-nums; }
[data-testid="stMetricLabel"] p { opacity: .75; }
/* Fields of numbers that a form judges: a sign to empty them would cover half of the number. */
[data-testid="stNumberInputClearButton"] { display: none; }
/* A lead below the title: a little larger than text, a little lighter. */
.st-key-lead p { font-size: 1.1rem; opacity: .8; max-width: 46rem; }
/* The network's table: names and shapes to the left, numbers in columns, its head always seen. */
.cost-table { max-height: 46rem; overflow-y: auto; }
.cost-table table { width: 100%; border-collapse: collapse; font-size: .8rem; }
.cost-table th { position: sticky; top: 0; backdrop-filter: blur(8px); font-weight: 600; }
.cost-table th, .cost-table td {
  padding: .3rem .4rem; text-align: right; vertical-align: top;
  border-bottom: 1px solid rgba(128, 128, 128, .2); font-variant-numeric: tabular-nums;
}
.cost-table th:first-child, .cost-table td:first-child { text-align: left; padding-left: 0; }
.cost-table small { display: block; opacity: .65; }
/* What follows the form stays in view while the form is scrolled. */
@media (min-width: 641px) { [class*="st-key-beside"] { position: sticky; top: 4rem; } }
/* On a phone the presets lie in one row to be swiped, so that Train is not far below. */
@media (max-width: 640px) {
  .st-key-presets [data-testid="stHorizontalBlock"] { flex-wrap: nowrap; overflow-x: auto; }
  .st-key-presets [data-testid="stColumn"] { flex: 0 0 12rem; min-width: 12rem; }
}
/* On a phone the two maps of a step stay side by side: a click on one moves the frame on both. */
@media (max-width: 640px) {
  .st-key-step_maps [data-testid="stHorizontalBlock"] { flex-wrap: nowrap; }
  .st-key-step_maps [data-testid="stColumn"] { flex: 1 1 0; min-width: 0; }
}
/* On a phone all tabs and pills are there to be tapped, the open one among them. */
@media (max-width: 640px) {
  [data-testid="stTabs"] [role="tablist"],
  [data-testid="stButtonGroup"] [role="radiogroup"] { flex-wrap: wrap; row-gap: .25rem; }
}
/* On a phone the page's margins belong to the content. */
@media (max-width: 640px) {
  [data-testid="stMainBlockContainer"] { padding-left: 1rem; padding-right: 1rem; }
}
</style>
"""


def apply_style() -> None:
    """Adds the rules to the page; takes no room on it."""
    st.html(_STYLE)


def is_dark() -> bool:
    """Whether the person sees the dark theme now; light where it is not known yet."""
    return st.context.theme.type == "dark"
