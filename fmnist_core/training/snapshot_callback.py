"""Records training dynamics: weights, gradients, dead units and predictions for pinned images.

One traced function computes a whole snapshot in ten milliseconds, a fifth of the time without
tracing.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_COUNT, CLASS_NAMES
from fmnist_core.config import ModelConfig, RunConfig, TrainConfig
from fmnist_core.datasets.dataset import ImageSet
from fmnist_core.datasets.split import subset
from fmnist_core.lab_keras import keras
from fmnist_core.models.build import AT_ONCE, side_by_side
from fmnist_core.models.calibration import of_classes
from fmnist_core.models.features import as_read
from fmnist_core.models.plan import Layer, plan
from fmnist_core.runs.feature_maps import CHANNELS_KEPT, scaled, write_feature_maps
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.pinned_images import PinnedImage, keep_pinned_images
from fmnist_core.runs.trace import (
    TRAINING,
    VALIDATION,
    LayerFacts,
    LayerState,
    PinnedPredictions,
    Snapshot,
    TraceWriter,
)
from fmnist_core.settings import Settings
from fmnist_core.training.splits import Splits

# The cost of a snapshot within an epoch grows with it; 50 of each class still fill a matrix.
_FEW = 500

# Training images for gradients and dead units.
_BATCH = 64


@dataclass(frozen=True, eq=False)
class _MonitorSet:
    """Images that snapshots are computed on.

    Attributes:
        source: `"validation"`, or `"training"` without validation images.
        few: At most 500 of them, stratified by class: for the confusion matrix within an epoch.
        batch: At most 64 training images, for gradients and dead units.
    """

    source: str
    few: ImageSet
    batch: ImageSet


# Recorded units of a first dense layer: each is as large as an image.
_MOST_UNITS = 24

_WITH_WEIGHTS = ("conv", "depthwise", "dense")

_ANSWER = "the answer"

_Array = NDArray[np.float32]

# Snapshots within the first epoch, as shares of its steps: the network changes most early on.
_SNAPSHOT_SHARES = (1 / 81, 1 / 27, 1 / 9, 1 / 3)
# Seconds between predictions for the pinned images, and about how many a long run records.
_PREDICTION_SECONDS, _MOST_PREDICTIONS = 2.0, 300


class SnapshotCallback(keras.callbacks.Callback):
    """A callback of `fit`; the caller also calls `begin`, `end_epoch` and `close`."""

    def __init__(self, folder: RunFolder, config: RunConfig, parts: Splits, images: int) -> None:
        super().__init__()
        self._config, self._images = config, images
        self._batch_size = config.training.batch_size
        self._steps = math.ceil(images / self._batch_size)
        self._monitor: _MonitorSet = _monitor_set(parts, config.training)
        self._writer = TraceWriter(folder.trace_path)
        self._folder = folder
        self._epoch = self._step = 0
        self._kernels_before: tuple[int, list[_Array]] | None = None
        self._started_at = self._measured_at = time.monotonic()

    def begin(self, model: keras.Model, epoch: int, settings: Settings) -> None:
        """Call after loading the weights, with `epoch` epochs completed.

        Raises:
            StorageError: The disk is full or cannot be written.
        """
        pinned_images = keep_pinned_images(self._folder, settings) or _default_pinned_images(
            self._monitor
        )
        side = self._config.model.input_side
        images = np.stack([pinned_image.at_side(side) for pinned_image in pinned_images])
        self._statistics = _LayerStatistics(model, self._config.model, self._monitor.batch, images)
        self._group = int(model.steps_per_execution)
        self._network = model
        self._few = as_read(model, self._monitor.few.images)
        self._epoch = epoch
        self._writer.begin(
            attempt=self._folder.status.attempt,
            epoch=epoch,
            epochs=self._config.training.epochs,
            steps_per_epoch=self._steps,
            watched=self._monitor.source,
            layers=self._statistics.facts,
            pinned_images=pinned_images,
        )
        self._snapshot()

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._epoch, self._step = epoch, 0
        self._due = [math.ceil(share * self._steps) for share in _SNAPSHOT_SHARES if not epoch]
        self._keep_kernels()

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self._step = min(batch + 1, self._steps)
        if self._step >= self._steps or not math.isfinite(float((logs or {}).get("loss", 0.0))):
            return
        if self._due and self._step >= self._due[0]:
            self._due = [step for step in self._due if step > self._step]
            self._snapshot()
        elif time.monotonic() - self._measured_at >= self._interval():
            self._record_predictions()
        self._keep_kernels()

    def end_epoch(self, labels: NDArray[np.uint8] | None, said: NDArray[np.float32] | None) -> None:
        """Call after validation; `said` are the predictions for all validation images."""
        if labels is None or said is None:
            self._snapshot()
        else:
            self._snapshot(_confusion(said, labels))

    def close(self) -> None:
        """Nothing is written after this."""
        self._writer.close()

    def _keep_kernels(self) -> None:
        """Keeps the kernels if a snapshot follows the next group of steps."""
        soon = min(self._step + self._group, self._steps)
        if soon >= min([*self._due, self._steps]):
            self._kernels_before = (self._step, self._statistics.kernels())

    def _snapshot(self, counts: NDArray[np.int32] | None = None) -> None:
        if counts is None:
            counts = _confusion(answers(self._network, self._few), self._monitor.few.labels)
        measured = self._measure()
        before, steps = None, 1
        if self._kernels_before is not None and self._step > self._kernels_before[0]:
            before, steps = self._kernels_before[1], self._step - self._kernels_before[0]
        self._writer.snapshot(
            Snapshot(
                epochs=self._epochs_done,
                step=self._epoch * self._steps + self._step,
                images_seen=self._epoch * self._images
                + min(self._step * self._batch_size, self._images),
                confusion=counts,
                filters=self._statistics.filters(),
                probabilities=measured.probabilities,
                layers=self._statistics.states(measured, before, steps),
            )
        )

    def _record_predictions(self) -> None:
        self._writer.predictions(
            PinnedPredictions(self._epochs_done, self._measure().probabilities)
        )

    def _measure(self) -> _Measurement:
        self._measured_at = time.monotonic()
        measured = self._statistics.measure()
        if measured.maps:
            write_feature_maps(self._folder, self._epochs_done, measured.maps)
        return measured

    def _interval(self) -> float:
        return max(_PREDICTION_SECONDS, (time.monotonic() - self._started_at) / _MOST_PREDICTIONS)

    @property
    def _epochs_done(self) -> float:
        return round(self._epoch + self._step / self._steps, 6)


@dataclass(frozen=True, eq=False)
class _Measurement:
    """What one look at a model finds.

    Attributes:
        gradients, dead: Gradient norms and dead shares of layers.
        probabilities: (p, 10) of the pinned images.
        maps: One array a block, of the pinned images, see `FeatureMaps`.
    """

    gradients: list[float | None]
    dead: dict[str, float]
    probabilities: _Array
    maps: list[NDArray[np.uint8]]


class _LayerStatistics:
    """Computes the statistics of a model's layers.

    Args:
        batch: Images for gradients and dead units.
        pinned_images: uint8 (p, s, s), as the network reads them.
    """

    def __init__(
        self,
        model: keras.Model,
        config: ModelConfig,
        batch: ImageSet,
        pinned_images: NDArray[np.uint8],
    ) -> None:
        layers = plan(config)
        self._layers = [layer for layer in layers if layer.kind in _WITH_WEIGHTS]
        self._kernels = [model.get_layer(layer.name).kernel for layer in self._layers]
        self._activation_layers = [_activation_layer(layer, layers) for layer in self._layers]
        self._reads_pixels = layers[2].kind == "flatten"
        self._pixels = layers[0].shape[:2]
        self._measure = _measuring_function(
            model,
            [name for name in self._activation_layers if name],
            _ends_of_blocks(layers),
            self._kernels,
        )
        shown = as_read(model, batch.images), pinned_images
        images = np.concatenate(shown).astype(np.float32)[..., None]
        self._images = keras.ops.convert_to_tensor(images)
        self._labels = keras.ops.convert_to_tensor(batch.labels)

    @property
    def facts(self) -> tuple[LayerFacts, ...]:
        """The layers with weights, in the order of computation."""
        pairs = zip(self._layers, self.kernels(), strict=True)
        return tuple(LayerFacts(one.name, kernel.size, one.shape[-1]) for one, kernel in pairs)

    def kernels(self) -> list[_Array]:
        """Copies of their kernels."""
        return [np.array(keras.ops.convert_to_numpy(kernel)) for kernel in self._kernels]

    def filters(self) -> _Array | None:
        """The value of `Snapshot.filters`."""
        kernel = np.array(keras.ops.convert_to_numpy(self._kernels[0]), np.float32)
        if self._layers[0].kind == "conv":
            return kernel
        if not self._reads_pixels:
            return None
        return kernel[:, :_MOST_UNITS].reshape(*self._pixels, 1, -1)

    def measure(self) -> _Measurement:
        """Measures the current model, without dropout."""
        return self._measure(self._images, self._labels)

    def states(
        self, measured: _Measurement, before: list[_Array] | None, steps: int
    ) -> tuple[LayerState, ...]:
        """The state of each layer.

        Args:
            before: The kernels `steps` steps ago, if known.
        """
        found = []
        for index, kernel in enumerate(self.kernels()):
            length = float(np.linalg.norm(kernel))
            way = None if before is None else float(np.linalg.norm(kernel - before[index]))
            found.append(
                LayerState(
                    weight_norm=length,
                    gradient_norm=measured.gradients[index],
                    update_ratio=None if way is None or not length else way / steps / length,
                    dead_share=measured.dead.get(self._activation_layers[index]),
                )
            )
        return tuple(found)


def _measuring_function(
    model: keras.Model, activation_layers: list[str], ends: list[str], kernels: list[Any]
) -> Callable[[Any, Any], _Measurement]:
    # By name: of a list with one output Keras gives the bare output.
    outputs = {name: model.get_layer(name).output for name in (*activation_layers, *ends)}
    tapped = keras.Model(model.inputs, {**outputs, _ANSWER: model.outputs[0]})
    softmax = model.layers[-1].activation is keras.activations.softmax

    def summarize(outputs: dict[str, Any], count: int) -> tuple[list[Any], Any, list[Any]]:
        said = of_classes(outputs[_ANSWER][count:])
        dead = [_dead_share(outputs[name][:count]) for name in activation_layers]
        maps = [outputs[name][count:, ..., :CHANNELS_KEPT] for name in ends]
        return dead, _shares(said) if softmax else keras.ops.softmax(said), maps

    def _shares(said: Any) -> Any:
        # With the eleventh probability cut off, the others add up to less than 1.
        if model.output_shape[-1] <= CLASS_COUNT:
            return said
        return said / keras.ops.sum(said, axis=1, keepdims=True)

    if keras.backend.backend() == "tensorflow":
        return _with_tensorflow(model, tapped, summarize, activation_layers, kernels)

    def without_gradients(images: Any, labels: Any) -> _Measurement:
        found = summarize(tapped(images, training=False), len(labels))
        return _measurement([None] * len(kernels), activation_layers, *found)

    return without_gradients


def _with_tensorflow(
    model: keras.Model,
    tapped: keras.Model,
    summarize: Any,
    activation_layers: list[str],
    kernels: list[Any],
) -> Callable[[Any, Any], _Measurement]:
    import tensorflow as tf

    @tf.function
    def traced(images: Any, labels: Any) -> Any:
        count = labels.shape[0]
        with tf.GradientTape() as tape:
            outputs = tapped(images, training=False)
            loss = model.compute_loss(y=labels, y_pred=outputs[_ANSWER][:count])
        gradients = tape.gradient(loss, [kernel.value for kernel in kernels])
        return [tf.norm(gradient) for gradient in gradients], *summarize(outputs, count)

    def plain(images: Any, labels: Any) -> _Measurement:
        norms, *found = traced(images, labels)
        return _measurement([float(norm) for norm in norms], activation_layers, *found)

    return plain


def _measurement(
    norms: list[Any], activation_layers: list[str], dead: list[Any], said: Any, maps: list[Any]
) -> _Measurement:
    shares = {name: float(share) for name, share in zip(activation_layers, dead, strict=True)}
    pictures = [scaled(_floats(one)) for one in maps]
    return _Measurement(norms, shares, _floats(said), pictures)


def _floats(value: Any) -> _Array:
    return np.asarray(keras.ops.convert_to_numpy(keras.ops.cast(value, "float32")), np.float32)


def _ends_of_blocks(layers: tuple[Layer, ...]) -> list[str]:
    """The last layer of each block, whose output is what the block puts out."""
    last: dict[str, str] = {}
    for layer in layers:
        block, _, part = layer.name.partition("_")
        if part and block.removeprefix("block").isdecimal():
            last[block] = layer.name
    return list(last.values())


def _activation_layer(layer: Layer, layers: tuple[Layer, ...]) -> str:
    """The layer that holds the activation of `layer`; empty where there is none."""
    if layer.kind == "dense":
        return layer.name if layer.options["activation"] not in ("linear", "softmax") else ""
    after = (one for one in layers if one.kind == "activation")
    return next((one.name for one in after if one.name.startswith(f"{layer.name}_")), "")


def _dead_share(output: Any) -> Any:
    places = tuple(range(len(output.shape) - 1))
    alive = keras.ops.any(keras.ops.not_equal(output, 0), axis=places)
    return 1 - keras.ops.mean(keras.ops.cast(alive, "float32"))


def _monitor_set(parts: Splits, training: TrainConfig) -> _MonitorSet:
    """Deterministic for a seed, also when a run is resumed."""
    source = VALIDATION if parts.validation else TRAINING
    images = parts.validation or parts.train
    few = _some(images, _FEW, training.seed)
    return _MonitorSet(source, few, _some(parts.train, _BATCH, training.seed))


def _default_pinned_images(monitor: _MonitorSet) -> tuple[PinnedImage, ...]:
    """One image of each class, for a run that began without pinned images."""
    source = "validation image" if monitor.source == VALIDATION else "training image"
    found = []
    for label, name in enumerate(CLASS_NAMES):
        places = np.flatnonzero(monitor.few.labels == label)
        if len(places):
            found.append(PinnedImage(monitor.few.images[places[0]], name, label, source))
    return tuple(found)


def answers(model: keras.Model, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The model's outputs float32 (n, outputs) for images uint8 (n, s, s).

    The last batch is padded: Keras would trace the model again for another size.
    """
    # At least two batches, for two cores.
    size = min(_FEW // AT_ONCE, len(images))
    parts = [_filled(images[start : start + size], size) for start in range(0, len(images), size)]
    said = side_by_side(
        model, lambda part: np.asarray(model.predict_on_batch(as_read(model, part))), parts
    )
    return np.concatenate(said)[: len(images)]


def _confusion(said: NDArray[np.float32], labels: NDArray[np.uint8]) -> NDArray[np.int32]:
    """int32 (10, 10), true class by predicted class, of a model's outputs."""
    cells = labels.astype(np.int64) * CLASS_COUNT + of_classes(said).argmax(axis=1)
    counts = np.bincount(cells, minlength=CLASS_COUNT**2)
    return counts.reshape(CLASS_COUNT, CLASS_COUNT).astype(np.int32)


def _filled(images: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    return images if len(images) == size else np.resize(images, (size, *images.shape[1:]))


def _some(images: ImageSet, most: int, seed: int) -> ImageSet:
    return images.take(subset(images.labels, min(most, len(images)), seed))
