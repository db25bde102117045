"""Pictures that are the same but for a small shift, and those that only share an outline."""

from __future__ import annotations

import numpy as np
import pytest

from fmnist_core.datasets.label_issues import alikeness


@pytest.fixture
def garment():
    image = np.zeros((28, 28), np.uint8)
    image[5:24, 8:20] = np.random.default_rng(1).integers(120, 250, (19, 12))
    return image


def test_a_picture_is_its_own_copy(garment):
    found = alikeness(garment[None], garment[None])
    assert found.whole[0] == pytest.approx(1, abs=1e-4)
    assert found.inside[0] == pytest.approx(1, abs=1e-4)
    assert found.shift.tolist() == [[0, 0]]
    assert found.copies.tolist() == [True]


@pytest.mark.parametrize(("down", "right"), [(2, -1), (-2, 2), (0, 1)])
def test_a_shift_is_found(garment, down, right):
    moved = np.roll(garment, (down, right), axis=(0, 1))
    found = alikeness(garment[None], moved[None])
    assert found.shift.tolist() == [[down, right]]
    assert found.copies[0]


def test_a_shift_beyond_reach_is_none(garment):
    assert not alikeness(garment[None], np.roll(garment, 4, axis=0)[None]).copies[0]


def test_an_outline_alone_makes_no_copy(garment):
    other = garment.copy()
    other[garment > 0] = np.random.default_rng(2).integers(170, 200, (garment > 0).sum())
    plain = np.where(garment > 0, garment // 8 + 170, 0).astype(np.uint8)
    found = alikeness(plain[None], other[None])
    assert found.whole[0] > 0.98
    assert not found.copies[0]


def test_images_of_one_grey_are_like_nothing(garment, recwarn):
    black = np.zeros((1, 28, 28), np.uint8)
    found = alikeness(black, garment[None])
    assert found.whole[0] == 0
    assert not alikeness(black, black).copies[0]
    assert not recwarn.list


def test_no_pairs_are_no_trouble():
    none = np.zeros((0, 28, 28), np.uint8)
    assert len(alikeness(none, none).copies) == 0
