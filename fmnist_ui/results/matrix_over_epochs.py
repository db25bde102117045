"""What was taken for what while the run learned, from the snapshots that it wrote down."""

from __future__ import annotations

import numpy as np
import streamlit as st

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.runs.traces import Snapshot, Trace, read_trace
from fmnist_core.runs.traces.trace import TRAINING
from fmnist_ui.components.evaluated_model import Judged
from fmnist_ui.figures.confusion import cell_curve, confusion_figure
from fmnist_ui.links.query_params import tell_choice
from fmnist_ui.results import confusion, in_address
from fmnist_ui.results.cell_choice import CellChoice
from fmnist_ui.theme import palette, show_chart
from fmnist_ui.words import percent, whole


def show(chosen: Judged, key: str) -> None:
    """A slider over the snapshots, the matrix at that moment, and one cell over all of them.

    Args:
        key: One per run.
    """
    trace = read_trace(chosen.folder)
    if not trace.snapshots:
        st.info(
            " ".join(trace.missing) + " A new training shows its matrix here, epoch by epoch.",
            icon=":material/timeline:",
        )
        return
    now = _choose_moment(trace, key)
    st.caption(_basis(trace, now))
    choice = CellChoice(f"{key}/epochs", _worst(trace.snapshots[-1]))
    left, right = st.columns([7, 4], gap="large")
    with left:
        figure = confusion_figure(now.confusion.astype(np.int64), palette())
        choice.show_figure(figure, f"{now.epochs:g}", confusion.ALT)
    with right:
        _show_cell(trace, now, choice.cell)
        choice.show_boxes()
    if trace.missing:
        st.caption(" ".join(trace.missing))


def _choose_moment(trace: Trace, key: str) -> Snapshot:
    moments = {one.epochs: one for one in trace.snapshots}
    last = trace.snapshots[-1]
    if len(moments) == 1:
        return last
    in_address.begin("epochs", f"{key}/moment", last.epochs, among=moments)
    epochs = st.select_slider(
        "After how many epochs",
        list(moments),
        format_func=lambda epochs: f"{epochs:.3g}",
        key=f"{key}/moment",
    )
    tell_choice("epochs", epochs)
    return moments.get(epochs, last)


def _basis(trace: Trace, now: Snapshot) -> str:
    which = "training images" if trace.watched == TRAINING else "images held back from training"
    return (
        f"{percent(now.accuracy)} of {whole(now.images)} {which} recognised after "
        f"{now.epochs:.3g} epochs. A snapshot keeps these counts only, no pictures."
    )


def _worst(snapshot: Snapshot) -> tuple[int, int]:
    mistakes = snapshot.confusion.copy()
    np.fill_diagonal(mistakes, 0)
    true, predicted = divmod(int(mistakes.argmax()), len(CLASS_NAMES))
    return true, predicted


def _show_cell(trace: Trace, now: Snapshot, cell: tuple[int, int]) -> None:
    true, predicted = (CLASS_NAMES[number] for number in cell)
    what = f"{true} recognised" if true == predicted else f"{true} taken for {predicted}"
    st.markdown(f"**{what}**, of all {true}")
    moments = trace.snapshots
    shares = [_share(one, cell) for one in moments]
    of = max(trace.epochs, moments[-1].epochs)
    chart = cell_curve([one.epochs for one in moments], shares, now.epochs, of, palette())
    show_chart(chart, key="cell_over_epochs")


def _share(snapshot: Snapshot, cell: tuple[int, int]) -> float:
    return float(snapshot.confusion[cell] / max(1, snapshot.confusion[cell[0]].sum()))
