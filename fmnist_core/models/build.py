"""Builds and loads Keras models, for training and inference. Only worker processes import this.

For training, batch normalization goes over the maps in one pass, and each step in two halves of the
batch, side by side. TensorFlow deals out each operation to all cores, and then all wait for the
slowest: of networks as small as these a third of the time was waiting. Here each half of the
batch goes through the network by itself, on one core (`threads.py`): a step takes 0.75 to 0.92 of
the time.

Without batch normalization the gradients are the same up to rounding. With it, each half is
normalized by its own statistics ("ghost batch normalization": Hoffer et al., arXiv 1705.08741,
section 4), and always is under TensorFlow, however many cores there are: what a network learns must
not depend on the machine. Under another backend Keras steps as it always does.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from weakref import WeakSet

from fmnist_core.config import ModelConfig
from fmnist_core.config.model import no_recipe
from fmnist_core.errors import TrainingError
from fmnist_core.lab_keras import keras
from fmnist_core.models.backbone_layers import MOMENTUM, backbone_output
from fmnist_core.models.backbones import BACKBONES
from fmnist_core.models.plan import Layer, plan, scale_and_offset

_HALVES = 2

Part = TypeVar("Part")

Said = TypeVar("Said")

AT_ONCE = 2

_asked: WeakSet[keras.Model] = WeakSet()

USUAL_MOMENTUM = 0.99  # Keras' own.
Makers = dict[str, Callable[[Layer, list[Any]], Any]]


# Keras draws the seeds of weights from random numbers of the whole process, also for a network that
# it reads from a file: one at a time, or another thread takes numbers that a seed stands for.
_random_numbers = threading.RLock()


def build_model(config: ModelConfig, seed: int | None = None) -> keras.Model:
    """The network with fresh random weights; takes (n, side, side) or (n, side, side, 1),
    0 to 255, `side` being the configuration's `input_side`.

    Args:
        seed: Of the weights, the same whatever other threads build; sets the seed of the process.

    Raises:
        ArchitectureError: The configuration cannot be built.
    """
    with _random_numbers:
        if seed is not None:
            keras.utils.set_random_seed(seed)
        return _built(config, _MAKERS)


def copy_model(model: keras.Model, call: Callable[..., Any]) -> keras.Model:
    """A copy with random weights; `call(layer, *inputs, **options)` stands in for each layer."""
    with _random_numbers:
        return keras.models.clone_model(model, call_function=call)


def load_model(path: Path) -> keras.Model:
    """A saved network, without its optimizer.

    Raises:
        TrainingError: The file is missing or damaged.
    """
    try:
        with _random_numbers:
            return keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:
        raise TrainingError(
            f"The network in {path.name} cannot be read.", received=type(error).__name__
        ) from error


def training_model(
    config: ModelConfig, precision: str = "float32", norm_momentum: float = USUAL_MOMENTUM
) -> keras.Model:
    """The same network, made to be trained fast: its weights fit those of `build_model`.

    Args:
        precision: `"mixed_bfloat16"` computes in bfloat16 and keeps weights in float32
            (Micikevicius et al., arXiv 1710.03740, there with float16), and so the answer.
        norm_momentum: What batch normalisation keeps of its statistics at each step, 0 to 1. A
            backbone's keeps less, unless more than usual is asked for.

    Raises:
        ArchitectureError: The configuration cannot be built.
    """
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(precision)
    try:
        # Each of the halves of a step moves the statistics on.
        halves = _HALVES if keras.backend.backend() == "tensorflow" else 1
        of_backbone = MOMENTUM if norm_momentum <= USUAL_MOMENTUM else norm_momentum
        own = {
            "norm": partial(_fused_norm, norm_momentum ** (1 / halves)),
            "backbone": partial(_backbone, of_backbone ** (1 / halves)),
        }
        return _built(config, _MAKERS | own, HalvedModel if halves > 1 else keras.Model)
    finally:
        keras.config.set_dtype_policy(before)


class HalvedModel(keras.Model):
    """A Keras model whose `fit` takes each step in two halves of the batch, under TensorFlow."""

    def train_step(self, data: Any) -> dict[str, Any]:
        """As Keras' own, for batches without weights."""
        images, labels, _ = keras.utils.unpack_x_y_sample_weight(data)
        count = keras.ops.shape(labels)[0]
        # Of an odd number the first half has one more; a single image goes through twice.
        first, second = (count + 1) // 2, keras.ops.maximum(count // 2, 1)
        one = self._half(images[:first], labels[:first])
        other = self._half(images[count - second :], labels[count - second :])
        share = keras.ops.cast(first, "float32") / keras.ops.cast(first + second, "float32")
        gradients = [
            share * mine + (1 - share) * theirs
            for mine, theirs in zip(one.gradients, other.gradients, strict=True)
        ]
        self.optimizer.apply(gradients, self.trainable_variables)
        loss = share * one.loss + (1 - share) * other.loss
        self._loss_tracker.update_state(loss, sample_weight=count)
        said = keras.ops.concatenate([one.answers, other.answers[first + second - count :]])
        found: dict[str, Any] = self.compute_metrics(images, labels, said)
        return found

    def _half(self, images: Any, labels: Any) -> _Half:
        import tensorflow as tf

        with tf.GradientTape() as tape:
            said = self(images, training=True)
            loss = self.compute_loss(images, labels, said)
        return _Half(loss, tape.gradient(loss, self.trainable_variables), said)


