"""The images behind one cell of the confusion matrix."""

from __future__ import annotations

import streamlit as st

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.figures.cards import prediction_cards
from fmnist_ui.charts import palette
from fmnist_ui.results.stored import Gallery
from fmnist_ui.words import whole

_PAGE = 12


def show(gallery: Gallery, true: int, predicted: int, key: str) -> None:
    """Cards, hardest first, a dozen a page."""
    found = gallery.said.cell(true, predicted)
    st.subheader(_title(true, predicted, len(found)), anchor=False)
    if not len(found):
        st.caption("No image is in this cell.")
        return
    st.caption("Hardest first: those whose true class was given the least probability.")
    page = 1
    cards = st.container()
    if len(found) > _PAGE:
        page = st.pagination(-(-len(found) // _PAGE), key=f"{key}/page-{true}-{predicted}")
    shown = found[(page - 1) * _PAGE : page * _PAGE]
    cards.html(prediction_cards(gallery.images, gallery.said, shown, palette()))


def _title(true: int, predicted: int, count: int) -> str:
    if true == predicted:
        return f"{CLASS_NAMES[true]}, recognised: {whole(count)}"
    return f"{CLASS_NAMES[true]} taken for {CLASS_NAMES[predicted]}: {whole(count)}"
