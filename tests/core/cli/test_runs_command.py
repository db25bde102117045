"""`runs` and `evaluate` on the command line: words for people, JSON for machines, exit status."""

import json

import numpy as np
import pytest

from fmnist_core.cli.main import main
from fmnist_core.config import override
from fmnist_core.datasets.array_cache import save_arrays
from fmnist_core.datasets.synthetic import synthetic_folder
from fmnist_core.engine.submission import queue_of
from fmnist_core.evaluation import Evaluation, load_evaluation, store
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import load_settings
from tests.nets import PLAIN

DATA = {"name": "synthetic-garments", "official": False, "fingerprint": "0" * 64, "source": "made"}


def make(name="a run", **status):
    folder = RunFolder.create(load_settings().runs_dir, PLAIN, name=name)
    folder.change_status(**{"state": "finished", **status})
    return folder


@pytest.fixture
def judged():
    folder = make("judged", test_accuracy=0.9)
    said = np.eye(10)[[0, 1, 2, 3, 4, 5, 0, 7, 8, 9]]
    labels = np.arange(10)
    figures = Evaluation.from_probabilities(said, labels, data=DATA, weights="last", epoch=1)
    store(folder, figures, said, labels)
    return folder


def answer(capsys, *arguments):
    assert main(arguments) == 0
    return capsys.readouterr().out


def test_no_runs_is_no_failure(capsys):
    assert "No runs yet" in answer(capsys, "runs", "list")
    assert json.loads(answer(capsys, "runs", "list", "--json")) == []


def test_the_list_is_newest_first(capsys):
    old, new = make("old"), make("new", test_accuracy=0.5)
    found = json.loads(answer(capsys, "runs", "list", "--json"))
    assert [(run["id"], run["test_accuracy"]) for run in found] == [(new.id, 0.5), (old.id, None)]
    lines = answer(capsys, "runs", "list").splitlines()
    assert lines[1].startswith(new.id)
    assert "50.00%" in lines[1]


@pytest.mark.parametrize("which", ["id", "name", "latest"])
def test_a_run_is_shown_by_its_identifier_its_name_or_as_the_latest(capsys, judged, which):
    text = {"id": judged.id, "name": "judged", "latest": "latest"}[which]
    found = json.loads(answer(capsys, "runs", "show", text, "--json"))
    assert found["id"] == judged.id
    assert found["config"] == judged.config.to_json()
    assert found["evaluation"]["accuracy"] == 0.9


def test_showing_for_people(capsys, judged):
    shown = answer(capsys, "runs", "show", "latest")
    assert "true Shirt, predicted T-shirt/top: 1 of 1" in shown
    assert "training.learning_rate" in shown


def test_an_unknown_run_is_refused_in_one_line(refusal):
    assert "There is no such run" in refusal("runs", "show", "nobody")
    assert "There is no such run" in refusal("runs", "delete", "nobody", "--yes")
    assert "There is no such run" in refusal("evaluate", "nobody")


def test_a_name_that_two_runs_have_is_refused(refusal):
    runs = [make("twin"), make("twin")]
    error = refusal("runs", "delete", "twin", "--yes")
    assert all(run.id in error and run.path.exists() for run in runs)


def test_a_damaged_run_is_explained(refusal, judged):
    (judged.path / "config.json").write_text("{")
    assert "config.json" in refusal("runs", "show", judged.id)


def test_deleting_needs_a_yes(capsys, refusal, monkeypatch):
    folder = make()
    monkeypatch.setattr("sys.stdin", open("/dev/null"))  # noqa: SIM115, PTH123
    assert "--yes" in refusal("runs", "delete", folder.id)
    assert folder.path.exists()
    deleted = json.loads(answer(capsys, "runs", "delete", folder.id, "--yes", "--json"))
    assert deleted == {"deleted": [folder.id]}
    assert not folder.path.exists()


def test_nothing_is_deleted_when_one_of_several_is_unknown(refusal):
    folder = make()
    refusal("runs", "delete", folder.id, "nobody", "--yes")
    assert folder.path.exists()


def test_a_run_without_weights_cannot_be_evaluated(refusal):
    assert "saved no weights" in refusal("evaluate", make(state="failed").id)


@pytest.mark.training
def test_evaluating_again_gives_the_figures_of_the_training(capsys, garments):
    from fmnist_core.training import train

    save_arrays(synthetic_folder(load_settings()), garments)
    config = override(PLAIN, ["dataset=synthetic-garments", "epochs=1"])
    folder = RunFolder.create(load_settings().runs_dir, config)
    result = train(config, folder.path, data=garments)
    first = load_evaluation(folder)
    folder.evaluation_path.unlink()
    found = json.loads(answer(capsys, "evaluate", folder.id, "--json").splitlines()[-1])
    assert result.test_accuracy == first.accuracy
    # Of 200 images one may be so close that the last digit decides.
    assert found["accuracy"] == pytest.approx(first.accuracy, abs=0.0051)
    assert np.abs(np.subtract(found["confusion"], first.confusion)).sum() <= 2
    assert load_evaluation(folder).accuracy == found["accuracy"]
    assert "test accuracy" in answer(capsys, "evaluate", "latest")


def test_who_waits_is_told_its_place_and_one_is_put_first(capsys, engine_there):
    settings, queue = load_settings(), queue_of(load_settings())
    first, second = make("one", state="queued"), make("two", state="queued")
    for number, run in enumerate((first, second)):
        queue.add(run.id, fingerprint=run.id, submitted=float(number))
    assert "starts when the next slot is free" in answer(capsys, "runs", "first", "two")
    said = answer(capsys, "runs", "list")
    assert "two (1st in line, start" in said
    found = json.loads(answer(capsys, "runs", "list", "--json"))
    assert {run["name"]: run["position"] for run in found} == {"two": 1, "one": 2}
    assert answer(capsys, "engine", "pause-all")
    assert json.loads(answer(capsys, "engine", "status", "--json"))["held"]
    assert answer(capsys, "engine", "stop-all")
    assert {run.status.state for run in (first, second)} == {"stopped"}
    assert queue_of(settings).waiting() == []
