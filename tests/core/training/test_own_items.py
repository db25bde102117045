"""Training on what a person collected."""

import os

import numpy as np
import pytest

from fmnist_core.atomic_files import write_bytes, write_json
from fmnist_core.collections import CollectionStore, load_items
from fmnist_core.collections.loading import PackedCollections
from fmnist_core.engine import client
from fmnist_core.errors import CollectionError, TrainingError
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.library import list_runs
from fmnist_core.settings import Settings
from fmnist_core.training.extra_samples import (
    KEPT,
    ExtraSamples,
    check_collections,
    extra_samples,
    sweep_packed,
)
from fmnist_core.training.splits import split_dataset
from tests.conftest import add_strokes
from tests.nets import crash, events, small, train

SQUARE = [[[20, 230, 230, 20, 20], [40, 40, 210, 210, 40]]]
FIRST = [*SQUARE, [[0, 90], [9, 30]]]


@pytest.fixture
def store(settings: Settings) -> CollectionStore:
    """Bags drawn as squares, in a collection called `bags`."""
    store = CollectionStore(settings)
    for corner in range(4):
        add_strokes(store, "bags", [*SQUARE, [[corner, 90], [9, 30]]], 8)
    return store


@pytest.mark.training
def test_a_run_learns_from_collections_and_says_from_which(store, tmp_path, garments):
    config = small('collections=["bags"]', "collection_share=0.2")
    train(config, tmp_path / "run", data=garments)
    folder = RunFolder(tmp_path / "run")
    assert folder.provenance["collections"] == {"bags": store.fingerprint("bags")}
    (start,) = events(folder.path, "start")
    assert start["train_images"] == pytest.approx(540 * 1.2, abs=4)


@pytest.mark.training
def test_a_collection_that_vanished_ends_the_training_with_its_name(store, tmp_path, garments):
    store.delete("bags")
    with pytest.raises(CollectionError, match="bags"):
        train(small('collections=["bags"]'), tmp_path / "run", data=garments)
    assert "bags" in RunFolder(tmp_path / "run").status.error


def test_what_is_missing_or_empty_is_refused_before_anything_is_set_up(store, settings):
    store.create("empty")
    with pytest.raises(CollectionError, match="nobody"):
        client.submit(small('collections=["bags", "nobody"]'), settings=settings)
    with pytest.raises(CollectionError, match="must not be empty"):
        client.submit(small('collections=["empty"]'), settings=settings)
    assert list_runs(settings) == []


def test_what_a_run_began_with_stays_whatever_becomes_of_the_collection(store, settings, tmp_path):
    config = small('collections=["bags"]')
    folder = RunFolder.at(tmp_path / "run", config)
    before = extra_samples(folder, config, settings)
    assert before.fingerprints == {"bags": store.fingerprint("bags")}
    store.add_picture("bags", np.zeros((9, 9, 3), np.uint8), 0)
    add_strokes(store, "bags", FIRST, 3)
    assert _same(extra_samples(folder, config, settings), before)
    store.delete("bags")
    assert _same(extra_samples(folder, config, settings), before)


def _same(one: ExtraSamples, other: ExtraSamples) -> bool:
    labels = [list(own.items[0].stroke_labels) for own in (one, other)]
    return one.fingerprints == other.fingerprints and labels[0] == labels[1] == [8, 8, 8, 8]


def test_a_lost_pack_is_made_again_of_the_same_items_only(store, settings, tmp_path):
    config = small('collections=["bags"]')
    folder = RunFolder.at(tmp_path / "run", config)
    before = extra_samples(folder, config, settings)
    path = PackedCollections(settings).path(before.fingerprints["bags"])
    path.unlink()
    assert _same(extra_samples(folder, config, settings), before)
    path.write_bytes(b"damaged")
    with pytest.raises(CollectionError, match="cannot be read"):
        extra_samples(folder, config, settings)
    path.unlink()
    add_strokes(store, "bags", SQUARE, 0)
    with pytest.raises(CollectionError, match=r"not here any more.*bags"):
        extra_samples(folder, config, settings)


