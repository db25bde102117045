"""The images behind one cell of the confusion matrix, and the one of them that was opened."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.evaluation import Predictions
from fmnist_core.figures.cards import prediction_cards
from fmnist_ui.charts import palette
from fmnist_ui.pickable import show_pickable
from fmnist_ui.results import opened_image
from fmnist_ui.results.stored import Gallery
from fmnist_ui.words import whole

_PAGE = 12
# Stays in view while the images are scrolled, as all that is called so.
_BESIDE = "beside_opened_image"


def show(gallery: Gallery, true: int, predicted: int, key: str, model: str) -> None:
    """The cell's images, hardest first; one that is clicked opens beside them.

    Args:
        key: One per run.
        model: The run's identifier.
    """
    found = gallery.said.cell(true, predicted)
    st.subheader(_title(true, predicted, len(found)), anchor=False)
    if not len(found):
        st.caption("No image is in this cell.")
        return
    st.caption(
        "Test images, hardest first: those whose true class was given the least probability."
    )
    show_indices(gallery, found, f"{key}/cell-{true}-{predicted}", model)


def show_indices(
    gallery: Gallery,
    found: NDArray[np.int64],
    key: str,
    model: str,
    before: Predictions | None = None,
) -> None:
    """The test images at `found`, a dozen a page, and beside them the one that is opened.

    Args:
        before: What another network said about them, for a line on each card.
    """
    opened = _opened(found, key)
    left, right = st.columns([7, 5], gap="large")
    with left:
        _show_page(gallery, found, key, opened, before)
    # Last, since it asks the engine: the images are on the screen meanwhile.
    with right, st.container(key=_BESIDE):
        if opened is None:
            st.caption("Click an image: what else it could be, where the network looked, and why.")
        else:
            opened_image.show(gallery, opened, key, model)


def _show_page(
    gallery: Gallery,
    found: NDArray[np.int64],
    key: str,
    opened: int | None,
    before: Predictions | None,
) -> None:
    cards, page = st.container(), 1
    if len(found) > _PAGE:
        page = st.pagination(-(-len(found) // _PAGE), key=f"{key}/page")
    shown = found[(page - 1) * _PAGE : page * _PAGE]
    with cards:
        show_pickable(
            prediction_cards(
                gallery.images, gallery.said, shown, palette(), pickable=True, before=before
            ),
            key="cell_images",
            chosen="" if opened is None else str(opened),
            on_pick=lambda picked: _open(key, picked),
            opens=_BESIDE,
        )


def _open(key: str, picked: str) -> None:
    st.session_state[f"{key}/opened"] = int(picked)


def _opened(found: NDArray[np.int64], key: str) -> int | None:
    index = st.session_state.get(f"{key}/opened")
    return index if index is not None and index in found else None


def _title(true: int, predicted: int, count: int) -> str:
    if true == predicted:
        return f"{CLASS_NAMES[true]}, recognised: {whole(count)}"
    return f"{CLASS_NAMES[true]} taken for {CLASS_NAMES[predicted]}: {whole(count)}"
