"""Many files at once: a gallery with a prediction each, and a table of them to take along."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_COLOURS
from fmnist_core.errors import LabError
from fmnist_core.figures.cards import per_cent
from fmnist_core.figures.thumbnail import thumbnail_url
from fmnist_core.inputs.prepare import prepare
from fmnist_core.shipped import SHIPPED
from fmnist_ui.page_errors import show_error
from fmnist_ui.tryit.by_hand import corrections_for
from fmnist_ui.tryit.item import Entry, Item
from fmnist_ui.tryit.picture_choice import Choice, show_choices
from fmnist_ui.tryit.predictions_csv import Line, predictions_csv
from fmnist_ui.tryit.upload import choose
from fmnist_ui.tryit.verdicts import Verdict, verdicts
from fmnist_ui.tryit.words import short

_INPUTS, _THUMBS = "try/inputs", "try/thumbs"
_HEIGHT = 420


def show_gallery(entries: Sequence[Entry], chosen: Entry) -> None:
    """All files with what they are taken for; a click shows one in detail."""
    said = _verdicts(entries)
    choices = [_choice(entry, verdict) for entry, verdict in zip(entries, said, strict=True)]
    with st.container(height=_HEIGHT if len(entries) > 18 else "content", border=False):
        show_choices("Files", choices, chosen.id, choose, key="try_gallery", least=112)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(_count(entries))
        st.download_button(
            "Predictions as CSV",
            predictions_csv([_line(*pair) for pair in zip(entries, said, strict=True)]),
            "predictions.csv",
            "text/csv",
            icon=":material/download:",
            key="try_csv",
            on_click="ignore",
        )


def _verdicts(entries: Sequence[Entry]) -> list[Verdict | None]:
    items = [entry.item for entry in entries if entry.item is not None]
    try:
        with st.spinner("Looking at all of them…"):
            images = [_input(item) for item in items]
            known = [image for image in images if image is not None]
            answers = iter(verdicts(SHIPPED, known) if known else [])
    except LabError as error:
        show_error(error)
        return [None] * len(entries)
    by_item = {
        item.id: None if image is None else next(answers)
        for item, image in zip(items, images, strict=True)
    }
    return [None if entry.item is None else by_item[entry.item.id] for entry in entries]


def _input(item: Item) -> NDArray[np.uint8] | None:
    """The network's input; None where nothing was found. Prepared once for each correction."""
    kept = st.session_state.setdefault(_INPUTS, {})
    corrections = corrections_for(item.id)
    key = (item.id, corrections)
    if key not in kept:
        if len(kept) > 5_000:
            kept.clear()
        prepared = prepare(item.picture, corrections, steps=False)
        kept[key] = None if prepared.blank else prepared.image
    image: NDArray[np.uint8] | None = kept[key]
    return image


def _choice(entry: Entry, verdict: Verdict | None) -> Choice:
    if entry.item is None:
        return Choice(entry.id, "", "cannot be read", entry.name)
    source = _thumb(entry.item)
    if verdict is None:
        return Choice(entry.id, source, "nothing found", entry.name)
    if not verdict.is_clothing:
        return Choice(entry.id, source, short(verdict), entry.name)
    words = f"{short(verdict)} {per_cent(verdict.confidence)}"
    return Choice(entry.id, source, words, entry.name, CLASS_COLOURS[verdict.label])


def _thumb(item: Item) -> str:
    kept = st.session_state.setdefault(_THUMBS, {})
    if item.id not in kept:
        kept[item.id] = thumbnail_url(item.picture, 96)
    return str(kept[item.id])


def _line(entry: Entry, verdict: Verdict | None) -> Line:
    error = str(entry.error) if entry.error else ""
    return Line(entry.name, verdict, error or ("" if verdict else "Nothing was found on it."))


def _count(entries: Sequence[Entry]) -> str:
    refused = sum(entry.error is not None for entry in entries)
    words = f"{len(entries)} files" if len(entries) != 1 else "1 file"
    return words + (f", {refused} of them cannot be read" if refused else "")
