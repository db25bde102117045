"""The sections Classes and Errors: recall of each with intervals, confused pairs, top mistakes."""

from __future__ import annotations

import streamlit as st

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.evaluation import (
    ClassReport,
    ConfusedPair,
    Exemplars,
    Predictions,
    class_reports,
    confused_pairs,
    exemplars,
)
from fmnist_ui.components.data_table import COUNT, WRITTEN, Column, data_table
from fmnist_ui.components.evaluated_model import Judged
from fmnist_ui.components.stored_results import gallery_of, remembered
from fmnist_ui.figures.cards import prediction_cards
from fmnist_ui.figures.class_bars import class_scores, class_strips, pair_bars
from fmnist_ui.page_errors import page_errors
from fmnist_ui.theme import palette, show_chart
from fmnist_ui.words import between, judged_on, percent, whole

_PAIRS, _PAGE = 8, 12


@st.fragment
@page_errors()
def show(chosen: Judged) -> None:
    """The figure, the images, the numbers."""
    st.subheader("Class by class", anchor=False)
    st.caption(
        "**Recall**: of all shirts, how many were found. **Precision**: of all that were called "
        "shirts, how many are. **F1** is low where either is. Lines are 95 % intervals: classes "
        f"whose lines overlap widely may be equally hard. {judged_on(chosen.evaluation)}."
    )
    reports = class_reports(chosen.evaluation.counts)
    show_chart(class_scores(reports, palette()), key="class_scores")
    with page_errors():
        _show_strips(chosen, reports)
    _show_table(reports)


def _show_table(reports: tuple[ClassReport, ...]) -> None:
    st.subheader("The numbers", anchor=False)
    columns = [Column("Class", [report.name for report in reports], pinned=True)]
    for title in ("Recall", "Precision", "F1"):
        shares = [getattr(report, title.lower()) for report in reports]
        columns += [
            Column(title, [share.value for share in shares], "%.3f"),
            Column(f"{title} from – to", [between(share.interval) for share in shares], WRITTEN),
        ]
    support = [report.support for report in reports]
    columns.append(Column("Support", support, COUNT, help="Test images of the class."))
    data_table(
        columns, alt="Recall, precision, F1 with their intervals, and support of each class."
    )
    st.caption("Intervals: Wilson; that of F1 follows from the share it is made of.")


def _show_strips(chosen: Judged, reports: tuple[ClassReport, ...]) -> None:
    st.subheader("What the classes look like to it", anchor=False)
    gallery = gallery_of(chosen.folder, chosen.evaluation)
    found = remembered(chosen.folder, _exemplars_of_all)
    weakest_first = sorted(reports, key=lambda report: report.f1.value)
    rows = [(report.number, found[report.number]) for report in weakest_first if report.support]
    st.caption(
        "Test images, by the probability given to their true class; the weakest class on top. "
        "A red frame: taken for something else."
    )
    st.html(class_strips(gallery.images, gallery.said, rows, palette()))


def _exemplars_of_all(said: Predictions) -> list[Exemplars]:
    return [exemplars(said, number) for number in range(said.probabilities.shape[1])]


def show_errors(chosen: Judged) -> None:
    """Pairs first, which need the matrix alone; then the images."""
    pairs = confused_pairs(chosen.evaluation.counts, _PAIRS)
    if not pairs:
        st.success(
            f"Every one of {judged_on(chosen.evaluation)} was recognised.", icon=":material/check:"
        )
        return
    _show_pairs(chosen, pairs)
    _show_surest(chosen)


def _show_pairs(chosen: Judged, pairs: list[ConfusedPair]) -> None:
    st.subheader("Most confused pairs", anchor=False)
    mistakes = sum(pair.both for pair in confused_pairs(chosen.evaluation.counts, 45))
    share = sum(pair.both for pair in pairs) / mistakes
    st.caption(
        f"Both directions, with 95 % intervals (Wilson). These pairs make up "
        f"{percent(share, 0)} of {whole(mistakes)} mistakes on {judged_on(chosen.evaluation)}."
    )
    left, right = st.columns([7, 4], gap="large")
    with left:
        show_chart(pair_bars(pairs, palette()), key="pair_bars")
    with right, st.container(gap="xxsmall", key="pairs_to_matrix"):
        st.markdown("**See their images in the matrix**")
        for pair in pairs:
            _link(chosen, pair.first, pair.second, pair.count)


def _link(chosen: Judged, true: int, predicted: int, count: int) -> None:
    st.button(
        f"{CLASS_NAMES[true]} taken for {CLASS_NAMES[predicted]}: {count}",
        type="tertiary",
        key=f"errors/{chosen.run.id}/{true}-{predicted}",
        on_click=_open_cell,
        args=(chosen.run.id, true, predicted),
    )


def _open_cell(run_id: str, true: int, predicted: int) -> None:
    st.session_state["section"] = "Matrix"
    st.session_state[f"confusion/{run_id}/true"] = true
    st.session_state[f"confusion/{run_id}/predicted"] = predicted


@st.fragment
@page_errors()
def _show_surest(chosen: Judged) -> None:
    st.subheader("Most confident errors", anchor=False)
    gallery = gallery_of(chosen.folder, chosen.evaluation)
    found = gallery.said.surest_errors(len(gallery.said))
    st.caption(
        "Test images that it got wrong and was surest about: often mislabelled, cut off, or truly "
        "both. Before you blame the network, look whether you would have known."
    )
    cards = st.container()
    page = 1
    if len(found) > _PAGE:
        page = st.pagination(-(-len(found) // _PAGE), key=f"errors/{chosen.run.id}/page")
    shown = found[(page - 1) * _PAGE : page * _PAGE]
    cards.html(prediction_cards(gallery.images, gallery.said, shown, palette()))
