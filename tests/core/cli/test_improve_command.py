"""`improve`: offers, what was tried, a remedy tried here, and looks at the test figure."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from fmnist_core.cli.main import main
from fmnist_core.datasets.array_cache import save_arrays
from fmnist_core.datasets.synthetic import synthetic_folder
from fmnist_core.remedies import Pair, Tried, note_tried, reveal_count, tried_from
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.library import list_runs
from fmnist_core.settings import load_settings
from tests.core.cli.conftest import lab
from tests.core.remedies.conftest import make_run, settings

__all__ = ["make_run", "settings"]
SHIRTS = Pair(6, 0)
CELL = ["--true", "Shirt", "--predicted", "t-shirt"]


def tried(base: RunFolder, after: RunFolder, remedy: str = "weight") -> None:
    note_tried(base, Tried(SHIRTS, remedy, remedy, False, after.id))


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    """What the command says: its lines, or with `--json` its last one, read."""

    def told(*arguments: str, status: int = 0) -> Any:
        assert main(["improve", *arguments]) == status
        captured = capsys.readouterr()
        if status:
            assert not captured.out
            return captured.err
        return json.loads(captured.out.splitlines()[-1]) if "--json" in arguments else captured.out

    return told


def test_remedies_are_offered_with_their_time_or_their_obstacle(make_run, told):
    base = make_run()
    said = told(base.id, *CELL)
    assert "Remedies for Shirt and T-shirt/top" in said
    assert "about 02:40" in said
    assert "No label issue is marked" in said
    assert "No remedy tried yet" in said
    offered = {one["name"]: one for one in told("latest", *CELL, "--json")["remedies"]}
    assert set(offered) == {"weight", "augmentation", "suspects", "longer", "larger"}
    assert offered["longer"]["seconds"] == pytest.approx(160)
    going_on = told(base.id, "--true", "6", "--predicted", "0", "--going-on", "--json")
    assert "fine-tuning" in [one["name"] for one in going_on["remedies"]]


def test_the_choice_is_made_by_images_held_back(make_run, told):
    base, better, worse = make_run(0.8), make_run(0.2), make_run(0.9)
    tried(base, better)
    tried(base, worse, "longer")
    tried(base, RunFolder(base.path.parent / "gone"), "larger")
    found = told(base.id, *CELL, "--json")
    assert found["choice"] == better.id
    changes = {one["run_id"]: one for one in found["tried"]}
    assert changes[better.id]["changes"][0]["verdict"] == "better"
    assert changes[worse.id]["changes"][0]["after"] == pytest.approx(0.9, abs=0.02)
    assert "gone" in changes["gone"]["problem"]
    assert found["test"] is None
    assert reveal_count(better) == 0
    said = told(base.id, *CELL)
    assert f"Selected by validation accuracy: {better.id}" in said
    assert "All images" in said


def test_a_look_at_the_test_figure_is_counted(make_run, told):
    base, better = make_run(0.8), make_run(0.2)
    tried(base, better)
    first = told(base.id, *CELL, "--test", "--json")["test"]
    assert (first["run_id"], first["looks"]) == (better.id, 1)
    assert first["images"] == 200
    assert "shown 2 times" in told(base.id, *CELL, "--test")
    assert reveal_count(better, SHIRTS) == 2


def test_where_none_helps_the_network_stays_and_nothing_is_looked_at(make_run, told):
    base, worse = make_run(0.2), make_run(0.8)
    tried(base, worse)
    assert "the original network" in told(base.id, *CELL)
    assert "No remedy was selected" in told(base.id, *CELL, "--test", status=1)
    assert reveal_count(worse) == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--true", "Hat", "--predicted", "0"], "0 to 9"),
        (["--true", "other", "--predicted", "0"], "0 to 9"),
        (["--true", "6", "--predicted", "shirt"], "two different classes"),
        ([*CELL, "--remedy", "prayer"], "There are: weight"),
        ([*CELL, "--remedy", "fine-tuning"], "There are: weight"),
        ([*CELL, "--remedy", "suspects"], "marked for exclusion"),
    ],
)
def test_what_cannot_be_improved_is_refused_in_a_sentence(make_run, told, arguments, said):
    base = make_run()
    assert said in told(base.id, *arguments, status=1)
    assert not tried_from(base)


def test_a_run_that_held_nothing_back_is_refused(make_run, told):
    base = make_run(0.5, "validation_share=0", "keep_weights=last")
    assert "no validation images" in told(base.id, *CELL, status=1)


def test_what_was_trained_already_is_not_trained_again(make_run, told):
    heavier = ("class_weights.labels=[0, 6]", "class_weights.factor=2")
    base, equal = make_run(0.8), make_run(0.2, *heavier)
    found = told(base.id, *CELL, "--remedy", "weight", "--json")
    assert found["after"] == equal.id
    assert found["tried"][0]["changes"][0]["verdict"] == "better"
    assert len(list_runs(load_settings())) == 2


@pytest.mark.training
def test_a_remedy_is_tried_here_and_its_change_told(home, garments):
    save_arrays(synthetic_folder(load_settings()), garments)
    small = ["--set", "dataset=synthetic-garments", "--set", "validation_share=0.5"]
    first = lab("train", "--preset", "quick", *small, "--epochs", "1", "--name", "base")
    assert first.returncode == 0, first.stderr
    done = lab("improve", "base", *CELL, "--remedy", "weight", "--going-on", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    runs = load_settings().runs_dir
    base, after = (RunFolder.open(runs, found[key]) for key in ("run_id", "after"))
    assert after.config.training.initial_weights == base.id
    assert after.config.training.class_weights.labels == (0, 6)
    assert after.status.state == "finished"
    assert [one.run_id for one in tried_from(base)] == [after.id]
    names = [one["name"] for one in found["tried"][0]["changes"]]
    mixed_up = ["true Shirt, predicted T-shirt/top", "Shirt and T-shirt/top confused"]
    assert names[:3] == [*mixed_up, "All images"]
    assert found["tried"][0]["images"] == 300
