"""How fast a network can be looked into: through the engine, warm, one question after another.

    FMNIST_DATA_DIR=... python -m bench.inside [--model shipped-catalogue] [--home FOLDER]
                                               [--count 40] [--json FILE]

Heat, feature maps and one step through a convolution for test images; the map of 10 000 test images
by PCA from nothing and by t-SNE. HOME is a lab's folder with the run in it; a fresh one by default,
so that nothing is kept from before. Prints JSON rows as `bench.pages` does; seconds.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.pages import measured_row, p95
from fmnist_core.datasets.dataset import FASHION_MNIST
from fmnist_core.datasets.load import load_dataset
from fmnist_core.engine import client
from fmnist_core.engine.inference.predictions import convolutions
from fmnist_core.engine.inference.worker_client import ask
from fmnist_core.explain.convolution_step import Place
from fmnist_core.settings import Settings, load_settings

Image = NDArray[np.uint8]
# Asked before the clock runs: the first question loads Keras and traces the network.
_COLD = 2


def main() -> None:
    options = _options()
    with _home(options.home) as settings:
        images = load_dataset(FASHION_MNIST, settings).test.images
        chosen = images[:: len(images) // (options.count + _COLD)][: options.count + _COLD]
        rows = [*_questions(options.model, chosen, settings), *_maps(options.model, settings)]
        client.stop_engine(settings)
    for row in rows:
        print(json.dumps(row))
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1) + "\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench.inside",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--model", default="shipped-catalogue", metavar="NETWORK")
    parser.add_argument("--home", type=Path)
    parser.add_argument("--count", type=int, default=40, help="images asked about")
    parser.add_argument("--json", type=Path, metavar="FILE")
    return parser.parse_args()


@contextmanager
def _home(folder: Path | None) -> Iterator[Settings]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as fresh:
        settings = replace(load_settings(), home=folder or Path(fresh))
        client.ensure_engine(settings)
        yield settings


def _questions(model: str, images: Image, settings: Settings) -> Iterator[dict[str, Any]]:
    # The engine was just started: the first answer may wait until Keras is loaded.
    layer = ask(model, convolutions, settings=settings, wait=120)[-1].name
    questions: dict[str, Callable[[Image], Any]] = {
        "Grad-CAM, last convolution": lambda image: client.heat_of(model, image, 0, settings),
        "feature maps": lambda image: client.maps_of(model, image, settings),
        "step through": lambda image: client.step_through(
            model, image, Place(layer, 0, 2, 2), settings
        ),
        "occlusion": lambda image: client.occlusion_of(model, image, 0, settings),
    }
    for name, question in questions.items():
        seconds = [_timed(partial(question, image)) for image in images][_COLD:]
        yield measured_row(name, seconds, 0.3, p95(seconds))


def _maps(model: str, settings: Settings) -> Iterator[dict[str, Any]]:
    plane = _timed(lambda: client.data_map(model, settings))
    yield measured_row("PCA of 10 000 images, with their features", [plane], 2.0)
    again = [_timed(lambda: client.data_map(model, settings)) for _ in range(5)]
    yield measured_row("PCA of 10 000 images, asked again", again, 2.0)
    yield measured_row("t-SNE of 10 000 images", [_timed(lambda: _unfold(model, settings))], 60.0)


def _unfold(model: str, settings: Settings) -> None:
    client.unfolding(model, settings, begin=True)
    while client.unfolding(model, settings).result is None:
        time.sleep(0.5)


def _timed(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
