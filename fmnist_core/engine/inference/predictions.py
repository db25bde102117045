"""Predictions of a network, their explanations, and the evaluation of a run.

`predict_calibrated` and `explain_prediction` also take `"shipped"`: the lab then chooses one of the
two shipped networks for each image. Every question may raise what `ask` raises, and:
    InputError: An image of another size or kind.
    ConfigError: There is no such class.
    TrainingError: Keras computes with neither TensorFlow nor JAX.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from dataclasses import replace
from threading import Event
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.background_job import Jobs, JobState, Report
from fmnist_core.datasets import load_dataset
from fmnist_core.datasets.dataset import ImageSet
from fmnist_core.engine.inference.model_cache import KEPT, LoadedModel, warm
from fmnist_core.engine.inference.worker_client import (
    InferenceWorker,
    ask,
    checked_image,
    checked_images,
    checked_label,
    question,
    with_worker,
)
from fmnist_core.engine.server.connection import WorkerLink, wait_until_idle
from fmnist_core.engine.server.dataset_transfer import has_dataset, provide_dataset
from fmnist_core.engine.server.transfer import RunTransfer
from fmnist_core.engine.worker import run_folder
from fmnist_core.explain.convolution_step import ConvolutionLayer, ConvolutionStep, Place
from fmnist_core.explain.neighbours import FeatureBank, bank_path, build_bank, load_bank, save_bank
from fmnist_core.explain.views import Attribution, Floats, LayerMaps, Occlusion, TappedLayer
from fmnist_core.models.calibration import (
    CalibratedPredictions,
    Calibration,
    calibrated_predictions,
    of_classes,
)
from fmnist_core.models.prediction import Neighbours, PredictionExplanation, flip_averaged_scores
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.pretrained import ModelRef, predictions_of, split
from fmnist_core.settings import Settings, load_settings
from fmnist_core.training.class_holdout import hidden_images

Image = NDArray[np.uint8]
Images = NDArray[np.uint8]

_EVALUATE_SECONDS = 300.0
# Seconds of rest per second of work, so that predictions stay fast meanwhile.
_REST = 1.0


def predict_calibrated(model: str, images: Images, settings: Settings) -> CalibratedPredictions:
    """Calibrated predictions for images uint8 (n, 28, 28) or sheets (n, 112, 112)."""

    def answers(name: str, own: Images) -> CalibratedPredictions:
        ref = ModelRef.open(name, settings)
        return calibrated_predictions(_scores(ref, own, settings), ref.calibration, name)

    return predictions_of(model, checked_images(images), answers)


def classify(run_id: str, images: Images, settings: Settings) -> Floats:
    """Uncalibrated probabilities float32 (n, 10) for images uint8 (n, s, s).

    A run's stored predictions are uncalibrated, too.
    """
    ref, shown = ModelRef.open(run_id, settings), checked_images(images)
    return calibrated_predictions(_scores(ref, shown, settings), Calibration()).probabilities


def explain_prediction(
    model: str, image: Image, settings: Settings, *, label: int | None = None
) -> PredictionExplanation:
    """The prediction for one image uint8 (s, s), its Grad-CAM, and its nearest neighbors.

    At the first call for a network, the worker computes features of 20 000 training images, once;
    this takes up to a minute. Meanwhile `near` is None and `gathering` is true: call again.

    Args:
        label: The class to explain; by default the most probable one.
    """
    shown = checked_image(image)
    ((name, _),) = split(model, shown[None])
    ref = ModelRef.open(name, settings)
    about = (shown, label, ref.calibration, name)
    found: PredictionExplanation = ask(ref, prediction_explanation, *about, settings=settings)
    if found.near is None or not settings.in_class:
        return found
    hidden = hidden_images(load_dataset(found.near.dataset, settings), settings)
    return replace(found, near=found.near.without(hidden))


def feature_maps_of(
    network: str,
    image: Image,
    settings: Settings,
    *,
    layer: str = "",
    count: int = 8,
    strongest: bool = True,
) -> tuple[LayerMaps, ...]:
    """The feature maps of an image uint8 (s, s); takes 5 ms once the network is loaded.

    Args:
        layer: Only this one; by default all.
        count: At most so many maps of each, 1 to 1024.
        strongest: Those with the largest activation, largest first; else the first ones.

    Raises:
        ConfigError: The network has no such layer, or `count` is out of its range.
    """
    shown = checked_image(image)
    return ask(network, feature_maps, shown, layer, count, strongest, settings=settings)


def grad_cam_of(
    network: str, image: Image, label: int, settings: Settings, *, layer: str = ""
) -> Floats | None:
    """Grad-CAM float32 (side, side), 0 to 1, of a class at a convolution, by default the last one.

    Returns:
        None for a network without a convolution.

    Raises:
        ConfigError: The network has no such convolution.
    """
    return ask(
        network, grad_cam, checked_image(image), checked_label(label), layer, settings=settings
    )


def occlusion_of(
    network: str, image: Image, label: int, settings: Settings, *, patch: int = 6
) -> Occlusion:
    """How a class's score falls when a square of `patch` pixels hides each place in turn.

    Probabilities are calibrated.

    Raises:
        ConfigError: The square is too small or too large.
    """
    ref = ModelRef.open(network, settings)
    about = (checked_image(image), checked_label(label), patch, ref.calibration.temperature)
    return ask(ref, occlusion, *about, settings=settings)


def attribution_of(network: str, image: Image, label: int, settings: Settings) -> Attribution:
    """How much each pixel adds to a class's score (integrated gradients)."""
    about = (checked_image(image), checked_label(label))
    return ask(network, integrated_gradients, *about, settings=settings)


