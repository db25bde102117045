"""Results of a class as a file for spreadsheets, and reports of the best runs."""

import csv
import io
import zipfile

import pytest

from fmnist_core.atomic_files import write_bytes, write_json
from fmnist_core.background_job import JobState
from fmnist_core.classwork import results as module
from fmnist_core.classwork.results import make_reports, results, results_csv
from fmnist_core.errors import ExportError, NotAllowedError
from fmnist_core.exchange.exporting.exporting import Exported
from fmnist_core.permissions import set_actor
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import load_settings
from tests.conftest import act_as
from tests.nets import PLAIN


def ended(person, accuracy):
    """A run of theirs with this best validation accuracy."""
    act_as(person)
    folder = RunFolder.create(load_settings().runs_dir, PLAIN, name="=1+1")
    folder.change_status(state="finished", epoch=2, seconds=90.0, best_validation_accuracy=accuracy)
    write_json(folder.evaluation_path, {})
    set_actor(lambda: None)
    return folder


def test_each_student_has_a_row_that_is_no_formula(home, classroom, ada):
    cheeky = classroom.join(classroom.code, '=HYPERLINK("x")')
    ended(ada, 0.7)
    ended(ada, 0.8)
    ended(cheeky, 0.6)
    write_json(home / "lessons" / "answers" / f"{ada.id}-a.json", {"0": {}, "2": {}, "at": 2})
    text = results_csv(load_settings()).decode("utf-8-sig")
    first, second = csv.DictReader(io.StringIO(text))
    assert (first["student"], first["runs"], first["lesson steps answered"]) == ("Ada", "2", "2")
    assert first["validation accuracy of the best run"] == "0.8000"
    assert (first["training minutes of all runs"], first["data set"]) == ("3.0", "fashion-mnist")
    assert int(first["validation images"]) == 6000
    assert second["student"] == '\'=HYPERLINK("x")'
    assert second["best run (by validation accuracy)"] == "'=1+1"


def test_results_are_the_teacher_s(classroom, ada):
    act_as(ada)
    for deed in (results, results_csv, make_reports, module.reports_state, module.stop_reports):
        with pytest.raises(NotAllowedError):
            deed(load_settings())


def test_the_zip_has_a_report_each_or_says_why_not(home, classroom, ada, monkeypatch, tmp_path):
    bob = classroom.join(classroom.code, "B/o:b")
    runs = {ended(ada, 0.8).id: "fine", ended(bob, 0.6).id: "broken"}
    made = tmp_path / "report.html"
    write_bytes(made, b"<p>fine</p>")

    def state(subject, *_):
        if runs[subject] == "broken":
            return JobState(error=ExportError("The export failed."))
        return JobState(result=Exported(made, 11, None))

    monkeypatch.setattr(module, "subject_of", lambda run_id, _: run_id)
    monkeypatch.setattr(module, "begin_export", lambda *_: None)
    monkeypatch.setattr(module, "export_state", state)
    found = results(load_settings())
    content = module._reports(found, load_settings(), lambda *_: None)
    archive = zipfile.ZipFile(io.BytesIO(content))
    assert archive.namelist() == ["Ada.html", "B_o_b.txt"]
    assert archive.read("Ada.html") == b"<p>fine</p>"
