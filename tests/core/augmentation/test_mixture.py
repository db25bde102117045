"""What one epoch shows."""

import cv2
import numpy as np
import pytest

from fmnist_core.augmentation.mixture import NEGATIVE, Mixture
from fmnist_core.classes import OTHER_CLOTHING
from fmnist_core.collections.loading import Items
from fmnist_core.config import StyleAugmentationConfig
from fmnist_core.datasets.dataset import ImageSet
from fmnist_core.datasets.garments.generate import draw_garments
from fmnist_core.errors import CollectionError
from fmnist_core.preprocessing.prepare import UNCORRECTED, prepare

STYLE = StyleAugmentationConfig(
    line_drawings=0.3, textures=0.1, synthetic_sketches=0.2, negatives=0.1
)


@pytest.fixture(scope="module")
def train() -> ImageSet:
    rng = np.random.default_rng(0)
    images = np.concatenate([draw_garments(label, 30, rng) for label in range(10)])
    return ImageSet(images, np.repeat(np.arange(10, dtype=np.uint8), 30))


def collected() -> Items:
    """One drawing of a bag, one photo of a coat, one drawing of no clothing."""
    box = np.array([[40, 200, 200, 40, 40], [60, 60, 220, 220, 60]], np.float32)
    line = np.array([[0, 255], [0, 255]], np.float32)
    picture = np.full((120, 90, 3), 250, np.uint8)
    picture[20:100, 20:70] = np.random.default_rng(0).integers(20, 90, (80, 50, 3))
    return Items((picture,), ((box,), (line,)), np.array([4]), np.array([8, -1]))


def test_an_epoch_holds_photographs_other_looks_sketches_and_others(train):
    mixture = Mixture(train, STYLE)
    assert mixture.progress == 0.0
    images, labels = mixture.epoch(0)
    assert mixture.progress > 0.9
    assert images.shape == (mixture.size, 28, 28)
    assert labels.shape == (mixture.size,)
    known = {image.tobytes() for image in train.images}
    untouched = np.mean([image.tobytes() in known for image in images])
    assert untouched == pytest.approx(0.6 / 1.3, abs=0.03)
    assert (labels == NEGATIVE).sum() == pytest.approx(30, abs=3)


def test_an_epoch_depends_on_seed_and_number_alone(train):
    steady, jumping = Mixture(train, STYLE, seed=3), Mixture(train, STYLE, seed=3)
    for number in range(4):
        images, labels = steady.epoch(number)
    images_after_a_break, labels_after_a_break = jumping.epoch(3)
    np.testing.assert_array_equal(images, images_after_a_break)
    np.testing.assert_array_equal(labels, labels_after_a_break)
    other = Mixture(train, STYLE, seed=4).epoch(3)[0]
    assert (other != images).any()


def test_photographs_are_enlarged_once_and_not_in_every_epoch(train, monkeypatch):
    mixture = Mixture(train, StyleAugmentationConfig(), side=40)
    first = mixture.epoch(0)[0]
    monkeypatch.setattr(cv2, "resize", None)
    again = mixture.epoch(1)[0]
    assert first.shape == again.shape == (len(train), 40, 40)
    assert {image.tobytes() for image in first} == {image.tobytes() for image in again}


def test_own_items_are_added_in_variants(train):
    plain = Mixture(train, StyleAugmentationConfig())
    mixture = Mixture(train, StyleAugmentationConfig(), [collected()], collection_share=0.5)
    assert mixture.size - plain.size == pytest.approx(150, abs=3)
    images, labels = mixture.epoch(2)
    own = images[len(train) :]
    assert set(labels[len(train) :]) == {4, 8}
    assert len({image.tobytes() for image in own}) > 0.9 * len(own)


def comb() -> np.ndarray:
    """A picture like nothing that is made up here: three broad teeth on a back."""
    picture = np.full((120, 120, 3), 250, np.uint8)
    picture[10:110, 15:35] = 20
    for top in (10, 50, 90):
        picture[top : top + 20, 15:105] = 20
    return picture


