"""Training on from weights that are there already."""

import numpy as np
import pytest

from fmnist_core.cli.main import main
from fmnist_core.datasets.array_cache import save_arrays
from fmnist_core.datasets.synthetic import synthetic_folder
from fmnist_core.engine import client
from fmnist_core.errors import ConfigError, TrainingError
from fmnist_core.runs.events import read_events
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.library import list_runs
from fmnist_core.settings import load_settings
from fmnist_core.training.initial_weights import check_initial_weights
from tests.nets import SMALL, figures, small, train

pytestmark = pytest.mark.training


def test_it_begins_at_the_accuracy_of_the_run_it_starts_from(taught, tmp_path, garments):
    # Steps too small to change a weight. The statistics of batch normalisation still go on with the
    # images, which may turn a few of the 60 answers: the bound leaves room for six.
    still = ["epochs=1", "learning_rate=1e-7"]
    best = taught.status.best_validation_accuracy
    train(small(*still, f"initial_weights={taught.id}"), tmp_path / "on", data=garments)
    train(small(*still), tmp_path / "anew", data=garments)
    assert best > 0.4
    assert figures(tmp_path / "on", "val_accuracy") == [pytest.approx(best, abs=0.1)]
    assert figures(tmp_path / "anew", "val_accuracy")[0] < 0.3


def test_a_resumed_run_goes_on_from_its_own_weights(taught, tmp_path, garments):
    config = small("epochs=2", f"initial_weights={taught.id}")
    folder = RunFolder.at(tmp_path / "halved", config)
    folder.control.change(stop=True)
    assert train(config, folder.path, data=garments).status == "stopped"
    folder.control.change(stop=False)
    folder.initial_path.write_bytes(b"nobody reads this again")
    assert train(config, folder.path, data=garments).status == "finished"
    assert figures(folder.path, "val_accuracy")[0] > 0.5


def test_a_damaged_copy_is_no_reason_for_random_weights(taught, tmp_path, garments):
    config = small("epochs=1", f"initial_weights={taught.id}")
    folder = RunFolder.at(tmp_path / "damaged", config)
    folder.begin_with(b"PK")
    with pytest.raises(TrainingError, match=r"initial\.keras cannot be read"):
        train(config, folder.path, data=garments)


def test_dropout_may_differ_and_all_is_taken_over(taught):
    found = check_initial_weights(
        small("head_dropout=0.5", f"initial_weights={taught.id}"), load_settings()
    )
    assert found.whole


def test_of_another_network_only_the_layers_that_fit_are_taken_over(taught, tmp_path, garments):
    from fmnist_core.models.build import load_model

    config = small("dense=[17]", "epochs=1", "learning_rate=1e-7", f"initial_weights={taught.id}")
    train(config, tmp_path / "partly", data=garments)
    given, own = (load_model(path / "model.keras") for path in (taught.path, tmp_path / "partly"))
    for name in ("block1_conv1", "block2_conv1"):
        taken, kernel = given.get_layer(name).kernel, own.get_layer(name).kernel
        np.testing.assert_allclose(np.asarray(taken), np.asarray(kernel), atol=1e-4)
    said = " ".join(
        event.get("text", "") for event in read_events(tmp_path / "partly/events.jsonl")[0]
    )
    assert f"4 of 6 layers of {taught.id}: block1_conv1, block1_conv1_norm" in said
    assert "Random weights: dense1, answer." in said


@pytest.mark.parametrize(
    "slim",
    [
        ["model.blocks.0.filters=5", "model.blocks.1.filters=7", "dense=[17]"],
        # Its dense layers have the same shapes, and would read what they never learned to.
        ["model.blocks.0.filters=5"],
    ],
)
def test_where_the_first_layer_does_not_fit_it_is_refused(taught, slim):
    with pytest.raises(ConfigError, match="must match at least one layer"):
        check_initial_weights(small(*slim, f"initial_weights={taught.id}"), load_settings())


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("nobody", "no such run"),
        ("../taught", "no such run"),
        # No network of the lab's own is so small, not even the shipped one.
        ("shipped", "must match at least one layer"),
        ("EMPTY", "EMPTY, which has saved none yet"),
    ],
)
def test_what_is_not_there_is_refused_before_anything_is_set_up(home, source, said):
    settings = load_settings()
    empty = RunFolder.create(settings.runs_dir, small())
    with pytest.raises(ConfigError, match=said.replace("EMPTY", empty.id)):
        client.submit(
            small(f"initial_weights={source.replace('EMPTY', empty.id)}"), settings=settings
        )
    assert [run.id for run in list_runs(settings)] == [empty.id]


def test_the_command_line_takes_a_runs_name(taught, garments, capsys):
    save_arrays(synthetic_folder(load_settings()), garments)
    changes = [part for one in SMALL for part in ("--set", one)]
    named = ["--set", "initial_weights=taught", "--set", "teacher=taught"]
    assert main(["train", *changes, *named]) == 0
    newest = RunFolder.open(load_settings().runs_dir, list_runs(load_settings())[0].id)
    training = newest.config.training
    assert (training.initial_weights, training.distillation.teacher) == (taught.id, taught.id)
    for path in (newest.initial_path, newest.teacher_path):
        assert path.read_bytes() == taught.model_path.read_bytes()
    assert figures(newest.path, "val_accuracy")[0] > 0.5
    for option in ("initial_weights", "teacher"):
        assert main(["train", *changes, "--set", f"{option}=nobody"]) == 1
        assert "There is no such run" in capsys.readouterr().err
