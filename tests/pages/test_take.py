"""The page Take home: what is offered, and what is said of what cannot be taken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict

import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.atomic_files import write_json
from fmnist_core.exchange.exporting.checking import Check
from fmnist_core.exchange.exporting.formats import FORMATS
from fmnist_core.exchange.exporting.job import ExportState, export_folder, made_of
from fmnist_core.exchange.exporting.subject import subject_of
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import load_settings
from tests.pages.reading import words

Open = Callable[..., AppTest]
MakeRun = Callable[..., RunFolder]


def tell(run: RunFolder, kind: str, state: ExportState, file: str = "") -> None:
    """As the process that makes a file tells of it."""
    folder = export_folder(subject_of(run.id, load_settings()), FORMATS[kind], load_settings())
    folder.mkdir(parents=True)
    if file:
        (folder / file).write_bytes(b"a network")
    write_json(folder / "state.json", asdict(state) | {"path": file or None})


@pytest.fixture
def run(make_run: MakeRun) -> RunFolder:
    made = make_run("Mine")
    made.model_path.write_bytes(b"a network")
    return made


def test_without_runs_the_shipped_network_is_offered_in_every_format(open_app: Open) -> None:
    app = open_app("take")
    assert not app.exception
    assert [button.label for button in app.button].count("Make it") == len(FORMATS)
    assert app.query_params["run"] == "shipped"


def test_a_checked_file_shows_what_it_costs(open_app: Open, run: RunFolder) -> None:
    subject = subject_of(run.id, load_settings())
    check = Check(10_000, 9_977, 0.18, 0.9525, 0.9526, 1.25, 0.4)
    state = ExportState("done", 1.0, size=722_328, check=check, made_of=made_of(subject))
    tell(run, "tflite-int8", state, f"{run.id}-int8.tflite")
    app = open_app("take", run=run.id)
    assert not app.exception
    said = words(app)
    assert "9\u202f977 of 10\u202f000 test images named as before, 95.25 % right" in said
    assert "What each costs" in said


def test_a_failure_is_a_sentence_and_can_be_tried_again(open_app: Open, run: RunFolder) -> None:
    tell(run, "onnx", ExportState("failed", rule="It <b>cannot</b> be.", advice="Try keras."))
    app = open_app("take", run=run.id)
    assert "Try keras" in words(app)
    assert [button.label for button in app.button].count("Make it") == len(FORMATS)


def test_an_export_that_ended_without_a_word_is_told(open_app: Open, run: RunFolder) -> None:
    tell(run, "onnx", ExportState("running", 0.4, "asking the file"))
    assert "ended without a word" in words(open_app("take", run=run.id))


def test_a_file_made_from_other_weights_is_offered_anew(open_app: Open, run: RunFolder) -> None:
    state = ExportState("done", 1.0, size=9, made_of="of another network")
    tell(run, "script", state, f"{run.id}.py")
    app = open_app("take", run=run.id)
    assert [button.label for button in app.button].count("Make it") == len(FORMATS)


def test_a_run_in_the_address_without_a_network_is_told(open_app: Open, make_run: MakeRun) -> None:
    run = make_run("Going on", state="running", judged=False)
    app = open_app("take", run=run.id)
    assert "no network to take home" in words(app)
    assert not app.exception