def step_through(network: str, image: Image, place: Place, settings: Settings) -> ConvolutionStep:
    """The arithmetic of one output of a convolution, for an image uint8 (s, s).

    Raises:
        ConfigError: The network has no such convolution, or the convolution no such output.
    """
    return ask(network, convolution_step, checked_image(image), place, settings=settings)


def evaluate_run(run_id: str, settings: Settings) -> None:
    """Evaluates a run again from its saved weights and stores the figures in its folder.

    Raises:
        RunError: There is no such run, it saved no weights, or it is being trained.
        NoDataError: The data it learned from is not here.
        EngineError: The engine does not answer.
    """
    folder = RunFolder.open(settings.runs_dir, run_id)
    wait_until_idle(folder, settings)
    with folder.hold():
        with_worker(settings, lambda worker: worker.client.sync(_evaluate, worker, folder))


def _scores(ref: ModelRef, images: Images, settings: Settings) -> Floats:
    def score(some: Images) -> Floats:
        return ask(ref, scores, some, settings=settings)

    return flip_averaged_scores(score, images) if ref.test_time_flip else score(images)


async def _evaluate(worker: InferenceWorker, folder: RunFolder) -> None:
    link = WorkerLink(worker.client, worker.address)
    # Any number that no attempt at training has: the folder must not be shared with one.
    attempt = 1_000_000 + secrets.randbelow(1_000_000)
    transfer = RunTransfer(link, folder, attempt)
    try:
        dataset = folder.config.training.dataset
        await provide_dataset(worker.client, worker.settings, dataset, worker.address)
        await transfer.send_all(json.dumps(folder.status.to_json()).encode())
        task = worker.submit(evaluate_sent, folder.id, attempt)
        await asyncio.wait_for(task, _EVALUATE_SECONDS)
        while await transfer.bring():
            pass
    finally:
        await link.call(run_folder.release, folder.id, attempt)


# From here on: the worker's side.


# Features of training images, and these images.
_Bank = tuple[FeatureBank, ImageSet]
_banks: Jobs[_Bank] = Jobs(KEPT)


