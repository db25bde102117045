"""A remedy that was trained before would come out the same again."""

from __future__ import annotations

from fmnist_core.config import RunConfig
from fmnist_core.runs.library import list_runs
from fmnist_core.settings import Settings


def trained_already(config: RunConfig, settings: Settings) -> str | None:
    """The identifier of a finished and judged run of an equal configuration, or None.

    What is ticked and what is collected may have changed since, so that these are trained anew.
    """
    training = config.training
    if training.drop_suspects or training.collections:
        return None
    for run in list_runs(settings):
        same = run.recipe == config.recipe and run.seed == training.seed
        if same and run.state == "finished" and run.evaluated:
            return run.id
    return None