@dataclass(frozen=True)
class _Half:
    """Of one half: its loss, gradients by variable, and answers (n, classes)."""

    loss: Any
    gradients: list[Any]
    answers: Any


def _built(
    config: ModelConfig, makers: Makers, kind: type[keras.Model] = keras.Model
) -> keras.Model:
    tensors: dict[str, Any] = {}
    layers = plan(config)
    for layer in layers:
        reads = [tensors[name] for name in layer.inputs]
        tensors[layer.name] = makers[layer.kind](layer, reads)
    return kind(tensors["pixels"], tensors[layers[-1].name], name="classifier")


def _input(layer: Layer, reads: list[Any]) -> Any:
    return keras.Input(layer.shape, name=layer.name, dtype="float32")


def _scale(layer: Layer, reads: list[Any]) -> Any:
    scale, offset = scale_and_offset(layer.options["normalization"])
    return keras.layers.Rescaling(scale, offset, name=layer.name)(reads[0])


def _conv(layer: Layer, reads: list[Any]) -> Any:
    return keras.layers.Conv2D(
        layer.shape[-1],
        layer.options["kernel"],
        strides=layer.options["stride"],
        padding=layer.options["padding"],
        use_bias=layer.options["bias"],
        name=layer.name,
    )(reads[0])


def _depthwise(layer: Layer, reads: list[Any]) -> Any:
    return keras.layers.DepthwiseConv2D(
        layer.options["kernel"],
        strides=layer.options["stride"],
        padding=layer.options["padding"],
        use_bias=False,
        name=layer.name,
    )(reads[0])


def _pool(layer: Layer, reads: list[Any]) -> Any:
    kinds = {"max": keras.layers.MaxPooling2D, "average": keras.layers.AveragePooling2D}
    return kinds[layer.options["kind_"]](2, name=layer.name)(reads[0])


def _global_pool(layer: Layer, reads: list[Any]) -> Any:
    kinds = {
        "global_average": keras.layers.GlobalAveragePooling2D,
        "global_max": keras.layers.GlobalMaxPooling2D,
    }
    return kinds[layer.options["kind_"]](name=layer.name)(reads[0])


def _dense(layer: Layer, reads: list[Any]) -> Any:
    # Bfloat16 has two to three digits: too few for the scores that are compared in the end.
    dtype = "float32" if layer.name == "answer" else None
    return keras.layers.Dense(
        layer.shape[0], activation=layer.options["activation"], name=layer.name, dtype=dtype
    )(reads[0])


def _norm(layer: Layer, reads: list[Any]) -> Any:
    return keras.layers.BatchNormalization(name=layer.name)(reads[0])


def _fused_norm(momentum: float, layer: Layer, reads: list[Any]) -> Any:
    return BatchNormalization(momentum=momentum, name=layer.name)(reads[0])


