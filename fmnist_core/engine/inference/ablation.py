"""Ablation and corruption of a copy of a network; the network itself never changes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.datasets import load_dataset
from fmnist_core.datasets.dataset import ImageSet
from fmnist_core.datasets.split import subset
from fmnist_core.engine.inference.model_cache import LoadedModel
from fmnist_core.engine.inference.worker_client import ask, checked_image, question
from fmnist_core.engine.server.dataset_transfer import has_dataset
from fmnist_core.explain.ablation import AblatableLayer, Ablation, AblationResult, PairedAccuracy
from fmnist_core.models.calibration import (
    CalibratedPredictions,
    Calibration,
    calibrated_predictions,
    of_classes,
)
from fmnist_core.runs.pretrained import ModelRef
from fmnist_core.settings import Settings, load_settings

# Half a second to two for the networks of this lab; accuracy is then known to about two points.
EVALUATED_IMAGES = 1000


def ablate(
    network: str, image: NDArray[np.uint8], ablation: Ablation, settings: Settings
) -> AblationResult:
    """Predictions for an image uint8 (s, s) and test accuracy, before and after an ablation.

    Accuracy is measured on up to 1000 test images of the network's data set, the same each time
    and stratified by class, if the data set is available.

    Raises:
        ConfigError: The network has no such layer or filter.
        InputError: An image of another size or kind.
    """
    ref = ModelRef.open(network, settings)
    shown = checked_image(image)
    return ask(ref, ablation_result, shown, ablation, ref.calibration, network, settings=settings)


# From here on: what the worker does.


@question()
def ablatable_layers(model: LoadedModel) -> tuple[AblatableLayer, ...]:
    """The layers with weights, in order of computation."""
    from fmnist_core.explain import ablated_model

    return ablated_model.ablatable_layers(model.network)


@question(needs_dataset=True)
def ablation_result(
    model: LoadedModel,
    image: NDArray[np.uint8],
    ablation: Ablation,
    calibration: Calibration,
    name: str,
) -> AblationResult:
    """Worker side of `ablate`."""
    with _lock:
        copy = _copy_of(model)
    return copy.ablate(
        image, ablation, lambda said: calibrated_predictions(said, calibration, name)
    )


class _AblatableCopy:
    """A copy of a network, with the predictions of the intact copy for the test images."""

    def __init__(self, network: Any, dataset: str) -> None:
        from fmnist_core.explain.ablated_model import AblatableModel

        self._copy = AblatableModel(network)
        self._dataset = dataset
        self._images: ImageSet | None = None
        self._before: NDArray[np.uint8] | None = None

    def ablate(
        self,
        image: NDArray[np.uint8],
        ablation: Ablation,
        answers: Callable[[NDArray[np.float32]], CalibratedPredictions],
    ) -> AblationResult:
        from fmnist_core.explain.ablation import corrupt
        from fmnist_core.models.features import as_read, scores

        images = self._test_images()
        with self._copy.intact() as network:
            one = as_read(network, image[None])
            before = scores(network, one)
            if images is not None and self._before is None:
                self._before = _labels(scores(network, images.images))
        with self._copy.ablated(ablation) as network:
            seen = corrupt(one, ablation)
            after = scores(network, seen)
            accuracy = None
            if images is not None and self._before is not None:
                shown = corrupt(as_read(network, images.images), ablation)
                labels = _labels(scores(network, shown))
                accuracy = PairedAccuracy(self._dataset, images.labels, self._before, labels)
        return AblationResult(ablation, seen[0], answers(before), answers(after), accuracy)

    def _test_images(self) -> ImageSet | None:
        """A fixed sample of test images, stratified by class; None if the data set is missing."""
        if self._images is None and has_dataset(self._dataset):
            test = load_dataset(self._dataset, load_settings()).test
            count = min(EVALUATED_IMAGES, len(test))
            self._images = test.take(subset(test.labels, count, seed=0))
        return self._images


def _labels(said: NDArray[np.float32]) -> NDArray[np.uint8]:
    return of_classes(said).argmax(axis=1).astype(np.uint8)


# Copies take memory; a person ablates one network at a time.
@lru_cache(maxsize=2)
def _copy_of(model: LoadedModel) -> _AblatableCopy:
    return _AblatableCopy(model.network, model.dataset)


_lock = threading.Lock()
