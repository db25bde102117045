"""The frame around every page: title, brand, navigation, state of the lab, the data's banner.

Every page calls `open_page` first, so that a link straight to any page shows all of it.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from fmnist_core.errors import ConfigError
from fmnist_core.settings import keep_private, load_settings
from fmnist_ui.classroom.following import follow_class, show_self
from fmnist_ui.classroom.joining import is_class
from fmnist_ui.classroom.presence import PageView
from fmnist_ui.components.current_network import show_current_network, take_from_address
from fmnist_ui.lab_state import known_data, show_lab_state, storage_trouble
from fmnist_ui.lessons.panel import show_lesson
from fmnist_ui.lessons.place import current
from fmnist_ui.links.query_params import keep_one_entry_a_page
from fmnist_ui.navigation import PageEntry, ensure_navigation, page_entry
from fmnist_ui.page_errors import note_storage_trouble, page_errors, show_error
from fmnist_ui.server_memory import forget_uploads, keep_bounded
from fmnist_ui.theme import apply_style, is_dark

__all__ = ["open_page", "page_errors", "show_lead", "visited_pages"]

_STATIC = Path(__file__).parent.parent / "static"
_OPEN = "open_page"


def open_page(name: str, *, heading: str = "", lead: str = "") -> None:
    """Sets up the page and draws everything that all pages share.

    Args:
        name: The page's name in the navigation.
        heading: Another text above the page than its title.
        lead: A sentence below the heading.
    """
    ensure_navigation()
    page = page_entry(name)
    _free_memory(name)
    visited_pages().add(name)
    st.set_page_config(
        page_title=f"{page.title} · Fashion-MNIST lab",
        page_icon=str(_STATIC / "icon.svg"),
        layout="wide",
    )
    apply_style()
    keep_one_entry_a_page()
    st.logo(_brand(), size="large")
    _stop_where_settings_are_wrong()
    with page_errors():
        take_from_address(name)
    _show_state()
    with page_errors():
        _show_banner(on_data_page=name == "data")
    st.title(heading or f"{page.icon} {page.title}", anchor=False)
    if lead:
        show_lead(lead)
    _show_storage_trouble()
    with page_errors():
        show_lesson(name)
    if is_class():
        with page_errors():
            follow_class(_page_view(page))


def _page_view(page: PageEntry) -> PageView:
    place = current()
    if place is None:
        return PageView(page.title)
    lesson = place.lesson
    return PageView(page.title, lesson.title, place.number + 1, len(lesson.steps))


def _free_memory(name: str) -> None:
    keep_bounded()
    if st.session_state.get(_OPEN) != name:
        st.session_state[_OPEN] = name
        forget_uploads()


def visited_pages() -> set[str]:
    """The names of the pages that were opened in this session."""
    visited: set[str] = st.session_state.setdefault("visited_pages", set())
    return visited


def show_lead(text: str) -> None:
    """A sentence on what one does here, larger than text and quieter."""
    st.container(key="lead").markdown(text)


def _show_state() -> None:
    with st.sidebar, page_errors(), st.container(key="lab_state", gap="xxsmall"):
        above = st.container()
        state = show_lab_state()
        with above:
            show_self()
            show_current_network(state.runs)


def _show_storage_trouble() -> None:
    """Once a page, in the place of a box from each part that the disk refused something."""
    note_storage_trouble(False)
    if (trouble := storage_trouble(load_settings())) is not None:
        show_error(trouble)
        note_storage_trouble(True)


def _stop_where_settings_are_wrong() -> None:
    # Said once, since every part of every page would say it again.
    try:
        keep_private(load_settings())
    except ConfigError as error:
        show_error(error)
        st.stop()


def _brand() -> str:
    return str(_STATIC / f"brand-{'dark' if is_dark() else 'light'}.svg")


def _show_banner(*, on_data_page: bool = False) -> None:
    """Nothing with Fashion-MNIST in place; else which images are in use, and where to get it."""
    if known_data().official_ready:
        return
    with st.container(key="banner", horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(
            ":orange[:material/draw:] **Synthetic garments are in use, not Fashion-MNIST.** "
            "Results on these drawn images say nothing about the real ones.",
            width="stretch",
        )
        if not on_data_page:
            st.page_link("pages/data.py", label="Get Fashion-MNIST", icon=":material/download:")
