"""Training steps in two halves of the batch, side by side. Only workers import this.

TensorFlow deals out each operation to all cores, and then all wait for the slowest: of networks as
small as these a third of the time was waiting. Here each half of the batch goes through the network
by itself, on one core (`threads.py`): a step takes 0.75 to 0.92 of the time.

Without batch normalisation the slopes are the same up to rounding. With it, each half is rescaled
by its own statistics ("ghost batch normalisation": Hoffer et al., arXiv 1705.08741, section 4), and
always is under TensorFlow, however many cores there are: what a network learns must not depend on
the machine. Under another backend Keras steps as it always does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fmnist_core.lab_keras import keras

HALVES = 2


@dataclass(frozen=True)
class _Half:
    """What one half brought: its loss, slopes by variable, and answers (n, classes)."""

    loss: Any
    slopes: list[Any]
    answers: Any


class HalvedModel(keras.Model):
    """A Keras model whose `fit` steps so, under TensorFlow."""

    def train_step(self, data: Any) -> dict[str, Any]:
        """As Keras' own, for batches without weights."""
        images, labels, _ = keras.utils.unpack_x_y_sample_weight(data)
        count = keras.ops.shape(labels)[0]
        # Of an odd number the first half has one more; a single image goes through twice.
        first, second = (count + 1) // 2, keras.ops.maximum(count // 2, 1)
        one = self._half(images[:first], labels[:first])
        other = self._half(images[count - second :], labels[count - second :])
        share = keras.ops.cast(first, "float32") / keras.ops.cast(first + second, "float32")
        slopes = [
            share * mine + (1 - share) * theirs
            for mine, theirs in zip(one.slopes, other.slopes, strict=True)
        ]
        self.optimizer.apply(slopes, self.trainable_variables)
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
