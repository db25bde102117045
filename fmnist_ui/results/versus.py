"""The section "Compare": this run against another, image by image, and seeds against seeds."""

from __future__ import annotations

import streamlit as st

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.errors import DataError, LabError
from fmnist_core.evaluation import (
    Evaluation,
    PairedDifference,
    Predictions,
    check_same_images,
    class_differences,
    paired_difference,
)
from fmnist_core.remedies.validation_reuse import shared_validation_indices, validation_predictions
from fmnist_core.runs.library import DAMAGED, RunSummary
from fmnist_core.runs.pretrained import SHIPPED_NETWORKS, folder_of, shipped_runs
from fmnist_core.settings import load_settings
from fmnist_ui.components.evaluated_model import Judged
from fmnist_ui.components.stored_results import evaluation_of, said_of
from fmnist_ui.components.widget_start import start_among
from fmnist_ui.figures.differences import Difference, differences
from fmnist_ui.glossary import explained
from fmnist_ui.lab_state import known_runs
from fmnist_ui.links.query_params import tell_choice
from fmnist_ui.page_errors import page_errors, plain
from fmnist_ui.results import compare, in_address
from fmnist_ui.theme import palette, show_chart
from fmnist_ui.words import chance, data_name, judged_on, labels, percent, points, whole


@st.fragment
@page_errors()
def show(chosen: Judged) -> None:
    """The choice of a second run, the verdict in words, what it rests on, and the seeds."""
    st.subheader(
        "Compare two runs",
        anchor=False,
        help=explained("McNemar's test", "Statistical significance"),
    )
    other = choose(chosen.run, "Compare with", f"versus/{chosen.run.id}/other")
    if other is not None:
        with page_errors():
            _compare(chosen, other)
    with page_errors():
        _show_seeds(chosen.run, other)


def _compare(chosen: Judged, other: RunSummary) -> None:
    theirs = figures(chosen, other)
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


def show_pair(one: RunSummary, other: RunSummary) -> None:
    """Two runs in few lines: how they differ on the test and on the validation images, and why."""
    names = labels([one, other])
    st.markdown(
        "  \n".join(
            f"**{letter}: {plain(names[run.id])}** :small[:gray[seed {run.seed}]]"
            for letter, run in zip("AB", (one, other), strict=True)
        )
    )
    tested, held = _on_test_images(one, other), _on_validation_images(one, other)
    if isinstance(tested, PairedDifference):
        st.markdown(_in_short("Test images", tested))
    else:
        st.info(plain(str(tested)), icon=":material/balance:")
    if held is not None:
        st.markdown(_in_short("Validation images", held))
    else:
        st.caption("There are no validation images that both runs held back.")
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="pair_more"):
        compare.say_settings(one, other)
        if isinstance(tested, PairedDifference):
            st.page_link(
                "pages/evaluate.py",
                label="Per class",
                icon=":material/balance:",
                help="The differences of each class, on Evaluate.",
                query_params={"run": one.id, "section": "Compare", "other": other.id},
            )


def _on_test_images(one: RunSummary, other: RunSummary) -> PairedDifference | LabError:
    """The paired difference, or why there is none."""
    try:
        for run in (one, other):
            if not run.evaluated:
                raise DataError(f"{run.name} is not evaluated on the test images.")
        folder = folder_of(one.id, load_settings())
        if (evaluation := evaluation_of(folder)) is None:
            raise DataError(f"{one.name} has no evaluation any more.", advice="Evaluate it again.")
        theirs = figures(Judged(one, folder, evaluation), other)
        mine = said_of(folder, evaluation)
        return paired_difference(mine, said_of(theirs.folder, theirs.evaluation))
    except LabError as error:
        return error


def _on_validation_images(one: RunSummary, other: RunSummary) -> PairedDifference | None:
    """The same on the images that both held back; None without any."""
    settings = load_settings()
    try:
        first, second = (folder_of(run.id, settings) for run in (one, other))
        both = shared_validation_indices(first, second, settings)
        mine, theirs = (validation_predictions(each).among(both) for each in (first, second))
        return paired_difference(mine, theirs)
    except LabError:
        return None


def _in_short(images: str, found: PairedDifference) -> str:
    """The verdict, and below it what it rests on."""
    one = (found.both + found.only_first) / found.images
    two = (found.both + found.only_second) / found.images
    low, high = found.interval
    return (
        f"**{images}: {_headline(found, 'A', 'B')}.**  \n"
        f"A {percent(one, 2)}, B {percent(two, 2)}, difference {points(found.difference)} points "
        f"(95% interval {points(low)} to {points(high)})  \n"
        f":small[:gray[{whole(found.images)} images, McNemar's test: p {chance(found.p)}]]"
    )


def _say_verdict(found: PairedDifference, first: str, second: str) -> None:
    one = (found.both + found.only_first) / found.images
    two = (found.both + found.only_second) / found.images
    with st.container(horizontal=True, gap="medium", key="versus_figures"):
        st.metric("This run", percent(one, 2), width="content")
        st.metric("Other run", percent(two, 2), width="content")
        st.metric("Difference, points", points(found.difference), width="content")
        low, high = found.interval
        st.metric("95% interval", f"{points(low)} to {points(high)}", width="content")
    st.markdown(_verdict(found, first, second))


