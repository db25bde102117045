"""Items of a collection: their thumbnails, their inputs, and how fine-tuning on them goes."""

from __future__ import annotations

import filecmp
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_COLOURS, IMAGE_SIDE, OTHER_CLOTHING, OUTPUT_NAMES
from fmnist_core.collections.content import decode_picture
from fmnist_core.errors import CollectionError, LabError
from fmnist_core.evaluation import paired
from fmnist_core.images import thumbnail_url
from fmnist_core.preprocessing.prepare import prepare
from fmnist_core.preprocessing.resize import fit_to
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.library import RunSummary, list_runs
from fmnist_core.runs.pretrained import SHIPPED, SHIPPED_EVERYDAY, shipped_model_path
from fmnist_core.settings import load_settings
from fmnist_ui.components.predictions import Verdict, verdicts
from fmnist_ui.components.verdict_words import NOT_CLOTHING, short
from fmnist_ui.figures.confusion import Changed, change_html
from fmnist_ui.page_errors import page_errors, plain
from fmnist_ui.theme import palette
from fmnist_ui.words import points, state_words

_INPUTS, _FOLLOWED = "collected/inputs", "collected/followed"
_SECONDS = 2.0
# Cards of items that are compared.
_MOST_CARDS = 48


@dataclass(frozen=True, eq=False)
class Collected:
    """A collected picture, and its label, as that of an `Item`.

    Attributes:
        sheet: uint8 (112, 112), of which each network takes as many pixels as it reads.
    """

    sheet: NDArray[np.uint8]
    label: int | None


@st.cache_data(max_entries=500, show_spinner=False)
def thumbnail(path: str, added: float) -> str:
    """Of one file; `added` makes a file that was put back a new one."""
    try:
        return thumbnail_url(decode_picture(Path(path).read_bytes(), path), 96)
    except (CollectionError, FileNotFoundError):
        return ""


def label_words(label: int | None) -> tuple[str, str]:
    """The name of a class and its color; or of other clothing, or of what is no clothing."""
    if label is None:
        return NOT_CLOTHING, "transparent"
    return OUTPUT_NAMES[label], (*CLASS_COLOURS, "transparent")[label]


def collected(item_id: str, path: Path, label: int | None) -> Collected | None:
    """An item as networks see it; None where it cannot be read. Prepared once a session."""
    known = st.session_state.setdefault(_INPUTS, {})
    if item_id not in known:
        try:
            known[item_id] = prepare(
                decode_picture(path.read_bytes(), path.name), steps=False
            ).sheet
        except (LabError, FileNotFoundError):
            known[item_id] = None
    sheet: NDArray[np.uint8] | None = known[item_id]
    return None if sheet is None else Collected(sheet, label)


def _is_right(verdict: Verdict, item: Collected) -> bool:
    """Whether a network recognizes the item, or that it is other clothing or none."""
    if item.label is None:
        return not verdict.is_clothing
    if item.label == OTHER_CLOTHING:
        return verdict.is_other_clothing
    return verdict.is_of_the_ten and verdict.label == item.label


def _changed(item: Collected, before: Verdict, after: Verdict) -> Changed:
    """What two networks say of an item, for its card."""
    return Changed(
        fit_to(item.sheet, IMAGE_SIDE),
        *label_words(item.label),
        (short(before), _is_right(before, item)),
        (short(after), _is_right(after, item)),
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


def follow_fine_tuning(collection: str, show_outcome: Callable[[RunSummary], None]) -> None:
    """How the last fine-tuning on a collection goes, looked at again until it ends.

    Args:
        show_outcome: Draws what came of it, once it has finished.
    """
    last = last_with(collection)
    if last is not None:
        look = _SECONDS if last.active else None
        st.fragment(_follow, run_every=look)(collection, show_outcome)


@page_errors()
def _follow(collection: str, show_outcome: Callable[[RunSummary], None]) -> None:
    run = last_with(collection)
    if run is None:
        return
    words = f"{plain(run.name)}: {state_words(run.state).in_text}"
    if run.active:
        st.session_state[_FOLLOWED] = run.id
        done = f", {run.epoch} of {run.epochs} epochs" if run.state != "queued" else ""
        share = run.epoch / max(1, run.epochs)
        st.progress(share, f"{words}{done}. It continues in the background.")
        if st.button("Watch training", icon=":material/visibility:", key="fine_tuning_watch"):
            st.switch_page("pages/train.py", query_params={"run": run.id})
        return
    # Here for the first time since it ended: the page's pace changes with it.
    if st.session_state.pop(_FOLLOWED, None) == run.id:
        st.rerun()
    if run.state == "finished":
        show_outcome(run)
    else:
        st.markdown(f"{words}. {plain(run.error)} {plain(run.advice)}")


def show_before_after(run: RunSummary, kept: Sequence[Collected], *, held_out: bool) -> None:
    """How many items a fine-tuned network and the one it began with get right, and which changed.

    Args:
        held_out: Whether it never learned from them; else no difference is told.
    """
    folder = RunFolder.open(load_settings().runs_dir, run.id)
    images, count = [one.sheet for one in kept], len(kept)
    before = _said_before(folder, images)
    after = verdicts(run.id, images)
    right_after = _right(after, kept)
    if before is None:
        st.markdown(f"**{plain(run.name)}**: {right_after.sum()} of {count} items correct.")
        st.caption("The network it was fine-tuned from is gone, so there is no comparison.")
        return
    right_before = _right(before, kept)
    found = paired(right_after, right_before)
    with st.container(horizontal=True, key="before_after"):
        st.metric("Before", f"{right_before.sum()} of {count}", width="content")
        st.metric("After", f"{right_after.sum()} of {count}", width="content")
        if held_out:
            st.metric(
                "Difference, points",
                points(found.difference, 0),
                width="content",
                help="Of the share of correct items, with its paired 95% interval below.",
            )
    if held_out:
        low, high = (points(bound, 0) for bound in found.interval)
        verdict = "significant" if found.more_than_chance else "not significant"
        st.caption(
            f"Correct on the held-out items. 95% interval of the difference: {low} to {high} "
            f"points, {verdict}."
        )
    else:
        st.caption(
            "Correct items. They were its training data: the figure shows how well it fits them, "
            "not how well it generalizes to new items."
        )
    with st.expander("Item by item", icon=":material/difference:", key="before_after_items"):
        rows = [_changed(*each) for each in zip(kept, before, after, strict=True)]
        st.html(change_html(rows[:_MOST_CARDS], palette()))


def _said_before(folder: RunFolder, images: list[NDArray[np.uint8]]) -> Sequence[Verdict] | None:
    """By the network that the run began with; None where that is not there any more."""
    start = folder.config.training.initial_weights
    try:
        if start != SHIPPED:
            return verdicts(start, images)
        same = filecmp.cmp(folder.initial_path, shipped_model_path(SHIPPED_EVERYDAY), shallow=False)
        # An earlier version of the lab came with another one.
        return verdicts(SHIPPED_EVERYDAY, images) if same else None
    except (LabError, OSError):
        return None


def _right(said: Sequence[Verdict], kept: Sequence[Collected]) -> NDArray[np.bool_]:
    return np.array([_is_right(verdict, one) for verdict, one in zip(said, kept, strict=True)])
