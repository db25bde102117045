"""Runs laid over each other and side by side."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from fmnist_core.config import RunConfig
from fmnist_core.errors import LabError
from fmnist_core.evaluation import repeats, seed_groups
from fmnist_core.figures.run_curves import METRICS, Metric, run_curves
from fmnist_core.runs.differences import SettingRow, config_differences
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.history import Followed, History, follow
from fmnist_core.runs.library import DAMAGED, RunSummary
from fmnist_core.settings import load_settings
from fmnist_ui.charts import palette, show_chart
from fmnist_ui.page_errors import plain
from fmnist_ui.results import seeds
from fmnist_ui.results.words import labels
from fmnist_ui.train.words import path_words
from fmnist_ui.words import data_title


def show(runs: Sequence[RunSummary]) -> None:
    """Curves of `runs` over each other and their configurations side by side."""
    runs = [run for run in runs if run.state != DAMAGED]
    if not runs:
        return
    _warn_about_data(runs)
    names = labels(runs)
    _show_curves(runs, names)
    _show_seeds(runs)
    _show_configurations(runs, names)


def _warn_about_data(runs: Sequence[RunSummary]) -> None:
    names = sorted({run.data for run in runs})
    prints = {run.fingerprint for run in runs if run.fingerprint}
    if len(names) <= 1 and len(prints) <= 1:
        return
    which = " and ".join(data_title(name) for name in names) if len(names) > 1 else "other images"
    st.warning(
        f"These runs learned from different data ({which}); their accuracies cannot be compared.",
        icon=":material/balance:",
    )


def _show_curves(runs: Sequence[RunSummary], names: dict[str, str]) -> None:
    histories = {names[run.id]: _history(run.id) for run in runs}
    if not any(history.epochs_done for history in histories.values()):
        st.caption("No epoch was completed, so there is no curve yet.")
        return
    metric = _choose_metric(histories)
    chart = run_curves(histories, metric, palette())
    show_chart(chart, key="run_curves")
    left_out = [name for name in histories if name not in set(chart.data["run"])]
    if left_out:
        st.caption(f"Without {metric.title.lower()}: {plain(', '.join(left_out))}.")


def _choose_metric(histories: dict[str, History]) -> Metric:
    # Where no run held images back, begin with what there is.
    points = [point for history in histories.values() for point in history.epochs_done]
    usable = [metric for metric in METRICS if any(metric.of(point) is not None for point in points)]
    titles = {metric.title: metric for metric in usable or METRICS}
    title = st.segmented_control(
        "Curve", list(titles), default=next(iter(titles)), required=True, key="run_metric"
    )
    return titles[title] if title in titles else next(iter(titles.values()))


def _history(run_id: str) -> History:
    """What the session read before, and what came since."""
    followed: dict[str, Followed] = st.session_state.setdefault("run_histories", {})
    path = load_settings().runs_dir / run_id / "events.jsonl"
    followed[run_id] = follow(path, followed.get(run_id))
    return followed[run_id].history


def _show_seeds(runs: Sequence[RunSummary]) -> None:
    """Runs that differ only in the seed as one entry, where some of the chosen ones do."""
    groups = seed_groups(runs)
    if any(group.spread.n > 1 for group in groups):
        st.subheader("Seeds of one configuration", anchor=False)
        st.caption("Accuracy of the ticked runs that trained to their end.")
        seeds.show(groups, key="run_seeds")
        seeds.say_lost(repeats(runs))


def _show_configurations(runs: Sequence[RunSummary], names: dict[str, str]) -> None:
    configs, columns = [], []
    for run in runs:
        config = _config(run)
        if config is not None:
            configs.append(config)
            columns.append(names[run.id])
    rows = config_differences(configs)
    with st.expander(_title(rows, len(configs)), icon=":material/difference:", key="run_configs"):
        if len(configs) > 1:
            only = st.toggle("Only what differs", value=True, key="only_differences")
            rows = [row for row in rows if row.differs or not only]
        if rows:
            _show_rows(rows, columns)


def _title(rows: Sequence[SettingRow], count: int) -> str:
    if count == 1:
        return "Configuration"
    differing = sum(row.differs for row in rows)
    if not differing:
        return "Configurations: all the same"
    return f"Configurations: {differing} setting{'s differ' if differing > 1 else ' differs'}"


def _config(run: RunSummary) -> RunConfig | None:
    try:
        return RunFolder.open(load_settings().runs_dir, run.id).config
    except LabError:
        # Listed as damaged with its reason on the next look.
        return None


def _show_rows(rows: Sequence[SettingRow], columns: Sequence[str]) -> None:
    frame = pd.DataFrame([row.values for row in rows], columns=list(columns))
    frame.insert(0, "Setting", [_setting(row.path) for row in rows])
    frame.insert(1, "≠", ["≠" if row.differs else "" for row in rows])
    st.dataframe(
        frame,
        hide_index=True,
        height=38 + 35 * min(len(rows), 16) + 2,
        column_config={
            "Setting": st.column_config.TextColumn(pinned=True),
            "≠": st.column_config.TextColumn(width=40, help="The runs differ here."),
        },
        alt="Settings of the chosen runs side by side.",
    )


def _setting(path: str) -> str:
    group = path.split(".")[0]
    return f"{path_words(path)}" if group != "preset" else "Began as preset"
