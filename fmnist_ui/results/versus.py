"""The section Compare: this run against another, image by image, and seeds against seeds."""

from __future__ import annotations

import streamlit as st

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.evaluation import (
    Evaluation,
    PairedDifference,
    Predictions,
    class_differences,
    paired_difference,
)
from fmnist_core.figures.differences import Difference, differences
from fmnist_core.runs.library import RunSummary
from fmnist_core.shipped import SHIPPED_NETWORKS
from fmnist_ui.charts import palette, show_chart
from fmnist_ui.page_errors import page_errors, plain
from fmnist_ui.results import configurations, other_run
from fmnist_ui.results.judged import Judged
from fmnist_ui.results.stored import said_of
from fmnist_ui.results.words import chance, judged_on, labels, points
from fmnist_ui.words import percent, whole


@st.fragment
@page_errors()
def show(chosen: Judged) -> None:
    """The choice of a second run, the verdict in words, what it rests on, and the seeds."""
    st.subheader("Is it better than another?", anchor=False)
    other = other_run.choose(chosen.run, "Compare with", f"versus/{chosen.run.id}/other")
    if other is not None:
        with page_errors():
            _compare(chosen, other)
    with page_errors():
        _show_seeds(chosen.run, other)


def _compare(chosen: Judged, other: RunSummary) -> None:
    theirs = other_run.figures(chosen, other)
    one = said_of(chosen.folder, chosen.evaluation)
    two = said_of(theirs.folder, theirs.evaluation)
    found = paired_difference(one, two)
    names = labels([chosen.run, other])
    first, second = plain(names[chosen.run.id]), plain(names[other.id])
    _say_verdict(found, first, second)
    left, right = st.columns([7, 4], gap="large")
    with left:
        _show_differences(found, one, two)
    with right:
        _show_counts(found, first, second)
    _say_basis(chosen.evaluation, found)


def _say_verdict(found: PairedDifference, first: str, second: str) -> None:
    one = (found.both + found.only_first) / found.images
    two = (found.both + found.only_second) / found.images
    with st.container(horizontal=True, gap="medium", key="versus_figures"):
        st.metric("This run", percent(one, 2), width="content")
        st.metric("The other", percent(two, 2), width="content")
        st.metric("Difference, points", points(found.difference), width="content")
        low, high = found.interval
        st.metric("95 % interval", f"{points(low)} to {points(high)}", width="content")
    st.markdown(_verdict(found, first, second))


def _verdict(found: PairedDifference, first: str, second: str) -> str:
    if not found.only_first and not found.only_second:
        return "**The same images are right with both.** There is nothing to tell them apart by."
    better, worse = (first, second) if found.difference > 0 else (second, first)
    odds = _odds(found.p)
    if found.more_than_chance:
        return f"**{better} is better than {worse}, by more than chance.** {odds}"
    low, high = found.interval
    if found.difference and (found.p < 0.05 or not low <= 0 <= high):
        return f"**On the border:** {better} may be better, a second look is due. {odds}"
    return f"**No difference that chance could not make.** {odds}"


def _odds(p: float) -> str:
    if p < 0.0001:
        return (
            "Chance alone would part two equally good networks so far less than once in "
            f"{whole(10_000)}."
        )
    times = percent(p, 0 if p >= 0.1 else 2)
    return f"Chance alone would part two equally good networks at least so far in {times} of cases."


def _show_differences(found: PairedDifference, one: Predictions, two: Predictions) -> None:
    rows = [Difference("All images", found.difference, found.interval, found.images)]
    rows += [
        Difference(CLASS_NAMES[number], part.difference, part.interval, part.images)
        for number, part in class_differences(one, two).items()
    ]
    show_chart(differences(rows, ("this run", "the other"), palette()), key="differences")


def _show_counts(found: PairedDifference, first: str, second: str) -> None:
    st.markdown(
        "**The same images, seen by both**\n\n"
        "| recognised by | images |\n|---|--:|\n"
        f"| both | {whole(found.both)} |\n"
        f"| only {first} | {whole(found.only_first)} |\n"
        f"| only {second} | {whole(found.only_second)} |\n"
        f"| neither | {whole(found.neither)} |"
    )
    st.caption(
        "Only the images in the two middle rows tell the runs apart. Two intervals laid side by "
        "side forget that both saw the same images, and miss differences that are there."
    )


def _say_basis(evaluation: Evaluation, found: PairedDifference) -> None:
    st.caption(
        f"{judged_on(evaluation)}. Intervals of paired differences: Newcombe 1998, method 10. "
        f"McNemar's test: mid-p {chance(found.p)}, exact {chance(found.exact_p)}. With ten "
        "classes, chance alone makes at least one stand out in two comparisons of five."
        "  \nThis is about these two trained networks. Whether one *configuration* is better "
        "takes several seeds of each."
    )


def _show_seeds(run: RunSummary, other: RunSummary | None) -> None:
    if run.id not in SHIPPED_NETWORKS:
        st.subheader("Is the configuration better, or was it the seed?", anchor=False)
        configurations.show(run, other)
