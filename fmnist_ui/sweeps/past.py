"""Other sweeps of this lab, each with a button to look at it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from fmnist_core.sweeps import Sweep
from fmnist_ui.page_errors import plain
from fmnist_ui.sweeps.choice import watch
from fmnist_ui.sweeps.words import sweep_words
from fmnist_ui.words import moment, percent


def show_past(sweeps: Sequence[Sweep]) -> None:
    """A line each, the newest first; nothing where there is none."""
    if not sweeps:
        return
    st.space("small")
    st.markdown("**Other sweeps**")
    for sweep in sweeps:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(
                plain(sweep.meta.name),
                key=f"watch_{sweep.id}",
                type="tertiary",
                icon=":material/visibility:",
                on_click=watch,
                args=(sweep.id,),
            )
            st.caption(_facts(sweep))


def _facts(sweep: Sweep) -> str:
    best = sweep.best
    facts = [
        sweep_words(sweep.state).in_text,
        f"{sweep.ended} of {sweep.total} trials" if sweep.active else f"{sweep.ended} trials",
        f"best {percent(best.score)}" if best else "",
        moment(sweep.meta.created),
    ]
    return " · ".join(fact for fact in facts if fact)
