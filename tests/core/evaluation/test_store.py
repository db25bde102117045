"""Evaluations survive the disk, and damage is told in a sentence."""

import io

import numpy as np
import pytest

from fmnist_core.config import RunConfig
from fmnist_core.errors import DataError
from fmnist_core.evaluation import Evaluation, load_evaluation, load_predictions, store
from fmnist_core.runs.folder import RunFolder

PROBABILITIES = np.eye(10, dtype=np.float32)
LABELS = np.arange(10, dtype=np.uint8)
DATA = {"name": "synthetic-garments", "official": False, "fingerprint": "0" * 64, "source": "made"}


@pytest.fixture
def folder(tmp_path):
    return RunFolder.create(tmp_path, RunConfig())


@pytest.fixture
def stored(folder):
    judged = {"data": DATA, "weights": "last", "epoch": 1}
    figures = Evaluation.from_probabilities(PROBABILITIES, LABELS, **judged)
    store(folder, figures, PROBABILITIES, LABELS)
    return figures


def test_what_was_stored_comes_back(folder, stored):
    said = load_predictions(folder)
    assert load_evaluation(folder) == stored
    assert np.array_equal(said.probabilities, PROBABILITIES)
    assert np.array_equal(said.labels, LABELS)
    assert stored.agrees_with(said)


def test_nothing_stored_is_none(folder):
    assert load_evaluation(folder) is None
    assert load_predictions(folder) is None


def test_a_damaged_evaluation_is_named(folder, stored):
    folder.evaluation_path.write_text(folder.evaluation_path.read_text()[:100])
    with pytest.raises(DataError, match=r"evaluation\.json is damaged.*again"):
        load_evaluation(folder)


def foreign() -> bytes:
    file = io.BytesIO()
    np.savez(file, labels=LABELS)
    return file.getvalue()


@pytest.mark.parametrize(
    "damage",
    [
        *(lambda data, keep=keep: data[:keep] for keep in (0, 10, 200)),
        lambda data: data[:60] + b"\xff" * 30 + data[90:],
        lambda data: foreign(),
    ],
)
def test_damaged_predictions_are_named(folder, stored, damage):
    folder.predictions_path.write_bytes(damage(folder.predictions_path.read_bytes()))
    with pytest.raises(DataError, match=r"predictions\.npz is damaged"):
        load_predictions(folder)