def test_a_damaged_item_is_named_with_its_collection(store, settings, tmp_path):
    path = store.items("bags")[0].path
    path.write_text("{}")
    config = small('collections=["bags"]')
    folder = RunFolder.at(tmp_path / "run", config)
    with pytest.raises(CollectionError, match=f"collections/bags/8/{path.name}.*train again"):
        extra_samples(folder, config, settings)


def test_what_no_run_can_ask_for_any_more_is_deleted_in_time(store, settings):
    config, packed = small('collections=["bags"]'), PackedCollections(settings)
    paths = []
    for state, label in {"finished": 1, "stopped": 2, "running": 3}.items():
        add_strokes(store, "bags", FIRST, label)
        folder = RunFolder.create(settings.runs_dir, config)
        folder.change_status(state=state)
        found = extra_samples(folder, config, settings)
        paths.append(packed.path(found.fingerprints["bags"]))
    sweep_packed(settings)
    assert [path.exists() for path in paths] == [True, True, True]
    for path in paths:
        os.utime(path, (0, 0))
    sweep_packed(settings)
    assert [path.exists() for path in paths] == [False, True, True]


@pytest.mark.training
def test_a_run_goes_on_with_the_items_it_began_with(store, tmp_path, garments):
    config, began = small('collections=["bags"]', "epochs=2"), store.fingerprint("bags")
    with pytest.raises(TrainingError):
        train(config, tmp_path / "run", data=garments, callbacks=[crash(1)])
    store.delete("bags")
    assert train(config, tmp_path / "run", data=garments).epochs == 2
    assert RunFolder(tmp_path / "run").provenance["collections"] == {"bags": began}


@pytest.mark.parametrize(
    ("label", "changes", "advice"),
    [
        (8, ["collection_share=0"], "Raise collection_share"),
        (8, ["collection_share=0", "style_augmentation.negatives=0.5"], "Raise collection_share"),
        (8, ["collection_share=0.1", "train_images=30", "validation_share=0.1"], "more images"),
        (None, ["collection_share=1"], "Raise style_augmentation.negatives"),
        (
            None,
            ["style_augmentation.negatives=0.01", "train_images=100"],
            "Raise style_augmentation.negatives",
        ),
    ],
)
def test_a_collection_without_effect_is_refused(settings, label, changes, advice):
    add_strokes(CollectionStore(settings), "some", SQUARE, label)
    with pytest.raises(CollectionError, match=f"some.*{advice}"):
        client.submit(small('collections=["some"]', *changes), settings=settings)
    assert list_runs(settings) == []


@pytest.mark.parametrize("share", ["0.11", "0.12"])
@pytest.mark.parametrize("kind", ["collection_share", "style_augmentation.negatives"])
def test_what_is_refused_is_what_an_epoch_would_not_show(settings, garments, kind, share):
    from fmnist_core.training.dataloader import epoch_loader

    store = CollectionStore(settings)
    add_strokes(store, "some", SQUARE, 8 if kind == "collection_share" else None)
    config = small('collections=["some"]', "train_images=30", f"{kind}={share}")
    parts, found = split_dataset(garments, config.training), load_items(settings, "some")
    with epoch_loader(parts.train, config.training, [found]) as loader:
        shown = loader.size > len(parts.train)
    if shown:
        check_collections(config, settings)
    else:
        with pytest.raises(CollectionError):
            check_collections(config, settings)
    assert shown == (share == "0.12")


def test_a_machine_that_was_sent_a_collection_does_not_take_its_own(store, settings, tmp_path):
    config = small('collections=["bags"]')
    folder = RunFolder.at(tmp_path / "run", config)
    packed = store.pack("bags")
    write_bytes(PackedCollections(settings).path(packed.fingerprint), packed.content)
    write_json(folder.path / KEPT, {"bags": packed.fingerprint})
    store.add_picture("bags", np.zeros((9, 9, 3), np.uint8), 0)
    found = extra_samples(folder, config, settings)
    assert found.fingerprints == {"bags": packed.fingerprint}
    assert (len(found.items[0].pictures), len(found.items[0].strokes)) == (0, 4)
