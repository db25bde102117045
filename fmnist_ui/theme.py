"""Style beyond the theme's keys in `.streamlit/config.toml`, and charts in the theme's colors."""

from __future__ import annotations

import tomllib
from functools import cache
from html import escape
from pathlib import Path

import streamlit as st

from fmnist_ui.figures.chart import Chart, Palette

_THEME = Path(__file__).parent.parent / ".streamlit" / "config.toml"


# Only documented hooks: `st-key-*` classes of our own containers and Streamlit's test ids.
_STYLE = """
<style>
/* What only listens takes no room, nor the gap below it. */
.stElementContainer:is(
  .st-key-one_entry_a_page, .st-key-navigation_roles, [class*="st-key-listens"]
) {
  position: absolute; width: 1px; height: 1px; overflow: hidden;
}
/* Cards side by side are equally high and lift a little under the pointer. */
@media (prefers-reduced-motion: no-preference) {
  [class*="st-key-card"] { transition: border-color .15s ease; }
}
[class*="st-key-card"]:hover { border-color: #5672A5; }
/* Thirteen pages and the state of the lab fit a screen of 768 pixels. */
[data-testid="stSidebarNavItems"] { gap: 0; }
[data-testid="stSidebarNavLink"] { margin: 0; }
.st-key-lab_state p { font-size: .85rem; opacity: .85; }
/* In a class there is one page more, and who one is with a hand to raise. */
.st-key-lab_state:has(.st-key-class_self) [data-testid="stVerticalBlock"] { gap: .25rem; }
.st-key-class_self button { min-height: 1.75rem; padding: 0 .6rem; }
[data-testid="stSidebar"]:has(.st-key-class_self) {
  & [data-testid="stSidebarNavItems"] li { margin: 0; }
  & [data-testid="stNavSectionHeader"] { margin: 0; }
  & [data-testid="stSidebarNavSeparator"] { padding-top: .4rem; }
  & [data-testid="stSidebarUserContent"] { padding-top: .6rem; }
}
/* What students are told in a line moves nothing on their page where there is room beside it. */
@media (min-width: 641px) {
  [data-testid="stLayoutWrapper"]:has(> .st-key-class_notice) { position: fixed; top: 1.2rem;
    right: 4.5rem; width: auto; z-index: 999991; }
}
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
/* Links that stay in their tab (`link_in_place`) look like buttons. */
a.in-place { display: inline-block; padding: .45rem .75rem; border-radius: .5rem;
  border: 1px solid rgba(128, 128, 128, .4); color: inherit !important;
  text-decoration: none !important; }
a.in-place.primary { background: #2F4A7D; border-color: #2F4A7D; color: #fff !important; }
/* The wall of a class: thirty tiles on the screen of a laptop. */
@media (min-width: 641px) {
  [data-testid="stMainBlockContainer"]:has(.st-key-wall) {
    padding-left: 2.5rem; padding-right: 2.5rem;
  }
}
/* A lead below the title: a little larger than text, a little lighter. */
.st-key-lead p { font-size: 1.1rem; opacity: .8; max-width: 46rem; }
/* Form and table, form and curve: beside each other only where both have room. */
.st-key-advanced [data-testid="stColumn"] { min-width: min(100%, 20.5rem); }
/* Runs: the table, and beside it what was clicked or how the ticked ones compare. */
.st-key-run_workbench [data-testid="stColumn"] { min-width: min(100%, 16.5rem); }
/* What follows the form stays in view while the form is scrolled. */
@media (min-width: 641px) { [class*="st-key-beside"] { position: sticky; top: 4rem; } }
/* A choice and its answer (components/beside.py): below each other where there is room for one. */
.st-key-answer_matrix h3 { font-size: 1.1rem; padding: .25rem 0 1.1rem; }
@media (max-width: 1099px) {
  [class*="st-key-answered"] > * > [data-testid="stHorizontalBlock"] > [data-testid="stColumn"] {
    min-width: 100%;
  }
}
@media (min-width: 1100px) {
  [class*="st-key-answered"] > * > [data-testid="stHorizontalBlock"] > [data-testid="stColumn"] >
    [data-testid="stVerticalBlock"] { position: sticky; top: 4rem; }
}
@media (min-width: 1100px) and (max-width: 1300px) {
  [data-testid="stMainBlockContainer"]:has([class*="st-key-answered"]) {
    padding-left: 2.5rem; padding-right: 2.5rem;
  }
}
/* Presets: three chips and the way to the others in a row, two on a phone. */
.st-key-presets, .st-key-more_presets { display: grid; gap: .5rem; }
.st-key-presets { grid-template-columns: repeat(3, 1fr) minmax(5.5rem, auto); }
.st-key-presets > *, .st-key-presets > * > :is(.stButton, [data-testid="stPopover"]),
.st-key-presets > * > [data-testid="stPopover"] > div,
.st-key-presets > * > :is(.stButton, [data-testid="stPopover"]) button { height: 100%; }
:is(.st-key-presets, .st-key-more_presets) .stButton button {
  justify-content: flex-start; text-align: left; padding: .35rem .75rem;
}
:is(.st-key-presets, .st-key-more_presets) .stButton button p { white-space: normal; }
:is(.st-key-presets, .st-key-more_presets) .stButton button
  :is(div, span):has([data-testid="stMarkdownContainer"]) {
  width: 100%; justify-content: flex-start;
}
:is(.st-key-presets, .st-key-more_presets) .stButton [data-testid="stMarkdownContainer"] {
  width: 100%;
}
:is(.st-key-presets, .st-key-more_presets) .stButton button p > :is(strong, span) {
  display: block; line-height: 1.3;
}
@media (max-width: 640px) { .st-key-presets { grid-template-columns: 1fr 1fr; } }
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
/* Labels take a second line rather than lose their end. */
[data-testid="stWidgetLabel"] [data-testid="stMarkdownContainer"],
[data-testid="stPageLink-NavLink"] [data-testid="stMarkdownContainer"],
[data-testid="stPageLink-NavLink"] > span { white-space: normal; overflow: visible; }
/* On a phone the menu finds its place beside the brand. */
[data-testid="stToolbar"] > div > div:has([data-testid="stMainMenu"]) { min-width: 0; }
/* On a phone the page's margins belong to the content. */
@media (max-width: 640px) {
  [data-testid="stMainBlockContainer"] { padding-left: 1rem; padding-right: 1rem; }
}
</style>
"""


