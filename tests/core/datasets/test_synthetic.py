"""Garments drawn by the lab itself."""

import logging
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fmnist_core.datasets.dataset import fingerprint_of
from fmnist_core.datasets.garments.generate import draw_garments
from fmnist_core.datasets.load import available, load_dataset
from fmnist_core.datasets.progress import DataStoppedError, Listener
from fmnist_core.datasets.synthetic import generate, load_synthetic, synthetic_folder
from fmnist_core.errors import DataError

TSHIRT, TROUSER, SANDAL, SNEAKER, BOOT = 0, 1, 5, 7, 9


@pytest.fixture
def few(monkeypatch):
    """Fewer garments, for tests of what surrounds the drawing."""
    monkeypatch.setattr(
        generate, "__kwdefaults__", {"train_count": 40, "test_count": 20, "listener": None}
    )


def test_sets_have_equal_shares_of_all_classes_in_random_order():
    dataset = generate(3, train_count=200, test_count=50)
    assert np.bincount(dataset.train.labels).tolist() == [20] * 10
    assert np.bincount(dataset.test.labels).tolist() == [5] * 10
    assert len(set(dataset.train.labels[:30].tolist())) > 5
    assert dataset.train.images.dtype == np.uint8
    identity = dataset.identity
    assert (identity.name, identity.official) == ("synthetic-garments", False)
    assert "generated" in identity.source


def test_equal_seeds_give_equal_garments_and_others_differ():
    first, again, other = (generate(s, train_count=20, test_count=10) for s in (1, 1, 2))
    assert first.identity.fingerprint == again.identity.fingerprint
    assert first.identity.fingerprint != other.identity.fingerprint
    assert first.identity.fingerprint == fingerprint_of(first.train, first.test)


def test_no_garment_is_drawn_twice():
    dataset = generate(0, train_count=250, test_count=250)
    images = np.concatenate([dataset.train.images, dataset.test.images])
    assert len(np.unique(images.reshape(500, -1), axis=0)) == 500


@pytest.mark.parametrize("label", range(10))
def test_each_class_is_a_light_shape_on_black_that_fills_the_frame(label):
    images = draw_garments(label, 50, np.random.default_rng(0))
    lit = images > 20
    assert (images[:, [0, 0, -1, -1], [0, -1, 0, -1]] == 0).mean() > 0.9
    assert 0.03 < lit.mean() < 0.75
    assert (lit.any(axis=1).sum(axis=1).mean() > 18) or (lit.any(axis=2).sum(axis=1).mean() > 18)


def test_shapes_are_those_of_the_garments():
    tshirts, trousers, sandals, sneakers, boots = (
        (draw_garments(label, 100, np.random.default_rng(0)) > 20).mean(axis=0)
        for label in (TSHIRT, TROUSER, SANDAL, SNEAKER, BOOT)
    )
    # Trousers part in the middle at the feet; a T-shirt does not.
    assert trousers[25, 14] < 0.3 < trousers[5, 14]
    assert tshirts[23, 14] > 0.9
    # A T-shirt is widest at its sleeves.
    assert (tshirts[8] > 0.5).sum() > (tshirts[20] > 0.5).sum()
    # The shaft of a boot stands on the right, the toe points left; sneakers are flat.
    assert boots[8, 19] > 0.9 > 0.1 > boots[8, 5]
    assert boots[22, 5] > 0.8
    assert sneakers[5].max() < 0.4
    # Between the straps of a sandal there is air.
    assert sandals.mean() < 0.6 * sneakers.mean()


def test_counts_that_leave_no_image_to_a_class_are_refused():
    for count in (0, 5, 15):
        with pytest.raises(DataError):
            generate(0, train_count=count)


@pytest.mark.usefixtures("few")
def test_the_second_load_comes_from_the_cache(settings):
    seen = []
    first = load_dataset("synthetic-garments", settings, seen.append)
    assert seen[-1].done == seen[-1].total == 60
    assert available(settings).synthetic_ready
    again = load_dataset("synthetic-garments", settings, lambda _: pytest.fail("drawn again"))
    assert again.identity.fingerprint == first.identity.fingerprint
    assert np.array_equal(again.train.images, first.train.images)


@pytest.mark.usefixtures("few")
def test_a_damaged_cache_is_drawn_anew(settings):
    first = load_synthetic(settings)
    path = synthetic_folder(settings) / "train_images.npy"
    path.write_bytes(path.read_bytes()[:1000])
    assert not available(settings).synthetic_ready
    assert np.array_equal(load_synthetic(settings).train.images, first.train.images)


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("home", ["/sys/fmnist-lab", "{tmp}/file"])
def test_a_disk_that_cannot_be_written_only_means_no_cache(settings, home, tmp_path, caplog):
    (tmp_path / "file").write_text("in the way")
    closed = replace(settings, home=Path(home.format(tmp=tmp_path)))
    with caplog.at_level(logging.WARNING):
        assert len(load_synthetic(closed).train) == 40
    assert "without a cache" in caplog.text


def test_drawing_can_be_stopped(settings):
    stop = threading.Event()
    listener = Listener(progress=lambda _: stop.set(), should_stop=stop)
    with pytest.raises(DataStoppedError):
        load_synthetic(settings, listener=listener)
    assert not available(settings).synthetic_ready
