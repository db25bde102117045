"""What was tried for a run: how far it is, what it changed, and which remedy to take."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import streamlit as st

from fmnist_core.errors import LabError
from fmnist_core.improve import BeforeAfter, Pair, Tried, before_after, best_of, tried_from
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.library import RunSummary, list_runs
from fmnist_core.settings import load_settings
from fmnist_ui.improve import comparison, revealed
from fmnist_ui.improve.words import change_words, verdict
from fmnist_ui.page_errors import page_errors, plain
from fmnist_ui.results.judged import Judged
from fmnist_ui.words import percent, state_words

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
            f"{plain(run.name)}: {words}{done}. It goes on by itself.",
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
    table = pd.DataFrame(
        [
            {
                "Remedy": tried.title,
                "Start": "present weights" if tried.going_on else "afresh",
                "Mixed up": _from_to(result.mixed_up.before.value, result.mixed_up.after.value),
                "Pair": verdict(result.mixed_up),
                "All images": _from_to(result.overall.before.value, result.overall.after.value),
                "All": verdict(result.overall),
            }
            for tried in rows
            for result in [results[tried.run_id]]
        ]
    )
    st.dataframe(
        table,
        hide_index=True,
        height=38 + 35 * len(rows) + 2,
        column_config={
            "Mixed up": st.column_config.TextColumn(
                help="Share of the images of both classes that were taken for the other one."
            ),
            "All images": st.column_config.TextColumn(help="Share recognised of all images."),
        },
        alt="What each remedy changed, on images held back.",
    )


def _from_to(before: float, after: float) -> str:
    return f"{100 * before:.1f} → {percent(after)}"


def _show_closer(
    chosen: Judged, pair: Pair, ended: Sequence[Tried], results: dict[str, BeforeAfter]
) -> None:
    best = best_of(results)
    titles = {tried.run_id: _title(tried) for tried in ended if tried.run_id in results}
    if best is None:
        st.markdown(
            "**None is clearly better at the pair without costing the rest.** By the images held "
            "back, the network as it was is the choice."
        )
    else:
        st.markdown(
            f"**The choice, by the images held back: {titles[best]}.** "
            f"{change_words(results[best].mixed_up)}"
        )
    order = sorted(titles, key=lambda run_id: run_id != best)
    run_id = st.selectbox(
        "Look closer at", order, format_func=titles.__getitem__, key=f"improve_closer/{pair}"
    )
    run_id = run_id if run_id in titles else order[0]
    comparison.show(results[run_id], f"improve_validation/{run_id}")
    with page_errors():
        revealed.show(chosen.folder, run_id, pair, list(titles))


def _title(tried: Tried) -> str:
    return f"{tried.title}, {'present weights' if tried.going_on else 'afresh'}"


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
            f"{other.names[0]} taken for {other.names[1]}: {count}"
            for other, count in others.items()
        )
        st.caption(f"Remedies tried for other cells of this run: {listed}. Choose the cell above.")
