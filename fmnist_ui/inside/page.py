"""The page "Inside": a network and an image above, one section below.

A section is a title, an icon and a function that draws it. Only the open one is computed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from fmnist_ui.inside.atlas_view import show_atlas
from fmnist_ui.inside.break_view import show_break
from fmnist_ui.inside.choice import Chosen, choose
from fmnist_ui.inside.chosen_view import show_chosen
from fmnist_ui.inside.excites_view import show_excites
from fmnist_ui.inside.filters_view import show_filters
from fmnist_ui.inside.maps_view import show_maps
from fmnist_ui.inside.step_view import show_step
from fmnist_ui.inside.where_view import show_where
from fmnist_ui.linked import check_link, tell_choice
from fmnist_ui.page_errors import page_errors
from fmnist_ui.share import show_share

_OPEN = "section"


@dataclass(frozen=True)
class Section:
    """One view into the network; `show` draws it below the choice."""

    title: str
    icon: str
    show: Callable[[Chosen], None]


SECTIONS: tuple[Section, ...] = (
    Section("Where it looked", ":material/visibility:", show_where),
    Section("Feature maps", ":material/grid_on:", show_maps),
    Section("Filters", ":material/blur_on:", show_filters),
    Section("What excites it", ":material/bolt:", show_excites),
    Section("Step through", ":material/calculate:", show_step),
    Section("Map of the data", ":material/scatter_plot:", show_atlas),
    Section("Break it", ":material/construction:", show_break),
)


def show_inside() -> None:
    """Everything below the lead."""
    check_link("inside")
    chosen = choose()
    if chosen is None or not show_chosen(chosen):
        return
    section = _choose_section()
    if section is not None:
        _show(section, chosen)
    show_share(key="share_inside")


def _choose_section() -> Section | None:
    by_title = {section.title: section for section in SECTIONS}
    if st.session_state.get(_OPEN) not in by_title:
        st.session_state[_OPEN] = st.query_params.get(_OPEN)
    if st.session_state[_OPEN] not in by_title:
        st.session_state[_OPEN] = next(iter(by_title))
    title = st.pills(
        "What to look at",
        list(by_title),
        key=_OPEN,
        format_func=lambda name: f"{by_title[name].icon} {name}",
        label_visibility="collapsed",
        required=True,
        persist_state="session",
    )
    tell_choice(_OPEN, title)
    return by_title.get(str(title))


@st.fragment
@page_errors()
def _show(section: Section, chosen: Chosen) -> None:
    section.show(chosen)
