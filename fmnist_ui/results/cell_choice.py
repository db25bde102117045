"""Choosing a cell of a confusion matrix, the images in it, and one of them opened."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from numpy.typing import NDArray
from streamlit.delta_generator import DeltaGenerator

from fmnist_core.classes import CLASS_COUNT, CLASS_NAMES
from fmnist_core.evaluation import Predictions
from fmnist_ui.components import beside
from fmnist_ui.components.pickable import show_pickable
from fmnist_ui.components.pinned_images import pin_button
from fmnist_ui.components.prediction_details import show_closer_look
from fmnist_ui.components.stored_results import Gallery
from fmnist_ui.components.widget_start import start_among
from fmnist_ui.explain.choice import look_inside
from fmnist_ui.figures.cards import opened_html, small_cards
from fmnist_ui.lessons.place import take_choice
from fmnist_ui.links.query_params import tell_choice
from fmnist_ui.results import in_address
from fmnist_ui.theme import palette
from fmnist_ui.words import whole

_PAGE, _PAGES = 12, 5
_MATRIX = "matrix"
ANSWER, OPENED = beside.answer(_MATRIX), "opened_image"


_NUMBERS = list(range(CLASS_COUNT))
_NAME = dict(enumerate(CLASS_NAMES))


class CellChoice:
    """The chosen cell of one matrix, kept in the session under `key`."""

    def __init__(self, key: str, first: tuple[int, int]) -> None:
        """`first` is chosen where nothing was yet: (true, predicted)."""
        self.key = key
        asked = take_choice("cell")
        if asked is None and f"{key}/true" not in st.session_state:
            asked = in_address.asked("cell") or "{}-{}".format(*first)
        if asked is not None:
            self._choose(*map(int, asked.split("-")))

    @property
    def cell(self) -> tuple[int, int]:
        """The chosen cell as (true, predicted)."""
        state = st.session_state
        return state[f"{self.key}/true"], state[f"{self.key}/predicted"]

    def show_figure(self, figure: go.Figure, variant: str, alt: str) -> None:
        """Draws the matrix with the chosen cell outlined; a click on a cell chooses it.

        Args:
            variant: Another one for another figure.
        """
        beside.show_cells(
            figure,
            key=f"{self.key}/matrix-{variant}",
            chosen=self.cell,
            on_choose=self._choose,
            opens=ANSWER,
            moves=st.session_state.get(f"{self.key}/moves", 0),
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
        with st.container(horizontal=True):
            for label, part in (("True class", "true"), ("Predicted class", "predicted")):
                st.selectbox(
                    label,
                    _NUMBERS,
                    index=start_among(_NUMBERS, f"{self.key}/{part}"),
                    format_func=_NAME.__getitem__,
                    key=f"{self.key}/{part}",
                    width=150,
                )
        tell_choice("cell", "{}-{}".format(*self.cell))

    def _choose(self, true: int, predicted: int) -> None:
        st.session_state[f"{self.key}/true"] = true
        st.session_state[f"{self.key}/predicted"] = predicted

    def _pressed(self, true: int, predicted: int) -> None:
        self._choose(true, predicted)
        name = f"{self.key}/moves"
        st.session_state[name] = st.session_state.get(name, 0) + 1


def columns() -> tuple[DeltaGenerator, DeltaGenerator]:
    """The places of the matrix and of what is in its chosen cell."""
    return beside.columns(_MATRIX)


def show(gallery: Gallery, true: int, predicted: int, key: str, model: str) -> None:
    """The cell's images, hardest first, and the one that was clicked.

    Args:
        key: One per run.
        model: The run's identifier.
    """
    found = gallery.said.cell(true, predicted)
    show_title(true, predicted, len(found))
    if not len(found):
        st.caption("No image is in this cell.")
        return
    show_indices(gallery, found, f"{key}/cell-{true}-{predicted}", model)


def show_title(true: int, predicted: int, count: int | None = None) -> None:
    """Which cell is chosen, as a heading of its images."""
    what = _what(true, predicted)
    st.subheader(what if count is None else f"{what}: {whole(count)}", anchor=False)


def show_indices(
    gallery: Gallery,
    found: NDArray[np.int64],
    key: str,
    model: str,
    before: Predictions | None = None,
) -> None:
    """The test images at `found`, a dozen a page, and below them the one that is opened.

    Args:
        before: What another network said about them, whose class then stands below each.
    """
    opened = _opened(found, key)
    _show_page(gallery, found, key, opened, before)
    # Last, since it asks the engine: the images are on the screen meanwhile.
    with st.container(key=OPENED, gap="xsmall"):
        if opened is None:
            below = "the other run's class" if before is not None else "the confidence"
            st.caption(
                "Click an image to see all probabilities, its Grad-CAM and its nearest neighbors. "
                f"Lowest probability of the true class first; below each {below}."
            )
        else:
            show_opened_image(gallery, opened, key, model, verdict=False)


def _show_page(
    gallery: Gallery,
    found: NDArray[np.int64],
    key: str,
    opened: int | None,
    before: Predictions | None,
) -> None:
    cards, page = st.container(), 1
    if len(found) > _PAGE:
        pages = -(-len(found) // _PAGE)
        page = st.pagination(pages, key=f"{key}/page", max_visible_pages=_PAGES)
    shown = found[(page - 1) * _PAGE : page * _PAGE]
    with cards:
        show_pickable(
            small_cards(gallery.images, gallery.said, shown, palette(), before),
            key="cell_images",
            chosen="" if opened is None else str(opened),
            on_pick=lambda picked: _open(key, picked),
            opens=OPENED,
        )


def _open(key: str, picked: str) -> None:
    st.session_state[f"{key}/opened"] = int(picked)


def _opened(found: NDArray[np.int64], key: str) -> int | None:
    index = st.session_state.get(f"{key}/opened")
    return index if index is not None and index in found else None


def show_opened_image(
    gallery: Gallery, index: int, key: str, model: str, *, verdict: bool = True
) -> None:
    """Draws test image `index`, then asks the engine why the network took it for what it did.

    Args:
        key: One per gallery of images.
        model: The run's identifier.
        verdict: Whether to say what it is and what it was taken for.
    """
    true, predicted = int(gallery.said.labels[index]), int(gallery.said.predicted[index])
    image, name = gallery.images[index], f"Test image {index}"
    with st.container(
        horizontal=True, vertical_alignment="center", gap="xsmall", key="opened_title"
    ):
        st.markdown(f"**{name}**", width="content")
        if st.button("Explain", icon=":material/layers:", key=f"{key}/inside", type="tertiary"):
            look_inside(model, image, name, true)
        pin_button(image, name, true, "test image", f"{key}/pin")
    if verdict:
        st.caption(_what(true, predicted))
    alt = f"{name}: {CLASS_NAMES[true]}"
    st.html(opened_html(image, gallery.said.probabilities[index], alt, palette()))
    label = _choose_class(predicted, true, key)
    with st.spinner("Asking the network…", show_time=False):
        show_closer_look(model, image, label)


def _what(true: int, predicted: int) -> str:
    if true == predicted:
        return f"{CLASS_NAMES[true]}, classified correctly"
    return f"True {CLASS_NAMES[true]}, predicted {CLASS_NAMES[predicted]}"


def _choose_class(predicted: int, true: int, key: str) -> int:
    """The class whose heat is wanted: what it was taken for, or what it is."""
    if predicted == true:
        return true
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption("Grad-CAM for", width="content")
        chosen = st.segmented_control(
            "Grad-CAM for",
            (predicted, true),
            default=predicted,
            required=True,
            format_func=CLASS_NAMES.__getitem__,
            label_visibility="collapsed",
            key=f"{key}/heat-{predicted}-{true}",
        )
    return true if chosen == true else predicted
