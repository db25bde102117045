"""Integrated gradients (Sundararajan et al. 2017, arXiv 1703.01365, section 3).

Only worker processes import this.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fmnist_core.explain.gradients import Slopes, class_slopes
from fmnist_core.explain.views import Attribution
from fmnist_core.lab_keras import keras
from fmnist_core.models.model_cache import kept_with_network

# Images on the way: a sum over them stands for the integral. More, where it is not yet near; so
# many at once, since the slopes of more would not fit the processor's memory so well.
_BATCH, _MOST_STEPS = 64, 1024
_NEAR = 0.01

_Numbers = NDArray[np.float64]


def attribute(model: keras.Model, image: NDArray[np.uint8], label: int) -> Attribution:
    """How much each pixel of an image uint8 (28, 28) adds to a class's score.

    The way begins at a black image, which shows nothing. It is parted more finely where the slopes
    account worst for how the score changes, until the shares add up to the difference of scores
    within 1 % (completeness, proposition 1 of the paper), or until 1024 images lie on it.

    Raises:
        TrainingError: Keras computes with neither TensorFlow nor JAX.
    """
    slopes = _input_slopes(model)
    way = _Way(slopes, image.astype(np.float32), label)
    while way.gap >= _NEAR and way.steps + _BATCH <= _MOST_STEPS:
        way.part()
    return Attribution(way.shares, way.difference, way.gap, way.steps)


@kept_with_network
def _input_slopes(model: keras.Model) -> Slopes:
    return class_slopes(model, model.input)


class _Way:
    """Images on the straight way from black to an image, with their scores and slopes.

    Attributes:
        places: float64 (n,), rising from 0 (black) to 1 (the image).
        scores: float64 (n,), the class's.
        slopes: float32 (n, 28, 28), how it rises with each pixel.
    """

    def __init__(self, slopes: Slopes, image: NDArray[np.float32], label: int) -> None:
        self._slopes_of, self._image, self._label = slopes, image, label
        self.places = np.linspace(0, 1, _BATCH)
        self.scores, self.slopes = self._look(self.places)

    @property
    def steps(self) -> int:
        return len(self.places)

    @property
    def difference(self) -> float:
        """The image's score less that of the black one."""
        return float(self.scores[-1] - self.scores[0])

    @property
    def gap(self) -> float:
        """How far the shares miss the difference, relative to it."""
        missed = abs(float(self._missed.sum()))
        return missed / max(abs(self.difference), 1e-6)

    @property
    def shares(self) -> NDArray[np.float32]:
        """Equation 3 by the trapezoidal rule, with black as baseline; float32 (28, 28)."""
        wide = np.diff(self.places)
        weights = (np.append(wide, 0) + np.append(0, wide)) / 2
        return (self._image * np.tensordot(weights, self.slopes, 1)).astype(np.float32)

    def part(self) -> None:
        """Halves the parts of the way whose slopes account worst for the change of the score."""
        worst = np.sort(np.argsort(-np.abs(self._missed), kind="stable")[:_BATCH])
        between = (self.places[worst] + self.places[worst + 1]) / 2
        scores, slopes = self._look(between)
        self.places = np.insert(self.places, worst + 1, between)
        self.scores = np.insert(self.scores, worst + 1, scores)
        self.slopes = np.insert(self.slopes, worst + 1, slopes, axis=0)

    @property
    def _missed(self) -> _Numbers:
        """(n - 1,): how the score changes along each part, less what the slopes at its ends say."""
        rise = np.tensordot(self.slopes, self._image, 2).astype(np.float64)
        missed: _Numbers = np.diff(self.scores) - np.diff(self.places) * (rise[1:] + rise[:-1]) / 2
        return missed

    def _look(self, places: _Numbers) -> tuple[_Numbers, NDArray[np.float32]]:
        images = places.astype(np.float32)[:, None, None] * self._image
        scores, slopes = self._slopes_of(self._label, images[..., None])
        return scores.astype(np.float64), slopes[..., 0]
