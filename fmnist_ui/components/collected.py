"""Items of a collection: their thumbnails, their inputs, and what two networks make of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_COLOURS, CLASS_NAMES
from fmnist_core.collections.content import decode_picture
from fmnist_core.errors import CollectionError, LabError
from fmnist_core.images import thumbnail_url
from fmnist_core.preprocessing.prepare import prepare
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.library import RunSummary, list_runs
from fmnist_core.settings import load_settings
from fmnist_ui.components.predictions import Verdict
from fmnist_ui.components.verdict_words import NOT_CLOTHING, short
from fmnist_ui.figures.confusion import Changed

_INPUTS = "collected/inputs"


@dataclass(frozen=True, eq=False)
class Collected:
    """A collected picture as its 28x28 input, and what it is; None: no clothing."""

    image: NDArray[np.uint8]
    label: int | None


@st.cache_data(max_entries=500, show_spinner=False)
def thumbnail(path: str, added: float) -> str:
    """Of one file; `added` makes a file that was put back a new one."""
    try:
        return thumbnail_url(decode_picture(Path(path).read_bytes(), path), 96)
    except (CollectionError, FileNotFoundError):
        return ""


def label_words(label: int | None) -> tuple[str, str]:
    """The name of a class, or of what is no clothing, and its color."""
    if label is None:
        return NOT_CLOTHING, "transparent"
    return CLASS_NAMES[label], CLASS_COLOURS[label]


def collected(item_id: str, path: Path, label: int | None) -> Collected | None:
    """An item as networks see it; None where it cannot be read. Prepared once a session."""
    known = st.session_state.setdefault(_INPUTS, {})
    if item_id not in known:
        try:
            known[item_id] = prepare(
                decode_picture(path.read_bytes(), path.name), steps=False
            ).image
        except (LabError, FileNotFoundError):
            known[item_id] = None
    image: NDArray[np.uint8] | None = known[item_id]
    return None if image is None else Collected(image, label)


def is_right(verdict: Verdict, item: Collected) -> bool:
    """Whether a network recognizes the item, or that it is no clothing."""
    if item.label is None:
        return not verdict.is_clothing
    return verdict.is_clothing and verdict.label == item.label


def changed(item: Collected, before: Verdict, after: Verdict) -> Changed:
    """What two networks say of an item, for its card."""
    return Changed(
        item.image,
        *label_words(item.label),
        (short(before), is_right(before, item)),
        (short(after), is_right(after, item)),
    )


def last_with(collection: str) -> RunSummary | None:
    """The newest run that began with another's weights and learned from this collection."""
    settings = load_settings()
    for run in list_runs(settings):
        if run.state == "damaged":
            continue
        start, collections = _learned_from(str(settings.runs_dir), run.id)
        if start and collection in collections:
            return run
    return None


@st.cache_data(max_entries=5_000, show_spinner=False)
def _learned_from(runs_dir: str, run_id: str) -> tuple[str, tuple[str, ...]]:
    """A run's initial weights and collections, read once: its configuration never changes."""
    training = RunFolder.open(Path(runs_dir), run_id).config.training
    return training.initial_weights, training.collections
