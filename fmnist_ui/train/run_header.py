"""Which run one is looking at."""

from __future__ import annotations

import streamlit as st

from fmnist_core.model.cost import summarise
from fmnist_core.presets import PRESETS
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.status import RunStatus
from fmnist_ui.page_errors import plain
from fmnist_ui.train.choice import set_up_another, watch
from fmnist_ui.train.words import option_label
from fmnist_ui.words import big, data_title, state_words


def show_header(folder: RunFolder, status: RunStatus, seeds: int = 1) -> None:
    """Name, state and make of the run, and the way to the next one.

    Args:
        seeds: How many runs there are of its configuration, itself included.
    """
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.subheader(plain(folder.meta.name), anchor=False, width="content")
        words = state_words(status.state)
        st.badge(words.word.capitalize(), icon=words.icon, color=words.colour)  # type: ignore[arg-type]
        st.space("stretch")
        if seeds > 1:
            _all_seeds_button(folder.id, seeds)
        set_up_another_button()
    st.caption(make_of(folder))


def set_up_another_button() -> None:
    """The way back to the form."""
    st.button(
        "Set up another", icon=":material/add:", on_click=set_up_another, key="set_up_another"
    )


def _all_seeds_button(run_id: str, seeds: int) -> None:
    st.button(
        f"All {seeds} seeds",
        icon=":material/stacked_line_chart:",
        on_click=watch,
        args=(run_id,),
        kwargs={"seeds": True},
        key="all_seeds",
    )


def make_of(folder: RunFolder) -> str:
    """Where its configuration began, its size, its data, the precision it computes in."""
    config = folder.config
    began = PRESETS[config.preset].title if config.preset in PRESETS else "Own design"
    parts = [
        began,
        f"{big(summarise(config.model).parameters)} parameters",
        data_title(config.training.dataset),
        f"{option_label(config.training.optimizer)}, batches of {config.training.batch_size}",
    ]
    if precision := folder.provenance.get("precision"):
        parts.append(option_label(str(precision)))
    return " · ".join(parts)
