"""What was found is read from disk where it fits."""

from __future__ import annotations

import os

import numpy as np
import pytest

from fmnist_core.datasets.label_issues import CopyPair, Mislabelled, Suspects
from fmnist_core.datasets.label_issues.store import load_suspects, save_suspects, suspects_path

FOUND = Suspects(
    fingerprint="b" * 64,
    images=60_000,
    held_back=6000,
    mislabelled=(Mislabelled(7, 0, 6, 0.9, 0.05, 0.8, True, 0.7),),
    copies=(CopyPair(12, 99, 0.995, 0.97, (1, -2), 3, 3),),
)
NONE, SOME = np.zeros(10, bool), np.arange(10) < 3


def place(folder, digest="a" * 64, held_back=NONE):
    return suspects_path(folder, digest, FOUND.fingerprint, held_back)


def test_what_was_kept_comes_back(tmp_path):
    assert load_suspects(place(tmp_path)) is None
    save_suspects(place(tmp_path), FOUND)
    assert load_suspects(place(tmp_path)) == FOUND


def test_what_a_network_learned_from_matters(tmp_path):
    assert place(tmp_path) != place(tmp_path, held_back=SOME)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"copies": [], "mislabelled": [{"a": 1}]}'])
def test_a_damaged_file_is_as_none(tmp_path, content):
    place(tmp_path).write_text(content)
    assert load_suspects(place(tmp_path)) is None


def test_only_the_last_are_kept(tmp_path):
    for number in range(18):
        path = place(tmp_path, f"{number:064x}"[::-1])
        save_suspects(path, FOUND)
        os.utime(path, (number, number))
    assert len(list(tmp_path.iterdir())) == 16
    assert load_suspects(path) == FOUND


def test_a_disk_that_takes_nothing_harms_nothing(tmp_path):
    (tmp_path / "folder").write_text("in the way")
    save_suspects(place(tmp_path / "folder"), FOUND)
    assert load_suspects(place(tmp_path / "folder")) is None
