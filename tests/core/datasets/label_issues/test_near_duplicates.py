"""Test images that are training images but for a shift are found once, and kept."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from fmnist_core.datasets import load_dataset
from fmnist_core.datasets.dataset import Dataset, ImageSet, fingerprint_of
from fmnist_core.datasets.label_issues import (
    CopyPair,
    copied_test_images,
    find_copies,
    kept_near_duplicates,
    near_duplicate_images,
    near_duplicates,
)
from fmnist_core.settings import Settings, load_settings

# Training image: test image, rows and columns by which it was moved.
COPIES = {17: (5, 1, 0), 401: (44, 0, -2), 599: (130, -1, 1)}


@pytest.fixture(scope="module")
def planted(garments: Dataset) -> Dataset:
    images = garments.train.images.copy()
    for train, (test, down, right) in COPIES.items():
        images[train] = np.roll(garments.test.images[test], (down, right), axis=(0, 1))
    train = ImageSet(images, garments.train.labels)
    identity = replace(garments.identity, fingerprint=fingerprint_of(train, garments.test))
    return Dataset(train, garments.test, identity)


def test_copies_are_found_with_their_shift(planted):
    found = {(one.train, one.test): one.shift for one in find_copies(planted.train, planted.test)}
    for train, (test, down, right) in COPIES.items():
        assert found[train, test] == (-down, -right)


def test_others_are_left_alone(garments, planted):
    before, now = copied_test_images(garments), copied_test_images(planted)
    assert set(now) - set(before) == {test for test, _, _ in COPIES.values()} - set(before)


def test_they_are_searched_for_once(planted, tmp_path, monkeypatch):
    settings = Settings(home=tmp_path)
    assert kept_near_duplicates(planted.identity.fingerprint, settings) is None
    found = near_duplicate_images(planted, settings)
    assert found.tolist() == copied_test_images(planted).tolist()
    place = "fmnist_core.datasets.label_issues.near_duplicates.find_copies"
    monkeypatch.setattr(place, lambda train, test: [])
    assert near_duplicate_images(planted, settings).tolist() == found.tolist()
    kept = kept_near_duplicates(planted.identity.fingerprint, settings)
    assert kept is not None
    assert kept.tolist() == found.tolist()
    # A damaged file is made anew.
    (path,) = settings.cache_dir.glob("near-duplicates/*.npz")
    path.write_bytes(path.read_bytes()[:50])
    assert near_duplicate_images(planted, settings).tolist() == []


def test_who_comes_while_another_searches_waits_for_what_it_finds(planted, tmp_path, monkeypatch):
    settings, searches = Settings(home=tmp_path), []

    def slowly(train: ImageSet, test: ImageSet) -> list[CopyPair]:
        searches.append(1)
        time.sleep(0.3)
        return [CopyPair(1, 7, 1, 1, (0, 0), 0, 0)]

    monkeypatch.setattr(near_duplicates, "find_copies", slowly)
    with ThreadPoolExecutor() as threads:
        both = threads.map(lambda _: near_duplicate_images(planted, settings).tolist(), range(3))
        assert list(both) == [[7]] * 3
    assert searches == [1]


def test_without_room_for_the_cache_they_are_searched_for_all_the_same(planted, tmp_path):
    settings = Settings(home=tmp_path)
    settings.cache_dir.mkdir(parents=True)
    (settings.cache_dir / "near-duplicates").write_text("in the way")
    found = near_duplicate_images(planted, settings)
    assert found.tolist() == copied_test_images(planted).tolist()


def test_no_images_are_no_trouble(garments):
    none = ImageSet(np.zeros((0, 28, 28), np.uint8), np.zeros(0, np.uint8))
    assert find_copies(none, garments.test) == []
    assert find_copies(garments.train, none) == []


@pytest.mark.official
def test_those_of_fashion_mnist_that_come_with_the_lab_are_those_that_are_found(
    official_dir, monkeypatch
):
    monkeypatch.setenv("FMNIST_DATA_DIR", str(official_dir))
    data = load_dataset("fashion-mnist", load_settings())
    shipped = near_duplicate_images(data, load_settings())
    assert 50 < len(shipped) < 200
    assert copied_test_images(data).tolist() == shipped.tolist()
