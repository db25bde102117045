"""Which test images to look at."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.links import MOST_SEED

FEWEST, MOST = 4, 40
_ALL = "All classes"


@dataclass(frozen=True)
class Choice:
    """How many images, drawn with which seed, from which."""

    count: int
    seed: int
    only_errors: bool
    true: int | None


def show() -> Choice:
    """One row of controls; each is in the address, so that a link shows the same images."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="prediction_choice"):
        st.button("Shuffle", type="primary", icon=":material/shuffle:", on_click=_next_seed)
        seed = st.number_input("Seed", 0, MOST_SEED, 0, key="seed", bind="query-params", width=130)
        count = st.number_input(
            "Images", FEWEST, MOST, 8, step=4, key="images", bind="query-params", width=130
        )
        name = st.selectbox(
            "Class", [_ALL, *CLASS_NAMES], key="class", bind="query-params", width=170
        )
        only_errors = st.toggle("Only errors", key="errors", bind="query-params")
    return Choice(
        # The address can hold anything; the page's limits hold all the same.
        count=min(MOST, max(FEWEST, int(count or FEWEST))),
        seed=min(MOST_SEED, max(0, int(seed or 0))),
        only_errors=only_errors,
        true=CLASS_NAMES.index(name) if name in CLASS_NAMES else None,
    )


def _next_seed() -> None:
    st.session_state["seed"] = (int(st.session_state.get("seed") or 0) + 1) % (MOST_SEED + 1)
