"""Each image is answered by the network it belongs to, and the answers keep their order."""

import numpy as np
import pytest

from fmnist_core.models.calibration import (
    CalibratedPredictions,
    Calibration,
    calibrated_predictions,
)
from fmnist_core.runs.pretrained import (
    SHIPPED,
    SHIPPED_CATALOGUE,
    SHIPPED_EVERYDAY,
    predictions_of,
    split,
)


@pytest.fixture
def images() -> np.ndarray:
    """Six images, each marked by its number; 1, 2 and 5 are of the data set's own kind."""
    made = np.zeros((6, 28, 28), np.uint8)
    made[:, 0, 0] = 100 + np.arange(6)
    made[:, 5, 5] = 255
    made[[1, 2, 5], 9, 9] = 2
    return made


class Asked:
    """Gives each image scores by its mark, and notes who was asked about which."""

    def __init__(self) -> None:
        self.marks: dict[str, list[int]] = {}

    def __call__(self, network: str, images: np.ndarray) -> CalibratedPredictions:
        marks = images[:, 0, 0].astype(int) - 100
        self.marks[network] = marks.tolist()
        cold = Calibration(clothing_threshold=-0.5 if network == SHIPPED_CATALOGUE else 1.0)
        return calibrated_predictions(9.0 * np.eye(10)[marks], cold, network)


def test_the_images_decide_who_answers_and_keep_their_order(images):
    asked = Asked()
    answers = predictions_of(SHIPPED, images, asked)
    assert asked.marks == {SHIPPED_EVERYDAY: [0, 3, 4], SHIPPED_CATALOGUE: [1, 2, 5]}
    assert answers.labels.tolist() == [0, 1, 2, 3, 4, 5]
    own = [name == SHIPPED_CATALOGUE for name in answers.answered_by]
    assert own == [False, True, True, False, False, True]
    assert answers.is_clothing.tolist() == own
    assert answers.probabilities.dtype == answers.clothing.dtype == np.float32


@pytest.mark.parametrize("model", [SHIPPED_EVERYDAY, SHIPPED_CATALOGUE, "some-run"])
def test_who_is_named_answers_all_of_them(images, model):
    asked = Asked()
    answers = predictions_of(model, images, asked)
    assert asked.marks == {model: [0, 1, 2, 3, 4, 5]}
    assert answers.answered_by == (model,) * 6


def test_nobody_is_asked_in_vain(images):
    asked = Asked()
    assert predictions_of(SHIPPED, images[[0, 3]], asked).labels.tolist() == [0, 3]
    assert predictions_of(SHIPPED, images[:0], asked).labels.shape == (0,)
    assert asked.marks == {SHIPPED_EVERYDAY: []}
    assert [name for name, _ in split(SHIPPED, images[[1]])] == [SHIPPED_CATALOGUE]
