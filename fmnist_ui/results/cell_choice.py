"""Choosing a cell of a matrix of classes: by a click on it, a sentence about it, or two boxes."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go
import streamlit as st

from fmnist_core.classes import CLASS_COUNT, CLASS_NAMES
from fmnist_ui.linked import tell_choice
from fmnist_ui.results import in_address

_NUMBERS = list(range(CLASS_COUNT))
_NAME = dict(enumerate(CLASS_NAMES))


class CellChoice:
    """The chosen cell of one matrix, kept in the session under `key`."""

    def __init__(self, key: str, first: tuple[int, int]) -> None:
        """`first` is chosen where nothing was yet: (true, predicted)."""
        self.key = key
        if f"{key}/true" not in st.session_state:
            asked = in_address.asked("cell")
            self._choose(*(map(int, asked.split("-")) if asked else first))

    @property
    def cell(self) -> tuple[int, int]:
        """The chosen cell as (true, predicted)."""
        state = st.session_state
        return state[f"{self.key}/true"], state[f"{self.key}/predicted"]

    def show_figure(self, figure: go.Figure, variant: str, alt: str) -> None:
        """Draws the matrix; a click on a cell chooses it.

        Args:
            variant: Another one for another figure. A figure that is not the same again would
                forget the click, so it must not depend on the chosen cell.
        """
        # The mark of a click goes when a cell is chosen by other means.
        remade = st.session_state.get(f"{self.key}/remade", 0)
        chart = f"{self.key}/matrix-{variant}-{remade}"
        st.plotly_chart(
            figure,
            key=chart,
            on_select=lambda: self._clicked(chart),
            selection_mode="points",
            config={"displayModeBar": False},
            alt=alt,
        )

    def show_sentence(self, sentence: str, true: int, predicted: int) -> None:
        """A sentence that chooses its cell when it is pressed."""
        st.button(
            sentence,
            type="tertiary",
            key=f"{self.key}/pair-{true}-{predicted}",
            on_click=self._pressed,
            args=(true, predicted),
        )

    def show_boxes(self) -> None:
        """Two select boxes, for touch and keyboard."""
        st.markdown("**Look at a cell**")
        st.caption("Click one in the matrix, or choose:")
        with st.container(horizontal=True):
            for label, part in (("Really", "true"), ("Taken for", "predicted")):
                st.selectbox(
                    label,
                    _NUMBERS,
                    format_func=_NAME.__getitem__,
                    key=f"{self.key}/{part}",
                    on_change=self._by_other_means,
                    width=140,
                )
        tell_choice("cell", "{}-{}".format(*self.cell))

    def _choose(self, true: int, predicted: int) -> None:
        st.session_state[f"{self.key}/true"] = true
        st.session_state[f"{self.key}/predicted"] = predicted

    def _clicked(self, chart: str) -> None:
        event: Any = st.session_state.get(chart)
        for point in event.selection.points if event else []:
            true, predicted = point["customdata"][:2]
            self._choose(int(true), int(predicted))

    def _pressed(self, true: int, predicted: int) -> None:
        self._choose(true, predicted)
        self._by_other_means()

    def _by_other_means(self) -> None:
        name = f"{self.key}/remade"
        st.session_state[name] = st.session_state.get(name, 0) + 1
