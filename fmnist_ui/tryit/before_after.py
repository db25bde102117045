"""What fine-tuning changed for the collected items themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_COLOURS, CLASS_NAMES
from fmnist_core.collection import CollectionStore, Item
from fmnist_core.collection.content import decode_picture
from fmnist_core.errors import LabError
from fmnist_core.figures.change import Changed, change_html
from fmnist_core.inputs.prepare import prepare
from fmnist_core.runs.library import RunSummary
from fmnist_core.settings import load_settings
from fmnist_core.shipped import SHIPPED, SHIPPED_EVERYDAY
from fmnist_ui.charts import palette
from fmnist_ui.page_errors import plain
from fmnist_ui.tryit.verdicts import Verdict, verdicts
from fmnist_ui.tryit.words import NOT_CLOTHING, short

_MOST = 48
_INPUTS = "try/kept_inputs"


@dataclass(frozen=True, eq=False)
class _Kept:
    """A collected picture as its 28x28 input, and what it is."""

    image: NDArray[np.uint8]
    label: int | None


def show_before_after(collection: str, run: RunSummary, source: str) -> None:
    """How many collected items each of the two networks gets right, and which changed."""
    kept = _kept(collection)
    if not kept:
        return
    images = [one.image for one in kept]
    after = verdicts(run.id, images)
    try:
        before = verdicts(SHIPPED_EVERYDAY if source == SHIPPED else source, images)
    except LabError:
        st.markdown(f"**{plain(run.name)}** gets {_right(after, kept)} of {len(kept)} items right.")
        st.caption("The network it began with is gone, so there is nothing to compare with.")
        return
    st.markdown(
        f"Before: **{_right(before, kept)}** of {len(kept)} items right. "
        f"After ({plain(run.name)}): **{_right(after, kept)}**."
    )
    rows = [_changed(*each) for each in zip(kept, before, after, strict=True)]
    st.html(change_html(rows, palette()))
    st.caption(
        "It learned from these very items, so this says what it took in, "
        "not how well it does on new ones."
    )


def _kept(collection: str) -> list[_Kept]:
    items = CollectionStore(load_settings()).items(collection)
    pictures = [item for item in reversed(items) if item.is_picture][:_MOST]
    found = [(_input(item), item.label) for item in pictures]
    return [_Kept(image, label) for image, label in found if image is not None]


def _input(item: Item) -> NDArray[np.uint8] | None:
    known = st.session_state.setdefault(_INPUTS, {})
    if item.id not in known:
        try:
            known[item.id] = prepare(
                decode_picture(item.path.read_bytes(), item.path.name), steps=False
            ).image
        except (LabError, FileNotFoundError):
            known[item.id] = None
    image: NDArray[np.uint8] | None = known[item.id]
    return image


def _right(said: Sequence[Verdict], kept: Sequence[_Kept]) -> int:
    return sum(_is_right(verdict, one) for verdict, one in zip(said, kept, strict=True))


def _is_right(verdict: Verdict, kept: _Kept) -> bool:
    if kept.label is None:
        return not verdict.is_clothing
    return verdict.is_clothing and verdict.label == kept.label


def _changed(kept: _Kept, before: Verdict, after: Verdict) -> Changed:
    name = NOT_CLOTHING if kept.label is None else CLASS_NAMES[kept.label]
    return Changed(
        kept.image,
        name,
        "transparent" if kept.label is None else CLASS_COLOURS[kept.label],
        (short(before), _is_right(before, kept)),
        (short(after), _is_right(after, kept)),
    )
