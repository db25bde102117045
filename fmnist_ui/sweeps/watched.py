"""Watching one sweep: progress, best trial, importance of settings, and every trial in a table.

What the page shows is kept in its address: `?sweep=ID` watches, `?sweep=new` is the form.

The page around it is drawn once; only `_tick` runs again and again while the sweep goes on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from fmnist_core.config.override import path_label, value_label
from fmnist_core.engine.client import (
    delete_sweep,
    engine_status,
    open_sweep,
    recover_engine,
    stop_sweep,
)
from fmnist_core.errors import LabError
from fmnist_core.permissions import acting, may_change
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.library import known_summary
from fmnist_core.runs.status import RunStatus
from fmnist_core.settings import load_settings
from fmnist_core.sweeps import GRID, DimensionConfig, Sweep, Trial
from fmnist_core.sweeps.advisor import TRIALS_FOR_IMPORTANCE
from fmnist_ui.components.data_table import COUNT, CURVE, SHARE, WRITTEN, Column, data_table
from fmnist_ui.figures.parallel import Axis, TrialLine, parallel_lines, setting_bars
from fmnist_ui.page_errors import page_errors, plain
from fmnist_ui.theme import palette, show_chart
from fmnist_ui.train.run_header import show_engine_notice
from fmnist_ui.words import StateWords, data_title, duration, moment, percent, state_words

_MOST_ROWS = 14


_TRIALS_FOR_LINES = 3


_PACE = 1.5

_SWEEPS = {
    "running": StateWords("running", "▶", "blue", ":material/tune:"),
    "stopping": StateWords("stopping", "■", "orange", ":material/stop_circle:"),
}
_TRIALS = {
    "new": StateWords("starting", "◷", "gray", ""),
    "waiting": StateWords("queued", "◷", "gray", ""),
    "training": StateWords("training", "▶", "blue", ""),
    "pruned": StateWords("pruned", "✂", "gray", ""),
    "refused": StateWords("invalid", "✗", "gray", ""),
    "deleted": StateWords("run deleted", "–", "gray", ""),
}

NEW = "new"


def sweep_words(state: str) -> StateWords:
    """Word, sign, colour and icon of a sweep's state."""
    return _SWEEPS.get(state, state_words(state))


def _trial_words(trial: Trial) -> str:
    """Such as "✂ stopped early"."""
    return _TRIALS.get(trial.state, state_words(trial.state)).in_text


def show_sweep(sweep: Sweep) -> None:
    """The live view of a sweep, or what became of it."""
    _show_header(sweep)
    pace = _PACE if sweep.active else None
    st.fragment(_tick, run_every=pace)(sweep.id, _stage(sweep))


def _stage(sweep: Sweep) -> tuple[str, int, int]:
    """What the page around the moving part tells of as well: buttons, and runs in the sidebar."""
    return sweep.state, len(sweep.trials), sweep.ended


@page_errors()
def _tick(sweep_id: str, stage: tuple[str, int, int]) -> None:
    sweep = open_sweep(sweep_id, load_settings())
    if sweep.active:
        recover_engine(load_settings())
    if _stage(sweep) != stage:
        st.rerun()
    if sweep.state == "damaged":
        st.error(f"**{plain(sweep.error)}**  \n{plain(sweep.advice)}", icon=":material/error:")
        return
    _show_progress(sweep)
    _show_best(sweep)
    _show_pictures(sweep)
    _show_trials(sweep)


def _show_header(sweep: Sweep) -> None:
    words = sweep_words(sweep.state)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"### {plain(sweep.meta.name)}")
        st.badge(words.word, icon=words.icon, color=words.colour)  # type: ignore[arg-type]
        st.space("stretch")
        mine = may_change(sweep.meta.owner)
        if mine and sweep.state == "running":
            st.button(
                "Stop",
                icon=":material/stop:",
                key="sweep_stop",
                on_click=_stop,
                args=(sweep.id,),
                help="Running trials stop after the current step; the best trial so far is kept.",
            )
        elif mine:
            _offer_to_delete(sweep)
        st.button("New sweep", icon=":material/tune:", on_click=set_up_another, key="sweep_another")
    if sweep.config is not None:
        st.caption(_facts(sweep))


def _offer_to_delete(sweep: Sweep) -> None:
    if sweep.active:
        return
    with st.popover("Delete", icon=":material/delete:"):
        st.markdown("Deletes the sweep; its runs stay on the page Runs.")
        st.button(
            "Delete the sweep",
            key="sweep_delete",
            type="primary",
            on_click=_delete,
            args=(sweep.id,),
        )


def _facts(sweep: Sweep) -> str:
    assert sweep.config is not None
    config = sweep.config
    varied = ", ".join(path_label(one.field) for one in config.dimensions)
    method = "grid search" if config.method == GRID else "guided search"
    epochs = config.epochs_of_a_run
    facts = [
        f"{varied}: {method}",
        f"{epochs} epoch{'s' if epochs != 1 else ''} each",
        "early pruning" if config.pruning else "",
        data_title(config.base.training.dataset),
        moment(sweep.meta.created),
    ]
    return " · ".join(fact for fact in facts if fact)


