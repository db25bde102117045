"""The Evaluate page: a run's figures in one line, and a section for each question about them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress

import numpy as np
import streamlit as st

from fmnist_core.datasets.label_issues import kept_near_duplicates
from fmnist_core.errors import DataError
from fmnist_core.evaluation import (
    Evaluation,
    Predictions,
    Share,
    accuracy_without,
    class_reports,
    confused_pairs,
    group_of,
    reliability,
    risk_coverage,
)
from fmnist_core.settings import load_settings
from fmnist_ui.components import evaluated_model
from fmnist_ui.components.evaluated_model import Judged
from fmnist_ui.components.share import show_share
from fmnist_ui.components.stored_results import gallery_of, remembered, said_of
from fmnist_ui.figures.cards import prediction_cards
from fmnist_ui.frame import show_lead
from fmnist_ui.lab_state import known_runs
from fmnist_ui.links.query_params import check_link
from fmnist_ui.page_errors import page_errors
from fmnist_ui.results import calibration, class_report, label_issues, matrix, versus
from fmnist_ui.theme import palette
from fmnist_ui.words import basis, judged_on, percent, points, spanning, whole

_LEAD = "How accurate a trained network is on images it never saw, and which classes it confuses."
_WORST = 4
_ANSWERED = 0.9


def show_evaluation() -> None:
    """Lets the person choose a run and a section, and shows that section."""
    check_link("evaluate")
    lead = st.container()
    chosen = evaluated_model.choose("evaluated_run")
    if chosen is None:
        return
    head = st.container()
    names = [name for name, _ in SECTIONS]
    tabs = st.tabs(names, key="section", on_change="rerun", bind="query-params")
    # Only the overview has room for them: a section's own answer must be in view.
    if tabs[0].open:
        with lead:
            show_lead(_LEAD)
        with head:
            _show_headline(chosen)
    else:
        with head:
            st.caption(_headline(chosen.evaluation))
    evaluated_model.warn_unless_official(chosen.evaluation)
    for tab, (_, show) in zip(tabs, SECTIONS, strict=True):
        if tab.open:
            with tab, page_errors():
                show(chosen)
    show_share(key="share_evaluation")


def _show_headline(chosen: Judged) -> None:
    """Test accuracy with its interval, the loss, and which images and weights."""
    evaluation = chosen.evaluation
    low, high = evaluation.interval
    right = round(evaluation.accuracy * evaluation.images)
    with st.container(horizontal=True, gap="medium", key="headline"):
        st.metric("Test accuracy", percent(evaluation.accuracy, 2), width="content")
        st.metric(
            "95% interval",
            f"{100 * low:.1f} – {percent(high)}",
            width="content",
            help="Wilson score interval: the accuracies compatible with this test sample.",
        )
        _show_without_near_duplicates(chosen)
        st.metric(
            "Errors",
            whole(evaluation.images - right),
            width="content",
            help="Test images whose predicted class is not the true class.",
        )
        st.metric(
            "Test loss",
            f"{evaluation.loss:.4f}",
            width="content",
            help="Mean cross-entropy over the test images.",
        )
    st.caption(basis(evaluation))


def _show_without_near_duplicates(chosen: Judged) -> None:
    """Of an older evaluation from its stored predictions, where near-duplicates are known.

    A page does not search for them: `evaluate` does.
    """
    evaluation = chosen.evaluation
    part = evaluation.without_near_duplicates
    if part is None:
        fingerprint = str(evaluation.data.get("fingerprint"))
        known = kept_near_duplicates(fingerprint, load_settings())
        if known is not None:
            with suppress(DataError):
                said_of(chosen.folder, evaluation)
                part = remembered(chosen.folder, _without, tuple(known.tolist()))
    if part is not None and part.of < evaluation.images:
        st.metric(
            "Accuracy without near-duplicates",
            percent(part.value, 2),
            width="content",
            help=f"Accuracy without the {whole(evaluation.images - part.of)} test images that are "
            f"nearly the same as a training image (95% interval: {spanning(part.interval)}).",
        )


def _without(said: Predictions, left_out: tuple[int, ...]) -> Share | None:
    # Of a run that was made elsewhere the predictions may be of fewer images than it says.
    return accuracy_without(said, np.array([one for one in left_out if one < len(said)], int))


def _headline(evaluation: Evaluation) -> str:
    """The same in one line."""
    return (
        f"**Test accuracy {percent(evaluation.accuracy, 2)}** "
        f"({spanning(evaluation.interval)}) · {basis(evaluation)}"
    )


def _show_overview(chosen: Judged) -> None:
    """Sentences, each with its interval, and the mistakes it was surest about."""
    st.subheader("Summary", anchor=False)
    lines = [*_about_classes(chosen.evaluation)]
    with page_errors():
        said_of(chosen.folder, chosen.evaluation)
        lines += [*remembered(chosen.folder, _about_confidence), _about_seeds(chosen)]
    st.markdown("\n".join(f"- {line}" for line in lines))
    for pair in chosen.evaluation.most_confused(1):
        st.button(
            f"Show the images of the most frequent error: {pair}",
            icon=":material/grid_on:",
            key="overview_cell",
            on_click=class_report.open_cell,
            args=(chosen.run.id, pair.true, pair.predicted),
        )
    st.caption(f"{judged_on(chosen.evaluation)}; ranges are 95% intervals.")
    with page_errors():
        _show_worst(chosen)


def _about_classes(evaluation: Evaluation) -> Iterator[str]:
    reports = [report for report in class_reports(evaluation.counts) if report.support]
    weakest = min(reports, key=lambda report: report.recall.value)
    best = max(reports, key=lambda report: report.recall.value)
    yield (
        f"**Lowest recall:** {weakest.name}, {percent(weakest.recall.value)} "
        f"({spanning(weakest.recall.interval)}); highest: {best.name}, "
        f"{percent(best.recall.value)}."
    )
    pairs = evaluation.most_confused(1)
    both = confused_pairs(evaluation.counts, 1)
    if pairs and both:
        wrong = evaluation.images - int(evaluation.counts.trace())
        yield (
            f"**Most frequent error:** {pairs[0]}. In both directions this pair makes up "
            f"{percent(both[0].both / wrong, 0)} of all {whole(wrong)} errors."
        )


def _about_confidence(said: Predictions) -> list[str]:
    error = reliability(said)
    sure, right = float(said.probabilities.max(axis=1).mean()), float(said.right.mean())
    word = "Overconfident" if sure > right else "Underconfident"
    curve = risk_coverage(said)
    at = int((curve.coverage < _ANSWERED).sum())
    return [
        f"**{word}:** mean confidence {percent(sure)}, accuracy {percent(right)}, "
        f"ECE {percent(error.error)} ({spanning(error.interval)}).",
        f"**Selective prediction:** at {percent(curve.coverage[at], 0)} coverage, "
        f"accuracy {percent(curve.accuracy[at])}.",
    ]


def _about_seeds(chosen: Judged) -> str:
    group = group_of(chosen.run, known_runs())
    if group is None or group.spread.deviation is None:
        return (
            "**One seed:** the variance between seeds is unknown. Train the same configuration "
            "with "
            "another seed to estimate it."
        )
    return (
        f"**{group.spread.n} seeds** of this configuration: mean {percent(group.spread.mean, 2)}, "
        f"SD {points(group.spread.deviation).lstrip('+')} points."
    )


def _show_worst(chosen: Judged) -> None:
    gallery = gallery_of(chosen.folder, chosen.evaluation)
    worst = gallery.said.most_confident_errors(_WORST)
    if not len(worst):
        return
    st.markdown("**Most confident errors**")
    st.html(prediction_cards(gallery.images, gallery.said, worst, palette()))


# A section's name, which is in the address, and what draws it. Only the open one is computed.
SECTIONS: tuple[tuple[str, Callable[[Judged], None]], ...] = (
    ("Overview", _show_overview),
    ("Confusion matrix", matrix.show),
    ("Class report", class_report.show),
    ("ROC & PR", class_report.show_curves),
    ("Calibration", calibration.show),
    ("Errors", class_report.show_errors),
    ("Compare", versus.show),
    ("Label issues", label_issues.show),
)
