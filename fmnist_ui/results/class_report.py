"""The sections Class report, ROC & PR and Errors: classes against the rest, and errors."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.errors import DataError
from fmnist_core.evaluation import (
    ClassReport,
    ConfusedPair,
    Exemplars,
    OneVsRest,
    Predictions,
    class_reports,
    confused_pairs,
    each_vs_rest,
    exemplars,
)
from fmnist_ui.components.data_table import COUNT, WRITTEN, Column, data_table
from fmnist_ui.components.evaluated_model import Judged
from fmnist_ui.components.stored_results import gallery_of, remembered, said_of
from fmnist_ui.figures.cards import prediction_cards
from fmnist_ui.figures.chart import Chart, Palette
from fmnist_ui.figures.class_bars import class_scores, class_strips, pair_bars
from fmnist_ui.figures.roc_curves import precision_recall_curves, roc_curves
from fmnist_ui.glossary import explained
from fmnist_ui.page_errors import page_errors
from fmnist_ui.theme import palette, show_chart
from fmnist_ui.words import between, judged_on, percent, whole

_PAIRS, _PAGE = 8, 12


@st.fragment
@page_errors()
def show(chosen: Judged) -> None:
    """The figure, the images, the numbers."""
    st.subheader("Class report", anchor=False, help=explained("Precision", "Recall", "F1 score"))
    st.caption(
        "**Recall**: share of the true shirts that are predicted as shirts. **Precision**: share "
        "of "
        "the predicted shirts that are shirts. **F1**: harmonic mean of both. Lines are 95% "
        f"intervals. {judged_on(chosen.evaluation)}."
    )
    reports = class_reports(chosen.evaluation.counts)
    show_chart(class_scores(reports, palette()), key="class_scores")
    with page_errors():
        _show_strips(chosen, reports)
    _show_table(reports)


def _show_table(reports: tuple[ClassReport, ...]) -> None:
    st.subheader("Scores", anchor=False)
    columns = [Column("Class", [report.name for report in reports], pinned=True)]
    for title in ("Recall", "Precision", "F1"):
        shares = [getattr(report, title.lower()) for report in reports]
        columns += [
            Column(title, [share.value for share in shares], "%.3f"),
            Column(
                f"{title}, 95% interval", [between(share.interval) for share in shares], WRITTEN
            ),
        ]
    support = [report.support for report in reports]
    columns.append(Column("Support", support, COUNT, help="Test images of the class."))
    data_table(
        columns, alt="Recall, precision, F1 with their intervals, and support of each class."
    )
    st.caption("Intervals: Wilson; for F1 derived from the share it is a function of.")


def _show_strips(chosen: Judged, reports: tuple[ClassReport, ...]) -> None:
    st.subheader("Examples of each class", anchor=False)
    gallery = gallery_of(chosen.folder, chosen.evaluation)
    found = remembered(chosen.folder, _exemplars_of_all)
    weakest_first = sorted(reports, key=lambda report: report.f1.value)
    rows = [(report.number, found[report.number]) for report in weakest_first if report.support]
    st.caption(
        "Test images by the probability of their true class; the class with the lowest F1 on top. "
        "A red frame marks an error."
    )
    st.html(class_strips(gallery.images, gallery.said, rows, palette()))


def _exemplars_of_all(said: Predictions) -> list[Exemplars]:
    return [exemplars(said, number) for number in range(said.probabilities.shape[1])]


def show_errors(chosen: Judged) -> None:
    """Pairs first, which need the matrix alone; then the images."""
    pairs = confused_pairs(chosen.evaluation.counts, _PAIRS)
    if not pairs:
        st.success(
            f"All {judged_on(chosen.evaluation)} are classified correctly.", icon=":material/check:"
        )
        return
    _show_pairs(chosen, pairs)
    _show_surest(chosen)


def _show_pairs(chosen: Judged, pairs: list[ConfusedPair]) -> None:
    st.subheader("Most confused pairs", anchor=False)
    mistakes = sum(pair.both for pair in confused_pairs(chosen.evaluation.counts, 45))
    share = sum(pair.both for pair in pairs) / mistakes
    st.caption(
        f"Both directions, with 95% intervals (Wilson). These pairs make up "
        f"{percent(share, 0)} of {whole(mistakes)} errors on {judged_on(chosen.evaluation)}."
    )
    left, right = st.columns([7, 4], gap="large")
    with left:
        show_chart(pair_bars(pairs, palette()), key="pair_bars")
    with right, st.container(gap="xxsmall", key="pairs_to_matrix"):
        st.markdown("**Show their images in the confusion matrix**")
        for pair in pairs:
            _link(chosen, pair.first, pair.second, pair.count)


def _link(chosen: Judged, true: int, predicted: int, count: int) -> None:
    st.button(
        f"True {CLASS_NAMES[true]}, predicted {CLASS_NAMES[predicted]}: {count}",
        type="tertiary",
        key=f"errors/{chosen.run.id}/{true}-{predicted}",
        on_click=open_cell,
        args=(chosen.run.id, true, predicted),
    )


def open_cell(run_id: str, true: int, predicted: int) -> None:
    """Callback: opens the section Confusion matrix at one cell."""
    st.session_state["section"] = "Confusion matrix"
    st.session_state[f"confusion/{run_id}/true"] = true
    st.session_state[f"confusion/{run_id}/predicted"] = predicted


@st.fragment
@page_errors()
def _show_surest(chosen: Judged) -> None:
    st.subheader("Most confident errors", anchor=False)
    gallery = gallery_of(chosen.folder, chosen.evaluation)
    found = gallery.said.most_confident_errors(len(gallery.said))
    st.caption(
        "Wrong predictions with the highest confidence. Such images are often mislabeled, "
        "cropped or "
        "ambiguous."
    )
    cards = st.container()
    page = 1
    if len(found) > _PAGE:
        page = st.pagination(-(-len(found) // _PAGE), key=f"errors/{chosen.run.id}/page")
    shown = found[(page - 1) * _PAGE : page * _PAGE]
    cards.html(prediction_cards(gallery.images, gallery.said, shown, palette()))


@st.fragment
@page_errors()
def show_curves(chosen: Judged) -> None:
    """Two figures side by side where there is room, and their areas with intervals."""
    said_of(chosen.folder, chosen.evaluation)
    curves, precision_recall, roc = remembered(chosen.folder, _curves_of, palette())
    st.subheader(
        "ROC and precision-recall curves, one class against the rest",
        anchor=False,
        help=explained("ROC curve", "AUC"),
    )
    st.caption(
        "Each point is a threshold on the probability of the class: a lower threshold raises "
        "recall "
        "and the false positive rate. "
        f"Click a class in the legend to show it alone. {judged_on(chosen.evaluation)}."
    )
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("**Precision-recall curve**")
        show_chart(precision_recall, key="precision_recall")
    with right:
        st.markdown("**ROC curve**")
        show_chart(roc, key="roc")
    _show_areas(sorted(curves, key=lambda curve: curve.average_precision))


def _curves_of(said: Predictions, palette: Palette) -> tuple[tuple[OneVsRest, ...], Chart, Chart]:
    curves = each_vs_rest(said)
    if not curves:
        raise DataError("All test images are of one class: ROC and PR curves need at least two.")
    return curves, precision_recall_curves(curves, palette), roc_curves(curves, palette)


def _show_areas(curves: Sequence[OneVsRest]) -> None:
    data_table(
        [
            Column("Class", [CLASS_NAMES[curve.number] for curve in curves], pinned=True),
            Column(
                "Average precision",
                [curve.average_precision for curve in curves],
                "%.4f",
                help="Area under the precision-recall curve, as a step function.",
            ),
            Column(
                "AP, 95% interval", [between(curve.precision_interval) for curve in curves], WRITTEN
            ),
            Column(
                "AUC",
                [curve.roc.auroc for curve in curves],
                "%.4f",
                help="Area under the ROC curve: how often one of the class scores above one of "
                "the others.",
            ),
            Column(
                "AUC, 95% interval", [between(curve.roc.interval, 4) for curve in curves], WRITTEN
            ),
            Column("Images", [curve.roc.firsts for curve in curves], COUNT),
            Column("Others", [curve.roc.seconds for curve in curves], COUNT),
        ],
        alt="Average precision and AUC of each class, with intervals.",
    )
    st.caption(
        "95% intervals: logit for average precision (Boyd et al. 2013), Newcombe for AUC. "
        "With nine others to one of the class, average precision is more informative than AUC."
    )