def _show_progress(sweep: Sweep) -> None:
    if not sweep.active:
        if sweep.error:
            st.error(f"**{plain(sweep.error)}**  \n{plain(sweep.advice)}", icon=":material/error:")
        return
    show_engine_notice(RunStatus())
    slots = engine_status(load_settings()).slots
    left = sweep.seconds_left(slots)
    words = [f"{sweep.ended} of {sweep.total} trials finished"]
    if sweep.state == "stopping":
        words.append("stopping after the current step")
    elif left is not None:
        words.append(f"about {duration(left)} left")
    else:
        words.append("time left is known after the first trial")
    st.progress(min(1.0, sweep.ended / max(1, sweep.total)), " · ".join(words))


def _stop(sweep_id: str) -> None:
    with page_errors():
        stop_sweep(sweep_id, load_settings())


def _delete(sweep_id: str) -> None:
    with page_errors():
        delete_sweep(sweep_id, load_settings())
        set_up_another()


def _show_pictures(sweep: Sweep) -> None:
    """Both figures beside each other; until there are enough trials, what is still missing."""
    if sweep.config is None or (not sweep.active and len(sweep.evaluated) < _TRIALS_FOR_LINES):
        return
    # Where only one setting varies, all of the difference is its own.
    several = len(sweep.config.dimensions) > 1
    wide, narrow = st.columns([3, 2], gap="medium") if several else (st.container(), None)
    with wide, st.container(border=True, height="stretch"):
        st.markdown("**Parallel coordinates**")
        _show_lines(sweep)
    if narrow is None:
        return
    with narrow, st.container(border=True, height="stretch"):
        st.markdown("**Hyperparameter importance**")
        _show_importance(sweep)


def _show_lines(sweep: Sweep) -> None:
    assert sweep.config is not None
    evaluated = sweep.evaluated
    if len(evaluated) < _TRIALS_FOR_LINES:
        st.caption(f"Appears after {_TRIALS_FOR_LINES} trials; {len(evaluated)} finished.")
        return
    lines = [
        TrialLine(trial.number, trial.values, trial.score or 0.0, _trial_words(trial))
        for trial in evaluated
    ]
    axes = [_axis(one) for one in sweep.config.dimensions]
    show_chart(parallel_lines(axes, lines, palette()), key="sweep_lines")
    st.caption("Each line is a trial: the stronger its color, the higher its validation accuracy.")


def _axis(one: DimensionConfig) -> Axis:
    title = path_label(one.field)
    if one.choices:
        bare = Axis(one.field, title, (), choices=one.choices)
        values = one.choices
    else:
        bare = Axis(one.field, title, (), one.low, one.high, one.log)
        middle = float(f"{one.value_at(0.5):.2g}")
        values = (one.low, middle, one.high)
    ticks = tuple((bare.place(value), value_label(one.field, value)) for value in values)
    return Axis(bare.path, title, ticks, bare.low, bare.high, bare.log, bare.choices)


def _show_importance(sweep: Sweep) -> None:
    if not sweep.importance:
        counted = len(sweep.evaluated)
        st.caption(
            f"Appears after {TRIALS_FOR_IMPORTANCE} trials; {counted} finished."
            if counted < TRIALS_FOR_IMPORTANCE
            else "All trials have the same accuracy, so importance is undefined."
        )
        return
    shares = {path_label(path): share for path, share in sweep.importance.items()}
    show_chart(setting_bars(shares, palette()), key="sweep_importance")
    st.caption(
        f"From {len(sweep.evaluated)} trials, valid only within these ranges. Method: PED-ANOVA."
    )


def _show_trials(sweep: Sweep) -> None:
    """A row a trial in the order in which they were begun."""
    if not sweep.trials or sweep.config is None:
        return
    paths = [one.field for one in sweep.config.dimensions]
    trials = sweep.trials
    rows = data_table(
        _columns(trials, paths),
        key=f"sweep_trials_{sweep.id}",
        selection="single-row",
        most_rows=_MOST_ROWS,
        alt="All trials with their settings, state and validation accuracy.",
    )
    chosen = [trials[row] for row in rows]
    for trial in chosen:
        _show_problem(trial)
        if trial.run_id:
            st.markdown(f"**Trial {trial.number}**")
            _show_next_steps(sweep, trial, "chosen")


