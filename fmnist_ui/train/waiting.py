"""The queue: who waits, in the order in which runs are handed out."""

from __future__ import annotations

from fmnist_core.runs.index import RunIndex
from fmnist_core.settings import load_settings


def waiting_runs() -> list[str]:
    """Ids of the runs that wait, the next to start first."""
    settings = load_settings()
    return RunIndex(settings.index_path, settings.runs_dir).waiting()


def runs_before(run_id: str) -> int:
    """How many start before this one; 0 also for a run that the queue does not know yet."""
    waiting = waiting_runs()
    return waiting.index(run_id) if run_id in waiting else 0
