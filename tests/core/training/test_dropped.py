"""Training images that a run leaves out, because people ticked them."""

import pytest

from fmnist_core.config import RunConfig
from fmnist_core.datasets.array_cache import save_arrays
from fmnist_core.datasets.dataset import Dataset
from fmnist_core.datasets.label_issues import LabelIssueStore
from fmnist_core.datasets.synthetic import synthetic_folder
from fmnist_core.engine import client
from fmnist_core.errors import DataError, TrainingError
from fmnist_core.evaluation import load_validation_predictions
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.library import list_runs
from fmnist_core.settings import Settings
from fmnist_core.training.excluded_samples import KEPT, store_excluded
from fmnist_core.training.splits import split_dataset, split_indices
from tests import nets
from tests.nets import crash, events, train


def tiny(*changes: str) -> RunConfig:
    return nets.tiny("batch_size=20", "epochs=1", "exclude_label_issues=true", *changes)


@pytest.fixture
def learned(garments: Dataset) -> list[int]:
    """Thirty images that a run learns from."""
    return split_indices(garments.train.labels, tiny().training)[0][::18].tolist()


@pytest.fixture
def ticked(settings: Settings, garments: Dataset, learned: list[int]) -> list[int]:
    LabelIssueStore(settings).tick(garments.identity.fingerprint, (), learned)
    return learned


def shown(folder: RunFolder) -> list[int]:
    return [event["train_images"] for event in events(folder.path, "start")]


@pytest.mark.training
def test_a_run_leaves_them_out_and_says_how_many(ticked, tmp_path, garments):
    train(tiny(), tmp_path / "run", data=garments)
    folder = RunFolder(tmp_path / "run")
    assert shown(folder) == [540 - 30]
    assert folder.provenance["dropped"]["images"] == 30


def test_images_held_back_stay(garments, settings, tmp_path):
    learn, choose = split_indices(garments.train.labels, tiny().training)
    both = [*learn[:5].tolist(), *choose[:5].tolist()]
    LabelIssueStore(settings).tick(garments.identity.fingerprint, (), both)
    folder = RunFolder.at(tmp_path / "run", tiny())
    dropped = store_excluded(folder, tiny().training, settings, garments.identity)
    parts = split_dataset(garments, tiny().training, dropped)
    assert parts.validation is not None
    assert (len(parts.train), len(parts.validation)) == (535, 60)


@pytest.mark.training
def test_a_run_goes_on_without_the_same_images(ticked, settings, tmp_path, garments):
    with pytest.raises(TrainingError):
        train(tiny("epochs=2"), tmp_path / "run", data=garments, callbacks=[crash(1)])
    LabelIssueStore(settings).clear(garments.identity.fingerprint)
    train(tiny("epochs=2"), tmp_path / "run", data=garments)
    assert shown(RunFolder(tmp_path / "run")) == [510, 510]


def test_nothing_ticked_is_refused_before_anything_is_set_up(settings, garments):
    with pytest.raises(DataError, match=r"No label issue is marked.*not on this machine"):
        client.submit(tiny(), settings=settings)
    save_arrays(synthetic_folder(settings), garments)
    with pytest.raises(
        DataError, match=r"No label issue is marked.*Exclude some of the label issues"
    ):
        client.submit(tiny(), settings=settings)
    assert list_runs(settings) == []


def test_what_was_ticked_in_other_images_is_refused(ticked, settings, tmp_path, garments):
    folder = RunFolder.at(tmp_path / "run", tiny())
    store_excluded(folder, tiny().training, settings, garments.identity)
    text = (folder.path / KEPT).read_text()
    fingerprint = garments.identity.fingerprint
    (folder.path / KEPT).write_text(text.replace(fingerprint, "0" * 64))
    with pytest.raises(DataError, match="another data set"):
        store_excluded(folder, tiny().training, settings, garments.identity)


@pytest.mark.parametrize("text", ["", "[]", '{"fingerprint": "a", "indices": ["x"]}'])
def test_a_damaged_list_is_named(ticked, settings, tmp_path, garments, text):
    folder = RunFolder.at(tmp_path / "run", tiny())
    (folder.path / KEPT).write_text(text)
    with pytest.raises(DataError, match=r"dropped\.json is damaged"):
        store_excluded(folder, tiny().training, settings, garments.identity)


def test_a_class_without_an_image_left_is_refused(settings, tmp_path, garments):
    learn, _ = split_indices(garments.train.labels, tiny().training)
    shirts = learn[garments.train.labels[learn] == 6].tolist()
    LabelIssueStore(settings).tick(garments.identity.fingerprint, (), shirts)
    folder = RunFolder.at(tmp_path / "run", tiny())
    dropped = store_excluded(folder, tiny().training, settings, garments.identity)
    with pytest.raises(DataError, match=r"Every class needs a training image.*Exclude fewer"):
        split_dataset(garments, tiny().training, dropped)


@pytest.mark.training
def test_what_a_run_says_about_images_held_back_is_stored(tmp_path, garments):
    config = tiny("exclude_label_issues=false", "record_dynamics=false", "keep_weights=last")
    result = train(config, tmp_path / "run", data=garments)
    held = load_validation_predictions(RunFolder(tmp_path / "run"))
    expected = split_indices(garments.train.labels, config.training)[1]
    assert held.indices.tolist() == expected.tolist()
    assert held.fingerprint == garments.identity.fingerprint
    assert (held.predictions.labels == garments.train.labels[held.indices]).all()
    assert held.predictions.right.mean() == pytest.approx(result.validation_accuracy)
