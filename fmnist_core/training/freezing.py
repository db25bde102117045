"""Which layers learn when: at first only what is new, then all.

What was learned elsewhere would be spoilt by the large gradients of a fresh head (Keras' guide
"Transfer learning & fine-tuning"), so it stays frozen until the head has settled.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from fmnist_core.config import RunConfig
from fmnist_core.lab_keras import keras
from fmnist_core.models.backbone_layers import backbone_layers
from fmnist_core.models.plan import FIRST_CONVOLUTION
from fmnist_core.runs.folder import RunFolder
from fmnist_core.training.checkpoint import Progress, has_partial

_ANSWER = "answer"


class Freezing:
    """Freezes layers.

    Args:
        taken: Gives the names of the planned layers whose weights were taken over; asked only
            while they rest.
    """

    def __init__(self, config: RunConfig, taken: Callable[[], Collection[str]]) -> None:
        self._config, self._taken = config, taken

    def apply(self, model: keras.Model, epoch: int) -> bool:
        """Sets what learns in epoch `epoch`, counted from 0.

        The averages and scales that came with ImageNet weights never change: a batch of small
        gray images would tear them away from the weights that were learned with them. Batch
        normalization that is frozen uses its averages, also while other layers train.

        Returns:
            Whether this is another choice than before: the model has to be compiled then.
        """
        resting = self._frozen(model, epoch)
        if self._config.training.whitened_first_layer:
            resting.add(FIRST_CONVOLUTION)
        changed = False
        for layer in model.layers:
            learns = layer.name not in resting
            changed |= layer.trainable != learns
            layer.trainable = learns
        return changed

    def epoch_of_checkpoint(self, progress: Progress, folder: RunFolder) -> int:
        """The epoch in which the last checkpoint was saved: its optimizer knows what learned."""
        return progress.epoch if has_partial(folder) else max(progress.epoch - 1, 0)

    def words(self, epoch: int) -> str:
        """Which layers are trainable and which frozen in epoch `epoch`, for people."""
        training, backbone = self._config.training, self._config.model.backbone
        if epoch < training.frozen_epochs:
            return (
                f"Pretrained layers are frozen up to epoch {training.frozen_epochs}; only new "
                "layers train."
            )
        if training.whitened_first_layer:
            return "The first layer is whitened and frozen; all others train."
        averages = " The batch statistics of the ImageNet weights stay."
        rate = (
            f", at {training.fine_tune_factor:g} of the learning rate"
            if training.frozen_epochs
            else ""
        )
        return f"All layers train now{rate}.{averages if backbone.learned else ''}"

    def _frozen(self, model: keras.Model, epoch: int) -> set[str]:
        backbone = backbone_layers(model, self._config.model)
        if epoch < self._config.training.frozen_epochs:
            return ({one.name for one in backbone} | set(self._taken())) - {_ANSWER}
        if not self._config.model.backbone.learned:
            return set()
        return {one.name for one in backbone if isinstance(one, keras.layers.BatchNormalization)}
