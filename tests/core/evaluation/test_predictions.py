"""Which images are shown, and in which order."""

import numpy as np
import pytest

from fmnist_core.evaluation import Predictions, pick


@pytest.fixture
def said():
    """Images 0 to 3 are shirts: three taken for T-shirts, more and more surely; 4 is a bag."""
    rows = np.zeros((5, 10), dtype=np.float32)
    for image, wrong in enumerate((0.6, 0.9, 0.7)):
        rows[image, 0], rows[image, 6] = wrong, 1 - wrong
    rows[3, 6] = rows[4, 8] = 1
    return Predictions(rows, np.array([6, 6, 6, 6, 8]))


def test_a_cell_lists_its_images_hardest_first(said):
    assert said.cell(6, 0).tolist() == [1, 2, 0]
    assert said.cell(6, 6).tolist() == [3]
    assert said.cell(0, 0).tolist() == []


def test_images_can_be_limited_to_errors_and_to_a_class(said):
    assert said.matching().tolist() == [0, 1, 2, 3, 4]
    assert said.matching(only_errors=True).tolist() == [0, 1, 2]
    assert said.matching(true=8).tolist() == [4]
    assert said.matching(true=8, only_errors=True).tolist() == []


def test_the_same_seed_picks_the_same_images():
    indices = np.array([3, 5, 8, 13, 21])
    assert pick(indices, 4, 7).tolist() == pick(indices, 4, 7).tolist()
    assert set(pick(indices, 9, 0)) == {3, 5, 8, 13, 21}
    assert len({tuple(pick(indices, 2, seed)) for seed in range(9)}) > 1


def test_top_is_likeliest_first(said):
    assert said.top(0, 2) == [(0, pytest.approx(0.6)), (6, pytest.approx(0.4))]
