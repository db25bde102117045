"""Networks that read more than 28 pixels a side: their configuration, cost, images and epochs."""

import json

import cv2
import numpy as np
import pytest

from fmnist_core.augmentation.geometric import augment
from fmnist_core.augmentation.mixture import Mixture, style_variants
from fmnist_core.collections.loading import Items
from fmnist_core.config import (
    AugmentationConfig,
    RunConfig,
    StyleAugmentationConfig,
    TrainConfig,
    override,
)
from fmnist_core.datasets.dataset import ImageSet
from fmnist_core.datasets.garments.generate import draw_garments
from fmnist_core.errors import ConfigError
from fmnist_core.models.cost import summarise
from fmnist_core.preprocessing.prepare import Corrections, prepare
from fmnist_core.preprocessing.resize import fit_to
from fmnist_core.runs.pretrained import split
from tests.nets import PLAIN

STYLE = StyleAugmentationConfig(
    line_drawings=0.3, textures=0.2, synthetic_sketches=0.5, negatives=0.5
)


@pytest.fixture(scope="module")
def train() -> ImageSet:
    rng = np.random.default_rng(0)
    images = np.concatenate([draw_garments(label, 30, rng) for label in range(10)])
    return ImageSet(images, np.repeat(np.arange(10, dtype=np.uint8), 30))


def shirt(buttons: bool = True) -> np.ndarray:
    """A drawing in thick lines on paper, 448 pixels a side."""
    paper = np.full((448, 448, 3), 255, np.uint8)
    outline = [[60, 60], [160, 40], [288, 40], [388, 60], [388, 400], [60, 400]]
    cv2.polylines(paper, [np.array(outline)], True, (0, 0, 0), 12)
    for row in range(100, 380, 40) if buttons else ():
        cv2.circle(paper, (224, row), 8, (0, 0, 0), -1)
    return paper


def test_a_configuration_without_the_key_reads_28_pixels_and_is_known_as_before() -> None:
    older = json.loads(json.dumps(RunConfig().to_json()))
    del older["model"]["input_side"]
    found = RunConfig.from_json(older)
    assert found.model.input_side == 28
    # What runs of earlier versions were queued under.
    assert found.fingerprint == "4e25c0da05697f86"
    larger = override(found, ["input_side=56"])
    assert larger.model.input_side == 56
    assert larger.fingerprint != found.fingerprint
    assert RunConfig.from_json(larger.to_json()) == larger
    for wrong in (32, 0, "28", True, 28.0):
        with pytest.raises(ConfigError, match="input_side must be one of 28, 40, 56"):
            override(found, [f"input_side={json.dumps(wrong)}"])


def test_a_first_block_with_a_stride_costs_at_56_pixels_what_it_costs_at_28() -> None:
    plain = summarise(override(PLAIN, ["model.blocks.0.pooling=none"]).model)
    strided = override(PLAIN, ["input_side=56", "model.blocks.0.pooling=stride"])
    summary = summarise(strided.model)
    assert summary.layers[0].output_shape == (56, 56, 1)
    assert "56x56" in summary.layers[0].explanation
    assert summary.parameters == plain.parameters
    assert summary.multiply_adds == plain.multiply_adds
    assert summarise(override(PLAIN, ["input_side=56"]).model).multiply_adds > plain.multiply_adds


@pytest.mark.parametrize("side", [28, 40, 56, 112])
def test_an_image_and_its_sheet_are_the_same_at_every_side(train, side) -> None:
    images = train.images[::7]
    sheets = fit_to(images, 112)
    assert sheets.shape == (len(images), 112, 112)
    fitted = fit_to(images, side)
    assert fitted.shape == (len(images), side, side)
    np.testing.assert_array_equal(fit_to(sheets, side), fitted)
    np.testing.assert_array_equal(fit_to(fitted, 28), images) if side != 40 else None
    assert np.abs(fitted.mean((1, 2)) - images.mean((1, 2))).max() < 0.5
    assert fit_to(images, 28) is images


