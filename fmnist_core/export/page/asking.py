"""The page's own program, asked in a JavaScript engine what the lab's network is asked."""

from __future__ import annotations

import json
import time
from statistics import median

import numpy as np
from numpy.typing import NDArray

from fmnist_core.data.dataset import Dataset
from fmnist_core.export.checking import Check, beside
from fmnist_core.export.exporting import Heard
from fmnist_core.training.network import Recogniser

# JavaScript does some 10^9 multiply-adds a second: ten to twenty seconds, whatever the network.
_MULTIPLY_ADDS = 1.2e10
_LEAST = 100


def ask_page(
    program: str, multiply_adds: int, recogniser: Recogniser, data: Dataset, heard: Heard
) -> Check:
    """Compares the page with the lab on test images, evenly through all of them.

    Args:
        program: The page's JavaScript.
        multiply_adds: What it computes for one image, which decides how many are asked about.
    """
    places = _places(len(data.test), multiply_adds)
    images, labels = data.test.images[places], data.test.labels[places]
    expected = recogniser.answers(images).probabilities
    said, seconds = _answers(program, images, heard)
    return beside(expected, said, labels, 1000 * median(seconds), None)


def _places(count: int, multiply_adds: int) -> NDArray[np.int64]:
    wanted = min(count, max(_LEAST, int(_MULTIPLY_ADDS / max(1, multiply_adds))))
    return np.linspace(0, count - 1, wanted).astype(np.int64)


def _answers(
    program: str, images: NDArray[np.uint8], heard: Heard
) -> tuple[NDArray[np.float32], list[float]]:
    # An embedded V8, as in Chromium: a browser need not be installed.
    from py_mini_racer import MiniRacer

    engine = MiniRacer()
    engine.eval(program)
    said, seconds = [], []
    for number, image in enumerate(images):
        began = time.perf_counter()
        answer = engine.eval(f"JSON.stringify(answer_for({image.ravel().tolist()}))")
        seconds.append(time.perf_counter() - began)
        said.append(json.loads(str(answer)))
        heard(0.2 + 0.8 * (number + 1) / len(images), "asking the page")
    return np.asarray(said, np.float32), seconds
