"""`sweep` on the command line: words for people, JSON for machines, exit status."""

import json

import pytest

from fmnist_core.cli.main import main
from fmnist_core.settings import load_settings
from fmnist_core.sweeps import SweepFolder, sweep_folders

BEGIN = ["sweep", "start", "--preset", "quick", "--set", "dataset=synthetic-garments", "--detach"]
VARY = ["--vary", "learning_rate=1e-4..1e-2:log", "--vary", "model.blocks.0.filters=8,16,32"]


pytestmark = pytest.mark.usefixtures("engine_there")


def begun(capsys: pytest.CaptureFixture[str], *more: str) -> dict[str, object]:
    assert main([*BEGIN, *VARY, "--json", *more]) == 0
    return dict(json.loads(capsys.readouterr().out.splitlines()[-1]))


def test_it_begins_with_what_was_asked_for(capsys):
    wishes = ["--trials", "5", "--epochs", "2", "--name", "mine", "--no-pruning", "--seed", "3"]
    told = begun(capsys, *wishes)
    begun_with = {"name": "mine", "state": "running", "total": 5, "best": None}
    assert told.items() >= begun_with.items()
    (folder,) = sweep_folders(load_settings().sweeps_dir)
    config, meta = folder.read()
    assert (config.epochs, config.pruning, config.seed, meta.name) == (2, False, 3, "mine")
    fields = [one.field for one in config.dimensions]
    assert fields == ["training.learning_rate", "model.blocks.0.filters"]


def test_it_lists_shows_and_stops(capsys):
    assert main(["sweep", "list"]) == 0
    assert "No sweeps yet" in capsys.readouterr().out
    name = str(begun(capsys, "--name", "mine")["sweep_id"])
    folder = SweepFolder(load_settings().sweeps_dir / name)
    trial = folder.note_trial(1, {"training.learning_rate": 0.004, "model.blocks.0.filters": 16})
    folder.note_end_of(trial, "refused", "It would not fit.", "Make it smaller.")
    assert main(["sweep", "list"]) == 0
    assert "1/12" in capsys.readouterr().out
    for known in (name, "mine", "latest"):
        assert main(["sweep", "show", known]) == 0
        shown = capsys.readouterr().out
        assert "learning_rate=0.004  filters=16  It would not fit." in shown
    assert main(["sweep", "stop", "mine"]) == 0
    capsys.readouterr()
    assert main(["sweep", "show", "mine", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["state"] == "stopping"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--vary", "nonsense=1,2"], "no such key"),
        (["--vary", "learning_rate=1e-2..1e-4"], "low end is below"),
        ([], "From one to 8 settings"),
        (["--vary", "batch_size=16,32", "--method", "random"], "method must be one of"),
        (["--vary", "batch_size=16,32", "--trials", "0"], "trials must be a whole number"),
        (["--vary", "batch_size=16,32", "--set", "dataset=fashion-mnist"], "not on this machine"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_begun(capsys, arguments, sentence):
    assert main([*BEGIN, *arguments]) == 1
    assert sentence in capsys.readouterr().err
    assert sweep_folders(load_settings().sweeps_dir) == []


def test_there_is_no_such_sweep(capsys):
    assert main(["sweep", "stop", "nope"]) == 1
    assert "no such sweep" in capsys.readouterr().err