@pytest.mark.parametrize("reading", ["auto", "picture", "as is"])
def test_the_image_of_a_prepared_picture_is_the_area_mean_of_its_sheet(reading) -> None:
    prepared = prepare(shirt(), Corrections(reading=reading))
    assert prepared.sheet.shape == (112, 112)
    assert prepared.image.shape == (28, 28)
    mean = prepared.sheet.reshape(28, 4, 28, 4).mean((1, 3))
    assert np.abs(prepared.image - mean).max() <= 0.5


def test_an_image_like_those_of_the_data_set_stays_what_it_is_and_a_blank_sheet_is_black(train):
    for image in train.images[::29]:
        prepared = prepare(np.repeat(image[..., None], 3, axis=2))
        assert prepared.reading == "as is"
        np.testing.assert_array_equal(prepared.image, image)
        np.testing.assert_array_equal(prepared.sheet, fit_to(image, 112))
    blank = prepare(np.full((90, 90, 3), 255, np.uint8))
    assert blank.blank
    assert blank.sheet.shape == (112, 112)
    assert not blank.sheet.any()


def test_a_sheet_is_answered_by_the_network_of_its_image(train) -> None:
    images = np.concatenate([train.images[:40], prepare(shirt()).image[None]])
    parts = split("shipped", images)
    for (name, places), (again, those) in zip(
        parts, split("shipped", fit_to(images, 112)), strict=True
    ):
        assert name == again
        np.testing.assert_array_equal(places, those)


def collected() -> Items:
    box = np.array([[40, 200, 200, 40, 40], [60, 60, 220, 220, 60]], np.float32)
    return Items((shirt(),), ((box,),), np.array([6]), np.array([8]))


@pytest.mark.parametrize("side", [40, 56])
def test_an_epoch_at_a_larger_side_shows_the_same_in_more_detail(train, side) -> None:
    mixtures = [Mixture(train, STYLE, [collected()], 0.3, seed=3, side=s) for s in (28, side)]
    (small, labels), (large, same) = (mixture.epoch(1) for mixture in mixtures)
    np.testing.assert_array_equal(labels, same)
    assert large.shape == (len(small), side, side)
    back = fit_to(large, 28).astype(int)
    # Rounded twice; at 40 pixels the edges of cells do not meet.
    assert np.abs(back - small).mean() < (0.5 if side == 56 else 8.0)
    # It is no enlargement: what is drawn has its own detail.
    drawn = np.abs(large.astype(int) - fit_to(small, side)).mean((1, 2))
    assert (drawn > 3).mean() > 0.3
    variants = style_variants(train, TrainConfig(style_augmentation=STYLE), side)
    assert variants.shape == (len(train), side, side)


MEANS = (
    *(40.7, 21.4, 102.1, 52.5, 62.5, 70.6, 117.5, 78.2),
    *(55.8, 113.2, 114.3, 29.3, 26.8, 98.1, 127.3, 79.9),
)


def test_a_recipe_and_its_seed_stand_for_the_same_images(train) -> None:
    """Means of images; they change only with what is drawn, which the changelog then tells."""
    images, _ = Mixture(train, STYLE, [collected()], 0.3, seed=5).epoch(2)
    assert images.shape == (690, 28, 28)
    assert images[::45].mean((1, 2)).tolist() == pytest.approx(MEANS, abs=0.6)


def test_a_shift_is_the_same_share_of_the_image_at_every_side() -> None:
    for side, most in ((28, 2), (40, 20 / 7), (56, 4)):
        dots = np.zeros((400, side, side), np.uint8)
        dots[:, side // 2, side // 2] = 255
        moved = augment(dots, AugmentationConfig(shift=2), np.random.default_rng(1))
        rows = moved.max(axis=2).argmax(axis=1) - side // 2
        assert abs(int(rows.max()) - most) < 1
        assert abs(int(-rows.min()) - most) < 1
