"""Compiles the model for `fit`: loss (with distillation), metrics, optimizer and averaged weights.

Polyak & Juditsky, "Acceleration of stochastic approximation by averaging", 1992; the exponential
moving average is that of Keras' optimizers. Hinton, Vinyals & Dean, "Distilling the Knowledge in a
Neural Network", arXiv 1503.02531, section 2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from fmnist_core.config import DistillationConfig, ModelConfig, RunConfig, TrainConfig
from fmnist_core.lab_keras import keras
from fmnist_core.models.build import USUAL_MOMENTUM, training_model
from fmnist_core.models.calibration import of_classes
from fmnist_core.training.distillation_targets import has_rows, labels_of

_LEAST = 1e-7

# The rate of Muon's AdamW part as a share of that of its matrices: 0.002 beside the usual 0.02.
_ADAMW_OF_MUON = 0.1

# Of targets (n,) or (n, 1 + outputs) and answers (n, outputs) a loss (n,).
_Loss = Callable[[Any, Any], Any]


# Callbacks fire once per group of steps: some tenth of a second of work, so that pausing is
# immediate and Python between the groups costs nothing (16 steps of 32 images: a third faster).
IMAGES_PER_GROUP = 512


def compiled_model(config: RunConfig, steps_per_epoch: int) -> keras.Model:
    """Builds and compiles.

    Raises:
        ArchitectureError: The network cannot be built.
    """
    training = config.training
    # Averaged weights need statistics of as many steps: those of the last hundred do not fit them.
    momentum = max(USUAL_MOMENTUM, training.ema_decay)
    model = training_model(config.model, training.precision, momentum)
    compile_for(model, config, steps_per_epoch)
    return model


def compile_for(model: keras.Model, config: RunConfig, steps_per_epoch: int) -> None:
    """Compiles for the layers that learn now, perhaps anew: the optimizer remembers nothing then.

    Its memory has its place afterwards, so that weights can be loaded.
    """
    model.compile(
        optimizer=_optimizer(config.training),
        loss=_loss(config.model, config.training),
        metrics=[_accuracy(config)],
        steps_per_execution=max(1, min(_steps_per_group(config), steps_per_epoch)),
        # XLA makes these networks three to four times slower on a CPU under TensorFlow.
        jit_compile=keras.backend.backend() != "tensorflow",
    )
    model.optimizer.build(model.trainable_variables)
    _go_on_with_own_weights(model)


def _steps_per_group(config: RunConfig) -> int:
    # One step of a backbone is a tenth of a second already, or more.
    most = 1 if config.model.backbone.active else 16
    return min(most, IMAGES_PER_GROUP // config.training.batch_size)


def reseed(model: keras.Model, seed: int, epoch: int) -> None:
    """Starts all dropout anew from the seed and the epoch alone.

    Keras does not keep its random state with the weights; so a run that goes on after a crash
    drops what it would have dropped.
    """
    for index, layer in enumerate(model.layers):
        if isinstance(layer, keras.layers.Dropout):
            mixed = np.random.SeedSequence([seed, epoch, index]).generate_state(2)
            layer.seed_generator.state.assign(mixed)


def _accuracy(config: RunConfig) -> keras.metrics.Metric:
    training, other_clothing = config.training, config.model.other_clothing
    if _shows_others(training) or training.distillation.active or other_clothing:
        return ClothingAccuracy(config.model)
    return keras.metrics.SparseCategoricalAccuracy(name="accuracy")


def _shows_others(training: TrainConfig) -> bool:
    return training.style_augmentation.negatives > 0


class ClothingAccuracy(keras.metrics.SparseCategoricalAccuracy):
    """Share of right answers, one of the classes, among the images that show one of them."""

    def __init__(self, model: ModelConfig) -> None:
        super().__init__(name="accuracy")
        self.classes, self.outputs = model.classes, model.outputs

    def update_state(self, labels: Any, answers: Any, sample_weight: Any = None) -> Any:
        flat = labels_of(labels, self.outputs)
        known = keras.ops.cast(keras.ops.less(flat, self.classes), "float32")
        if self.outputs > self.classes:
            answers = of_classes(keras.ops.convert_to_tensor(answers))
        return super().update_state(flat, answers, sample_weight=known)


def _loss(model: ModelConfig, training: TrainConfig) -> Any:
    """Mean cross-entropy; with class weights, the mean of each image's times its class' weight.

    The validation loss is the same function, so that the two can be laid side by side; but a
    teacher is listened to while learning alone.
    """
    if not training.class_weights.active and not training.distillation.active:
        return _cross_entropy(model, training, "sum_over_batch_size")
    each = _cross_entropy(model, training, None)
    if training.distillation.active:
        each = _distilled(each, model, training.distillation)
    if not training.class_weights.active:
        return each
    weights = np.array(training.class_weights.weights, np.float32)

    def weighted(labels: Any, answers: Any) -> Any:
        return each(labels, answers) * keras.ops.take(weights, labels_of(labels, model.outputs))

    return weighted


def _cross_entropy(model: ModelConfig, training: TrainConfig, reduction: str | None) -> Any:
    how = {"from_logits": model.output == "logits", "reduction": reduction}
    smoothing, others = training.label_smoothing, _shows_others(training)
    if not smoothing and not others:
        return keras.losses.SparseCategoricalCrossentropy(**how)
    compare = keras.losses.CategoricalCrossentropy(**how)

    def against_soft_labels(labels: Any, answers: Any) -> Any:
        """Negatives have a label beyond the last output, with a uniform target."""
        flat = keras.ops.cast(keras.ops.reshape(labels, (-1,)), "int32")
        known = keras.ops.one_hot(flat, model.outputs)
        certain = keras.ops.sum(known, axis=1, keepdims=True)
        spread = (1 - certain * (1 - smoothing)) / model.outputs
        return compare((1 - smoothing) * known + spread, answers)

    return against_soft_labels


def _optimizer(training: TrainConfig) -> keras.optimizers.Optimizer:
    options: dict[str, Any] = {
        "learning_rate": training.learning_rate,
        "weight_decay": training.weight_decay or None,
        "global_clipnorm": training.gradient_clip_norm or None,
        "use_ema": training.ema_decay > 0,
        "ema_momentum": training.ema_decay,
    }
    if training.optimizer == "sgd":
        return keras.optimizers.SGD(momentum=training.momentum, nesterov=True, **options)
    if training.optimizer == "muon":
        options |= {
            "adam_lr_ratio": _ADAMW_OF_MUON,
            # Keras takes decay times the rate of the matrices from all weights.
            "adam_weight_decay": training.weight_decay * _ADAMW_OF_MUON or None,
            "exclude_layers": ["answer"],
        }
        return Muon(momentum=training.momentum, **options)
    if training.optimizer == "rmsprop":
        return keras.optimizers.RMSprop(**options)
    if training.optimizer == "adamw":
        # Here None is not allowed: its decay is what it was made for.
        return keras.optimizers.AdamW(**options | {"weight_decay": training.weight_decay})
    return keras.optimizers.Adam(**options)


class Muon(keras.optimizers.Muon):
    """Keras' Muon, which also makes the steps of convolutions orthogonal.

    A kernel (h, w, c_in, c_out) counts as the matrix (h * w * c_in, c_out): Keras' own leaves all
    but matrices to AdamW, to which here go the output layer, depthwise kernels, which mix no
    channels, and vectors (Jordan et al. 2024, https://kellerjordan.github.io/posts/muon).
    """

    def _should_use_adamw(self, variable: Any) -> bool:
        if len(variable.shape) == 4 and variable.shape[-1] > 1:
            return False
        return bool(super()._should_use_adamw(variable))

    def zeropower_via_newtonschulz5(self, x: Any, steps: int) -> Any:
        matrix = keras.ops.reshape(x, (-1, x.shape[-1]))
        found = super().zeropower_via_newtonschulz5(matrix, steps)
        return keras.ops.reshape(found, x.shape)

    def lr_adjust(self, x: Any) -> Any:
        rows = int(np.prod(x.shape[:-1]))
        return x * (max(rows, x.shape[-1]) ** 0.5 * self.rms_rate)


@contextmanager
def averaged(model: keras.Model) -> Iterator[None]:
    """The compiled model with averaged weights; afterwards its own ones are back.

    Without an average, or before the first step, nothing changes.
    """
    if not _has_average(model):
        yield
        return
    own = [keras.ops.convert_to_numpy(weight) for weight in model.trainable_variables]
    use_average(model)
    try:
        yield
    finally:
        for weight, value in zip(model.trainable_variables, own, strict=True):
            weight.assign(value)


def use_average(model: keras.Model) -> None:
    """Replaces the compiled model's weights by their moving average, if there is one."""
    if _has_average(model):
        optimizer = model.optimizer
        type(optimizer).finalize_variable_values(optimizer, model.trainable_variables)


def _go_on_with_own_weights(model: keras.Model) -> None:
    """Keras' `fit` ends by using the average; here it ends after each epoch, in mid-training."""
    model.optimizer.finalize_variable_values = lambda variables: None


def _has_average(model: keras.Model) -> bool:
    return bool(model.optimizer.use_ema) and int(model.optimizer.iterations) > 0


def _distilled(of_labels: _Loss, model: ModelConfig, teacher: DistillationConfig) -> _Loss:
    """(1 - weight) * label's loss + weight * T^2 * divergence of the student from the teacher.

    T^2 keeps the weight of both the same whatever T is. Of the teacher's cross-entropy its own
    entropy is taken off, which no student can change: the gradients are those of the paper, and
    the loss of a student that agrees is 0. An image that the teacher was not asked about has the
    label's loss, whole; so have those held back, whose targets are labels.
    """
    temperature = teacher.temperature

    def loss(targets: Any, answers: Any) -> Any:
        by_label = of_labels(labels_of(targets, model.outputs), answers)
        if not has_rows(targets, model.outputs):
            return by_label
        softened = targets[:, 1:]
        said = keras.ops.log_softmax(_scores(answers, model) / temperature, axis=1)
        known = keras.ops.log(keras.ops.maximum(softened, _LEAST))
        by_teacher = temperature**2 * keras.ops.sum(softened * (known - said), axis=1)
        asked = teacher.weight * keras.ops.sum(softened, axis=1)
        return (1 - asked) * by_label + teacher.weight * by_teacher

    return loss


def _scores(answers: Any, model: ModelConfig) -> Any:
    """Raw scores; those behind probabilities are their logarithms, but for a constant."""
    if model.output == "logits":
        return answers
    return keras.ops.log(keras.ops.maximum(answers, _LEAST))
