"""Which images count as the data set's own."""

import numpy as np
import pytest

from fmnist_core.augmentation.sketch_rendering import sketch_picture
from fmnist_core.classes import CLASS_COUNT
from fmnist_core.datasets import load_dataset
from fmnist_core.preprocessing.prepare import prepare
from fmnist_core.runs.pretrained.model_ref import from_data_set
from fmnist_core.settings import load_settings


def image(*values: int) -> np.ndarray:
    """Black with these values somewhere."""
    made = np.zeros((28, 28), np.uint8)
    made.flat[50 : 50 + len(values)] = values
    return made


@pytest.mark.parametrize(
    ("values", "own"),
    [
        ((252, 1), True),
        ((255, 128, 3), True),
        ((251, 1), False),
        ((255, 4), False),
        ((255,), False),
        ((2,), False),
        ((), False),
    ],
)
def test_a_bright_and_a_faint_pixel_together_are_the_data_sets_own(values, own):
    assert from_data_set(image(*values)[None]).tolist() == [own]


@pytest.mark.parametrize(("step", "own"), [(2, False), (3, True), (7, True), (8, False)])
def test_softly_shaded_cloth_needs_no_faint_pixel(step, own):
    shaded = np.zeros((28, 28), np.uint8)
    shaded[4:24, 4:24] = np.where(np.arange(20) % 2, 252, 252 - step)[:, None]
    assert from_data_set(shaded[None]).tolist() == [own]


def test_each_image_is_told_by_itself():
    images = np.stack([image(255), image(255, 2), image(2)])
    assert from_data_set(images).tolist() == [False, True, False]
    assert from_data_set(images[:0]).shape == (0,)


def test_drawings_made_into_inputs_are_not_the_data_sets_own():
    rng = np.random.default_rng(3)
    drawn = [sketch_picture(number % CLASS_COUNT, rng) for number in range(20)]
    inputs = [prepare(picture, steps=False).image for picture in drawn]
    assert not from_data_set(np.stack(inputs)).any()


@pytest.mark.official
def test_nearly_all_official_test_images_are_known_again(official_dir, monkeypatch):
    monkeypatch.setenv("FMNIST_DATA_DIR", str(official_dir))
    test = load_dataset("fashion-mnist", load_settings()).test
    own = from_data_set(test.images)
    assert own.mean() == pytest.approx(0.9996, abs=5e-5)
    assert min(own[test.labels == label].mean() for label in range(CLASS_COUNT)) > 0.99
