"""Training on what a person collected."""

from pathlib import Path

import numpy as np
import pytest

from fmnist_core.collection import CollectionStore
from fmnist_core.config import RunConfig, override
from fmnist_core.data.dataset import Dataset
from fmnist_core.durable import write_bytes, write_json
from fmnist_core.engine import client
from fmnist_core.errors import CollectionError
from fmnist_core.presets import preset
from fmnist_core.runs.events import read_events
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.library import list_runs
from fmnist_core.settings import Settings, load_settings
from fmnist_core.training import train
from fmnist_core.training.own_items import RECEIVED, own_items, packed_path

SQUARE = [[[20, 230, 230, 20, 20], [40, 40, 210, 210, 40]]]


def small(*changes: str) -> RunConfig:
    base = ["dataset=synthetic-garments", "batch_size=20", "epochs=1", "schedule=constant"]
    slim = ["model.blocks.0.filters=6", "model.blocks.1.filters=8", "dense=[16]"]
    return override(preset("quick").config, [*base, *slim, *changes])


@pytest.fixture
def settings(home: Path) -> Settings:
    return load_settings()


@pytest.fixture
def store(settings: Settings) -> CollectionStore:
    """Bags drawn as squares, in a collection called `bags`."""
    store = CollectionStore(settings)
    for corner in range(4):
        store.add_strokes("bags", [*SQUARE, [[corner, 90], [9, 30]]], 8)
    return store


@pytest.mark.training
def test_a_run_learns_from_collections_and_says_from_which(
    store: CollectionStore, tmp_path: Path, garments: Dataset
) -> None:
    config = small('collections=["bags"]', "collection_share=0.2")
    train(config, tmp_path / "run", data=garments)
    folder = RunFolder(tmp_path / "run")
    assert folder.provenance["collections"] == {"bags": store.fingerprint("bags")}
    events = read_events(folder.events_path)[0]
    start = next(event for event in events if event["kind"] == "start")
    assert start["train_images"] == pytest.approx(540 * 1.2, abs=4)


@pytest.mark.training
def test_a_collection_that_vanished_ends_the_training_with_its_name(
    store: CollectionStore, tmp_path: Path, garments: Dataset
) -> None:
    store.delete("bags")
    with pytest.raises(CollectionError, match="bags"):
        train(small('collections=["bags"]'), tmp_path / "run", data=garments)
    assert "bags" in RunFolder(tmp_path / "run").status.error


def test_what_is_missing_or_empty_is_refused_before_anything_is_set_up(
    store: CollectionStore, settings: Settings
) -> None:
    store.create("empty")
    with pytest.raises(CollectionError, match="nobody"):
        client.submit(small('collections=["bags", "nobody"]'), settings=settings)
    with pytest.raises(CollectionError, match="must not be empty"):
        client.submit(small('collections=["empty"]'), settings=settings)
    assert list_runs(settings) == []


def test_a_machine_that_was_sent_a_collection_does_not_take_its_own(
    store: CollectionStore, settings: Settings, tmp_path: Path
) -> None:
    config = small('collections=["bags"]')
    folder = RunFolder.at(tmp_path / "run", config)
    packed = store.pack("bags")
    write_bytes(packed_path(packed.fingerprint, settings), packed.content)
    write_json(folder.path / RECEIVED, {"bags": packed.fingerprint})
    store.add_picture("bags", np.zeros((9, 9, 3), np.uint8), 0)
    found = own_items(folder, config.training, settings)
    assert found.fingerprints == {"bags": packed.fingerprint}
    assert (len(found.items[0].pictures), len(found.items[0].strokes)) == (0, 4)
