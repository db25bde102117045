"""Finding and loading data sets, with files that are good, broken, foreign or absent."""

import gzip
import logging
import os
import re
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fmnist_core.datasets.dataset import DataIdentity, fingerprint_of
from fmnist_core.datasets.foreign_files import foreign_content
from fmnist_core.datasets.load import available, choose_dataset, load_dataset
from fmnist_core.datasets.locations import download_folder
from fmnist_core.datasets.official import array_folder, load_official
from fmnist_core.datasets.progress import Listener
from fmnist_core.errors import DataError, NoDataError

LARGEST = "train-images-idx3-ubyte.gz"


@pytest.fixture
def load(published, settings):
    def load(settings=settings, **options):
        return load_dataset("fashion-mnist", settings, catalogue=published.catalogue, **options)

    return load


def assert_same_data(dataset, published) -> None:
    assert fingerprint_of(dataset.train, dataset.test) == published.catalogue.fingerprint
    assert dataset.identity.fingerprint == published.catalogue.fingerprint
    assert dataset.identity.official


def test_the_chosen_folder_comes_first(published, settings, load):
    settings = replace(settings, data_dir=published.folder)
    status = available(settings, published.catalogue)
    assert (status.official_ready, status.where) == (True, f"folder {published.folder}")
    assert choose_dataset(settings, published.catalogue) == "fashion-mnist"
    dataset = load(settings)
    assert_same_data(dataset, published)
    assert dataset.identity.source == f"folder {published.folder}"
    assert not dataset.train.images.flags.writeable


def test_keras_cache_is_found(published, load, tmp_path):
    published.copy_to(tmp_path / "keras" / "datasets" / "fashion-mnist")
    dataset = load()
    assert_same_data(dataset, published)
    assert "Keras" in dataset.identity.source


def test_the_second_load_comes_from_the_fast_copy(published, settings, load):
    first = load(replace(settings, data_dir=published.folder))
    second = load()
    assert_same_data(second, published)
    assert second.identity.source == f"cache ({first.identity.source})"
    assert not second.train.images.flags.writeable


def other_images(*shape: int) -> bytes:
    """An IDX file of another data set."""
    values = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    return struct.pack(f">4B{len(shape)}I", 0, 0, 8, len(shape), *shape) + values.tobytes()


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda data: data[:200], "truncated: 200 of"),
        (lambda data: data[::-1], "not the published"),
        (lambda _: b"\n<!DOCTYPE html><html>Sign in</html>", "it is an HTML page"),
        (lambda _: gzip.compress(b"<html>404</html>"), "an HTML page, .*, packed with gzip"),
        (lambda _: gzip.compress(other_images(7, 32, 32)), "an IDX file of 7 x 32 x 32 values"),
        (lambda _: other_images(7, 28, 28), "7 x 28 x 28 values, not packed with gzip"),
        (lambda _: gzip.compress(other_images(7, 32, 32))[:100], "truncated: 100 of"),
    ],
)
def test_a_broken_file_in_the_chosen_folder_is_named_passed_over_and_left_alone(
    published, settings, damage, words, tmp_path
):
    broken = published.copy_to(tmp_path / "mine") / LARGEST
    broken.write_bytes(damage(broken.read_bytes()))
    before = broken.read_bytes(), broken.stat().st_mtime_ns
    published.copy_to(download_folder(settings))
    notices: list[str] = []
    dataset = load_official(
        replace(settings, data_dir=tmp_path / "mine"),
        catalogue=published.catalogue,
        listener=Listener(notice=notices.append),
    )
    assert_same_data(dataset, published)
    assert len(notices) == 1
    assert str(broken) in notices[0]
    assert re.search(words, notices[0])
    assert (broken.read_bytes(), broken.stat().st_mtime_ns) == before


def test_the_files_of_mnist_are_told_by_their_hash(published):
    path = published.folder / LARGEST
    digits = "f68b3c2dcbeaaa9fbdd348bbdeb94873"
    assert "MNIST (handwritten digits)" in foreign_content(path, digits)


def test_without_files_and_download_the_advice_is_to_fetch_them(load):
    with pytest.raises(NoDataError, match="data download"):
        load()


def test_only_what_is_missing_is_downloaded(
    published, settings, load, serve, monkeypatch, tmp_path
):
    mine = published.copy_to(tmp_path / "mine", but=LARGEST)
    mirror = serve(published.folder)
    monkeypatch.setenv("FMNIST_MIRRORS", mirror.url)
    seen = []
    dataset = load(replace(settings, data_dir=mine), progress=seen.append, download=True)
    assert_same_data(dataset, published)
    assert [name for name, _ in mirror.requests] == [LARGEST]
    assert dataset.identity.source == "downloaded"
    assert seen
    assert not (mine / LARGEST).exists()