def _verdict(found: PairedDifference, first: str, second: str) -> str:
    headline = _headline(found, first, second)
    # Names begin as they are written.
    if not found.more_than_chance:
        headline = headline[:1].upper() + headline[1:]
    if not found.only_first and not found.only_second:
        return f"**{headline}:** both classify the same images correctly."
    level = " (5% level)" if found.more_than_chance else ""
    return f"**{headline}**{level}. {_odds(found.p)}"


def _headline(found: PairedDifference, first: str, second: str) -> str:
    if not found.only_first and not found.only_second:
        return "no difference"
    better, worse = (first, second) if found.difference > 0 else (second, first)
    if found.more_than_chance:
        return f"{better} is significantly better than {worse}"
    low, high = found.interval
    if found.difference and (found.p < 0.05 or not low <= 0 <= high):
        return f"borderline, {better} may be better"
    return "the difference is not significant"


def _odds(p: float) -> str:
    if p < 0.0001:
        return (
            "If both were equally good, a difference at least this large would occur in less than "
            "1 of 10,000 cases (p < 0.0001)."
        )
    times = percent(p, 0 if p >= 0.1 else 2)
    return (
        f"If both were equally good, a difference at least this large would occur in {times} of "
        "cases."
    )


def _show_differences(found: PairedDifference, one: Predictions, two: Predictions) -> None:
    rows = [Difference("All images", found.difference, found.interval, found.images)]
    rows += [
        Difference(CLASS_NAMES[number], part.difference, part.interval, part.images)
        for number, part in class_differences(one, two).items()
    ]
    show_chart(differences(rows, ("this run", "the other"), palette()), key="differences")


def _show_counts(found: PairedDifference, first: str, second: str) -> None:
    st.markdown(
        "**Paired outcomes**\n\n"
        "| correct with | images |\n|---|--:|\n"
        f"| both | {whole(found.both)} |\n"
        f"| only {first} | {whole(found.only_first)} |\n"
        f"| only {second} | {whole(found.only_second)} |\n"
        f"| neither | {whole(found.neither)} |"
    )
    st.caption(
        "Only the two middle rows (discordant pairs) carry the difference. Comparing two separate "
        "intervals ignores the pairing and loses power."
    )


def _say_basis(evaluation: Evaluation, found: PairedDifference) -> None:
    st.caption(
        f"{judged_on(evaluation)}. Intervals of paired differences: Newcombe 1998, method 10. "
        f"McNemar's test: mid-p {chance(found.p)}, exact {chance(found.exact_p)}. With ten "
        "classes, at least one is significant by chance alone in two comparisons of five."
        "  \nThis is about these two trained networks. Whether one *configuration* is better "
        "needs several seeds of each."
    )


def _show_seeds(run: RunSummary, other: RunSummary | None) -> None:
    if run.id not in SHIPPED_NETWORKS:
        st.subheader("Compare configurations over seeds", anchor=False)
        compare.show_configurations(run, other)


def choose(run: RunSummary, label: str, key: str) -> RunSummary | None:
    """A select box of the other runs with figures, comparable ones first; None without any.

    Shipped networks are offered where they were tried on the same images.

    Args:
        key: One per run and place.
    """
    others = {other.id: other for other in _others(run)}
    if not others:
        st.info(
            "There is no second evaluated run yet. Train another network to compare.",
            icon=":material/difference:",
        )
        return None
    names = labels([*others.values(), run])
    in_address.begin("other", key, among=others)
    chosen = st.selectbox(
        label,
        list(others),
        index=start_among(others, key),
        format_func=lambda run_id: _line(others[run_id], names[run_id]),
        key=key,
    )
    tell_choice("other", chosen)
    return others.get(chosen) or next(iter(others.values()))


def figures(chosen: Judged, other: RunSummary) -> Judged:
    """The other run with its figures, which are on the same images as those of `chosen`.

    Raises:
        LabError: It has none any more, they are damaged, or they are on other images.
    """
    folder = folder_of(other.id, load_settings())
    found = evaluation_of(folder)
    if found is None:
        raise DataError("The other run has no evaluation any more.", advice="Evaluate it again.")
    check_same_images(chosen.evaluation, found)
    return Judged(other, folder, found)


def _others(run: RunSummary) -> list[RunSummary]:
    judged = [
        other
        for other in known_runs()
        if other.evaluated and not other.active and other.state != DAMAGED and other.id != run.id
    ]
    comparable = [other for other in judged if _same_images(run, other)]
    shipped = [other for other in shipped_runs() if _same_images(run, other) and other.id != run.id]
    return comparable + shipped + [other for other in judged if other not in comparable]


def _same_images(one: RunSummary, other: RunSummary) -> bool:
    """Whether the two may have been evaluated on the same images, as far as their folders tell."""
    prints = {run.fingerprint for run in (one, other) if run.fingerprint}
    return one.data == other.data and len(prints) <= 1


def _line(run: RunSummary, name: str) -> str:
    return "  ·  ".join((name, percent(run.test_accuracy, 2), data_name(run.data)))