def _columns(trials: tuple[Trial, ...], paths: list[str]) -> list[Column]:
    spent = [duration(trial.seconds) if trial.seconds else None for trial in trials]
    return [
        Column("Trial", [trial.number for trial in trials], COUNT, width=56),
        Column("State", [_trial_words(trial) for trial in trials], width=124),
        Column(
            "Validation",
            [trial.score for trial in trials],
            SHARE,
            "Accuracy on the validation images.",
            width=92,
        ),
        *_curve(trials),
        *(_setting(path, [trial.values[path] for trial in trials]) for path in paths),
        Column("Epochs", [_epochs(trial) for trial in trials], WRITTEN, width=72),
        Column("Time", spent, WRITTEN, width=90),
    ]


def _curve(trials: tuple[Trial, ...]) -> list[Column]:
    """Nothing while all points are one value: a browser refuses an axis without a length."""
    curves = [list(trial.accuracies) for trial in trials]
    if len({point for curve in curves for point in curve}) < 2:
        return []
    return [Column("Curve", curves, CURVE, "Validation accuracy after each epoch.", width=130)]


def _setting(path: str, values: list[Any]) -> Column:
    if all(type(value) in (int, float) for value in values):
        return Column(path_label(path), values, "%.4g")
    return Column(path_label(path), [value_label(path, value) for value in values])


def _epochs(trial: Trial) -> str | None:
    return f"{len(trial.accuracies)}/{trial.epochs}" if trial.epochs else None


def _show_best(sweep: Sweep) -> None:
    """The best trial as a card; a sentence before there is one."""
    best = sweep.best
    with st.container(border=True, key="card_sweep_best"):
        if best is None:
            words = "The best trial appears here when the first one is finished."
            st.markdown(words if sweep.active else "No trial was evaluated.")
            return
        with st.container(horizontal=True, vertical_alignment="center", gap="large"):
            st.metric(
                "Best so far" if sweep.active else "Best",
                percent(best.score),
                help="Validation accuracy. The test images are not used for selection.",
                width="content",
            )
            with st.container(width="stretch", gap="xsmall"):
                st.markdown(f"**Trial {best.number}:** {_values_words(best.values)}")
                st.caption(_beside_base(sweep, best))
        _show_next_steps(sweep, best, "best")


def _values_words(values: Mapping[str, Any]) -> str:
    """All settings of a trial in a line: "Learning rate 0.0012 · Batch size 64"."""
    return " · ".join(
        f"{path_label(path)} {value_label(path, value)}" for path, value in values.items()
    )


def _beside_base(sweep: Sweep, best: Trial) -> str:
    """What the base configuration reached in the same sweep, in a sentence."""
    base = sweep.config.base_values if sweep.config else None
    first = next((trial for trial in sweep.evaluated if trial.values == base), None)
    if first is None:
        return "Selected by validation accuracy; the test images were not used."
    if first == best:
        return "This is the base configuration: no trial so far is better."
    return f"The base configuration reached {percent(first.score)}."


def _show_next_steps(sweep: Sweep, trial: Trial, key: str) -> None:
    """Buttons: open the trial's run, or train longer with its settings."""
    with st.container(horizontal=True, vertical_alignment="center"):
        opens = _page_of(trial)
        if opens is not None and st.button(
            "Open run", icon=":material/visibility:", key=f"sweep_open_{key}"
        ):
            st.switch_page(opens, query_params={"run": trial.run_id})
        if st.button(
            "Train longer with these settings",
            icon=":material/model_training:",
            key=f"sweep_longer_{key}",
            type="primary" if key == "best" and not sweep.active else "secondary",
            help="Fills the form on Train; training starts when you press Train there.",
        ):
            _train_longer(sweep, trial)


def _page_of(trial: Trial) -> str | None:
    try:
        folder = RunFolder.open(load_settings().runs_dir, trial.run_id)
        run = known_summary(folder)
    except LabError:
        return None
    return "pages/evaluate.py" if run.evaluated and not run.active else "pages/train.py"


def _train_longer(sweep: Sweep, trial: Trial) -> None:
    assert sweep.config is not None
    with page_errors():
        st.session_state["train_config"] = sweep.config.longer(trial.values).to_json()
        st.switch_page("pages/train.py")


def _show_problem(trial: Trial) -> None:
    """Why a trial was refused or failed."""
    if trial.error:
        st.info(f"**{plain(trial.error)}**  \n{plain(trial.advice)}", icon=":material/info:")


def chosen_sweep(sweeps: Sequence[Sweep]) -> str | None:
    """The sweep to watch; None for the form. With nothing chosen, what is running now, in a class
    one's own."""
    asked, person = st.query_params.get("sweep"), acting()
    if asked is None:
        own = (one for one in sweeps if person is None or one.meta.owner == person.id)
        return next((sweep.id for sweep in own if sweep.active), None)
    return None if asked == NEW else asked


def watch(sweep_id: str) -> None:
    """Makes the page one that watches this sweep, also after a reload and in a second tab."""
    st.query_params.from_dict({"sweep": sweep_id})


def set_up_another() -> None:
    """Makes the page the form again, whatever is running."""
    st.query_params.from_dict({"sweep": NEW})