@pytest.mark.parametrize("name", ["train_images.npy", "test_labels.npy", "manifest.json"])
@pytest.mark.parametrize("damage", [lambda data: data[:-1], lambda data: data + b"x"])
def test_a_damaged_fast_copy_is_made_anew(published, settings, load, name, damage, caplog):
    settings = replace(settings, data_dir=published.folder)
    load(settings)
    path = array_folder(settings, published.catalogue) / name
    path.write_bytes(damage(path.read_bytes()))
    with caplog.at_level(logging.WARNING):
        assert_same_data(load(settings), published)
    assert "damaged" in caplog.text
    assert load(settings).identity.source.startswith("cache")


def test_a_changed_byte_in_the_fast_copy_is_found_when_asked_to_verify(published, settings, load):
    settings = replace(settings, data_dir=published.folder)
    load(settings)
    path = array_folder(settings, published.catalogue) / "train_images.npy"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    assert_same_data(load(settings, verify=True), published)


@pytest.mark.parametrize("home", ["/sys/fmnist-lab", "{tmp}/file"])
def test_a_cache_that_cannot_be_written_costs_nothing_but_time(
    published, settings, load, home, caplog, tmp_path
):
    (tmp_path / "file").write_text("in the way")
    closed = replace(settings, home=Path(home.format(tmp=tmp_path)), data_dir=published.folder)
    with caplog.at_level(logging.WARNING):
        assert_same_data(load(closed), published)
    assert "fast copy" in caplog.text
    assert available(closed, published.catalogue).official_ready


def test_another_name_is_refused(settings):
    with pytest.raises(DataError, match="cifar"):
        load_dataset("cifar-10", settings)


def test_status_without_anything(published, settings):
    status = available(settings, published.catalogue)
    assert not status.official_ready
    assert status.where == ""
    assert status.problems == ()
    assert choose_dataset(settings, published.catalogue) == "synthetic-garments"


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda folder, published: None, "does not exist"),
        (lambda folder, published: folder.write_text("a file"), "not a folder"),
        (lambda folder, published: folder.mkdir(), "none of the four"),
        (
            lambda folder, published: published.copy_to(folder, but=LARGEST),
            f"mine/{LARGEST} is missing.",
        ),
    ],
)
def test_status_says_what_is_wrong_with_the_chosen_folder(
    published, settings, tmp_path, make, words
):
    make(tmp_path / "mine", published)
    status = available(replace(settings, data_dir=tmp_path / "mine"), published.catalogue)
    assert len(status.problems) == 1
    assert words in status.problems[0]
    assert not status.official_ready


def test_status_notices_a_file_that_changes(published, settings, tmp_path):
    mine = published.copy_to(tmp_path / "mine")
    settings = replace(settings, data_dir=mine)
    assert available(settings, published.catalogue).official_ready
    data = bytearray((mine / LARGEST).read_bytes())
    data[500] ^= 1
    (mine / LARGEST).write_bytes(data)
    status = available(settings, published.catalogue)
    assert not status.official_ready
    assert "not the published file" in status.problems[0]


def test_status_hashes_a_file_only_once(published, settings, tmp_path):
    mine = published.copy_to(tmp_path / "mine")
    settings = replace(settings, data_dir=mine)
    available(settings, published.catalogue)
    # Same size, time and inode, other bytes: only reading the file again would tell.
    status = (mine / LARGEST).stat()
    with (mine / LARGEST).open("r+b") as stream:
        stream.seek(500)
        stream.write(b"\0\0\0\0")
    os.utime(mine / LARGEST, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert available(settings, published.catalogue).official_ready


def test_an_identity_survives_json():
    identity = DataIdentity("fashion-mnist", True, "ab" * 32, "cache")
    assert DataIdentity.from_json(identity.to_json()) == identity


@pytest.mark.parametrize("value", [None, {}, {"name": "x"}, [1]])
def test_a_damaged_identity_is_refused(value):
    with pytest.raises(DataError):
        DataIdentity.from_json(value)


@pytest.mark.official
def test_the_official_files_have_the_known_fingerprint(official_dir, settings):
    settings = replace(settings, data_dir=official_dir)
    dataset = load_dataset("fashion-mnist", settings)
    assert dataset.train.images.shape == (60_000, 28, 28)
    assert np.bincount(dataset.test.labels).tolist() == [1000] * 10
    assert fingerprint_of(dataset.train, dataset.test) == dataset.identity.fingerprint
    again = load_dataset("fashion-mnist", settings, verify=True)
    assert np.array_equal(again.train.images, dataset.train.images)
