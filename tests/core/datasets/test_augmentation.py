"""Random changes to batches of images."""

import numpy as np
import pytest

from fmnist_core.augmentation.geometric import augment
from fmnist_core.augmentation.warp import Affine, warp
from fmnist_core.config import AugmentationConfig

NOISE = np.random.default_rng(0).integers(1, 256, (200, 28, 28), np.uint8)


def changed(images: np.ndarray = NOISE, seed: int = 1, **what: object) -> np.ndarray:
    return augment(images, AugmentationConfig(**what), np.random.default_rng(seed))


def affine(count: int, turn: float = 0, zoom: float = 1, right: float = 0, down: float = 0):
    return Affine(*(np.full(count, value, np.float64) for value in (turn, zoom, right, down)))


def test_nothing_active_returns_the_very_same_array():
    assert changed() is NOISE


@pytest.mark.parametrize(
    "what",
    [
        {"flip": True},
        {"shift": 2},
        {"shift": 0.5},
        {"rotate": 20},
        {"zoom": 0.3},
        {"erase": 1.0},
        {"flip": True, "shift": 3, "rotate": 10, "zoom": 0.1, "erase": 0.5},
    ],
)
def test_all_changes_keep_shape_and_dtype_leave_the_input_alone_and_follow_the_seed(what):
    before = NOISE.copy()
    first, again, other = changed(**what), changed(**what), changed(seed=2, **what)
    assert first.shape == NOISE.shape
    assert first.dtype == np.uint8
    assert np.array_equal(NOISE, before)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert not np.array_equal(first, NOISE)


def test_a_flip_mirrors_about_half_of_the_images():
    flipped = changed(flip=True)
    mirrored = (flipped == NOISE[:, :, ::-1]).all(axis=(1, 2))
    same = (flipped == NOISE).all(axis=(1, 2))
    assert (mirrored ^ same).all()
    assert 70 < mirrored.sum() < 130


def test_a_shift_moves_whole_images_and_fills_with_black():
    shifted = changed(shift=3)
    offsets = set()
    for before, after in zip(NOISE, shifted, strict=True):
        rows, columns = np.flatnonzero(after.any(axis=1)), np.flatnonzero(after.any(axis=0))
        down = rows[0] if rows[0] else rows[-1] - 27
        right = columns[0] if columns[0] else columns[-1] - 27
        offsets.add((down, right))
        inside = after[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        top, left = max(0, -down), max(0, -right)
        assert np.array_equal(
            inside, before[top : top + inside.shape[0], left : left + inside.shape[1]]
        )
    assert {down for down, _ in offsets} == {right for _, right in offsets} == set(range(-3, 4))


def test_an_erased_rectangle_is_black_and_all_else_untouched():
    erased = changed(erase=1.0)
    black = erased == 0
    assert np.array_equal(erased[~black], NOISE[~black])
    area = black.sum(axis=(1, 2))
    rectangle = black.any(axis=1).sum(axis=1) * black.any(axis=2).sum(axis=1)
    assert np.array_equal(area, rectangle)
    assert area.min() > 0
    assert area.max() < 0.3 * 784


def test_erase_touches_the_asked_share():
    assert 60 < (changed(erase=0.5) != NOISE).any(axis=(1, 2)).sum() < 140


@pytest.mark.parametrize("quarter", range(4))
def test_quarter_turns_are_exact(quarter):
    turned = warp(NOISE, affine(200, turn=quarter * np.pi / 2))
    assert np.array_equal(turned, np.rot90(NOISE, -quarter, axes=(1, 2)))


def test_whole_pixels_to_the_right_and_down():
    moved = warp(NOISE, affine(200, right=2, down=1))
    assert np.array_equal(moved[:, 1:, 2:], NOISE[:, :-1, :-2])
    assert not moved[:, 0].any()
    assert not moved[:, :, :2].any()


def test_a_quarter_of_a_pixel_mixes_neighbours_and_rounds():
    moved = warp(NOISE, affine(200, right=0.25)).astype(int)
    expected = 0.75 * NOISE[:, :, 1:] + 0.25 * NOISE[:, :, :-1]
    assert np.abs(moved[:, :, 1:] - expected).max() <= 0.5


def test_zoom_grows_about_the_centre():
    square = np.zeros((1, 28, 28), np.uint8)
    square[:, 10:18, 10:18] = 200
    grown = warp(square, affine(1, zoom=1.5))
    assert (grown[0] > 100).sum(axis=1).max() == 12
    assert np.array_equal(grown, grown[:, ::-1, ::-1])


def test_far_outside_is_black():
    assert not warp(NOISE, affine(200, right=500, down=-500)).any()


def test_an_empty_batch_stays_empty():
    empty = np.zeros((0, 28, 28), np.uint8)
    assert changed(empty, rotate=10, erase=1.0, flip=True).shape == (0, 28, 28)
