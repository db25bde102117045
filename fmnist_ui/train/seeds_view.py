"""Watching all seeds of one configuration: progress, mean and deviation, curves, controls."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from fmnist_core.engine.client import engine_status, recover_engine, request, stop_waiting
from fmnist_core.evaluation import Repeats, Spread, seed_course
from fmnist_core.runs.expected import seconds_until_done
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.history import History
from fmnist_core.runs.library import RunSummary, known_summary
from fmnist_core.runs.status import RunStatus
from fmnist_core.settings import load_settings
from fmnist_ui.figures.live_curves import seed_curves
from fmnist_ui.followed_runs import history_of
from fmnist_ui.lab_state import LabState
from fmnist_ui.page_errors import page_errors, plain
from fmnist_ui.theme import palette, show_chart
from fmnist_ui.train.choice import show_repeat, watch
from fmnist_ui.train.queue_view import show_queue
from fmnist_ui.train.run_header import make_of, set_up_another_button, show_engine_notice
from fmnist_ui.words import duration, percent, state_words

# Seconds between two looks; several diaries are read each time.
_PACE = 1.5


def show_seeds(run_id: str, found: Repeats, state: LabState) -> None:
    """The live view of all seeds, or what became of them, and the other runs in the engine.

    Args:
        run_id: The one in the page's address.
    """
    _show_header(found)
    _show_controls(found)
    _say_lost(found)
    _show_single_ones(found)
    states = tuple((run.id, run.state) for run in found.runs)
    st.fragment(_tick, run_every=_PACE if found.active else None)(states)
    show_queue(state, *(run.id for run in found.runs))


def _show_header(found: Repeats) -> None:
    done, count = len(found.counted), len(found.runs)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.subheader(plain(found.name), anchor=False, width="content")
        if found.active:
            st.badge(f"{done} of {count} seeds done", icon=":material/model_training:")
        else:
            whole = done == count
            words = f"{done} seeds" if whole else f"{done} of {count} seeds counted"
            icon = ":material/check_circle:" if whole else ":material/error:"
            st.badge(words, icon=icon, color="green" if whole else "gray")
        st.space("stretch")
        set_up_another_button()
    st.caption(make_of(_folder(found.runs[0])))


def _show_controls(found: Repeats) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if found.waiting:
            st.button(
                "Stop queued runs",
                icon=":material/playlist_remove:",
                help="Runs that are training continue to their end.",
                on_click=_stop_waiting,
                args=(found,),
                key="stop_waiting",
            )
        if found.active:
            st.button(
                "Stop all",
                icon=":material/stop:",
                help="Running seeds stop now; their weights are kept, but they are not counted.",
                on_click=_stop_all,
                args=(found,),
                key="stop_all",
            )
        if found.counted and not found.active:
            _show_next_steps(found.counted[0])


def _show_next_steps(run: RunSummary) -> None:
    st.page_link(
        "pages/evaluate.py",
        label="Compare with another configuration",
        icon=":material/balance:",
        query_params={"run": run.id, "section": "Compare"},
    )
    show_repeat(run.id)


def _say_lost(found: Repeats) -> None:
    """Seeds that count for nothing, and why; those with one reason in one line."""
    reasons: dict[tuple[str, str], list[int]] = {}
    for run in found.lost:
        reasons.setdefault((run.state, run.error), []).append(run.seed)
    for (state, error), seeds in reasons.items():
        words = state_words(state)
        which = f"Seed {seeds[0]}" if len(seeds) == 1 else f"Seeds {', '.join(map(str, seeds))}"
        st.caption(f"{words.sign} {which}: {words.word}, so not counted. {plain(error)}")


def _show_single_ones(found: Repeats) -> None:
    with st.container(horizontal=True, gap="small", key="single_seeds"):
        for run in found.runs:
            words = state_words(run.state)
            st.button(
                f"Seed {run.seed}",
                icon=words.icon,
                type="tertiary",
                help=f"{words.word}, validation {percent(run.best_validation_accuracy)}",
                on_click=watch,
                args=(run.id,),
                key=f"seed_{run.id}",
            )


@page_errors()
def _tick(states: tuple[tuple[str, str], ...]) -> None:
    folders = [_folder_of(run_id) for run_id, _ in states]
    # One that was deleted since is as good as changed.
    now = Repeats(tuple(known_summary(folder) for folder in folders))
    if now.active:
        recover_engine(load_settings())
    if tuple((run.id, run.state) for run in now.runs) != states:
        st.rerun()
    _show_notice(now)
    lost = {run.id for run in now.lost}
    histories = {
        run.seed: history_of(folder)
        for run, folder in zip(now.runs, folders, strict=True)
        if run.id not in lost
    }
    _show_seed_figures(now, histories)
    _show_seed_curves(histories)


def _show_notice(found: Repeats) -> None:
    """Why nothing goes on, where the engine does not run."""
    if found.active:
        run = max(found.active, key=lambda run: run.state == "queued")
        show_engine_notice(RunStatus(state=run.state, worker=run.worker))


def _stop_waiting(found: Repeats) -> None:
    with page_errors():
        stop_waiting((run.id for run in found.waiting), load_settings())


def _stop_all(found: Repeats) -> None:
    _stop_waiting(found)
    for run in found.active:
        with page_errors():
            if _folder(run).status.active:
                request(run.id, load_settings(), stop=True)


def _folder(run: RunSummary) -> RunFolder:
    return _folder_of(run.id)


def _folder_of(run_id: str) -> RunFolder:
    return RunFolder(load_settings().runs_dir / run_id)


def _show_seed_figures(found: Repeats, histories: Mapping[int, History]) -> None:
    """Progress over all seeds, then mean and spread so far."""
    if found.active:
        _show_progress(found, histories)
    with st.container(horizontal=True, gap="medium"):
        for label, value in _figures(found, histories):
            st.metric(label, value, width="content")


def _show_seed_curves(histories: Mapping[int, History]) -> None:
    """Accuracy and loss side by side: of the training in the first epoch, then of validation."""
    begun = {seed: one for seed, one in histories.items() if one.batches or one.epochs_done}
    if not begun:
        return
    held = any(
        point.val_accuracy is not None for one in begun.values() for point in one.epochs_done
    )
    who, prefix = ("Validation", "val_") if held else ("Training", "")
    colours = palette()
    columns = st.container(key="seed_curves").columns(2, gap="medium")
    for column, name in zip(columns, ("accuracy", "loss"), strict=True):
        with column:
            st.markdown(f"**{who} {name}**")
            show_chart(seed_curves(begun, f"{prefix}{name}", colours), f"seeds_{name}")
    st.caption("Thin lines: single seeds. Thick line: their mean. Band: ±1 standard deviation.")


def _show_progress(found: Repeats, histories: Mapping[int, History]) -> None:
    shares = [1.0 if not run.active else histories[run.seed].progress for run in found.runs]
    words = f"{len(found.counted)} of {len(found.runs)} seeds done"
    st.progress(sum(shares) / len(shares), text=words + _left(found, histories))


def _left(found: Repeats, histories: Mapping[int, History]) -> str:
    waiting = {run.seed for run in found.waiting}
    begun = [history for seed, history in histories.items() if seed not in waiting]
    slots = engine_status(load_settings()).slots
    seconds = seconds_until_done(begun, len(waiting), slots)
    return "" if seconds is None else f", about {duration(seconds)} left"


def _figures(found: Repeats, histories: Mapping[int, History]) -> list[tuple[str, str]]:
    group = found.group
    if group is None or (group.spread.n < 2 and found.active):
        return _so_far(histories)
    shown = [("Seeds counted", str(group.spread.n))]
    if group.validation:
        shown.append(("Best validation, mean ± SD", mean_and_spread(group.validation)))
    if not found.active:
        shown.append(("Test, mean ± SD", mean_and_spread(group.spread)))
    return shown


def _so_far(histories: Mapping[int, History]) -> list[tuple[str, str]]:
    """Before two seeds have ended: accuracies at the last epoch that two have completed."""
    course = seed_course(histories.values(), "val_accuracy")
    if not course:
        return []
    last = course[-1]
    label = f"Validation after epoch {last.epoch}, {last.spread.n} seeds, mean ± SD"
    return [(label, mean_and_spread(last.spread))]


def mean_and_spread(spread: Spread) -> str:
    """Such as "91.23 ± 0.21 %"."""
    if spread.deviation is None:
        return percent(spread.mean, 2)
    return f"{100 * spread.mean:.2f} ± {percent(spread.deviation, 2)}"