@question()
def scores(model: LoadedModel, images: Images) -> Floats:
    """Raw scores float32 (n, outputs)."""
    return model.scores(images)


@question(needs_dataset=True)
def prediction_explanation(
    model: LoadedModel, image: Image, label: int | None, calibration: Calibration, name: str
) -> PredictionExplanation:
    """Worker side of `explain_prediction`; the first call starts computing the features."""
    said, network = model.scores(image[None]), model.network
    from fmnist_core.explain.gradcam import class_activation_map
    from fmnist_core.models.features import features

    chosen = int(of_classes(said)[0].argmax()) if label is None else label
    heat = class_activation_map(network, image, chosen)
    gathered, near = _feature_bank(model, network), None
    if gathered.result is not None:
        bank, examples = gathered.result
        indices, distances = bank.nearest(features(network, image[None])[0])
        labels, images = examples.labels[indices], examples.images[indices]
        near = Neighbours(model.dataset, indices, distances, labels, images)
    return PredictionExplanation(
        calibrated_predictions(said, calibration, name), chosen, heat, near, gathered.running
    )


@question()
def tapped_layers(model: LoadedModel) -> tuple[TappedLayer, ...]:
    """The layers with weights, in order of computation; the last one is the output layer."""
    from fmnist_core.explain.layer_taps import layer_taps

    return tuple(one.tapped for one in layer_taps(model.network))


@question()
def feature_maps(
    model: LoadedModel, image: Image, layer: str, count: int, strongest: bool
) -> tuple[LayerMaps, ...]:
    from fmnist_core.explain import feature_maps

    return feature_maps.feature_maps(
        model.network, image, layer=layer, count=count, strongest=strongest
    )


@question()
def grad_cam(model: LoadedModel, image: Image, label: int, layer: str) -> Floats | None:
    from fmnist_core.explain.gradcam import class_activation_map

    return class_activation_map(model.network, image, label, layer)


@question()
def occlusion(
    model: LoadedModel, image: Image, label: int, patch: int, temperature: float
) -> Occlusion:
    from fmnist_core.explain.occlusion import occlude

    return occlude(model.network, image, label, patch=patch, temperature=temperature)


@question()
def integrated_gradients(model: LoadedModel, image: Image, label: int) -> Attribution:
    from fmnist_core.explain.integrated_gradients import attribute

    return attribute(model.network, image, label)


@question()
def convolutions(model: LoadedModel) -> tuple[ConvolutionLayer, ...]:
    """The convolutions that `step_through` takes, in order of computation."""
    from fmnist_core.explain import convolution_arithmetic

    return convolution_arithmetic.convolutions(model.network)


@question()
def convolution_step(model: LoadedModel, image: Image, place: Place) -> ConvolutionStep:
    from fmnist_core.explain.convolution_arithmetic import step_arithmetic

    return step_arithmetic(model.network, image, place)


def evaluate_sent(run_id: str, attempt: int) -> None:
    """Task: evaluates the run whose files this worker received before."""
    from distributed import get_worker

    warm()
    from fmnist_core.training.evaluate import evaluate_run_folder

    folder = run_folder.folder_of(get_worker(), run_id, attempt)
    evaluate_run_folder(RunFolder(folder), settings=load_settings())


def _feature_bank(model: LoadedModel, network: Any) -> JobState[_Bank]:
    """The state of the feature bank's job, started if necessary; idle without the data set."""
    if _banks.get(model) is None and not has_dataset(model.dataset):
        return JobState()

    def make(report: Report, stopped: Event) -> _Bank:
        settings = load_settings()
        data = load_dataset(model.dataset, settings)
        folder = settings.cache_dir / "features"
        path = bank_path(folder, model.digest, data.identity.fingerprint)
        bank = load_bank(path, data.train)
        if bank is None:
            bank = build_bank(network, data.train, rest=_REST)
            save_bank(path, bank)
        return bank, data.train

    return _banks.at(model, make).state()
