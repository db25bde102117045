"""The Runs page: a table whose rows are opened by a click and compared by their ticks."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import streamlit as st

from fmnist_core.engine.client import delete_run, resume
from fmnist_core.engine.waiting_line import waiting_line
from fmnist_core.errors import LabError
from fmnist_core.evaluation import repeats_of
from fmnist_core.permissions import may_change
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.library import DAMAGED, RunSummary
from fmnist_core.runs.naming import changes, preset_title
from fmnist_core.settings import load_settings
from fmnist_ui.classroom.joining import copied_from
from fmnist_ui.components.current_network import current_network
from fmnist_ui.components.data_table import work_table
from fmnist_ui.exchange.by_code import show_give
from fmnist_ui.lab_state import known_runs, maker_of
from fmnist_ui.page_errors import page_errors, plain, show_error
from fmnist_ui.results import compare, versus
from fmnist_ui.results.run_rows import Row, columns_of, groups_of, rows_of
from fmnist_ui.train.choice import ALL_SEEDS, show_repeat
from fmnist_ui.train.queue_view import leave
from fmnist_ui.train.seeds_view import mean_and_spread
from fmnist_ui.words import big, data_title, duration, moment, percent, state_words

_MOST_ROWS = 9

# Seconds between two looks while something trains.
_PACE = 2.0

# In the session: the rows that are ticked; the one in view, and whether it was clicked after the
# ticks; the row of the cell that the browser marks, and in which table; the rows of several runs
# that stand open, and how often one was opened or closed.
_TICKED, _IN_VIEW, _LOOKING = "run_table/ticked", "run_table/in_view", "run_table/looking"
_MARKED, _TABLE = "run_table/marked", "run_table/table"
_OPENED, _TURN = "run_table/opened", "run_table/turn"


def show_runs() -> None:
    """The table; beside it the run that was clicked, or how the ticked ones compare."""
    runs = known_runs()
    if not runs:
        _show_nothing_yet()
        return
    active = any(run.active for run in runs)
    st.fragment(_table_and_more, run_every=_PACE if active else None)(active)


@page_errors()
def _table_and_more(active: bool) -> None:
    runs = known_runs()
    if not runs or active != any(run.active for run in runs):
        # The last training ended, or the first began: the pace changes with it.
        st.rerun()
    table, beside = st.container(key="run_workbench").columns([2, 1], gap="medium")
    with table:
        # Below the table, so that nothing stands between the lead and the runs.
        place, below = st.container(), st.container()
        with below:
            groups = _fold(groups_of(runs, load_settings()))
        rows = rows_of(runs, groups, st.session_state.get(_OPENED, ()))
        with place:
            ticked, in_view = _show_table(rows, _row_at_first(rows, runs))
    comparing = len(ticked) > 1 and not st.session_state.get(_LOOKING)
    shown = ticked if comparing else [in_view]
    compared = list({run.id: run for row in shown for run in row.compared}.values())
    with beside, page_errors():
        if comparing:
            _show_comparison(ticked, compared)
        else:
            _show_row(in_view, ticked)
    with page_errors():
        compare.show(compared)


def _show_nothing_yet() -> None:
    with st.container(border=True, key="card_no_runs"):
        st.markdown("**No runs yet.** Runs appear here when you train a network.")
        st.page_link("pages/train.py", label="Train a network", icon=":material/play_arrow:")


def _fold(groups: Sequence[Row]) -> Sequence[Row]:
    """The rows of several runs, where there are any and they are to be shown as such."""
    if not groups:
        return ()
    folded = st.toggle(
        "Fold seeds and trials",
        value=True,
        key="seeds_as_one",
        help="Seeds of one configuration become one row with their mean, trials of one sweep one "
        "row with the best. A click on the row opens it.",
        persist_state="session",
    )
    return groups if folded else ()


def _row_at_first(rows: Sequence[Row], runs: Sequence[RunSummary]) -> Row:
    """The row in view; before any click a ticked one, else that of the current network."""
    current = current_network(runs)
    asked = (st.session_state.get(_IN_VIEW), *st.session_state.get(_TICKED, ()))
    for wanted in (*asked, current.id if current else None):
        for row in rows:
            if row.id == wanted:
                return row
        for row in rows:
            if any(run.id == wanted for run in row.runs):
                return row
    return rows[0]


def _show_table(rows: Sequence[Row], in_view: Row) -> tuple[list[Row], Row]:
    """Draws the table; returns the rows that are ticked, and the one in view."""
    state = st.session_state
    numbers = {row.id: number for number, row in enumerate(rows)}
    before = [row_id for row_id in state.get(_TICKED, ()) if row_id in numbers]
    # A row of several takes any number of clicks, each of which turns it over.
    marked = None if in_view.several else in_view.id
    # Rows are known by number: when one comes or goes, a new table takes over what was chosen.
    key = f"run_table-{_order(rows)}-{state.get(_TURN, 0)}"
    if state.get(_TABLE) != key:
        state[_TABLE], state[_MARKED] = key, marked
    picked = work_table(
        columns_of(rows),
        key=key,
        ticked=[numbers[row_id] for row_id in before],
        clicked=None if marked is None else numbers[marked],
        most_rows=_MOST_ROWS,
        alt="All runs with their accuracies, seed, state, data, parameters and time.",
    )
    ticked = [rows[number] for number in picked.ticked]
    clicked = None if picked.clicked is None else rows[picked.clicked]
    if sorted(row.id for row in ticked) != sorted(before):
        state[_TICKED], state[_LOOKING] = [row.id for row in ticked], False
        # The first tick shows what others will be compared with.
        in_view = ticked[0] if len(ticked) == 1 else in_view
    if clicked is not None and clicked.id != state[_MARKED]:
        in_view, state[_LOOKING] = clicked, True
    state[_MARKED] = clicked.id if clicked else None
    state[_IN_VIEW] = in_view.id
    if in_view is clicked and clicked.several:
        state[_OPENED] = set(state.get(_OPENED, ())) ^ {clicked.id}
        state[_TURN] = state.get(_TURN, 0) + 1
        st.rerun()
    return ticked, in_view


def _order(rows: Sequence[Row]) -> str:
    return hashlib.sha256("\n".join(row.id for row in rows).encode()).hexdigest()[:12]


def _show_row(row: Row, ticked: Sequence[Row]) -> None:
    """One run, or the runs of one row, and what can be done with them."""
    _show_way_back(ticked)
    _show_head(row)
    run = row.compared[0]
    if row.several:
        _show_figures(row.shown, _spread_of(row))
    else:
        _explain(run)
        if run.state == DAMAGED:
            _show_actions(row.runs)
            return
        _show_figures(run, {})
        _show_changes(run)
    _show_actions(row.runs if row.seeds else row.compared, row.runs)


def _show_way_back(ticked: Sequence[Row]) -> None:
    if len(ticked) > 1:
        st.button(
            f"Compare the {len(ticked)} ticked rows",
            icon=":material/difference:",
            on_click=st.session_state.update,
            args=({_LOOKING: False},),
            key="run_compare",
        )
    elif ticked:
        st.caption(":material/check_box: One row is ticked. Tick another one to compare them.")


def _show_head(row: Row) -> None:
    run, words = row.shown, state_words(row.shown.state)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.subheader(plain(run.name), anchor=False, width="content")
        st.badge(words.word.capitalize(), icon=words.icon, color=words.colour)  # type: ignore[arg-type]
    parts = [row.seed if row.several else f"seed {row.seed}"] if row.seed else []
    if run.named and run.configuration:
        parts.insert(0, run.configuration)
    parts += filter(None, (maker_of(run.owner), copied_from(run.origin)))
    parts.append(moment(run.created))
    if run.state != DAMAGED:
        parts += [data_title(run.data)]
        parts += [f"{big(run.parameters)} parameters"] if run.parameters else []
        parts += [duration(run.seconds)] if run.seconds else []
        parts += [f"tags: {', '.join(run.tags)}"] if run.tags else []
    st.caption(plain(" · ".join(parts)))


def _spread_of(row: Row) -> dict[str, str]:
    """Mean ± SD of seeds; nothing for other rows."""
    group = repeats_of(row.runs[0], row.runs).group if row.seeds else None
    if group is None:
        return {}
    found = {"Test accuracy": mean_and_spread(group.spread)}
    return found | ({"Validation": mean_and_spread(group.validation)} if group.validation else {})


def _show_figures(run: RunSummary, spread: dict[str, str]) -> None:
    if run.active and run.epochs:
        st.progress(min(1.0, run.epoch / run.epochs), text=f"Epoch {run.epoch} of {run.epochs}")
    figures = {"Test accuracy": run.test_accuracy, "Validation": run.best_validation_accuracy}
    known = {name: percent(share, 2) for name, share in figures.items() if share is not None}
    known |= spread
    if known:
        with st.container(horizontal=True, gap="medium", key="run_figures"):
            for name, words in known.items():
                label = f"{name}, mean ± SD" if name in spread else name
                st.metric(label, words, width="content")


def _explain(run: RunSummary) -> None:
    """When a run is expected to start; why it failed or cannot be read, and what to do."""
    if run.state == "queued" and (place := waiting_line(load_settings()).place_of(run.id)):
        st.info(f"{place.words}.", icon=":material/hourglass_empty:")
    if run.error:
        kind = st.error if run.state in ("failed", "crashed", DAMAGED) else st.info
        kind(f"**{plain(run.error)}**  \n{plain(run.advice)}", icon=":material/error:")


def _show_changes(run: RunSummary) -> None:
    """What is not as in the preset, with both values."""
    found = changes(RunFolder.open(load_settings().runs_dir, run.id).config)
    if found:
        label = f"{len(found)} changed from {preset_title(run.preset)}"
        with st.expander(label, icon=":material/edit:", key="run_changes"):
            st.markdown("\n".join(f"- {plain(change.sentence)}" for change in found))


def _show_comparison(rows: Sequence[Row], compared: Sequence[RunSummary]) -> None:
    """How the ticked rows compare: seeds by their means, two runs image by image."""
    compare.warn_about_data(compared)
    if any(row.seeds for row in rows):
        compare.show_groups(compared)
    elif len(compared) == 2:
        versus.show_pair(compared[0], compared[1])
    else:
        compare.show_ranking(compared)
    _show_actions(list({run.id: run for row in rows for run in row.runs}.values()))


def _show_actions(runs: Sequence[RunSummary], deleted: Sequence[RunSummary] | None = None) -> None:
    """A row of buttons that fits what is in view.

    Args:
        deleted: The runs that Delete takes, where they are more.
    """
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="run_actions"):
        if len(runs) == 1:
            _for_one(runs[0])
        else:
            _for_seeds(runs)
        doomed = runs if deleted is None else deleted
        if not all(may_change(run.owner) for run in doomed):
            return
        label = "Delete" if len(doomed) == 1 else f"Delete {len(doomed)} runs"
        if st.button(label, icon=":material/delete:", key="run_delete"):
            delete(doomed)


def _for_one(run: RunSummary) -> None:
    if run.state == DAMAGED:
        return
    if run.active:
        _link("Watch", "pages/train.py", ":material/visibility:", run)
    elif run.evaluated:
        _link("Evaluate", "pages/evaluate.py", ":material/fact_check:", run)
    mine = may_change(run.owner)
    if (
        mine
        and (run.can_continue or run.interrupted)
        and st.button("Continue", icon=":material/play_arrow:", type="primary", key="run_continue")
    ):
        _continue(run)
    if mine and run.interrupted:
        st.button(
            "Leave",
            icon=":material/close:",
            key="run_leave",
            help="Keeps the run as it is and asks no more.",
            on_click=leave,
            args=(run.id,),
        )
    if st.button(
        "Train again",
        icon=":material/replay:",
        key="run_again",
        help="Fills the form of Train with this configuration.",
    ):
        _train_again(run)
    if run.state == "finished":
        show_repeat(run.id, "More seeds")
    if mine:
        show_give(run.id)
    if mine and st.button("Name and tags", icon=":material/edit:", key="run_edit"):
        edit(run)


def _for_seeds(runs: Sequence[RunSummary]) -> None:
    """What can be done where only seeds of one configuration are in view."""
    found = repeats_of(runs[0], runs)
    if len(found.runs) < len(runs):
        return
    if st.button("Compare seeds", icon=":material/stacked_line_chart:", key="run_seeds"):
        st.switch_page("pages/train.py", query_params={"run": found.runs[0].id, **ALL_SEEDS})
    if found.counted:
        show_repeat(found.counted[0].id, "More seeds")


def _link(label: str, page: str, icon: str, run: RunSummary) -> None:
    if st.button(label, icon=icon, type="primary", key=f"run_{label.lower()}"):
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
        name = st.text_input(
            "Name",
            run.name if run.named else "",
            max_chars=80,
            placeholder=run.configuration,
            help="Empty: the preset and what differs from it.",
            key="edit_name",
        )
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
            split = tuple(dict.fromkeys(tag.strip() for tag in tags.split(",")))
            folder.describe(name=name, tags=split)
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
