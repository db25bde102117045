"""The section Confusion matrix: its cells and their images, the change to another run, epochs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.errors import LabError
from fmnist_core.evaluation import ChangedAnswers, Evaluation
from fmnist_core.runs.trace import TRAINING, Snapshot, Trace, read_trace
from fmnist_ui.components.evaluated_model import Judged
from fmnist_ui.components.stored_results import Gallery, gallery_of, said_of
from fmnist_ui.components.widget_start import start_of
from fmnist_ui.figures.confusion import cell_curve, confusion_difference, confusion_figure
from fmnist_ui.glossary import explained
from fmnist_ui.links import CELLS, MATRICES
from fmnist_ui.links.query_params import tell_choice
from fmnist_ui.page_errors import page_errors, show_error
from fmnist_ui.remedies import section as improve
from fmnist_ui.results import cell_choice, in_address, versus
from fmnist_ui.results.cell_choice import CellChoice
from fmnist_ui.theme import palette, show_chart
from fmnist_ui.words import percent, whole

_ALT = "Difference of two confusion matrices: rows are true classes, columns predicted classes."


_ALONE, _AGAINST, _EPOCHS = MATRICES
_VIEW = "matrix_view"

_CELLS = "confusion_cells"

ALT = "Confusion matrix: rows are true classes, columns predicted classes."


@st.fragment
@page_errors()
def show(chosen: Judged) -> None:
    """The matrix, the choice of a cell, and its images; only what is chosen is computed."""
    row = st.container(horizontal=True, vertical_alignment="center")
    with row:
        st.subheader(
            "Confusion matrix", anchor=False, help=explained("Confusion matrix"), width="content"
        )
        view = _choose("Which matrix", MATRICES, "matrix", _VIEW)
    key = f"confusion/{chosen.run.id}"
    if view == _AGAINST:
        _show_change(chosen, key)
    elif view == _EPOCHS:
        _show_matrix_over_epochs(chosen, key)
    else:
        with row:
            share = _choose("Cells", CELLS, "cells", _CELLS) != CELLS[0]
        _show_cells(chosen, key, share)


def _choose(label: str, options: Sequence[str], name: str, key: str) -> str | None:
    """A choice of the section that stands in the address as `name`; at first the first option."""
    in_address.begin(name, key, options[0])
    chosen = st.segmented_control(
        label,
        options,
        default=start_of(key),
        required=True,
        key=key,
        label_visibility="collapsed",
    )
    tell_choice(name, chosen)
    return chosen


def _show_cells(chosen: Judged, key: str, share: bool) -> None:
    """The matrix of this run; its cell's images beside it, and below what might mend the cell.

    Args:
        key: One per run, so that another run begins at its own commonest mistake.
        share: Whether cells are labelled with per cent in place of counts.
    """
    worst = chosen.evaluation.most_confused(1)
    choice = CellChoice(key, (worst[0].true, worst[0].predicted) if worst else (0, 0))
    left, right = cell_choice.columns()
    below = st.container()
    with left:
        figure = confusion_figure(chosen.evaluation.counts, palette(), share=share)
        choice.show_figure(figure, str(share), ALT)
        choice.show_boxes()
        _show_sentences(chosen.evaluation, choice)
    true, predicted = choice.cell
    try:
        gallery = gallery_of(chosen.folder, chosen.evaluation)
    except LabError as error:
        with right:
            show_error(error)
        return
    with below:
        improve.show(chosen, true, predicted)
    # Last, since it asks the engine.
    with right:
        cell_choice.show(gallery, true, predicted, key, chosen.run.id)


def _show_change(chosen: Judged, key: str) -> None:
    """The difference to another run's matrix, and the images whose answer changed.

    Args:
        key: One per run.
    """
    gallery = gallery_of(chosen.folder, chosen.evaluation)
    other = versus.choose(chosen.run, "Compare with", f"{key}/other")
    if other is None:
        return
    try:
        theirs = versus.figures(chosen, other)
        before = said_of(theirs.folder, theirs.evaluation)
        changed = ChangedAnswers(before, gallery.said)
    except LabError as error:
        show_error(error)
        return
    key = f"{key}/against-{other.id}"
    choice = CellChoice(key, _largest_change(changed))
    st.caption(_summary(changed))
    left, right = cell_choice.columns()
    with left:
        choice.show_figure(confusion_difference(changed.counts, palette()), "change", _ALT)
        choice.show_boxes()
        st.caption("Images of each cell, against the other run. **Blue**: better, **red**: worse.")
    with right:
        _show_images(changed, gallery, choice.cell, key, chosen.run.id)


def _largest_change(changed: ChangedAnswers) -> tuple[int, int]:
    true, predicted = divmod(int(abs(changed.counts).argmax()), len(CLASS_NAMES))
    return true, predicted


def _summary(changed: ChangedAnswers) -> str:
    better = int((changed.after.right & ~changed.before.right).sum())
    worse = int((changed.before.right & ~changed.after.right).sum())
    return (
        f"{whole(changed.changed.sum())} of {whole(len(changed.after))} test images have another "
        f"prediction: {whole(better)} are correct only with this run, {whole(worse)} only with the "
        "other."
    )


def _show_images(
    changed: ChangedAnswers, gallery: Gallery, cell: tuple[int, int], key: str, model: str
) -> None:
    came, left = changed.came(*cell), changed.left(*cell)
    cell_choice.show_title(*cell)
    words = (
        f"Only this run: {whole(len(came))}",
        f"Only other run: {whole(len(left))}",
    )
    side = st.segmented_control(
        "Which images",
        (0, 1),
        default=0,
        required=True,
        format_func=words.__getitem__,
        key=f"{key}/side-{cell}",
        label_visibility="collapsed",
    )
    found = left if side else came
    if not len(found):
        st.caption("No image.")
        return
    place = f"{key}/images-{cell}-{side}"
    cell_choice.show_indices(gallery, found, place, model, before=changed.before)


def _show_matrix_over_epochs(chosen: Judged, key: str) -> None:
    """A slider over the snapshots, the matrix at that moment, and one cell over all of them.

    Args:
        key: One per run.
    """
    trace = read_trace(chosen.folder)
    if not trace.snapshots:
        st.info(
            " ".join(trace.missing) + " New runs record the confusion matrix of each epoch.",
            icon=":material/timeline:",
        )
        return
    now = _choose_moment(trace, key)
    st.caption(_basis(trace, now))
    choice = CellChoice(f"{key}/epochs", _worst(trace.snapshots[-1]))
    left, right = cell_choice.columns()
    with left:
        figure = confusion_figure(now.confusion.astype(np.int64), palette())
        choice.show_figure(figure, f"{now.epochs:g}", ALT)
        choice.show_boxes()
    with right:
        _show_cell(trace, now, choice.cell)
    if trace.missing:
        st.caption(" ".join(trace.missing))


def _choose_moment(trace: Trace, key: str) -> Snapshot:
    moments = {one.epochs: one for one in trace.snapshots}
    last = trace.snapshots[-1]
    if len(moments) == 1:
        return last
    in_address.begin("epochs", f"{key}/moment", last.epochs, among=moments)
    epochs = st.select_slider(
        "Epoch",
        list(moments),
        value=start_of(f"{key}/moment"),
        format_func=lambda epochs: f"{epochs:.3g}",
        key=f"{key}/moment",
    )
    tell_choice("epochs", epochs)
    return moments.get(epochs, last)


def _basis(trace: Trace, now: Snapshot) -> str:
    which = "training images" if trace.watched == TRAINING else "validation images"
    return (
        f"{percent(now.accuracy)} of {whole(now.images)} {which} classified correctly "
        f"after {now.epochs:.3g} epochs. Snapshots keep counts only, no images."
    )


def _worst(snapshot: Snapshot) -> tuple[int, int]:
    mistakes = snapshot.confusion.copy()
    np.fill_diagonal(mistakes, 0)
    true, predicted = divmod(int(mistakes.argmax()), len(CLASS_NAMES))
    return true, predicted


def _show_cell(trace: Trace, now: Snapshot, cell: tuple[int, int]) -> None:
    cell_choice.show_title(*cell)
    st.caption(f"Share of all {CLASS_NAMES[cell[0]]} images, after each epoch.")
    moments = trace.snapshots
    shares = [_share(one, cell) for one in moments]
    of = max(trace.epochs, moments[-1].epochs)
    chart = cell_curve([one.epochs for one in moments], shares, now.epochs, of, palette())
    show_chart(chart, key="cell_over_epochs")


def _share(snapshot: Snapshot, cell: tuple[int, int]) -> float:
    return float(snapshot.confusion[cell] / max(1, snapshot.confusion[cell[0]].sum()))


def _show_sentences(evaluation: Evaluation, choice: CellChoice) -> None:
    pairs = evaluation.most_confused(7)
    with st.expander("Most confused", icon=":material/format_list_numbered:", key="most_confused"):
        if not pairs:
            st.caption("None: all test images are classified correctly.")
        for pair in pairs:
            words = str(pair)
            choice.show_sentence(words[:1].upper() + words[1:], pair.true, pair.predicted)
