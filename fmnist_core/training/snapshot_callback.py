"""Records the trace of a training: weights, gradients, dead units and pinned images over time.

All of a snapshot is computed in one traced function: it then takes ten milliseconds, a fifth of the
time without tracing.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_COUNT, CLASS_NAMES, IMAGE_SIDE
from fmnist_core.config import ModelConfig, RunConfig, TrainConfig
from fmnist_core.datasets.dataset import ImageSet
from fmnist_core.datasets.split import subset
from fmnist_core.lab_keras import keras
from fmnist_core.models.build import AT_ONCE, side_by_side
from fmnist_core.models.plan import Layer, plan
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.pinned_images import Probe, keep_probes
from fmnist_core.runs.trace import (
    TRAINING,
    VALIDATION,
    LayerFacts,
    LayerState,
    Moment,
    Snapshot,
    TraceWriter,
)
from fmnist_core.settings import Settings
from fmnist_core.training.splits import Parts

# What a look inside an epoch costs grows with it; 50 of each class still fill a matrix.
_FEW = 500

# Gradients and dead units are taken on so many training images.
_BATCH = 64


@dataclass(frozen=True, eq=False)
class _Watched:
    """Images by their use.

    Attributes:
        source: `"validation"`, or `"training"` where none are held back.
        few: At most 500 of them, drawn evenly per class: looked at within an epoch.
        batch: At most 64 training images, for gradients and dead units.
    """

    source: str
    few: ImageSet
    batch: ImageSet


# Units of a first dense layer that are shown: as pictures they are as large as images.
_MOST_PICTURES = 24

_WITH_WEIGHTS = ("conv", "depthwise", "dense")

_ANSWER = "the answer"

_Array = NDArray[np.float32]

# Most is learned in the first epoch, and most of that at its beginning.
_LOOKS = (1 / 81, 1 / 27, 1 / 9, 1 / 3)
# A probe's answer is asked for every two seconds; in a long run, 300 times in all that was so far.
_SECONDS, _SHARE = 2.0, 300


class Tracer(keras.callbacks.Callback):
    """Goes along with `fit`; `begin`, `end_epoch` and `close` are called around it."""

    def __init__(self, folder: RunFolder, config: RunConfig, parts: Parts, images: int) -> None:
        super().__init__()
        self._config, self._images = config, images
        self._batch_size = config.training.batch_size
        self._steps = math.ceil(images / self._batch_size)
        self._watched: _Watched = _watched_images(parts, config.training)
        self._writer = TraceWriter(folder.trace_path)
        self._folder = folder
        self._epoch = self._step = 0
        self._before: tuple[int, list[_Array]] | None = None
        self._began = self._asked = time.monotonic()

    def begin(self, model: keras.Model, epoch: int, settings: Settings) -> None:
        """After the weights are in place, `epoch` epochs being completed.

        Raises:
            StorageError: The disk is full or cannot be written.
        """
        probes = keep_probes(self._folder, settings) or _probes_in_place_of_pins(self._watched)
        images = np.stack([probe.image for probe in probes])
        self._now = _LayersNow(model, self._config.model, self._watched.batch, images)
        self._group = int(model.steps_per_execution)
        self._network = model
        self._epoch = epoch
        self._writer.begin(
            attempt=self._folder.status.attempt,
            epoch=epoch,
            epochs=self._config.training.epochs,
            steps_per_epoch=self._steps,
            watched=self._watched.source,
            layers=self._now.facts,
            probes=probes,
        )
        self._snapshot()

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._epoch, self._step = epoch, 0
        self._due = [math.ceil(share * self._steps) for share in _LOOKS if not epoch]
        self._remember()

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self._step = min(batch + 1, self._steps)
        if self._step >= self._steps or not math.isfinite(float((logs or {}).get("loss", 0.0))):
            return
        if self._due and self._step >= self._due[0]:
            self._due = [step for step in self._due if step > self._step]
            self._snapshot()
        elif time.monotonic() - self._asked >= self._interval():
            self._ask()
        self._remember()

    def end_epoch(self, held: ImageSet | None, said: NDArray[np.float32] | None) -> None:
        """After validation; `said` are the answers for all images held back."""
        if held is None or said is None:
            self._snapshot()
        else:
            self._snapshot(_confusion(said, held.labels))

    def close(self) -> None:
        """Nothing is written after this."""
        self._writer.close()

    def _remember(self) -> None:
        """Keeps the kernels, if the next group of steps is one that is looked at."""
        soon = min(self._step + self._group, self._steps)
        if soon >= min([*self._due, self._steps]):
            self._before = (self._step, self._now.kernels())

    def _snapshot(self, counts: NDArray[np.int32] | None = None) -> None:
        if counts is None:
            few = self._watched.few
            counts = _confusion(answers(self._network, few.images), few.labels)
        look = self._look()
        before, steps = None, 1
        if self._before is not None and self._step > self._before[0]:
            before, steps = self._before[1], self._step - self._before[0]
        self._writer.snapshot(
            Snapshot(
                epochs=self._place,
                step=self._epoch * self._steps + self._step,
                images_seen=self._epoch * self._images
                + min(self._step * self._batch_size, self._images),
                confusion=counts,
                filters=self._now.filters(),
                probabilities=look.probabilities,
                layers=self._now.states(look, before, steps),
            )
        )

    def _ask(self) -> None:
        self._writer.moment(Moment(self._place, self._look().probabilities))

    def _look(self) -> _Look:
        self._asked = time.monotonic()
        return self._now.look()

    def _interval(self) -> float:
        return max(_SECONDS, (time.monotonic() - self._began) / _SHARE)

    @property
    def _place(self) -> float:
        return round(self._epoch + self._step / self._steps, 6)


@dataclass(frozen=True, eq=False)
class _Look:
    """Of a layer its gradient norm and dead share; of a pinned image its probabilities (10,)."""

    gradients: list[float | None]
    dead: dict[str, float]
    probabilities: _Array


class _LayersNow:
    """Computes the figures of one model's layers, again and again.

    Args:
        batch: Images for gradients and dead units.
        probes: uint8 (p, 28, 28).
    """

    def __init__(
        self,
        model: keras.Model,
        config: ModelConfig,
        batch: ImageSet,
        probes: NDArray[np.uint8],
    ) -> None:
        layers = plan(config)
        self._layers = [layer for layer in layers if layer.kind in _WITH_WEIGHTS]
        self._kernels = [model.get_layer(layer.name).kernel for layer in self._layers]
        self._bends = [_bend(layer, layers) for layer in self._layers]
        self._reads_pixels = layers[2].kind == "flatten"
        self._look = _looking(model, [name for name in self._bends if name], self._kernels)
        images = np.concatenate([batch.images, probes]).astype(np.float32)[..., None]
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
        """What `Snapshot.filters` holds."""
        kernel = np.array(keras.ops.convert_to_numpy(self._kernels[0]), np.float32)
        if self._layers[0].kind == "conv":
            return kernel
        if not self._reads_pixels:
            return None
        return kernel[:, :_MOST_PICTURES].reshape(IMAGE_SIDE, IMAGE_SIDE, 1, -1)

    def look(self) -> _Look:
        """The model as it is now; dropout is off."""
        return self._look(self._images, self._labels)

    def states(
        self, look: _Look, before: list[_Array] | None, steps: int
    ) -> tuple[LayerState, ...]:
        """One a layer.

        Args:
            before: The kernels `steps` steps ago; None where there were none.
        """
        found = []
        for index, kernel in enumerate(self.kernels()):
            length = float(np.linalg.norm(kernel))
            way = None if before is None else float(np.linalg.norm(kernel - before[index]))
            found.append(
                LayerState(
                    weight_norm=length,
                    gradient_norm=look.gradients[index],
                    update_ratio=None if way is None or not length else way / steps / length,
                    dead_share=look.dead.get(self._bends[index]),
                )
            )
        return tuple(found)


def _looking(
    model: keras.Model, bent: list[str], kernels: list[Any]
) -> Callable[[Any, Any], _Look]:
    # By name: of a list with one output Keras gives the bare output.
    outputs = {name: model.get_layer(name).output for name in bent}
    looked = keras.Model(model.inputs, {**outputs, _ANSWER: model.outputs[0]})
    softmax = model.layers[-1].activation is keras.activations.softmax

    def seen(outputs: dict[str, Any], count: int) -> tuple[list[Any], Any]:
        said = outputs[_ANSWER][count:]
        dead = [_dead_share(outputs[name][:count]) for name in bent]
        return dead, said if softmax else keras.ops.softmax(said)

    if keras.backend.backend() == "tensorflow":
        return _with_tensorflow(model, looked, seen, bent, kernels)

    def without_gradients(images: Any, labels: Any) -> _Look:
        dead, said = seen(looked(images, training=False), len(labels))
        return _look_of([None] * len(kernels), bent, dead, said)

    return without_gradients


def _with_tensorflow(
    model: keras.Model, looked: keras.Model, seen: Any, bent: list[str], kernels: list[Any]
) -> Callable[[Any, Any], _Look]:
    import tensorflow as tf

    @tf.function
    def traced(images: Any, labels: Any) -> Any:
        count = labels.shape[0]
        with tf.GradientTape() as tape:
            outputs = looked(images, training=False)
            loss = model.compute_loss(y=labels, y_pred=outputs[_ANSWER][:count])
        gradients = tape.gradient(loss, [kernel.value for kernel in kernels])
        return [tf.norm(gradient) for gradient in gradients], *seen(outputs, count)

    def plain(images: Any, labels: Any) -> _Look:
        norms, dead, said = traced(images, labels)
        return _look_of([float(norm) for norm in norms], bent, dead, said)

    return plain


def _look_of(norms: list[Any], bent: list[str], dead: list[Any], said: Any) -> _Look:
    shares = {name: float(share) for name, share in zip(bent, dead, strict=True)}
    return _Look(norms, shares, np.asarray(keras.ops.convert_to_numpy(said), np.float32))


def _bend(layer: Layer, layers: tuple[Layer, ...]) -> str:
    """The layer that holds the activation of `layer`; empty where there is none."""
    if layer.kind == "dense":
        return layer.name if layer.options["activation"] not in ("linear", "softmax") else ""
    after = (one for one in layers if one.kind == "activation")
    return next((one.name for one in after if one.name.startswith(f"{layer.name}_")), "")


def _dead_share(output: Any) -> Any:
    places = tuple(range(len(output.shape) - 1))
    alive = keras.ops.any(keras.ops.not_equal(output, 0), axis=places)
    return 1 - keras.ops.mean(keras.ops.cast(alive, "float32"))


def _watched_images(parts: Parts, training: TrainConfig) -> _Watched:
    """The same for the same seed, also when a run goes on."""
    source = VALIDATION if parts.validation else TRAINING
    images = parts.validation or parts.train
    few = _some(images, _FEW, training.seed)
    return _Watched(source, few, _some(parts.train, _BATCH, training.seed))


def _probes_in_place_of_pins(watched: _Watched) -> tuple[Probe, ...]:
    """One of the watched images of each class, for a run that began with nothing pinned."""
    source = "held back" if watched.source == VALIDATION else "training image"
    found = []
    for label, name in enumerate(CLASS_NAMES):
        places = np.flatnonzero(watched.few.labels == label)
        if len(places):
            found.append(Probe(watched.few.images[places[0]], name, label, source))
    return tuple(found)


def answers(model: keras.Model, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """What the model's last layer says, float32 (n, classes), for images uint8 (n, 28, 28).

    All batches are equally large, the last one filled up: another size would be traced anew.
    """
    # Two parts at least, so that both cores have something to do.
    size = min(_FEW // AT_ONCE, len(images))
    parts = [_filled(images[start : start + size], size) for start in range(0, len(images), size)]
    said = side_by_side(model, lambda part: np.asarray(model.predict_on_batch(part)), parts)
    return np.concatenate(said)[: len(images)]


def _confusion(said: NDArray[np.float32], labels: NDArray[np.uint8]) -> NDArray[np.int32]:
    """int32 (10, 10), true class by the likeliest one of answers (n, 10)."""
    cells = labels.astype(np.int64) * CLASS_COUNT + said.argmax(axis=1)
    counts = np.bincount(cells, minlength=CLASS_COUNT**2)
    return counts.reshape(CLASS_COUNT, CLASS_COUNT).astype(np.int32)


def _filled(images: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    return images if len(images) == size else np.resize(images, (size, *images.shape[1:]))


def _some(images: ImageSet, most: int, seed: int) -> ImageSet:
    return images.take(subset(images.labels, min(most, len(images)), seed))
