"""What is no image is refused before it travels to the worker."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from fmnist_core.engine import client
from fmnist_core.errors import ConfigError, InputError
from fmnist_core.explain.ablation import Breakage
from fmnist_core.explain.convolution_step import Place
from fmnist_core.runs.pretrained import SHIPPED, SHIPPED_EVERYDAY
from fmnist_core.settings import Settings

BAD_IMAGES = {
    "small": np.zeros((27, 28), np.uint8),
    "large": np.zeros((280, 280), np.uint8),
    "coloured": np.zeros((28, 28, 3), np.uint8),
    "in a batch": np.zeros((1, 28, 28), np.uint8),
    "of shares": np.zeros((28, 28), np.float32),
    "of nothing": np.zeros((0,), np.uint8),
}


@pytest.mark.parametrize("image", BAD_IMAGES.values(), ids=BAD_IMAGES)
@pytest.mark.parametrize(
    "ask",
    [
        lambda image, settings: client.recognise(SHIPPED, image[None], settings),
        lambda image, settings: client.look(SHIPPED, image, settings),
        lambda image, settings: client.maps_of(SHIPPED_EVERYDAY, image, settings),
        lambda image, settings: client.heat_of(SHIPPED_EVERYDAY, image, 0, settings),
        lambda image, settings: client.occlusion_of(SHIPPED_EVERYDAY, image, 0, settings),
        lambda image, settings: client.attribution_of(SHIPPED_EVERYDAY, image, 0, settings),
        lambda image, settings: client.step_through(
            SHIPPED_EVERYDAY, image, Place("block1_conv1", 0, 0, 0), settings
        ),
        lambda image, settings: client.break_it(
            SHIPPED_EVERYDAY, image, Breakage("noise", strength=9.0), settings
        ),
        lambda image, settings: client.place_on_map(SHIPPED_EVERYDAY, image, settings),
    ],
)
def test_images_of_the_wrong_size_are_refused_before_they_are_sent(
    ask: Callable[[np.ndarray, Settings], object], image: np.ndarray, settings: Settings
) -> None:
    with pytest.raises(InputError, match="28x28"):
        ask(image, settings)


@pytest.mark.parametrize("label", [-1, 10, 10**9])
def test_a_class_that_there_is_not_is_refused(label: int, settings: Settings) -> None:
    with pytest.raises(ConfigError, match="from 0 to 9"):
        client.heat_of(SHIPPED_EVERYDAY, np.zeros((28, 28), np.uint8), label, settings)
