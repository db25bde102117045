"""Integrated gradients (Sundararajan et al. 2017, arXiv 1703.01365, section 3).

Only worker processes import this.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fmnist_core.explain.gradients import GradientFunction, class_gradients
from fmnist_core.explain.views import Attribution
from fmnist_core.lab_keras import keras
from fmnist_core.models.features import as_read
from fmnist_core.models.model_cache import cached_per_model

# Steps of the Riemann sum per round: gradients of more at once would not fit the processor's cache.
# Rounds follow until the sum converges.
_BATCH, _MOST_STEPS = 64, 1024
_NEAR = 0.01

_Numbers = NDArray[np.float64]


def attribute(model: keras.Model, image: NDArray[np.uint8], label: int) -> Attribution:
    """Attributions of a class's score to the pixels of an image uint8 (s, s).

    The baseline is a black image. Intervals with the largest error are halved until the
    attributions sum to the difference of scores within 1 % (completeness, proposition 1 of the
    paper), or until there are 1024 steps.

    Raises:
        TrainingError: Keras computes with neither TensorFlow nor JAX.
    """
    gradients = _input_gradients(model)
    path = _IntegrationPath(gradients, as_read(model, image).astype(np.float32), label)
    while path.gap >= _NEAR and path.steps + _BATCH <= _MOST_STEPS:
        path.part()
    return Attribution(path.shares, path.difference, path.gap, path.steps)


@cached_per_model
def _input_gradients(model: keras.Model) -> GradientFunction:
    return class_gradients(model, model.input)


class _IntegrationPath:
    """Images on the straight line from black to an image, with their scores and gradients.

    Attributes:
        places: float64 (n,), rising from 0 (black) to 1 (the image).
        scores: float64 (n,), of the class.
        gradients: float32 (n, side, side), of the score.
    """

    def __init__(self, gradients: GradientFunction, image: NDArray[np.float32], label: int) -> None:
        self._gradients_of, self._image, self._label = gradients, image, label
        self.places = np.linspace(0, 1, _BATCH)
        self.scores, self.gradients = self._look(self.places)

    @property
    def steps(self) -> int:
        return len(self.places)

    @property
    def difference(self) -> float:
        """The image's score minus the baseline's."""
        return float(self.scores[-1] - self.scores[0])

    @property
    def gap(self) -> float:
        """The relative error of the sum of the attributions."""
        missed = abs(float(self._missed.sum()))
        return missed / max(abs(self.difference), 1e-6)

    @property
    def shares(self) -> NDArray[np.float32]:
        """Equation 3 by the trapezoidal rule, with black as baseline; float32 (side, side)."""
        wide = np.diff(self.places)
        weights = (np.append(wide, 0) + np.append(0, wide)) / 2
        return (self._image * np.tensordot(weights, self.gradients, 1)).astype(np.float32)

    def part(self) -> None:
        """Halves the intervals with the largest error."""
        worst = np.sort(np.argsort(-np.abs(self._missed), kind="stable")[:_BATCH])
        between = (self.places[worst] + self.places[worst + 1]) / 2
        scores, gradients = self._look(between)
        self.places = np.insert(self.places, worst + 1, between)
        self.scores = np.insert(self.scores, worst + 1, scores)
        self.gradients = np.insert(self.gradients, worst + 1, gradients, axis=0)

    @property
    def _missed(self) -> _Numbers:
        """(n - 1,): the error of the trapezoidal rule in each interval."""
        rise = np.tensordot(self.gradients, self._image, 2).astype(np.float64)
        missed: _Numbers = np.diff(self.scores) - np.diff(self.places) * (rise[1:] + rise[:-1]) / 2
        return missed

    def _look(self, places: _Numbers) -> tuple[_Numbers, NDArray[np.float32]]:
        images = places.astype(np.float32)[:, None, None] * self._image
        scores, gradients = self._gradients_of(self._label, images[..., None])
        return scores.astype(np.float64), gradients[..., 0]
