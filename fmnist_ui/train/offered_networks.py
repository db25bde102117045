"""Networks that a form offers for a choice, by the titles that people know them by."""

from __future__ import annotations

from collections.abc import Mapping

from fmnist_core.runs.library import RunSummary, list_runs
from fmnist_core.settings import Settings

# So many runs are looked into.
_MOST_RUNS = 30


def network_titles(
    shipped: Mapping[str, str], settings: Settings, size: int | None = None
) -> dict[str, str]:
    """What can be chosen: `shipped`, then the newest judged runs, of `size` parameters first."""
    runs = [run for run in list_runs(settings) if run.evaluated]
    if size is not None:
        runs = sorted(runs, key=lambda run: run.parameters != size)
    return {**shipped, **{run.id: _title(run) for run in runs[:_MOST_RUNS]}}


def with_chosen(
    offered: Mapping[str, str], chosen: str, shipped: Mapping[str, str], settings: Settings
) -> dict[str, str]:
    """What is offered, and what is chosen already though it does not fit, or is gone.

    It keeps the title that it was chosen by: the browser takes another one for another choice.
    """
    if chosen in offered:
        return dict(offered)
    runs = {run.id: _title(run) for run in list_runs(settings) if run.id == chosen}
    return {**offered, chosen: {**shipped, **runs}.get(chosen, chosen)}


def _title(run: RunSummary) -> str:
    accuracy = "" if run.test_accuracy is None else f", {run.test_accuracy:.2%}"
    return f"{run.name}{accuracy} ({run.id})"
