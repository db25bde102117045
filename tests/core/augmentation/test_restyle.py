"""Training images in another look."""

import numpy as np
import pytest

from fmnist_core.augmentation import restyle
from fmnist_core.augmentation.negatives import draw_other
from fmnist_core.augmentation.sketch_rendering import draw_sketch
from fmnist_core.config import StyleAugmentationConfig
from fmnist_core.datasets.garments.generate import draw_garments
from fmnist_core.errors import ConfigError

STYLES = ("line_drawings", "silhouettes", "textures", "background_clutter")


@pytest.fixture(scope="module")
def garments() -> np.ndarray:
    rng = np.random.default_rng(0)
    return np.concatenate([draw_garments(label, 6, rng) for label in range(10)])


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize("look", STYLES)
def test_each_look_changes_images_and_keeps_what_they_show(look, garments):
    before = garments.copy()
    changed = restyle(garments, StyleAugmentationConfig(**{look: 1.0}), rng())
    np.testing.assert_array_equal(garments, before)
    assert changed.shape == garments.shape
    assert changed.dtype == np.uint8
    assert (changed != garments).any(axis=(1, 2)).all()
    assert ((changed > 0).mean(axis=(1, 2)) > 0.03).mean() > 0.9


def test_only_the_wanted_share_changes(garments):
    many = np.concatenate([garments] * 5)
    changed = restyle(many, StyleAugmentationConfig(line_drawings=0.2, textures=0.1), rng())
    share = (changed != many).any(axis=(1, 2)).mean()
    assert 0.2 < share < 0.4


def test_without_a_look_the_images_stay_the_very_same(garments):
    style = StyleAugmentationConfig(synthetic_sketches=0.5, negatives=0.5)
    assert restyle(garments, style, rng()) is garments


def test_equal_seeds_give_equal_looks(garments):
    style = StyleAugmentationConfig(line_drawings=0.5, background_clutter=0.5)
    first, again = restyle(garments, style, rng(5)), restyle(garments, style, rng(5))
    np.testing.assert_array_equal(first, again)
    assert (restyle(garments, style, rng(6)) != first).any()


def test_line_drawings_are_strokes_on_a_soft_filling(garments):
    drawn = restyle(garments, StyleAugmentationConfig(line_drawings=1.0), rng())
    assert (drawn.max(axis=(1, 2)) > 200).mean() > 0.9
    filled = (drawn == 110).mean(axis=(1, 2)) > 0.05
    assert 0.5 < filled.mean() < 0.98  # some outlines stay open


def test_stronger_distortion_changes_more(garments):
    def change(strength: float) -> float:
        changed = restyle(
            garments, StyleAugmentationConfig(silhouettes=1.0, distortion=strength), rng()
        )
        return float(((changed > 0) != (garments > 0)).mean())

    assert change(1.0) > 1.3 * change(0.0)


@pytest.mark.parametrize("look", STYLES)
def test_inverted_looks_have_dark_and_light_swapped(look, garments):
    plain = restyle(garments, StyleAugmentationConfig(**{look: 1.0}), rng())
    swapped = restyle(garments, StyleAugmentationConfig(**{look: 1.0}, inverted=1.0), rng())
    garment = plain > 12
    # What was lightest is darkest now, and the black around stays black.
    np.testing.assert_array_equal(swapped[~garment], plain[~garment])
    before, after = plain[garment].astype(int), swapped[garment].astype(int)
    assert after[before > 200].max() < 80
    assert after[before < 80].min() > 180
    order = np.argsort(before)
    assert (np.diff(after[order]) <= 0).all()


def test_only_the_wanted_share_of_the_looks_is_inverted(garments):
    many = np.concatenate([garments] * 5)
    plain = restyle(many, StyleAugmentationConfig(line_drawings=1.0), rng())
    some = restyle(many, StyleAugmentationConfig(line_drawings=1.0, inverted=0.3), rng())
    assert 0.2 < (some != plain).any(axis=(1, 2)).mean() < 0.4


def test_looks_cannot_come_to_more_than_everything():
    with pytest.raises(ConfigError, match="at most 1"):
        StyleAugmentationConfig(line_drawings=0.7, textures=0.7)


@pytest.mark.parametrize("label", range(10))
def test_sketches_show_something_of_every_class(label):
    random = rng(label)
    sketches = np.stack([draw_sketch(label, 0.5, random) for _ in range(20)])
    assert sketches.shape == (20, 28, 28)
    assert ((sketches > 0).mean(axis=(1, 2)) > 0.05).mean() > 0.9
    # No two alike.
    assert len({sketch.tobytes() for sketch in sketches}) == 20


def test_sketched_trousers_have_a_gap_between_the_legs_and_dresses_have_none():
    random = rng()

    def gap(label: int) -> float:
        found = []
        for _ in range(40):
            low = draw_sketch(label, 0.0, random)[22:26] > 0
            inside = np.ptp(np.flatnonzero(low.any(axis=0))) + 1 if low.any() else 1
            found.append(low.any(axis=0).sum() < inside)
        return float(np.mean(found))

    assert gap(1) > 0.5 > gap(3)


def test_what_is_no_clothing_comes_in_many_kinds(garments):
    random = rng()
    others = np.stack([draw_other(garments[0], random) for _ in range(60)])
    assert others.shape == (60, 28, 28)
    assert len({other.tobytes() for other in others}) == 60
