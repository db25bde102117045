"""The model with its loss, metric and optimizer, ready for `fit`."""

from __future__ import annotations

from typing import Any

import numpy as np

from fmnist_core.config import ModelConfig, RunConfig, TrainConfig
from fmnist_core.lab_keras import keras
from fmnist_core.model.build import USUAL_MOMENTUM, training_model
from fmnist_core.training.averaging import go_on_with_own_weights
from fmnist_core.training.distillation import distilled
from fmnist_core.training.targets import labels_of

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
    momentum = max(USUAL_MOMENTUM, training.averaging)
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
    go_on_with_own_weights(model)


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
    if _shows_others(config.training) or config.training.teacher.active:
        return ClothingAccuracy(config.model.classes)
    return keras.metrics.SparseCategoricalAccuracy(name="accuracy")


def _shows_others(training: TrainConfig) -> bool:
    return training.style.other > 0


class ClothingAccuracy(keras.metrics.SparseCategoricalAccuracy):
    """Share of right answers among the images that show one of the classes."""

    def __init__(self, classes: int) -> None:
        super().__init__(name="accuracy")
        self.classes = classes

    def update_state(self, labels: Any, answers: Any, sample_weight: Any = None) -> Any:
        flat = labels_of(labels, self.classes)
        known = keras.ops.cast(keras.ops.less(flat, self.classes), "float32")
        return super().update_state(flat, answers, sample_weight=known)


def _loss(model: ModelConfig, training: TrainConfig) -> Any:
    """Mean cross-entropy; with an emphasis, the mean of each image's times its class' weight.

    The validation loss is the same function, so that the two can be laid side by side; but a
    teacher is listened to while learning alone.
    """
    if not training.emphasis.active and not training.teacher.active:
        return _cross_entropy(model, training, "sum_over_batch_size")
    each = _cross_entropy(model, training, None)
    if training.teacher.active:
        each = distilled(each, model, training.teacher)
    if not training.emphasis.active:
        return each
    weights = np.array(training.emphasis.weights, np.float32)

    def weighted(labels: Any, answers: Any) -> Any:
        return each(labels, answers) * keras.ops.take(weights, labels_of(labels, model.classes))

    return weighted


def _cross_entropy(model: ModelConfig, training: TrainConfig, reduction: str | None) -> Any:
    how = {"from_logits": model.output == "logits", "reduction": reduction}
    smoothing, others = training.label_smoothing, _shows_others(training)
    if not smoothing and not others:
        return keras.losses.SparseCategoricalCrossentropy(**how)
    compare = keras.losses.CategoricalCrossentropy(**how)

    def against_soft_labels(labels: Any, answers: Any) -> Any:
        """What is no clothing has a label beyond the last class: its goal is to be unsure."""
        flat = keras.ops.cast(keras.ops.reshape(labels, (-1,)), "int32")
        known = keras.ops.one_hot(flat, model.classes)
        certain = keras.ops.sum(known, axis=1, keepdims=True)
        spread = (1 - certain * (1 - smoothing)) / model.classes
        return compare((1 - smoothing) * known + spread, answers)

    return against_soft_labels


def _optimizer(training: TrainConfig) -> keras.optimizers.Optimizer:
    options: dict[str, Any] = {
        "learning_rate": training.learning_rate,
        "weight_decay": training.weight_decay or None,
        "global_clipnorm": training.clip_norm or None,
        "use_ema": training.averaging > 0,
        "ema_momentum": training.averaging,
    }
    if training.optimizer == "sgd":
        return keras.optimizers.SGD(momentum=training.momentum, nesterov=True, **options)
    if training.optimizer == "rmsprop":
        return keras.optimizers.RMSprop(**options)
    if training.optimizer == "adamw":
        # Here None is not allowed: its decay is what it was made for.
        return keras.optimizers.AdamW(**options | {"weight_decay": training.weight_decay})
    return keras.optimizers.Adam(**options)
