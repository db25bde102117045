"""The pages in their groups: one table for the navigation, the titles and the addresses."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st
from streamlit.navigation.page import Page
from streamlit.runtime.pages_manager import PagesManager


@dataclass(frozen=True)
class PageEntry:
    """A page in the navigation.

    Attributes:
        name: Of its script in `pages/`, and its path in the address.
        title: What people call it.
        icon: A material icon.
        old_name: Its path in addresses of older versions, which goes on working.
    """

    name: str
    title: str
    icon: str
    old_name: str = ""

    @property
    def script(self) -> str:
        """Its script, as `st.switch_page` takes it."""
        return f"pages/{self.name}.py"


NAVIGATION: dict[str, tuple[PageEntry, ...]] = {
    "Explore": (
        PageEntry("home", "Home", ":material/home:"),
        PageEntry("try", "Try it", ":material/draw:"),
        PageEntry("data", "Data", ":material/grid_view:"),
    ),
    "Train": (
        PageEntry("train", "Train", ":material/model_training:"),
        PageEntry("sweeps", "Sweeps", ":material/tune:"),
        PageEntry("runs", "Runs", ":material/stacked_line_chart:"),
    ),
    "Understand": (
        PageEntry("evaluate", "Evaluate", ":material/fact_check:"),
        PageEntry("predictions", "Predictions", ":material/image_search:"),
        PageEntry("explain", "Explain", ":material/layers:", "inside"),
        PageEntry("training_dynamics", "Training dynamics", ":material/timeline:", "overtime"),
    ),
    "Share": (
        PageEntry("export", "Export & import", ":material/ios_share:", "take"),
        PageEntry("lessons", "Lessons", ":material/school:"),
        PageEntry("glossary", "Glossary", ":material/dictionary:"),
    ),
}
_ENTRIES = {entry.name: entry for group in NAVIGATION.values() for entry in group}
_OLD_NAMES = {entry.old_name: entry.name for entry in _ENTRIES.values() if entry.old_name}


PAGE_NAMES = tuple(_ENTRIES)


def page_entry(name: str) -> PageEntry:
    """The page of this name, or of this name in older versions.

    Raises:
        KeyError: There is no such page.
    """
    return _ENTRIES[page_name(name)]


def page_name(name: str) -> str:
    """What a page of this name in older versions is called now; other names as they are."""
    return _OLD_NAMES.get(name, name)


# Streamlit 1.67 puts the groups as `div` into a list, where only items may be: to a screen reader
# these are no lists then, and the links are met one by one all the same.
_ROLES_JS = """
export default function () {
  // Once a document: a phone opens and closes the sidebar, each time with new elements.
  if (document.fmnistRoles) return
  const mend = () => document
    .querySelectorAll("[data-testid=stSidebarNav] :is(ul, li):not([role])")
    .forEach((element) => element.setAttribute("role", "none"))
  mend()
  document.fmnistRoles = new MutationObserver(mend)
  document.fmnistRoles.observe(document.body, { childList: true, subtree: true })
}
"""
_roles = st.components.v2.component("fmnist_roles", html="<span></span>\n", js=_ROLES_JS)


def navigation() -> Page:
    """Draws the navigation; returns the page that the address asks for."""
    groups = {group: [_page(entry) for entry in found] for group, found in NAVIGATION.items()}
    old = [
        st.Page(entry.script, title=entry.title, url_path=entry.old_name, visibility="hidden")
        for entry in _ENTRIES.values()
        if entry.old_name
    ]
    return st.navigation({**groups, "Old addresses": old}, expanded=True)


def _page(entry: PageEntry) -> Page:
    default = entry.name == "home"
    return st.Page(entry.script, title=entry.title, icon=entry.icon, default=default)


def ensure_navigation() -> None:
    """Mends the navigation's roles; begins anew through `app.py` where a script runs without it.

    So it is on a fresh server that is first asked for a page by its address: until `st.navigation`
    was called once, Streamlit 1.67 runs the scripts of a folder `pages/` by themselves. Widgets
    drawn so would lose their values at the next click.
    """
    if PagesManager.uses_pages_directory:
        navigation()
        st.rerun()
    _roles(key="navigation_roles")