class BatchNormalization(keras.layers.BatchNormalization):
    """Keras' layer, trained by TensorFlow's fused operation where TensorFlow computes.

    Keras makes it of single steps, each of which goes through all the maps and back: of a network
    with maps of 28x28 they took a quarter of the time in float32, a half in bfloat16. Weights,
    results and everything outside training are those of Keras' layer; the name, too, since files of
    weights call layers after their classes.
    """

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        fits = keras.backend.backend() == "tensorflow" and len(inputs.shape) == 4
        if not (training and self.trainable and fits) or mask is not None:
            return super().call(inputs, training=training, mask=mask)
        outputs, mean, variance = _fused(inputs, self.gamma, self.beta, self.epsilon)
        self._follow(self.moving_mean, mean)
        # The operation gives the variance over n - 1 values (Bessel), Keras' layer that over n.
        count = keras.ops.cast(keras.ops.size(inputs[..., 0]), "float32")
        self._follow(self.moving_variance, variance * (count - 1) / count)
        return outputs

    def _follow(self, moving: Any, now: Any) -> None:
        moving.assign(moving * self.momentum + now * (1.0 - self.momentum))


def _backbone(momentum: float, layer: Layer, reads: list[Any]) -> Any:
    return backbone_output(layer.options["backbone"], reads[0], momentum)


def _resize(layer: Layer, reads: list[Any]) -> Any:
    height, width = layer.shape[:2]
    return keras.layers.Resizing(height, width, name=layer.name)(reads[0])


def _prepare(layer: Layer, reads: list[Any]) -> Any:
    scaling = BACKBONES[layer.options["backbone"]].scaling
    return keras.layers.Rescaling(list(scaling.scale), list(scaling.offset), name=layer.name)(
        reads[0]
    )


def _imported(layer: Layer, reads: list[Any]) -> Any:
    raise no_recipe()


_MAKERS: Makers = {
    "input": _input,
    "scale": _scale,
    "conv": _conv,
    "depthwise": _depthwise,
    "norm": _norm,
    "activation": lambda layer, reads: keras.layers.Activation(
        layer.options["kind_"], name=layer.name
    )(reads[0]),
    "pool": _pool,
    "dropout": lambda layer, reads: keras.layers.Dropout(layer.options["rate"], name=layer.name)(
        reads[0]
    ),
    "add": lambda layer, reads: keras.layers.Add(name=layer.name)(reads),
    "flatten": lambda layer, reads: keras.layers.Flatten(name=layer.name)(reads[0]),
    "global_pool": _global_pool,
    "dense": _dense,
    "resize": _resize,
    "channels": lambda layer, reads: keras.layers.Concatenate(name=layer.name)(reads * 3),
    "prepare": _prepare,
    "backbone": partial(_backbone, MOMENTUM),
    "imported": _imported,
}


def side_by_side(
    model: keras.Model, ask: Callable[[Part], Said], parts: Sequence[Part]
) -> list[Said]:
    """The results of `ask` with the model for each part, in order.

    A training leaves each operation one core alone (`HalvedModel`), and an answer is one operation
    after the other: two batches at once use two cores. The very first part is asked alone, since
    Keras has yet to trace the network. Under JAX all are: there Keras hands a network's weights
    over for each batch and takes them back, which two threads must not do at once.
    """
    if len(parts) < AT_ONCE or keras.backend.backend() != "tensorflow":
        return [ask(part) for part in parts]
    first = [] if model in _asked else [ask(parts[0])]
    _asked.add(model)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return [*first, *pool.map(ask, parts[len(first) :])]


def _fused(inputs: Any, gamma: Any, beta: Any, epsilon: float) -> tuple[Any, Any, Any]:
    import tensorflow as tf

    # Maps may be bfloat16; sums over them are float32 within the operation.
    found = tf.raw_ops.FusedBatchNormV3(
        x=inputs,
        scale=tf.cast(gamma, "float32"),
        offset=tf.cast(beta, "float32"),
        mean=tf.zeros((0,)),
        variance=tf.zeros((0,)),
        epsilon=epsilon,
        is_training=True,
    )
    return found.y, found.batch_mean, found.batch_variance
