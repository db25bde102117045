"""Images made to excite a map or a unit, by gradient ascent. Only worker processes import this.

Activation maximisation (Erhan et al. 2009, "Visualizing Higher-Layer Features of a Deep Network",
section 3.2), kept smooth by decay and blur (Yosinski et al. 2015, arXiv 1506.06579, section 3) and
by small shifts (Mordvintsev et al. 2015, "Inceptionism"). Of a map its middle is excited: the
picture then shows what one place of it looks for.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from fmnist_core.classes import IMAGE_SIDE
from fmnist_core.explain.gradients import Slopes, centre_slopes, unit_slopes
from fmnist_core.explain.layer_taps import viewpoint
from fmnist_core.explain.max_activations import column, excitement
from fmnist_core.explain.views import Floats, Imagined
from fmnist_core.lab_keras import keras
from fmnist_core.models.model_cache import kept_with_network

STEPS = 128
# Grey levels by which the first step moves pixels, and the share of it that the last one does.
_RATE, _SLOWER = 14.0, 0.2
# The image is moved by up to so many pixels before each step, so that no single pixel counts.
_SHIFT = 1
# What nothing asks for fades to black.
_DECAY = 0.99
# Blur of the steps, in pixels, at first and at last: broad shapes come before fine ones.
_BROAD, _FINE = 1.2, 0.4
Told = Callable[[float], None]


def imagine(
    model: keras.Model, layer: str, channel: int, *, seed: int = 0, told: Told | None = None
) -> Imagined:
    """Begins with faint noise and walks uphill; the same image for the same seed.

    Args:
        layer: One of `viewpoints`.
        channel: Which of its maps or units.
        told: Hears how much is done, 0 to 1.

    Raises:
        ConfigError: There is no such map or unit.
        TrainingError: Keras computes with neither TensorFlow nor JAX.
    """
    place = column(model, layer, channel)
    slopes = _slopes(model, layer)
    rng = np.random.default_rng(seed)
    image = rng.uniform(20, 60, (IMAGE_SIDE, IMAGE_SIDE)).astype(np.float32)
    for step in range(STEPS):
        image = _stepped(image, slopes, channel, step / STEPS, rng)
        if told is not None:
            told((step + 1) / STEPS)
    seen = np.round(image).astype(np.uint8)
    return Imagined(seen, float(excitement(model, seen[None])[0, place]))


@kept_with_network
def _slopes(model: keras.Model, layer: str) -> Slopes:
    chosen = viewpoint(model, layer)
    if chosen.kind == "convolution":
        # Pre-activation: a map that is zero everywhere has gradients there, too.
        return centre_slopes(model, chosen.raw)
    return unit_slopes(model, chosen.layer)


def _stepped(
    image: Floats, slopes: Slopes, channel: int, done: float, rng: np.random.Generator
) -> Floats:
    down, right = (int(move) for move in rng.integers(-_SHIFT, _SHIFT + 1, 2))
    moved = np.roll(image, (down, right), axis=(0, 1))
    _, uphill = slopes(channel, moved[None, ..., None])
    way = cv2.GaussianBlur(uphill[0, ..., 0], (0, 0), _BROAD + (_FINE - _BROAD) * done)
    size = float(np.sqrt(np.mean(way**2)))
    rate = _RATE * (1 + (_SLOWER - 1) * done)
    moved = moved * _DECAY + (rate * way / size if size > 0 else 0)
    back = np.roll(moved, (-down, -right), axis=(0, 1))
    return np.clip(back, 0, 255).astype(np.float32)
