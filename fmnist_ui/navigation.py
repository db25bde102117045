"""The pages in their groups: one table for the navigation, the titles and the addresses."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from functools import cache

import streamlit as st
from streamlit.navigation.page import Page
from streamlit.runtime.pages_manager import PagesManager

from fmnist_core.permissions import NOBODY, acting
from fmnist_ui.theme import apply_style, link_in_place
from fmnist_ui.web_access import base_path


@dataclass(frozen=True)
class PageEntry:
    """A page in the navigation.

    Attributes:
        name: Of its script in `pages/`, and its path in the address.
        title: What people call it.
        icon: A material icon.
        leads_to: The page that one usually opens next, and what for; of Home nothing, which says
            it itself.
        old_name: Its path in addresses of older versions, which goes on working.
    """

    name: str
    title: str
    icon: str
    leads_to: tuple[str, str] = ("", "")
    old_name: str = ""

    @property
    def script(self) -> str:
        """Its script, as `st.switch_page` takes it."""
        return f"pages/{self.name}.py"


NAVIGATION: dict[str, tuple[PageEntry, ...]] = {
    "Explore": (
        PageEntry("home", "Home", ":material/home:"),
        PageEntry("try", "Try it", ":material/draw:", ("explain", "Explain a prediction")),
        PageEntry(
            "data", "Data", ":material/grid_view:", ("train", "Train a network on these images")
        ),
    ),
    "Train": (
        PageEntry("train", "Train", ":material/model_training:", ("runs", "See what was trained")),
        PageEntry("sweeps", "Sweeps", ":material/tune:", ("runs", "Compare the runs")),
        PageEntry("runs", "Runs", ":material/stacked_line_chart:", ("evaluate", "Evaluate a run")),
    ),
    "Understand": (
        PageEntry(
            "evaluate",
            "Evaluate",
            ":material/fact_check:",
            ("predictions", "Look at single predictions"),
        ),
        PageEntry(
            "predictions",
            "Predictions",
            ":material/image_search:",
            ("explain", "Explain a prediction"),
        ),
        PageEntry(
            "explain",
            "Explain",
            ":material/layers:",
            ("training_dynamics", "See how the network learned"),
            old_name="inside",
        ),
        PageEntry(
            "training_dynamics",
            "Training dynamics",
            ":material/timeline:",
            ("export", "Export the network"),
            old_name="overtime",
        ),
    ),
    "Share": (
        PageEntry(
            "export",
            "Export & import",
            ":material/ios_share:",
            ("lessons", "Work through a lesson"),
            old_name="take",
        ),
        PageEntry(
            "lessons", "Lessons", ":material/school:", ("train", "Train a network of your own")
        ),
        PageEntry(
            "glossary", "Glossary", ":material/dictionary:", ("lessons", "Work through a lesson")
        ),
        PageEntry("class", "Class", ":material/groups:", ("lessons", "Choose a lesson")),
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
    found = _pages(in_class=acting() is not None)
    # `st.navigation` notes in a page that it may run.
    own = {group: [copy(page) for page in pages] for group, pages in found.items()}
    return st.navigation(own, expanded=True)


def run_page() -> None:
    """Runs the page that the address asks for, and says below it what usually comes next."""
    page = navigation()
    if acting() is NOBODY:
        apply_style()
        st.title("You are not in the class any more", anchor=False)
        st.markdown(
            "You have left it, the teacher has taken this device out, or the class has ended."
        )
        link_in_place("Join the class", f"{base_path()}/join", primary=True)
        return
    page.run()
    # A lesson says by itself what comes next.
    leads_to, label = _ENTRIES[page_name(page.url_path or "home")].leads_to
    if leads_to and "lesson" not in st.query_params:
        to = _ENTRIES[leads_to]
        st.container(key="next_step").page_link(to.script, label=f"Next: {label}", icon=to.icon)


@cache
def _pages(*, in_class: bool) -> dict[str, list[Page]]:
    """All pages in their groups. Made once: each looks for its script, folder by folder."""
    groups = {
        group: [_page(entry, in_class=in_class) for entry in found]
        for group, found in NAVIGATION.items()
    }
    old = [
        st.Page(entry.script, title=entry.title, url_path=entry.old_name, visibility="hidden")
        for entry in _ENTRIES.values()
        if entry.old_name
    ]
    return {**groups, "Old addresses": old}


def _page(entry: PageEntry, *, in_class: bool) -> Page:
    return st.Page(
        entry.script,
        title=entry.title,
        icon=entry.icon,
        default=entry.name == "home",
        visibility="hidden" if entry.name == "class" and not in_class else "visible",
    )


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
