"""Training on from weights that are there already."""

from pathlib import Path

import numpy as np
import pytest

from fmnist_core.cli.main import main
from fmnist_core.config import RunConfig, override
from fmnist_core.config.presets import preset
from fmnist_core.datasets.array_cache import save_arrays
from fmnist_core.datasets.dataset import Dataset
from fmnist_core.datasets.synthetic import synthetic_folder
from fmnist_core.engine import client
from fmnist_core.errors import ConfigError, TrainingError
from fmnist_core.runs.events import read_events
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.library import list_runs
from fmnist_core.settings import Settings, load_settings
from fmnist_core.training.initial_weights import check_beginning
from tests.nets import train

pytestmark = pytest.mark.training


def small(*changes: str) -> RunConfig:
    base = ["dataset=synthetic-garments", "batch_size=20", "epochs=6", "schedule=constant"]
    slim = ["model.blocks.0.filters=6", "model.blocks.1.filters=8", "dense=[16]"]
    return override(preset("quick").config, ["precision=float32", *base, *slim, *changes])


@pytest.fixture(scope="module")
def taught(
    tmp_path_factory: pytest.TempPathFactory, garments: Dataset
) -> tuple[RunFolder, Settings]:
    """A lab with one run that has learned something."""
    settings = Settings(home=tmp_path_factory.mktemp("lab"), offline=True)
    folder = RunFolder.create(settings.runs_dir, small(), name="taught")
    train(small(), folder.path, data=garments)
    return folder, settings


@pytest.fixture
def learned(taught: tuple[RunFolder, Settings], monkeypatch: pytest.MonkeyPatch) -> RunFolder:
    folder, settings = taught
    monkeypatch.setenv("FMNIST_HOME", str(settings.home))
    return folder


def accuracies(path: Path) -> list[float]:
    events = read_events(path / "events.jsonl")[0]
    return [event["val_accuracy"] for event in events if event["kind"] == "epoch"]


def test_it_begins_at_the_accuracy_of_the_run_it_starts_from(
    learned: RunFolder, tmp_path: Path, garments: Dataset
) -> None:
    # Steps too small to change a weight. The statistics of batch normalisation still go on with the
    # images, which may turn a few of the 60 answers: the bound leaves room for six.
    still = ["epochs=1", "learning_rate=1e-7"]
    best = learned.status.best_validation_accuracy
    train(small(*still, f"initial_weights={learned.id}"), tmp_path / "on", data=garments)
    train(small(*still), tmp_path / "anew", data=garments)
    assert best > 0.4
    assert accuracies(tmp_path / "on") == [pytest.approx(best, abs=0.1)]
    assert accuracies(tmp_path / "anew")[0] < 0.3


def test_a_resumed_run_goes_on_from_its_own_weights(
    learned: RunFolder, tmp_path: Path, garments: Dataset
) -> None:
    config = small("epochs=2", f"initial_weights={learned.id}")
    folder = RunFolder.at(tmp_path / "halved", config)
    folder.control.change(stop=True)
    assert train(config, folder.path, data=garments).status == "stopped"
    folder.control.change(stop=False)
    folder.initial_path.write_bytes(b"nobody reads this again")
    assert train(config, folder.path, data=garments).status == "finished"
    assert accuracies(folder.path)[0] > 0.5


def test_a_damaged_copy_is_no_reason_for_random_weights(
    learned: RunFolder, tmp_path: Path, garments: Dataset
) -> None:
    config = small("epochs=1", f"initial_weights={learned.id}")
    folder = RunFolder.at(tmp_path / "damaged", config)
    folder.begin_with(b"PK")
    with pytest.raises(TrainingError, match=r"initial\.keras cannot be read"):
        train(config, folder.path, data=garments)


def test_dropout_may_differ_and_all_is_taken_over(learned: RunFolder) -> None:
    found = check_beginning(
        small("head_dropout=0.5", f"initial_weights={learned.id}"), load_settings()
    )
    assert found is not None
    assert found.whole


def test_of_another_network_only_the_layers_that_fit_are_taken_over(
    learned: RunFolder, tmp_path: Path, garments: Dataset
) -> None:
    from fmnist_core.models.build import load_model

    config = small("dense=[17]", "epochs=1", "learning_rate=1e-7", f"initial_weights={learned.id}")
    train(config, tmp_path / "partly", data=garments)
    given, own = (load_model(path / "model.keras") for path in (learned.path, tmp_path / "partly"))
    for name in ("block1_conv1", "block2_conv1"):
        taken, kernel = given.get_layer(name).kernel, own.get_layer(name).kernel
        np.testing.assert_allclose(np.asarray(taken), np.asarray(kernel), atol=1e-4)
    said = " ".join(
        event.get("text", "") for event in read_events(tmp_path / "partly/events.jsonl")[0]
    )
    assert f"4 of 6 layers of {learned.id}: block1_conv1, block1_conv1_norm" in said
    assert "New, with random weights: dense1, answer." in said


def test_where_nothing_fits_it_is_refused(learned: RunFolder) -> None:
    slim = ["model.blocks.0.filters=5", "model.blocks.1.filters=7", "dense=[17]"]
    with pytest.raises(ConfigError, match="No layer of the network to start from fits"):
        check_beginning(small(*slim, f"initial_weights={learned.id}"), load_settings())


@pytest.mark.parametrize("source", ["nobody", "../taught", "shipped"])
def test_what_is_not_there_is_refused_before_anything_is_set_up(home: Path, source: str) -> None:
    settings = load_settings()
    with pytest.raises(ConfigError):
        # No network of the lab's own is so small, not even the shipped one.
        client.submit(small(f"initial_weights={source}"), settings=settings)
    assert list_runs(settings) == []


def test_a_run_that_saved_nothing_is_named(home: Path) -> None:
    settings = load_settings()
    empty = RunFolder.create(settings.runs_dir, small())
    with pytest.raises(ConfigError, match=f"{empty.id}, which has saved none yet"):
        client.submit(small(f"initial_weights={empty.id}"), settings=settings)


def test_the_command_line_takes_a_runs_name(
    learned: RunFolder, garments: Dataset, capsys: pytest.CaptureFixture[str]
) -> None:
    save_arrays(synthetic_folder(load_settings()), garments)
    same = ["epochs=1", "dataset=synthetic-garments", "schedule=constant", "batch_size=20"]
    slim = ["model.blocks.0.filters=6", "model.blocks.1.filters=8", "dense=[16]"]
    changes = [part for one in [*same, *slim] for part in ("--set", one)]
    assert main(["train", *changes, "--set", "initial_weights=taught"]) == 0
    newest = RunFolder.open(load_settings().runs_dir, list_runs(load_settings())[0].id)
    assert newest.config.training.initial_weights == learned.id
    assert newest.initial_path.read_bytes() == learned.model_path.read_bytes()
    assert accuracies(newest.path)[0] > 0.5
    assert main(["train", *changes, "--set", "initial_weights=nobody"]) == 1
    assert "There is no such run" in capsys.readouterr().err
