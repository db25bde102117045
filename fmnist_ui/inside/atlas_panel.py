"""Beside the map: the image that was clicked, and those nearest to the star."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_COLOURS, CLASS_NAMES
from fmnist_core.data.dataset import ImageSet
from fmnist_core.explain.data_map import DataMap
from fmnist_core.figures.atlas import Points
from fmnist_core.figures.opened import opened_html
from fmnist_ui.charts import palette
from fmnist_ui.inside.choice import Chosen, look_inside
from fmnist_ui.page_errors import plain
from fmnist_ui.pixels import show_pictures
from fmnist_ui.words import percent

_OPENED, _BOX = "atlas/opened", "atlas_mistake"
_MISTAKES = 100


def clicked(model: str, chart: str, count: int) -> None:
    """Opens the point that was clicked; what comes from a browser may be anything."""
    event: Any = st.session_state.get(chart)
    for point in event.selection.points if event else []:
        row = point.get("customdata")
        row = row[0] if isinstance(row, list) and row else row
        if isinstance(row, (int, float)) and 0 <= row < count:
            st.session_state[_OPENED] = model, int(row)
            st.session_state[_BOX] = None


def opened_row(model: str) -> int | None:
    """The row that is open, of this network's map."""
    of_model, row = st.session_state.get(_OPENED, ("", None))
    return row if of_model == model else None


def show_panel(
    chosen: Chosen, found: DataMap, test: ImageSet, points: Points, near: NDArray[np.int64]
) -> None:
    """Draws both, and a box of mistakes for those who do not click."""
    _show_mistakes(chosen.model, found, points)
    row = opened_row(chosen.model)
    if row is not None:
        _show_opened(chosen.model, found, test, points, row)
    else:
        st.caption("Click a point to open its image.")
    _show_nearest(chosen, test, near)


def _show_mistakes(model: str, found: DataMap, points: Points) -> None:
    wrong = np.flatnonzero(points.wrong & points.shown)
    surest = wrong[np.argsort(-points.confidence[wrong], kind="stable")][:_MISTAKES].tolist()
    if st.session_state.get(_BOX) not in surest:
        st.session_state[_BOX] = None
    st.selectbox(
        f"Mistakes, surest first ({len(wrong)})",
        surest,
        key=_BOX,
        index=None,
        placeholder="Open one" if surest else "None among these",
        format_func=lambda row: _mistake(found, points, row),
        on_change=_chosen,
        args=(model,),
    )


def _chosen(model: str) -> None:
    row = st.session_state[_BOX]
    if row is not None:
        st.session_state[_OPENED] = model, row


def _mistake(found: DataMap, points: Points, row: int) -> str:
    truth, said = CLASS_NAMES[points.labels[row]], CLASS_NAMES[points.predicted[row]]
    return f"{truth} → {said}, {percent(points.confidence[row], 0)} · {found.indices[row]}"


def _show_opened(model: str, found: DataMap, test: ImageSet, points: Points, row: int) -> None:
    true, said = int(points.labels[row]), int(points.predicted[row])
    image, name = test.images[row], f"Test image {found.indices[row]}"
    verdict = "recognised" if true == said else f"taken for {CLASS_NAMES[said]}"
    st.markdown(f"**{name}** · {CLASS_NAMES[true]}, {verdict}")
    alt = f"{name}: {CLASS_NAMES[true]}"
    st.html(opened_html(image, found.answers.probabilities[row], alt, palette()))
    if st.button("Look inside", icon=":material/layers:", key="atlas_inside"):
        look_inside(model, image, name, true)


def _show_nearest(chosen: Chosen, test: ImageSet, near: NDArray[np.int64]) -> None:
    st.markdown("**Nearest to the star**")
    labels = test.labels[near]
    show_pictures(
        test.images[near],
        [CLASS_NAMES[label] for label in labels],
        columns=5,
        least_width=48,
        colours=[CLASS_COLOURS[label] for label in labels],
    )
    st.caption(
        f"The star is {plain(chosen.image_name)}. These are test images, nearest by what the "
        "network makes of them."
    )


def others(image: NDArray[np.uint8], test: ImageSet, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """The rows whose images are not the image itself."""
    same = (test.images[rows] == image).all(axis=(1, 2))
    return rows[~same]