# What is chosen is written in the primary color, which is made to be read under white text.
_DARK_STYLE = """
<style>
[data-selected="true"] :is(p, [data-testid="stIconMaterial"]),
[data-testid="stSliderThumbValue"] p,
[role="tab"][aria-selected="true"] p,
[data-testid="stPopoverButton"][kind="tertiary"]:is(:hover, [aria-expanded="true"]) {
  color: #A9C1EC;
}
</style>
"""


def apply_style() -> None:
    """Adds the rules to the page; takes no room on it."""
    st.html(_STYLE + _DARK_STYLE if is_dark() else _STYLE)


def link_in_place(label: str, address: str, *, primary: bool = False) -> None:
    """A button that leads to a page beside Streamlit's, in the same tab: `st.link_button` opens
    another one."""
    kind = " primary" if primary else ""
    st.html(
        f'<a class="in-place{kind}" target="_self" href="{escape(address)}">{escape(label)}</a>'
    )


def is_dark() -> bool:
    """Whether the person sees the dark theme now; light where it is not known yet."""
    return st.context.theme.type == "dark"


def palette() -> Palette:
    """The present theme's colours for figures; the theme's file is their only home."""
    return _palette("dark" if is_dark() else "light")


@cache
def _palette(side: str) -> Palette:
    theme = tomllib.loads(_THEME.read_text())["theme"][side]
    series = tuple(theme["chartCategoricalColors"])
    return Palette(
        text=theme["textColor"],
        background=theme["backgroundColor"],
        grid=theme["borderColor"],
        accent=series[0],
        second=series[1],
        good=theme["greenColor"],
        bad=theme["redColor"],
        series=series,
    )


def show_chart(chart: Chart, key: str) -> None:
    """Draws a Vega-Lite chart; with the same `key` a chart whose data grew moves on quietly."""
    st.vega_lite_chart(chart.data, chart.spec, key=key, alt=chart.alt)
