"""What was found and what people ticked is kept, whatever else happens."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from fmnist_core.datasets.label_issues import CopyPair, LabelIssues, LabelIssueStore, Mislabelled
from fmnist_core.datasets.label_issues.store import (
    label_issues_path,
    load_label_issues,
    save_label_issues,
)
from fmnist_core.errors import DataError, StorageError
from fmnist_core.settings import load_settings

DATA, OTHER = "a" * 64, "b" * 64


@pytest.fixture
def store(home):
    return LabelIssueStore(load_settings())


def file_of(home):
    return home / "suspects" / f"{DATA}.json"


def test_nothing_is_ticked_at_first(store):
    assert store.ticked(DATA) == ()


def test_ticks_are_kept_for_each_data_set(store):
    store.tick(DATA, shown=[7, 3, 9], ticked=[9, 3])
    store.tick(OTHER, shown=[1], ticked=[1])
    assert store.ticked(DATA) == (3, 9)
    assert LabelIssueStore(load_settings()).ticked(OTHER) == (1,)


def test_what_was_not_shown_stays(store):
    store.tick(DATA, shown=[1, 2], ticked=[1, 2])
    store.tick(DATA, shown=[2, 3], ticked=[3])
    assert store.ticked(DATA) == (1, 3)


def test_all_can_be_unticked(store):
    store.tick(DATA, shown=[], ticked=[5])
    store.clear(DATA)
    store.clear(DATA)
    assert store.ticked(DATA) == ()


@pytest.mark.parametrize(
    "content", ["{", "[]", '{"ticked": "12"}', '{"ticked": [1, -1]}', '{"ticked": [true]}']
)
def test_a_damaged_list_is_explained_and_can_be_begun_anew(store, home, content):
    store.tick(DATA, shown=[], ticked=[5])
    file_of(home).write_text(content)
    with pytest.raises(DataError, match="damaged"):
        store.ticked(DATA)
    store.clear(DATA)
    assert store.ticked(DATA) == ()


@pytest.mark.parametrize("fingerprint", ["", "../../etc", "a" * 63, "A" * 64])
def test_only_fingerprints_name_files(store, fingerprint):
    with pytest.raises(DataError, match="64 hexadecimal digits"):
        store.tick(fingerprint, shown=[], ticked=[1])


def test_an_index_below_zero_is_refused_and_nothing_is_lost(store):
    store.tick(DATA, shown=[], ticked=[5])
    with pytest.raises(DataError):
        store.tick(DATA, shown=[], ticked=[-1])
    assert store.ticked(DATA) == (5,)


def test_a_place_that_takes_no_files_is_explained(store, home):
    home.mkdir(parents=True, exist_ok=True)
    (home / "suspects").write_text("in the way")
    with pytest.raises(StorageError):
        store.tick(DATA, shown=[], ticked=[5])


WRITER = f"""
from fmnist_core.settings import load_settings
from fmnist_core.datasets.label_issues import LabelIssueStore
store, number = LabelIssueStore(load_settings()), 0
while True:
    number += 1
    store.tick("{DATA}", shown=[], ticked=range(number))
    print(number, flush=True)
"""


def test_a_killed_writer_leaves_a_whole_list(store):
    for _ in range(3):
        writer = subprocess.Popen([sys.executable, "-c", WRITER], stdout=subprocess.PIPE)
        writer.stdout.readline()
        time.sleep(0.05)
        os.kill(writer.pid, signal.SIGKILL)
        said = writer.stdout.read().split()
        writer.wait()
        ticked = store.ticked(DATA)
        assert ticked == tuple(range(len(ticked)))
        assert len(ticked) >= int(said[-1] if said else 1)


FOUND = LabelIssues(
    fingerprint="b" * 64,
    images=60_000,
    held_back=6000,
    mislabelled=(Mislabelled(7, 0, 6, 0.9, 0.05, 0.8, True, 0.7),),
    copies=(CopyPair(12, 99, 0.995, 0.97, (1, -2), 3, 3),),
)
NONE, SOME = np.zeros(10, bool), np.arange(10) < 3


def place(folder, digest="a" * 64, held_back=NONE):
    return label_issues_path(folder, digest, FOUND.fingerprint, held_back)


def test_what_was_kept_comes_back(tmp_path):
    assert load_label_issues(place(tmp_path)) is None
    save_label_issues(place(tmp_path), FOUND)
    assert load_label_issues(place(tmp_path)) == FOUND


def test_what_a_network_learned_from_matters(tmp_path):
    assert place(tmp_path) != place(tmp_path, held_back=SOME)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"copies": [], "mislabelled": [{"a": 1}]}'])
def test_a_damaged_file_is_as_none(tmp_path, content):
    place(tmp_path).write_text(content)
    assert load_label_issues(place(tmp_path)) is None


def test_only_the_last_are_kept(tmp_path):
    for number in range(18):
        path = place(tmp_path, f"{number:064x}"[::-1])
        save_label_issues(path, FOUND)
        os.utime(path, (number, number))
    assert len(list(tmp_path.iterdir())) == 16
    assert load_label_issues(path) == FOUND


def test_a_disk_that_takes_nothing_harms_nothing(tmp_path):
    (tmp_path / "folder").write_text("in the way")
    save_label_issues(place(tmp_path / "folder"), FOUND)
    assert load_label_issues(place(tmp_path / "folder")) is None
