"""Seeds one after another, where some fail or a person stops them; the training itself is told."""

import json

import pytest

from fmnist_core.cli.train import exit_status, report, train_seeds
from fmnist_core.config import RunConfig, override
from fmnist_core.errors import TrainingError
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import load_settings

CONFIG = override(RunConfig(), ["seed=3", "epochs=2"])


@pytest.fixture
def trained(garments):
    """Trains as many seeds as there are endings: an accuracy, or how else a seed ends."""

    from fmnist_core.training.report import TrainResult

    def trained(*endings: float | str):
        def begin(config: RunConfig):
            return RunFolder.create(load_settings().runs_dir, config), garments

        def train(folder: RunFolder, data: object) -> TrainResult:
            ending = endings[folder.config.training.seed - 3]
            if ending == "failed":
                raise TrainingError("The loss is not finite.", advice="Lower the rate.")
            status = ending if isinstance(ending, str) else "finished"
            accuracy = ending if isinstance(ending, float) else 0.5
            return TrainResult(folder.id, status, 2, 1.0, accuracy, accuracy - 0.01, 0.4)

        return train_seeds(CONFIG, str(len(endings)), begin, train)

    return trained


def said(results, capsys):
    report(results, as_json=True)
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def test_all_that_finish_are_summed_up(trained, capsys):
    results = trained(0.90, 0.93, 0.91)
    found = said(results, capsys)
    assert exit_status(results) == 0
    assert (found["seeds"], found["finished"]) == (3, 3)
    assert found["validation_accuracy"] == {
        "mean": pytest.approx(0.91333333),
        "standard_deviation": pytest.approx(0.015275252),
        "min": 0.90,
        "median": 0.91,
        "max": 0.93,
    }
    assert found["test_accuracy"]["max"] == pytest.approx(0.92)


def test_a_seed_that_fails_is_not_counted_and_the_next_has_its_turn(trained, capsys):
    results = trained(0.90, "failed", 0.92)
    found = said(results, capsys)
    assert exit_status(results) == 1
    assert [run["status"] for run in found["runs"]] == ["finished", "failed", "finished"]
    assert found["runs"][1]["error"] == "The loss is not finite. Lower the rate."
    assert found["runs"][1]["test_accuracy"] is None
    assert found["finished"] == 2
    assert found["validation_accuracy"]["mean"] == pytest.approx(0.91)


def test_a_person_who_stops_one_stops_the_rest(trained, capsys):
    results = trained(0.90, "stopped", 0.92)
    found = said(results, capsys)
    assert exit_status(results) == 130
    assert [run["seed"] for run in found["runs"]] == [3, 4]
    assert (found["finished"], found["validation_accuracy"]["mean"]) == (1, 0.90)
    assert found["validation_accuracy"]["standard_deviation"] is None


def test_where_none_finished_there_is_no_mean(trained, capsys):
    results = trained("failed")
    assert said(results, capsys)["test_accuracy"] is None
    assert exit_status(results) == 1


def test_people_get_a_line_a_seed_and_the_spread(trained, capsys):
    report(trained(0.90, "failed", 0.92), as_json=False)
    text = capsys.readouterr().out
    assert "failed" in text
    assert "91.00 ± 1.41%" in text
    assert "finished seeds: 2" in text
