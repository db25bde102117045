"""Remedies tried for a run: progress, comparison before and after, and the test accuracy on demand.

The test accuracy is behind a button, and every look at it is counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from fmnist_core.errors import LabError
from fmnist_core.remedies import (
    TEST,
    VALIDATION,
    BeforeAfter,
    Change,
    Pair,
    Tried,
    before_after,
    best_of,
    reveal,
    reveal_count,
    tried_from,
)
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.library import RunSummary, list_runs
from fmnist_core.settings import load_settings
from fmnist_ui.components.data_table import WRITTEN, Column, data_table
from fmnist_ui.components.evaluated_model import Judged
from fmnist_ui.figures.differences import Difference, differences
from fmnist_ui.page_errors import page_errors, plain
from fmnist_ui.theme import palette, show_chart
from fmnist_ui.words import percent, points, state_words, whole

_BASIS = {
    VALIDATION: "validation images, which neither network was trained on",
    TEST: "test images",
}

_BEST = {
    VALIDATION: "; the best of several remedies is biased upwards",
    TEST: "",
}


_SEEN = "improve/seen"

_UNSEEN = "This test accuracy was not shown yet"

_HELP = (
    "Use the test images once, at the end. Choosing the best of several test accuracies biases it "
    "upwards. The lab counts how often it is shown here; the rest of this page shows the test "
    "accuracy of every finished run and does not count."
)


_PACE = 2.0


def show(chosen: Judged, pair: Pair) -> None:
    """Tried remedies of this pair, moving while one of them trains; then those of other pairs."""
    everything = tried_from(chosen.folder)
    mine = [tried for tried in everything if tried.pair == pair]
    runs = {run.id: run for run in list_runs(load_settings())}
    if mine:
        st.markdown("**Tried so far**")
    going_on = [tried for tried in mine if tried.run_id in runs and runs[tried.run_id].active]
    if going_on:
        st.fragment(_follow, run_every=_PACE)([tried.run_id for tried in going_on])
    ended = [tried for tried in mine if tried not in going_on]
    results = _show_ended(chosen, pair, ended, runs)
    if results:
        _show_closer(chosen, pair, ended, results)
    _show_other_pairs(everything, pair)


@page_errors()
def _follow(run_ids: Sequence[str]) -> None:
    runs = {run.id: run for run in list_runs(load_settings())}
    for run_id in run_ids:
        run = runs.get(run_id)
        if run is None or not run.active:
            st.rerun()
        words = state_words(run.state).in_text
        done = f", {run.epoch} of {run.epochs} epochs" if run.state != "queued" else ""
        st.progress(
            run.epoch / max(1, run.epochs),
            f"{plain(run.name)}: {words}{done}. It continues in the background.",
        )


def _show_ended(
    chosen: Judged, pair: Pair, ended: Sequence[Tried], runs: dict[str, RunSummary]
) -> dict[str, BeforeAfter]:
    """A line each; returns what could be compared, by the run's identifier."""
    results: dict[str, BeforeAfter] = {}
    for tried in ended:
        run = runs.get(tried.run_id)
        if run is None:
            st.caption(f"{tried.title}: its run was deleted.")
        elif not run.evaluated:
            words = f"{state_words(run.state).in_text}. {plain(run.error)} {plain(run.advice)}"
            st.caption(f"{tried.title}: {words}")
        else:
            try:
                results[tried.run_id] = result_of(chosen.folder, tried.run_id, pair)
            except LabError as error:
                st.caption(f"{tried.title}: {plain(str(error))}")
    if results:
        _show_table([tried for tried in ended if tried.run_id in results], results)
    return results


def _show_table(rows: Sequence[Tried], results: dict[str, BeforeAfter]) -> None:
    changes = [results[tried.run_id] for tried in rows]
    data_table(
        [
            Column("Remedy", [tried.title for tried in rows]),
            Column(
                "Start", ["trained weights" if one.going_on else "initial weights" for one in rows]
            ),
            Column(
                "Confused",
                [_from_to(change.mixed_up) for change in changes],
                WRITTEN,
                help="Share of the images of both classes that are predicted as the other one.",
            ),
            Column("Pair", [_verdict(change.mixed_up) for change in changes]),
            Column(
                "All images",
                [_from_to(change.overall) for change in changes],
                WRITTEN,
                help="Accuracy on all images.",
            ),
            Column("All", [_verdict(change.overall) for change in changes]),
        ],
        alt="What each remedy changed, on validation images.",
    )


def _from_to(change: Change) -> str:
    return f"{100 * change.before.value:.1f} → {percent(change.after.value)}"


