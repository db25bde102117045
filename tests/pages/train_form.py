"""The runs that a Train form stands beside, and what is sent off from it."""

from __future__ import annotations

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.library import RunSummary, list_runs
from fmnist_core.settings import load_settings


def folder_of(run: RunSummary) -> RunFolder:
    return RunFolder.open(load_settings().runs_dir, run.id)


def run_called(name: str) -> str:
    """The identifier of the run with this name."""
    return next(run.id for run in list_runs(load_settings()) if run.name == name)


def form_beside_runs(open_app: Callable[..., AppTest]) -> AppTest:
    """The form at the preset Tiny, which `make_run` uses; all runs have saved weights."""
    for run in list_runs(load_settings()):
        folder_of(run).model_path.write_bytes(b"weights")
    app = open_app("train", run="new")
    app.button(key="preset_tiny").click().run()
    assert not app.exception
    return app


def submitted(app: AppTest) -> RunFolder:
    """Presses Train: the one run that waits then."""
    app.button(key="train_button").click().run()
    (run,) = (run for run in list_runs(load_settings()) if run.state == "queued")
    return folder_of(run)
