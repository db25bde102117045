"""Training images that a run leaves out, because people ticked them."""

from __future__ import annotations

from pathlib import Path

import pytest

from fmnist_core.config import RunConfig, override
from fmnist_core.datasets.array_cache import save_arrays
from fmnist_core.datasets.dataset import Dataset
from fmnist_core.datasets.label_issues import SuspectStore
from fmnist_core.datasets.synthetic import synthetic_folder
from fmnist_core.engine import client
from fmnist_core.errors import DataError, TrainingError
from fmnist_core.evaluation import load_held_back
from fmnist_core.runs.events import read_events
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.library import list_runs
from fmnist_core.settings import Settings, load_settings
from fmnist_core.training.excluded_samples import KEPT, keep_dropped
from fmnist_core.training.splits import split_indices, split_parts
from tests.nets import PLAIN, train


def tiny(*changes: str) -> RunConfig:
    base = ["dataset=synthetic-garments", "batch_size=20", "epochs=1", "exclude_label_issues=true"]
    return override(PLAIN, [*base, *changes])


@pytest.fixture
def settings(home: Path) -> Settings:
    return load_settings()


@pytest.fixture
def learned(garments: Dataset) -> list[int]:
    """Thirty images that a run learns from."""
    return split_indices(garments.train.labels, tiny().training)[0][::18].tolist()


@pytest.fixture
def ticked(settings: Settings, garments: Dataset, learned: list[int]) -> list[int]:
    SuspectStore(settings).tick(garments.identity.fingerprint, (), learned)
    return learned


def shown(folder: RunFolder) -> list[int]:
    events = read_events(folder.events_path)[0]
    return [event["train_images"] for event in events if event["kind"] == "start"]


@pytest.mark.training
def test_a_run_leaves_them_out_and_says_how_many(
    ticked: list[int], tmp_path: Path, garments: Dataset
) -> None:
    train(tiny(), tmp_path / "run", data=garments)
    folder = RunFolder(tmp_path / "run")
    assert shown(folder) == [540 - 30]
    assert folder.provenance["dropped"]["images"] == 30


def test_images_held_back_stay(garments: Dataset, settings: Settings, tmp_path: Path) -> None:
    learn, choose = split_indices(garments.train.labels, tiny().training)
    both = [*learn[:5].tolist(), *choose[:5].tolist()]
    SuspectStore(settings).tick(garments.identity.fingerprint, (), both)
    folder = RunFolder.at(tmp_path / "run", tiny())
    dropped = keep_dropped(folder, tiny().training, settings, garments.identity)
    parts = split_parts(garments, tiny().training, dropped)
    assert parts.validation is not None
    assert (len(parts.train), len(parts.validation)) == (535, 60)


@pytest.mark.training
def test_a_run_goes_on_without_the_same_images(
    ticked: list[int], settings: Settings, tmp_path: Path, garments: Dataset
) -> None:
    import keras

    class Stumble(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch: int, logs: object = None) -> None:
            if epoch == 1:
                raise RuntimeError("power cut")

    with pytest.raises(TrainingError):
        train(tiny("epochs=2"), tmp_path / "run", data=garments, callbacks=[Stumble()])
    SuspectStore(settings).clear(garments.identity.fingerprint)
    train(tiny("epochs=2"), tmp_path / "run", data=garments)
    assert shown(RunFolder(tmp_path / "run")) == [510, 510]


def test_nothing_ticked_is_refused_before_anything_is_set_up(
    settings: Settings, garments: Dataset
) -> None:
    with pytest.raises(DataError, match=r"Nothing is ticked.*not on this machine"):
        client.submit(tiny(), settings=settings)
    save_arrays(synthetic_folder(settings), garments)
    with pytest.raises(DataError, match=r"Nothing is ticked.*Suspects"):
        client.submit(tiny(), settings=settings)
    assert list_runs(settings) == []


def test_what_was_ticked_in_other_images_is_refused(
    ticked: list[int], settings: Settings, tmp_path: Path, garments: Dataset
) -> None:
    folder = RunFolder.at(tmp_path / "run", tiny())
    keep_dropped(folder, tiny().training, settings, garments.identity)
    text = (folder.path / KEPT).read_text()
    fingerprint = garments.identity.fingerprint
    (folder.path / KEPT).write_text(text.replace(fingerprint, "0" * 64))
    with pytest.raises(DataError, match="another data set"):
        keep_dropped(folder, tiny().training, settings, garments.identity)


@pytest.mark.parametrize("text", ["", "[]", '{"fingerprint": "a", "indices": ["x"]}'])
def test_a_damaged_list_is_named(
    ticked: list[int], settings: Settings, tmp_path: Path, garments: Dataset, text: str
) -> None:
    folder = RunFolder.at(tmp_path / "run", tiny())
    (folder.path / KEPT).write_text(text)
    with pytest.raises(DataError, match=r"dropped\.json is damaged"):
        keep_dropped(folder, tiny().training, settings, garments.identity)


def test_a_class_without_an_image_left_is_refused(
    settings: Settings, tmp_path: Path, garments: Dataset
) -> None:
    learn, _ = split_indices(garments.train.labels, tiny().training)
    shirts = learn[garments.train.labels[learn] == 6].tolist()
    SuspectStore(settings).tick(garments.identity.fingerprint, (), shirts)
    folder = RunFolder.at(tmp_path / "run", tiny())
    dropped = keep_dropped(folder, tiny().training, settings, garments.identity)
    with pytest.raises(DataError, match=r"Every class needs an image.*Untick"):
        split_parts(garments, tiny().training, dropped)


@pytest.mark.training
def test_what_a_run_says_about_images_held_back_is_stored(
    tmp_path: Path, garments: Dataset
) -> None:
    config = tiny("exclude_label_issues=false", "record_dynamics=false", "keep_weights=last")
    result = train(config, tmp_path / "run", data=garments)
    held = load_held_back(RunFolder(tmp_path / "run"))
    assert held is not None
    assert (
        held.indices.tolist() == split_indices(garments.train.labels, config.training)[1].tolist()
    )
    assert held.fingerprint == garments.identity.fingerprint
    assert (held.said.labels == garments.train.labels[held.indices]).all()
    assert held.said.right.mean() == pytest.approx(result.validation_accuracy)
