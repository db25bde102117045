"""Activation maximization: gradient ascent on an image. Only worker processes import this.

Method: (Erhan et al. 2009, "Visualizing Higher-Layer Features of a Deep Network",
section 3.2), kept smooth by decay and blur (Yosinski et al. 2015, arXiv 1506.06579, section 3) and
by small shifts (Mordvintsev et al. 2015, "Inceptionism"). The objective for a map is its central
activation.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from fmnist_core.classes import IMAGE_SIDE
from fmnist_core.explain.gradients import GradientFunction, center_gradients, unit_gradients
from fmnist_core.explain.layer_taps import layer_tap
from fmnist_core.explain.max_activations import column, max_activations
from fmnist_core.explain.views import Floats, MaximizedActivation
from fmnist_core.lab_keras import keras
from fmnist_core.models.model_cache import cached_per_model

STEPS = 128
# Step size in grey levels at first, and its share at last.
_RATE, _SLOWER = 14.0, 0.2
# Jitter: a random shift by up to so many pixels before each step. Here and below, pixels are those
# of an image of 28x28.
_SHIFT = 1
# Weight decay of the pixels.
_DECAY = 0.99
# Blur of the gradient, in pixels, at first and at last: coarse shapes before fine ones.
_BROAD, _FINE = 1.2, 0.4
Report = Callable[[float], None]


def maximize_activation(
    model: keras.Model, layer: str, channel: int, *, seed: int = 0, report: Report | None = None
) -> MaximizedActivation:
    """Gradient ascent from faint noise; deterministic for a seed.

    Args:
        layer: One of `layer_taps`.
        channel: Which of its maps or units.
        report: Called with the completed share, 0 to 1.

    Raises:
        ConfigError: There is no such map or unit.
        TrainingError: Keras computes with neither TensorFlow nor JAX.
    """
    place = column(model, layer, channel)
    gradients = _gradients(model, layer)
    rng = np.random.default_rng(seed)
    side = model.input_shape[1]
    image = rng.uniform(20, 60, (side, side)).astype(np.float32)
    for step in range(STEPS):
        image = _stepped(image, gradients, channel, step / STEPS, rng)
        if report is not None:
            report((step + 1) / STEPS)
    seen = np.round(image).astype(np.uint8)
    return MaximizedActivation(seen, float(max_activations(model, seen[None])[0, place]))


@cached_per_model
def _gradients(model: keras.Model, layer: str) -> GradientFunction:
    chosen = layer_tap(model, layer)
    if chosen.kind == "convolution":
        # Pre-activation: a map that is zero everywhere has gradients there, too.
        return center_gradients(model, chosen.raw)
    return unit_gradients(model, chosen.layer)


def _stepped(
    image: Floats, gradients: GradientFunction, channel: int, done: float, rng: np.random.Generator
) -> Floats:
    scale = len(image) / IMAGE_SIDE
    most = round(_SHIFT * scale)
    down, right = (int(move) for move in rng.integers(-most, most + 1, 2))
    moved = np.roll(image, (down, right), axis=(0, 1))
    _, gradient = gradients(channel, moved[None, ..., None])
    way = cv2.GaussianBlur(gradient[0, ..., 0], (0, 0), scale * (_BROAD + (_FINE - _BROAD) * done))
    size = float(np.sqrt(np.mean(way**2)))
    rate = _RATE * (1 + (_SLOWER - 1) * done)
    moved = moved * _DECAY + (rate * way / size if size > 0 else 0)
    back = np.roll(moved, (-down, -right), axis=(0, 1))
    return np.clip(back, 0, 255).astype(np.float32)
