"""A moving average of the weights, which answers better than the weights of the last step.

Polyak & Juditsky, "Acceleration of stochastic approximation by averaging", 1992; the exponential
form is that of Keras' optimizers, which keep it beside their own memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from fmnist_core.lab_keras import keras


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
    """Puts the average in place of the compiled model's weights, if there is one."""
    if _has_average(model):
        optimizer = model.optimizer
        type(optimizer).finalize_variable_values(optimizer, model.trainable_variables)


def go_on_with_own_weights(model: keras.Model) -> None:
    """Keras' `fit` ends by using the average; here it ends after each epoch, in mid-training."""
    model.optimizer.finalize_variable_values = lambda variables: None


def _has_average(model: keras.Model) -> bool:
    return bool(model.optimizer.use_ema) and int(model.optimizer.iterations) > 0
