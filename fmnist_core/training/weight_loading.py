"""The weights a network begins with in place of random ones: ImageNet's, or those of a run."""

from __future__ import annotations

import time
from functools import cached_property
from pathlib import Path

from fmnist_core.config import RunConfig
from fmnist_core.datasets.progress import Listener, Progress
from fmnist_core.errors import TrainingError
from fmnist_core.lab_keras import keras
from fmnist_core.models.backbone_layers import backbone_layers
from fmnist_core.models.backbones import BACKBONES, IMAGENET
from fmnist_core.models.build import load_model
from fmnist_core.models.imagenet import WeightFiles, fetch_weights
from fmnist_core.models.weight_matching import WeightMatch, fit
from fmnist_core.runs.events import EventWriter
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import Settings
from fmnist_core.training.callbacks import ControlSource
from fmnist_core.training.initial_weights import provide_initial_weights

_SECONDS_BETWEEN_REPORTS = 0.5


class InitialWeights:
    """First found, then put into the network; a run that goes on has weights of its own."""

    def __init__(self, config: RunConfig, folder: RunFolder, files: WeightFiles = IMAGENET) -> None:
        self._config, self._folder, self._files = config, folder, files
        self._imagenet: Path | None = None

    def provide(self, settings: Settings, events: EventWriter, control: ControlSource) -> None:
        """Finds or fetches them, before anything else takes time.

        Raises:
            ConfigError: There is nothing to start from, or no layer of it fits.
            NoWeightsError: ImageNet weights are not here and cannot be fetched.
            DataStoppedError: A person asked to stop.
            TrainingError: The network to start from is damaged.
            StorageError: The disk is full or cannot be written.
        """
        if self._folder.resumable:
            return
        provide_initial_weights(self._folder, settings)
        backbone = self._config.model.backbone
        if backbone.learned and backbone.name not in self.fit.taken:
            listener = _listener(BACKBONES[backbone.name].title, events, control)
            self._imagenet = fetch_weights(backbone.name, settings, self._files, listener)
            events.write("phase", text="loading")

    @cached_property
    def fit(self) -> WeightMatch:
        """Which layers are taken over from the network to start from, and which are not."""
        given = self._given
        shapes = {} if given is None else {one.name: _shapes(one) for one in given.layers}
        return fit(shapes, self._config.model)

    def put_into(self, model: keras.Model, events: EventWriter) -> None:
        """Loads initial weights into a new network, and reports them.

        Raises:
            TrainingError: A file is damaged or of another network.
        """
        if self._imagenet is not None:
            _load_imagenet(self._imagenet, model, self._config)
            events.write("note", text=f"Initialized with ImageNet weights, {self._imagenet.name}.")
        if self._given is not None:
            self._take_over(self._given, model)
            events.write("note", text=taken_over_words(self._config, self.fit))

    def _take_over(self, given: keras.Model, model: keras.Model) -> None:
        backbone = self._config.model.backbone
        names = list(self.fit.taken)
        if backbone.name in names:
            names += [one.name for one in backbone_layers(model, self._config.model)]
            names.remove(backbone.name)
        try:
            for name in names:
                model.get_layer(name).set_weights(given.get_layer(name).get_weights())
        except ValueError as error:
            raise TrainingError(
                "The network to start from has other layers than this one.",
                received=self._folder.id,
                advice="Train again with random weights.",
            ) from error

    @cached_property
    def _given(self) -> keras.Model | None:
        if not self._config.training.initial_weights:
            return None
        return load_model(self._folder.initial_path)


def taken_over_words(config: RunConfig, fit: WeightMatch) -> str:
    """A sentence about the layers that were initialized from other weights."""
    source = config.training.initial_weights
    if fit.whole:
        return f"Initialized with all weights of {source}."
    count = len(fit.taken) + len(fit.fresh)
    return (
        f"Initialized with {len(fit.taken)} of {count} layers of {source}: {', '.join(fit.taken)}. "
        f"Random weights: {', '.join(fit.fresh)}."
    )


def _shapes(layer: keras.Layer) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(one.shape) for one in layer.weights)


def _load_imagenet(path: Path, model: keras.Model, config: RunConfig) -> None:
    """As `keras.applications` loads them: layer by layer in their order."""
    name = config.model.backbone.name
    end = backbone_layers(model, config.model)[-1]
    try:
        keras.Model(model.inputs, end.output).load_weights(path)
    except Exception as error:
        raise TrainingError(
            f"{path} does not hold the weights of {BACKBONES[name].title}.",
            received=type(error).__name__,
            advice="Delete it, so that it is fetched again, or put the published one in its place.",
        ) from error


def _listener(title: str, events: EventWriter, control: ControlSource) -> Listener:
    return Listener(
        progress=_Words(title, events),
        notice=lambda text: events.write("note", text=text),
        should_stop=_StopRequest(control),
    )


class _Words:
    """Reports the progress twice a second."""

    def __init__(self, title: str, events: EventWriter) -> None:
        self._title, self._events = title, events
        self._reported_at = 0.0

    def __call__(self, progress: Progress) -> None:
        now = time.monotonic()
        if now - self._reported_at >= _SECONDS_BETWEEN_REPORTS:
            self._reported_at = now
            done = f"{progress.share:.0%} of {progress.total / 1e6:.0f} MB"
            text = f"fetching the ImageNet weights of {self._title}, {done}"
            self._events.write("phase", text=text)


class _StopRequest:
    """A request to stop, as the stop signal of a download."""

    def __init__(self, control: ControlSource) -> None:
        self._control = control

    def is_set(self) -> bool:
        return self._control.read().stop