def _show_closer(
    chosen: Judged, pair: Pair, ended: Sequence[Tried], results: dict[str, BeforeAfter]
) -> None:
    best = best_of(results)
    titles = {tried.run_id: _title(tried) for tried in ended if tried.run_id in results}
    if best is None:
        st.markdown(
            "**No remedy improves the pair significantly without lowering the overall accuracy.** "
            "The validation images favor the original network."
        )
    else:
        st.markdown(
            f"**Best remedy on the validation images: {titles[best]}.** "
            f"{_change_words(results[best].mixed_up)}"
        )
    order = sorted(titles, key=lambda run_id: run_id != best)
    run_id = st.selectbox(
        "Details of", order, format_func=titles.__getitem__, key=f"improve_closer/{pair}"
    )
    run_id = run_id if run_id in titles else order[0]
    _show_comparison(results[run_id], f"improve_validation/{run_id}")
    with page_errors():
        _show_revealed(chosen.folder, run_id, pair, list(titles))


def _title(tried: Tried) -> str:
    return f"{tried.title}, {'trained weights' if tried.going_on else 'initial weights'}"


def result_of(base: RunFolder, run_id: str, pair: Pair) -> BeforeAfter:
    """Before and after on images held back; computed once for all sessions.

    Raises:
        DataError: See `before_after`.
    """
    after = RunFolder.open(load_settings().runs_dir, run_id)
    return _result(str(base.path), str(after.path), _stamp(base), _stamp(after), pair)


def _stamp(folder: RunFolder) -> int:
    path = folder.validation_path
    return path.stat().st_mtime_ns if path.is_file() else 0


@st.cache_resource(max_entries=256, show_spinner=False)
def _result(base: str, after: str, stamp: int, other: int, pair: Pair) -> BeforeAfter:
    return before_after(RunFolder(Path(base)), RunFolder(Path(after)), pair, load_settings())


def _show_other_pairs(everything: Sequence[Tried], pair: Pair) -> None:
    others = Counter(tried.pair for tried in everything if tried.pair != pair)
    if others:
        listed = "; ".join(
            f"true {other.names[0]}, predicted {other.names[1]}: {count}"
            for other, count in others.items()
        )
        st.caption(f"Remedies tried for other cells of this run: {listed}. Choose the cell above.")


def _show_revealed(before: RunFolder, run_id: str, pair: Pair, run_ids: Sequence[str]) -> None:
    """The button, the figure it brought in this session, and how often anybody looked.

    Args:
        run_id: The run that tried the remedy.
        run_ids: All that tried one for this pair.
    """
    runs_dir = load_settings().runs_dir
    after = RunFolder.open(runs_dir, run_id)
    seen: dict[tuple[str, Pair], BeforeAfter] = st.session_state.setdefault(_SEEN, {})
    button = st.empty()
    if (run_id, pair) not in seen and button.button(
        "Show the test accuracy", icon=":material/lock_open:", key="improve_reveal", help=_HELP
    ):
        with page_errors():
            seen[run_id, pair] = reveal(before, after, pair)
            button.empty()
    if (run_id, pair) in seen:
        st.markdown("**On the test images**")
        _show_comparison(seen[run_id, pair], f"improve_test/{run_id}")
    looks = {each: reveal_count(RunFolder(runs_dir / each), pair) for each in run_ids}
    st.caption(_counted(looks[run_id], sum(looks.values())), help=_HELP)


def _counted(own: int, all_of_pair: int) -> str:
    words = f"This test accuracy was shown {_times(own)}" if own else _UNSEEN
    if all_of_pair > own:
        words += f"; those of all remedies for this pair {_times(all_of_pair)}"
    return words + "."


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def _show_comparison(result: BeforeAfter, key: str) -> None:
    """Three sentences, then every difference with its interval; to the right is for the better."""
    st.markdown(
        "\n".join(
            f"- {_change_words(change)}"
            for change in (result.cell, result.mixed_up, result.overall)
        )
    )
    rows = [
        _towards_better("Fewer errors in the cell", result.cell),
        _towards_better("Fewer errors of the pair", result.mixed_up),
        *(_towards_better(change.name, change) for change in (result.overall, *result.classes)),
    ]
    show_chart(differences(rows, ("after", "before"), palette()), key=key)
    st.caption(
        f"On {whole(result.images)} {_BASIS[result.split]}; paired intervals (Newcombe 1998). "
        "With ten classes, at least one is significant by chance alone in two comparisons of "
        f"five{_BEST[result.split]}."
    )


def _towards_better(name: str, change: Change) -> Difference:
    low, high = change.interval
    images = change.before.of
    if change.mistakes:
        return Difference(name, -change.difference, (-high, -low), images)
    return Difference(name, change.difference, (low, high), images)


def _verdict(change: Change) -> str:
    """Whether the change is significant, in two or three words."""
    if change.better:
        return "▲ better"
    if change.worse:
        return "▼ worse"
    return "not significant"


def _change_words(change: Change) -> str:
    """A whole sentence with before, after, the difference and its interval."""
    low, high = change.interval
    numbers = f"{percent(change.before.value)} before, {percent(change.after.value)} after"
    span = f"{points(change.difference)} points, 95% interval {points(low)} to {points(high)}"
    return f"{change.name}: {numbers} ({span}): {_judgement(change)}."


def _judgement(change: Change) -> str:
    if change.better:
        return "**significantly better**"
    if change.worse:
        return "**significantly worse**"
    return "not significant"
