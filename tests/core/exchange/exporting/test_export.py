"""What leaves the lab: files that answer as the network did, and say who they are."""

import errno
import json
import os
import shutil
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fmnist_core.atomic_files import write_json
from fmnist_core.background_job import JobState
from fmnist_core.cli.main import main
from fmnist_core.config import RunConfig, override
from fmnist_core.datasets.array_cache import save_arrays
from fmnist_core.datasets.dataset import Dataset
from fmnist_core.datasets.synthetic import synthetic_folder
from fmnist_core.engine.deletion import delete_run
from fmnist_core.errors import ExportError, RunError, StorageError
from fmnist_core.exchange.exporting.checking import Check, check_agreement
from fmnist_core.exchange.exporting.exporting import Exported, export
from fmnist_core.exchange.exporting.formats import FORMATS, Format
from fmnist_core.exchange.exporting.job import begin_export, export_state, stop_export
from fmnist_core.exchange.exporting.subject import KEY, Subject, subject_of
from fmnist_core.models.calibration import Calibration
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import Settings, load_settings
from tests.conftest import wait_for

pytestmark = pytest.mark.training
NETWORKS = ("keras", "tflite", "tflite-dynamic", "tflite-int8", "onnx")


@pytest.fixture
def subject(home: Path, garments: Dataset, trained_run: RunFolder) -> Subject:
    save_arrays(synthetic_folder(load_settings()), garments)
    folder = RunFolder(home / "runs" / trained_run.id)
    shutil.copytree(trained_run.path, folder.path)
    folder.describe(name='A "name" <b>of</b> mine | 1')
    return subject_of(folder.id, load_settings())


def read_stamp(path: Path, kind: str) -> dict[str, Any]:
    """What an exported file says about its network."""
    if kind == "keras":
        with zipfile.ZipFile(path) as archive:
            return json.loads(archive.read("metadata.json"))[KEY]
    if kind == "onnx":
        import onnx

        properties = onnx.load(str(path)).metadata_props
        return json.loads(next(each.value for each in properties if each.key == KEY))
    from tensorflow.lite.tools import flatbuffer_utils

    model = flatbuffer_utils.read_model(str(path))
    (entry,) = (each for each in model.metadata if each.name in (KEY, KEY.encode()))
    return json.loads(bytes(model.buffers[entry.buffer].data))


@pytest.mark.parametrize("kind", NETWORKS)
def test_a_file_answers_as_its_network_and_says_who_it_is(kind, subject, tmp_path, garments):
    found = export(subject, FORMATS[kind], tmp_path / "out", load_settings())
    check = found.check
    assert check.images == len(garments.test)
    if kind in ("keras", "tflite", "onnx"):
        # Of 200 images one may be so close that the last digit decides.
        assert check.labels_equal >= check.images - 1
        assert check.max_probability_difference < 1e-4
        assert check.accuracy == pytest.approx(check.accuracy_before, abs=0.0051)
    else:
        assert check.accuracy == pytest.approx(check.accuracy_before, abs=0.05)
    words = read_stamp(found.path, kind)
    assert words["network_sha256"] == subject.sha256
    assert words["classes"][9] == "Ankle boot"
    card = (found.path.parent / "model-card.md").read_text()
    assert subject.sha256 in card
    assert "<b>" not in card


@pytest.fixture
def eleven(subject: Subject) -> Subject:
    """A network with an output for other clothing, which it finds in all that it sees."""
    from fmnist_core.models.build import build_model

    folder = subject.folder
    config = override(folder.config, ["model.other_clothing=true"])
    write_json(folder.path / "config.json", config.to_json())
    build_model(config.model, seed=1).save(folder.model_path)
    always = Calibration(other_clothing_threshold=0.0, images=1, source="test")
    write_json(folder.calibration_path, always.to_json())
    return subject_of(folder.id, load_settings())


@pytest.mark.parametrize("kind", ["keras", "tflite", "onnx"])
def test_the_output_for_other_clothing_is_in_the_file_and_on_its_card(kind, eleven, tmp_path):
    found = export(eleven, FORMATS[kind], tmp_path / "out", load_settings())
    assert found.check.max_probability_difference < 1e-4
    words = read_stamp(found.path, kind)
    assert words["classes"][9:] == ["Ankle boot", "other clothing"]
    assert "none of the ten" in words["output"]
    assert words["other_clothing_threshold"] == 0
    assert "10 other clothing" in (found.path.parent / "model-card.md").read_text()


def test_a_page_says_that_it_is_none_of_the_ten(eleven, tmp_path):
    from py_mini_racer import MiniRacer

    found = export(eleven, FORMATS["page"], tmp_path, load_settings())
    assert found.check.max_probability_difference < 1e-4
    text = found.path.read_text()
    assert "Other clothing: none of the ten classes" in text
    program = text.rpartition("<script>")[2].partition("</script>")[0]
    engine = MiniRacer()
    engine.eval(program)
    image = f"recognised({[0] * 400 + [200] * 384})"
    assert engine.eval(f"{image}.none_of_the_ten") is True
    assert engine.eval(f"{image}.probabilities.length") == 10
    assert engine.eval(f"Math.abs({image}.probabilities.reduce((a, b) => a + b) - 1) < 1e-5")