def show_the_comb(images: np.ndarray) -> np.ndarray:
    """(n,) which images are the comb, mirrored or not: correlated above 0.9."""

    def level(some: np.ndarray) -> np.ndarray:
        rows = some.reshape(len(some), -1).astype(float)
        rows -= rows.mean(axis=1, keepdims=True)
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)

    image = prepare(comb(), UNCORRECTED).image
    found = level(images) @ level(np.stack([image, image[:, ::-1]])).T
    return np.asarray(found.max(axis=1) > 0.9)


def test_own_things_that_are_no_clothing_are_shown_among_the_others(train):
    own = pictures(comb(), label=-1)
    style = StyleAugmentationConfig(negatives=0.4, distortion=0.0)
    images, labels = Mixture(train, style, [own], collection_share=0.0).epoch(0)
    assert (labels == NEGATIVE).sum() == pytest.approx(120, abs=3)
    assert show_the_comb(images[labels == NEGATIVE]).mean() == pytest.approx(0.7, abs=0.15)
    assert not show_the_comb(images[labels != NEGATIVE]).any()
    images, labels = Mixture(train, style).epoch(0)
    assert not show_the_comb(images[labels == NEGATIVE]).any()


def test_preparing_can_be_stopped(train):
    mixture = Mixture(train, STYLE)
    mixture.stop()
    with pytest.raises(InterruptedError):
        mixture.epoch(0)


def pictures(*items: np.ndarray, label: int = 3) -> Items:
    labels = np.full(len(items), label)
    return Items(tuple(items), (), picture_labels=labels, stroke_labels=np.zeros(0, np.int64))


BLANK = np.full((90, 90, 3), 255, np.uint8)


def with_own(train: ImageSet, *items: np.ndarray) -> Mixture:
    return Mixture(train, StyleAugmentationConfig(), [pictures(*items)], collection_share=0.5)


def test_empty_sheets_are_left_out(train):
    garment = np.repeat(train.images[0][..., None], 3, axis=2)
    own = with_own(train, BLANK, garment).epoch(0)[0][len(train) :]
    assert (own.max(axis=(1, 2)) > 0).all()


def test_images_like_those_of_the_data_set_become_variants(train):
    garment = np.repeat(train.images[0][..., None], 3, axis=2)
    own = with_own(train, garment).epoch(2)[0][len(train) :]
    assert len({image.tobytes() for image in own}) > 0.9 * len(own)


def test_a_larger_network_sees_such_images_as_it_is_asked_about_them(train):
    """Each pixel of 28 is a block of 2x2 at 56 pixels, of an item as of the data set."""
    image = np.random.default_rng(0).integers(60, 256, (28, 28), np.uint8)
    image[13:15] = 0
    items = pictures(np.repeat(image[..., None], 3, axis=2))
    style = StyleAugmentationConfig(distortion=0.0)
    own = Mixture(train, style, [items], 0.2, side=56).epoch(0)[0][len(train) :].astype(int)
    within = np.abs(own[:, :, 0::2] - own[:, :, 1::2]).mean(axis=(1, 2))
    between = np.abs(own[:, :, 1:-1:2] - own[:, :, 2::2]).mean(axis=(1, 2))
    # Some are made rough on purpose.
    assert np.median(within / between) < 0.1


@pytest.mark.parametrize(("label", "turned"), [(7, True), (OTHER_CLOTHING, True), (1, False)])
def test_photographed_shoes_come_any_way_round(train, label, turned):
    photo = np.full((64, 64, 3), 240, np.uint8)
    shades = np.random.default_rng(0).integers(0, 200, (20, 56, 1))
    photo[22:42, 4:60] = cv2.GaussianBlur(shades.astype(np.uint8), (0, 0), 1)[..., None]
    items = pictures(photo, label=label)
    style = StyleAugmentationConfig(other_clothing=0.5)
    own = Mixture(train, style, [items], 0.5, other_clothing=True).epoch(2)[0][len(train) :]
    upright = sum(np.ptp(np.nonzero(one > 60)[0]) > np.ptp(np.nonzero(one > 60)[1]) for one in own)
    assert (upright > 0.1 * len(own)) == turned


def test_collections_of_empty_sheets_are_refused(train):
    with pytest.raises(CollectionError, match="show something"):
        with_own(train, BLANK).epoch(0)
