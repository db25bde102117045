"""What the Train page shows, kept in its address; and training a run again with more seeds.

`?run=ID` watches one run, `?run=ID&seeds=all` the runs that differ from it in the seed at most,
`?run=new` fills the form.
"""

from __future__ import annotations

import streamlit as st

from fmnist_core.config.run import SEED_COUNT
from fmnist_core.engine.client import repeat_run
from fmnist_core.evaluation import Repeats, repeats_of
from fmnist_core.permissions import acting
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import load_settings
from fmnist_ui.components.config_field import number_field
from fmnist_ui.lab_state import LabState, own_runs, owner
from fmnist_ui.links.query_params import tell_address
from fmnist_ui.page_errors import page_errors

# With the seed that is there five: enough for an interval that says something.
_USUAL = 4


NEW = "new"
ALL_SEEDS = {"seeds": "all"}


def chosen_run(state: LabState) -> str | None:
    """The run to watch; None for the form. With nothing chosen, what is training now, in a class
    one's own."""
    asked = st.query_params.get("run")
    if asked is None:
        trains, waits = state.in_state("running", "paused"), state.in_state("queued")
        active = own_runs(trains) or own_runs(waits)
        return active[-1].id if active else None
    return None if asked == NEW else asked


def seeds_of(run_id: str, state: LabState) -> Repeats | None:
    """The run with its other seeds; None where there are none."""
    run = next((run for run in state.runs if run.id == run_id), None)
    found = repeats_of(run, state.runs) if run else None
    return found if found and len(found.runs) > 1 else None


def together(found: Repeats) -> bool:
    """Whether they are to be shown as one; with nothing chosen, where several are at work."""
    if "run" not in st.query_params:
        return len(found.active) > 1
    return st.query_params.get("seeds") == ALL_SEEDS["seeds"]


def watch(run_id: str, *, seeds: bool = False) -> None:
    """Makes the page one that watches this run, also after a reload and in a second tab.

    Args:
        seeds: Together with its other seeds.
    """
    tell_address({"run": run_id, **(ALL_SEEDS if seeds else {})})


def set_up_another() -> None:
    """Makes the page the form again, whatever is training."""
    tell_address({"run": NEW})


def show_repeat(run_id: str, label: str = "Repeat with more seeds") -> None:
    """A button that asks for how many more seeds, trains them, and shows all."""
    with st.popover(label, icon=":material/casino:", key=f"repeat_{run_id}"):
        more = number_field(
            "More seeds",
            SEED_COUNT,
            value=_USUAL,
            key=f"more_seeds_{run_id}",
            help="Trains the same configuration with other seeds, each as a separate run.",
        )
        key, wrong = f"train_seeds_{run_id}", more.fault is not None
        if st.button("Train more seeds", type="primary", key=key, disabled=wrong):
            with page_errors():
                _repeat(run_id, more.value)


def _repeat(run_id: str, more: int) -> None:
    settings, person = load_settings(), acting()
    begun = repeat_run(run_id, more, owner=owner(), settings=settings)
    # In a class the new ones are not among the seeds of somebody else's run.
    is_own = person is None or RunFolder.open(settings.runs_dir, run_id).owner == person.id
    shown = run_id if is_own else begun[0].run_id
    st.switch_page("pages/train.py", query_params={"run": shown, **ALL_SEEDS})
