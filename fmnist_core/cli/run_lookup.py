"""Finds the run that a command line argument names."""

from __future__ import annotations

import os
from pathlib import Path

from fmnist_core.errors import RunError
from fmnist_core.runs.library import RunSummary, list_runs
from fmnist_core.runs.pretrained import SHIPPED, SHIPPED_NETWORKS
from fmnist_core.settings import Settings


def find_model(text: str, settings: Settings) -> str:
    """The shipped model, one network of it, or the identifier of the run that `find_run` finds.

    Raises:
        RunError: As `find_run`.
    """
    if text == SHIPPED or text in SHIPPED_NETWORKS:
        return text
    return find_run(text, settings).id


def find_run(text: str, settings: Settings) -> RunSummary:
    """The run with this identifier, or with this name where only one has it, or `latest`.

    Raises:
        RunError: There is none, or several have the name.
    """
    runs = list_runs(settings)
    for run in runs:
        if run.id == text or text == "latest":
            return run
    named = [run for run in runs if run.name == text]
    if len(named) == 1:
        return named[0]
    if named:
        raise RunError(
            "Several runs have this name.",
            received=repr(text[:80]),
            advice=f"Use an identifier: {', '.join(run.id for run in named[:5])}.",
        )
    raise RunError("There is no such run.", received=repr(text[:80]), advice="See `runs list`.")


def use_data_dir(folder: str | None) -> None:
    """Sets the environment variable from `--data-dir`, for child processes too."""
    if folder:
        os.environ["FMNIST_DATA_DIR"] = str(Path(folder).expanduser().resolve())
