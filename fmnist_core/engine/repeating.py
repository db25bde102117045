"""One configuration trained with several seeds, as that many ordinary runs."""

from __future__ import annotations

from collections.abc import Iterable

from fmnist_core.config import RunConfig, with_seeds
from fmnist_core.engine import recovery
from fmnist_core.engine.submission import Submission, queue_of, submit
from fmnist_core.errors import RunError
from fmnist_core.evaluation import repeats_of
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.library import list_runs, summary_of
from fmnist_core.settings import Settings


def repeat(
    config: RunConfig, seeds: int, *, name: str = "", owner: str = "", settings: Settings
) -> tuple[Submission, ...]:
    """Queues a configuration with consecutive seeds from its own on, under one name.

    Each is a run like any other: it waits its turn, and one that waits or trains already is not
    started twice. What was queued before an error stays; asked again, the rest is added.

    Args:
        seeds: How many, 1 to `MOST_SEEDS`.

    Raises:
        ConfigError: Another number, or as `submit`.
        ArchitectureError, CollectionError, DataError, StorageError: As `submit`.
    """
    configs = with_seeds(config, seeds)
    return tuple(submit(each, name=name, owner=owner, settings=settings) for each in configs)


def repeat_run(
    run_id: str, more: int, *, owner: str = "", settings: Settings
) -> tuple[Submission, ...]:
    """Queues the configuration of a finished run with `more` seeds that it was not tried with.

    Seeds whose training was stopped are tried again.

    Raises:
        RunError: There is no such run, or it did not train to its end.
        ConfigError: `more` is not from 1 to `MOST_SEEDS`, or as `submit`.
        ArchitectureError, CollectionError, DataError, StorageError: As `submit`.
    """
    folder = RunFolder.open(settings.runs_dir, run_id)
    summary = summary_of(folder)
    if summary.state != "finished":
        raise RunError(
            "Only a run that trained to its end is repeated with more seeds.",
            received=f"{run_id} ({summary.state})",
            advice="Wait for its end, or continue it.",
        )
    alike = repeats_of(summary, list_runs(settings)).runs
    taken = {run.seed for run in alike if run.state != "stopped"}
    return tuple(
        submit(config, name=summary.name, owner=owner, settings=settings)
        for config in with_seeds(folder.config, more, taken)
    )


def stop_waiting(run_ids: Iterable[str], settings: Settings) -> tuple[str, ...]:
    """Stops those of the runs that nobody has begun; those in training go on.

    Returns:
        The runs that were stopped.

    Raises:
        StorageError: The list of runs cannot be written.
    """
    queue, stopped = queue_of(settings), []
    # From the back: a place that falls free in between is not given to one about to be stopped.
    for run_id in reversed(list(run_ids)):
        if queue.stop_waiting(run_id):
            stopped.append(run_id)
            recovery.end(queue, RunFolder(settings.runs_dir / run_id), "stopped")
    return tuple(reversed(stopped))
