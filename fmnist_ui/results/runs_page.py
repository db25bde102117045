"""The Runs page: the table of runs, with seeds as one row; rename, tag, delete, continue."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import streamlit as st

from fmnist_core.engine.client import delete_run, resume
from fmnist_core.errors import LabError
from fmnist_core.evaluation import Repeats, repeats, repeats_of
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.library import DAMAGED, RunSummary, list_runs
from fmnist_core.settings import load_settings
from fmnist_ui.components.data_table import COUNT, MOMENT, SHARE, TAGS, Column, data_table
from fmnist_ui.page_errors import page_errors, plain, show_error
from fmnist_ui.results import compare
from fmnist_ui.train.choice import ALL_SEEDS, show_repeat
from fmnist_ui.words import preset_title, state_words

_MOST_ROWS = 14

_SHORT = {"fashion-mnist": "Fashion-MNIST", "synthetic-garments": "Synthetic"}

# What a row of several runs is called: what needs looking at comes first.
_STATES = ("running", "paused", "queued", "failed", "crashed", "stopped", "finished")

# Seconds between two looks while something trains.
_PACE = 2.0


def show_runs() -> None:
    """The table, and below it what is ticked."""
    runs = list_runs(load_settings())
    if not runs:
        _show_nothing_yet()
        return
    active = any(run.active for run in runs)
    st.fragment(_table_and_more, run_every=_PACE if active else None)(active)


@page_errors()
def _table_and_more(active: bool) -> None:
    runs = list_runs(load_settings())
    if not runs or active != any(run.active for run in runs):
        # The last training ended, or the first began: the pace changes with it.
        st.rerun()
    rows = {row.shown.id: row for row in _choose_rows(runs)}
    ticked = _show([row.shown for row in rows.values()], key="run_table")
    chosen = [run for shown in ticked for run in rows[shown.id].runs]
    _explain(chosen if len(chosen) == 1 else [run for run in chosen if run.state == DAMAGED])
    show(chosen)
    compare.show(chosen)


def _show_nothing_yet() -> None:
    with st.container(border=True, key="card_no_runs"):
        st.markdown("**No runs yet.** Runs appear here when you train a network.")
        st.page_link("pages/train.py", label="Train a network", icon=":material/play_arrow:")


def _explain(runs: Sequence[RunSummary]) -> None:
    """Why a run failed or cannot be read, and what to do."""
    for run in runs:
        if not run.error:
            continue
        kind = st.error if run.state in ("failed", "crashed", DAMAGED) else st.info
        kind(f"**{plain(run.error)}**  \n{plain(run.advice)}", icon=":material/error:")


def _choose_rows(runs: Sequence[RunSummary]) -> list[_Row]:
    """A row a run or, where the person wants it so, one for all seeds of a configuration."""
    several = [found for found in repeats(runs) if len(found.runs) > 1]
    if not several:
        return [_Row(run, (run,)) for run in runs]
    as_one = st.toggle(
        "Group seeds",
        key="seeds_as_one",
        help="Runs that differ only in the seed: mean accuracies of those that trained to their "
        "end, seconds of all.",
        persist_state="session",
    )
    return _grouped(runs, several) if as_one else [_Row(run, (run,)) for run in runs]


@dataclass(frozen=True)
class _Row:
    """What the table shows, and the runs that it stands for."""

    shown: RunSummary
    runs: tuple[RunSummary, ...]


def _grouped(runs: Sequence[RunSummary], several: Sequence[Repeats]) -> list[_Row]:
    place = {run.id: found for found in several for run in found.runs}
    rows: dict[str, _Row] = {}
    for run in runs:
        found = place.get(run.id)
        if found is None:
            rows[run.id] = _Row(run, (run,))
        else:
            first = found.runs[0].id
            rows.setdefault(first, _Row(_as_one(found), found.runs))
    return list(rows.values())


def _as_one(found: Repeats) -> RunSummary:
    """A summary that stands for all: means of what is counted, the state that matters most."""
    group, runs = found.group, found.runs
    validation = group.validation.mean if group and group.validation else None
    return replace(
        runs[0],
        name=f"{found.name} · {_count(found)} seeds",
        state=min((run.state for run in runs), key=_STATES.index),
        tags=tuple(dict.fromkeys(tag for run in runs for tag in run.tags)),
        epoch=sum(run.epoch for run in runs),
        epochs=sum(run.epochs for run in runs),
        seconds=sum(run.seconds for run in runs),
        best_validation_accuracy=validation,
        test_accuracy=group.spread.mean if group else None,
        created=max(run.created for run in runs),
    )


def _count(found: Repeats) -> str:
    counted, begun = len(found.counted), len(found.runs)
    return str(begun) if counted == begun else f"{counted} of {begun}"


def _show(runs: Sequence[RunSummary], key: str) -> list[RunSummary]:
    """Draws the table; returns the runs whose rows are ticked."""
    remembered = f"{key}/ticked"
    ticked = set(st.session_state.get(remembered, ()))
    rows = data_table(
        _columns(runs),
        key=f"{key}-{_order(runs)}",
        selection="multi-row",
        ticked=[index for index, run in enumerate(runs) if run.id in ticked],
        most_rows=_MOST_ROWS,
        alt="All runs with their data, parameters, time and accuracy.",
    )
    chosen = [runs[index] for index in rows]
    st.session_state[remembered] = [run.id for run in chosen]
    return chosen


def _order(runs: Sequence[RunSummary]) -> str:
    # Rows are ticked by number: when a run comes or goes, a new table takes over what was ticked.
    return hashlib.sha256("\n".join(run.id for run in runs).encode()).hexdigest()[:12]


def _columns(runs: Sequence[RunSummary]) -> list[Column]:
    validation = [run.best_validation_accuracy for run in runs]
    return [
        Column("Name", [run.name for run in runs], width=164),
        Column("State", [_state(run) for run in runs], width=106),
        Column(
            "Data",
            [_SHORT.get(run.data, run.data) for run in runs],
            width=112,
            help="Training data set.",
        ),
        Column("Preset", [preset_title(run) for run in runs], width=90),
        Column("Parameters", [run.parameters for run in runs], COUNT, width=92),
        Column(
            "Seconds",
            [run.seconds or None for run in runs],
            "%.0f",
            "Training time in seconds.",
            width=72,
        ),
        Column(
            "Validation",
            validation,
            SHARE,
            "Best accuracy on the validation images.",
            width=84,
        ),
        Column(
            "Test",
            [run.test_accuracy for run in runs],
            SHARE,
            "Accuracy on the test images.",
            width=70,
        ),
        Column("Tags", [list(run.tags) for run in runs], TAGS, width=124),
        Column("Created", [datetime.fromtimestamp(run.created) for run in runs], MOMENT, width=110),
    ]


def _state(run: RunSummary) -> str:
    words = state_words(run.state).in_text
    return f"{words} {run.epoch}/{run.epochs}" if run.active and run.epochs else words


def show(runs: Sequence[RunSummary]) -> None:
    """A row of buttons that fits what is ticked; nothing for none."""
    if not runs:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="run_actions"):
        if len(runs) == 1:
            _for_one(runs[0])
        else:
            _for_seeds(runs)
        if st.button("Delete", icon=":material/delete:", key="run_delete"):
            delete(runs)


def _for_one(run: RunSummary) -> None:
    if run.state == DAMAGED:
        return
    if run.active:
        _link("Watch", "pages/train.py", ":material/visibility:", run)
    elif run.evaluated:
        _link("Evaluate", "pages/evaluate.py", ":material/fact_check:", run)
    if run.can_continue and st.button(
        "Continue", icon=":material/play_arrow:", type="primary", key="run_continue"
    ):
        _continue(run)
    if st.button("Train again with this configuration", icon=":material/replay:", key="run_again"):
        _train_again(run)
    if run.state == "finished":
        show_repeat(run.id)
    if st.button("Name and tags", icon=":material/edit:", key="run_edit"):
        edit(run)


def _for_seeds(runs: Sequence[RunSummary]) -> None:
    """What can be done where only seeds of one configuration are ticked."""
    found = repeats_of(runs[0], runs)
    if len(found.runs) < len(runs):
        return
    if st.button("Compare seeds", icon=":material/stacked_line_chart:", key="run_seeds"):
        st.switch_page("pages/train.py", query_params={"run": found.runs[0].id, **ALL_SEEDS})
    if found.counted:
        show_repeat(found.counted[0].id)


def _link(label: str, page: str, icon: str, run: RunSummary) -> None:
    if st.button(label, icon=icon, key=f"run_{label.lower()}"):
        st.switch_page(page, query_params={"run": run.id})


def _continue(run: RunSummary) -> None:
    with page_errors():
        with st.spinner("Starting the engine…"):
            resume(run.id, load_settings())
        st.switch_page("pages/train.py", query_params={"run": run.id})


def _train_again(run: RunSummary) -> None:
    with page_errors():
        folder = RunFolder.open(load_settings().runs_dir, run.id)
        st.session_state["train_config"] = folder.config.to_json()
        st.switch_page("pages/train.py")


@st.dialog("Name and tags", icon=":material/edit:")
def edit(run: RunSummary) -> None:
    """Lets the person change the name and the tags of one run."""
    with st.form("edit_form", border=False):
        name = st.text_input("Name", run.name, max_chars=80, key="edit_name")
        tags = st.text_input(
            "Tags, separated by commas",
            ", ".join(run.tags),
            placeholder="baseline, lecture 3",
            key="edit_tags",
        )
        saved = st.form_submit_button("Save", type="primary", key="edit_save")
    if saved:
        with page_errors():
            folder = RunFolder.open(load_settings().runs_dir, run.id)
            folder.rename(name)
            folder.tag(tuple(dict.fromkeys(tag.strip() for tag in tags.split(","))))
            st.rerun()


@st.dialog("Delete permanently?", icon=":material/delete:")
def delete(runs: Sequence[RunSummary]) -> None:
    """Deletes after a second yes; a run that is training is stopped first."""
    st.markdown(f"**{_names(runs)}** with {_its(runs)} configuration, curves, weights and figures.")
    if any(run.active for run in runs):
        st.warning("Runs that are still training are stopped first.", icon=":material/stop_circle:")
    with st.container(horizontal=True):
        confirmed = st.button(
            "Delete", type="primary", icon=":material/delete:", key="delete_confirm"
        )
        if st.button("Cancel", key="delete_keep"):
            st.rerun()
    if confirmed and _delete_all(runs):
        st.rerun()


def _delete_all(runs: Sequence[RunSummary]) -> bool:
    """Whether all are gone; each that could not be deleted is explained, the others go."""
    failures = []
    for run in runs:
        try:
            delete_run(run.id, load_settings())
        except LabError as error:
            failures.append(error)
    for failure in failures:
        show_error(failure)
    return not failures


def _names(runs: Sequence[RunSummary]) -> str:
    return plain(runs[0].name) if len(runs) == 1 else f"{len(runs)} runs"


def _its(runs: Sequence[RunSummary]) -> str:
    return "its" if len(runs) == 1 else "their"
