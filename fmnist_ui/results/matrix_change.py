"""What another run takes for what, laid against this one."""

from __future__ import annotations

import streamlit as st

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.errors import LabError
from fmnist_core.evaluation import ChangedAnswers
from fmnist_ui.components.evaluated_model import Judged
from fmnist_ui.components.stored_results import Gallery, said_of
from fmnist_ui.figures.confusion import confusion_change_figure
from fmnist_ui.page_errors import plain, show_error
from fmnist_ui.results import cell_choice, versus
from fmnist_ui.results.cell_choice import CellChoice
from fmnist_ui.theme import palette
from fmnist_ui.words import whole

_ALT = (
    "Difference of two confusion matrices: rows are true classes, columns what they are taken for."
)


def show(chosen: Judged, gallery: Gallery, key: str) -> None:
    """The difference of the two matrices, and the images whose answer changed.

    Args:
        gallery: The test images with what this run says about them.
        key: One per run.
    """
    other = versus.choose(chosen.run, "Against which run", f"{key}/other")
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
    true, predicted = _show_matrix(changed, key)
    _show_images(changed, gallery, (true, predicted), key, chosen.run.id)


def _show_matrix(changed: ChangedAnswers, key: str) -> tuple[int, int]:
    choice = CellChoice(key, _largest_change(changed))
    st.caption(_summary(changed))
    left, right = st.columns([7, 4], gap="large")
    with left:
        figure = confusion_change_figure(changed.counts, palette())
        choice.show_figure(figure, "change", _ALT)
    with right:
        st.markdown(
            "Numbers: images more (+) or fewer (−) in a cell than with the other run. "
            "**Blue** is for the better, **red** for the worse."
        )
        choice.show_boxes()
    return choice.cell


def _largest_change(changed: ChangedAnswers) -> tuple[int, int]:
    true, predicted = divmod(int(abs(changed.counts).argmax()), len(CLASS_NAMES))
    return true, predicted


def _summary(changed: ChangedAnswers) -> str:
    better = int((changed.after.right & ~changed.before.right).sum())
    worse = int((changed.before.right & ~changed.after.right).sum())
    return (
        f"{whole(changed.changed.sum())} of {whole(len(changed.after))} test images get another "
        f"answer: {whole(better)} are recognised only by this run, {whole(worse)} only by that one."
    )


def _show_images(
    changed: ChangedAnswers, gallery: Gallery, cell: tuple[int, int], key: str, model: str
) -> None:
    came, left = changed.came(*cell), changed.left(*cell)
    true, predicted = (CLASS_NAMES[number] for number in cell)
    what = f"{true} recognised" if true == predicted else f"{true} taken for {predicted}"
    st.subheader(plain(what), anchor=False)
    words = (f"Only by this run: {whole(len(came))}", f"Only by the other: {whole(len(left))}")
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
