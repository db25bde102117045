"""Line drawings to look at."""

import numpy as np
import pytest

from fmnist_core.augmentation.sketch_rendering import sketch_picture
from fmnist_core.preprocessing.prepare import prepare


@pytest.mark.parametrize("label", range(10))
def test_each_class_is_black_lines_on_white_paper_read_as_a_drawing(label):
    picture = sketch_picture(label, np.random.default_rng(3))
    assert picture.shape == (256, 256, 3)
    assert picture.dtype == np.uint8
    assert 0.02 < (picture < 128).mean() < 0.3
    edges = (picture[:8], picture[-8:], picture[:, :8], picture[:, -8:])
    assert all((edge == 255).all() for edge in edges)
    assert prepare(picture, steps=False).reading == "drawing"


def test_the_same_seed_draws_the_same_and_another_something_else():
    first, again, other = (sketch_picture(0, np.random.default_rng(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_the_side_may_be_chosen():
    assert sketch_picture(8, np.random.default_rng(0), side=96).shape == (96, 96, 3)