def test_such_a_network_comes_back_as_a_file_and_as_a_run(eleven, tmp_path, garments):
    from fmnist_core.exchange.importing import export_run, import_file
    from fmnist_core.training.network import load_classifier

    settings, images = load_settings(), garments.test.images[:20]
    expected = load_classifier(eleven.id, settings).answers(images)
    path = export(eleven, FORMATS["keras"], tmp_path / "out", settings).path
    taken = import_file(path, settings)
    assert RunFolder.open(settings.runs_dir, taken.run_id).config.model.outputs == 11
    found = load_classifier(taken.run_id, settings).answers(images)
    np.testing.assert_allclose(found.probabilities, expected.probabilities, atol=1e-5)
    np.testing.assert_allclose(found.other_clothing, expected.other_clothing, atol=1e-5)
    export_run(eleven.folder, tmp_path / "run.zip")
    again = import_file(tmp_path / "run.zip", settings)
    assert load_classifier(again.run_id, settings).answers(images).is_other_clothing.all()


def test_whole_numbers_go_in_and_out(subject, tmp_path):
    from ai_edge_litert.interpreter import Interpreter

    path = export(subject, FORMATS["tflite-int8"], tmp_path, load_settings()).path
    network = Interpreter(model_path=str(path))
    assert network.get_input_details()[0]["dtype"] == np.uint8
    assert network.get_output_details()[0]["dtype"] == np.uint8


def test_a_page_answers_as_the_app(subject, tmp_path, garments):
    found = export(subject, FORMATS["page"], tmp_path, load_settings())
    assert found.check.images >= 100
    assert found.check.max_probability_difference < 1e-4
    text = found.path.read_text()
    assert "&lt;b&gt;of&lt;/b&gt;" in text
    assert "http" not in text.replace("http-equiv", "")


def test_a_report_holds_what_was_measured(subject, tmp_path):
    text = export(subject, FORMATS["report"], tmp_path, load_settings()).path.read_text()
    assert "&lt;b&gt;of&lt;/b&gt;" in text
    assert "<svg" in text
    assert "Ankle boot" in text
    assert text.count("data:image/png") > 3
    assert "<script" not in text


def test_the_last_line_is_for_machines(subject, tmp_path, capsys):
    command = ["export", subject.id, "--format", "keras", "--out", str(tmp_path), "--json"]
    assert main(command) == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert told.keys() == {
        *("file", "bytes", "images", "labels_equal", "max_probability_difference", "accuracy")
    }
    assert Path(told["file"]).stat().st_size == told["bytes"]
    assert main(["export", subject.id, "--format", "report", "--out", str(tmp_path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["images"] is None


@pytest.mark.parametrize(
    ("state", "rule"),
    [("running", "when it has ended"), ("failed", "failed run cannot be exported")],
)
def test_a_run_that_is_not_done_is_refused(state, rule, subject):
    subject.folder.change_status(state=state)
    with pytest.raises(RunError, match=rule):
        subject_of(subject.id, load_settings())


def test_a_run_without_a_network_is_refused(home):
    folder = RunFolder.create(load_settings().runs_dir, RunConfig())
    folder.change_status(state="stopped")
    with pytest.raises(RunError, match="saved no network"):
        subject_of(folder.id, load_settings())


def test_a_file_that_answers_otherwise_is_not_handed_out():
    good = Check(10_000, 9_999, 1e-4, 0.9, 0.9, 1.0, 0.1)
    check_agreement(good, "ONNX")
    for bad in (
        Check(10_000, 9_998, 1e-6, 0.9, 0.9, 1.0, 0.1),
        Check(10_000, 10_000, 2e-4, 0.9, 0.9, 1.0, 0.1),
    ):
        with pytest.raises(ExportError, match="does not answer as the network"):
            check_agreement(bad, "ONNX")


def test_no_place_to_write_is_a_sentence_and_leaves_nothing(subject, tmp_path):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(StorageError, match="disk does not take"):
        export(subject, FORMATS["keras"], tmp_path / "file" / "out", load_settings())


def test_a_full_disk_is_a_sentence_and_what_was_there_stays(subject, tmp_path, monkeypatch):
    before = export(subject, FORMATS["report"], tmp_path, load_settings()).path.read_bytes()

    def full(path: Path, target: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(target))

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(StorageError, match="No space left"):
        export(subject, FORMATS["report"], tmp_path, load_settings())
    (there,) = tmp_path.glob("*.html")
    assert there.read_bytes() == before
    assert not list(tmp_path.glob(".part-*"))


def test_the_card_of_something_else_stays(subject, tmp_path):
    (tmp_path / "model-card.md").write_text("# Mine")
    found = export(subject, FORMATS["report"], tmp_path, load_settings())
    assert (tmp_path / "model-card.md").read_text() == "# Mine"
    assert found.path.name in (tmp_path / f"{subject.id}-model-card.md").read_text()


def ended(subject: Subject, wanted: Format) -> JobState[Exported]:
    def over() -> JobState[Exported] | None:
        state = export_state(subject, wanted, load_settings())
        return None if state.running else state

    return wait_for(over, 180, "the end of the export")


def test_a_job_tells_how_far_it_is_and_is_done(subject):
    settings: Settings = load_settings()
    wanted = FORMATS["report"]
    before = export_state(subject, wanted, settings)
    assert (before.running, before.result, before.error) == (False, None, None)
    begin_export(subject, wanted, settings)
    found = ended(subject, wanted).result
    assert found.path.stat().st_size == found.size


def test_a_job_that_is_stopped_ends_and_can_be_begun_again(subject):
    wanted, settings = FORMATS["onnx"], load_settings()
    begin_export(subject, wanted, settings)
    stop_export(subject, wanted, settings)
    stopped = ended(subject, wanted)
    assert (stopped.result, stopped.error) == (None, None)
    begin_export(subject, wanted, settings)
    assert ended(subject, wanted).result is not None
    delete_run(subject.id, settings)
    assert not list((settings.home / "exports").glob("*/"))
