"""The page Take home: what is offered, and what is said of what cannot be taken."""

from dataclasses import replace
from typing import Any

from fmnist_core.background_job import JobState
from fmnist_core.errors import ExportError
from fmnist_core.exchange.exporting.checking import Check
from fmnist_core.exchange.exporting.exporting import Exported
from fmnist_core.exchange.exporting.formats import FORMATS
from fmnist_core.exchange.exporting.job import export_folder, write_state
from fmnist_core.exchange.exporting.subject import Subject, subject_of
from fmnist_core.exchange.importing import ImportResult
from fmnist_core.settings import load_settings
from fmnist_ui.page_errors import plain
from tests.pages.reading import words


def tell(
    subject: Subject, kind: str, state: JobState[Exported], *, file: str = "", check: Any = None
) -> None:
    """As the process that makes a file tells of it."""
    folder = export_folder(subject, FORMATS[kind], load_settings())
    folder.mkdir(parents=True)
    if file:
        (folder / file).write_bytes(b"a network")
        state = replace(state, result=Exported(folder / file, 722_328, check))
    write_state(folder, subject, state)


def test_without_runs_the_shipped_network_is_offered_in_every_format(open_app):
    app = open_app("export")
    assert [button.label for button in app.button].count("Export") == len(FORMATS)
    assert app.query_params["run"] == "shipped"


def test_a_checked_file_shows_what_it_costs(open_app, saved_run):
    subject = subject_of(saved_run.id, load_settings())
    check = Check(10_000, 9_977, 0.18, 0.9525, 0.9526, 1.25, 0.4)
    file = f"{saved_run.id}-int8.tflite"
    tell(subject, "tflite-int8", JobState(), file=file, check=check)
    app = open_app("export", run=saved_run.id)
    said = words(app)
    assert "same prediction for 9,977 of 10,000 test images, accuracy 95.25%" in said
    assert "Comparison of the files" in said


def test_a_failure_is_a_sentence_and_can_be_tried_again(open_app, saved_run):
    error = ExportError("It <b>cannot</b> be.", advice="Try keras.")
    tell(subject_of(saved_run.id, load_settings()), "onnx", JobState(error=error))
    app = open_app("export", run=saved_run.id)
    assert "Try keras" in words(app)
    assert [button.label for button in app.button].count("Export") == len(FORMATS)


def test_an_export_that_ended_without_a_word_is_told(open_app, saved_run):
    state = JobState(True, 0.4, "asking the file")
    tell(subject_of(saved_run.id, load_settings()), "onnx", state)
    assert "ended unexpectedly" in words(open_app("export", run=saved_run.id))


def test_a_file_made_from_other_weights_is_offered_anew(open_app, saved_run):
    before = replace(subject_of(saved_run.id, load_settings()), sha256="of another network")
    tell(before, "script", JobState(), file=f"{saved_run.id}.py")
    app = open_app("export", run=saved_run.id)
    assert [button.label for button in app.button].count("Export") == len(FORMATS)


def test_a_run_in_the_address_without_a_network_is_told(open_app, make_run):
    run = make_run("Going on", state="running", judged=False)
    app = open_app("export", run=run.id)
    assert "nothing to show here" in words(app)


def test_an_imported_network_that_only_guesses_is_marked(open_app):
    app = open_app("export")
    app.session_state["taken_in"] = ImportResult("run", "It expects gray values 0 to 1.", "It <b>")
    app.run()
    assert "It expects gray values 0 to 1" in words(app)
    assert [warning.value for warning in app.warning] == [plain("It <b>")]
