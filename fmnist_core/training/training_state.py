"""What a training must remember between epochs, so that it can go on from there."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from fmnist_core.config import TrainConfig


@dataclass(frozen=True)
class Progress:
    """State after some completed epochs.

    Attributes:
        epoch: Epochs completed.
        seconds: Time spent training, without pauses, over all attempts.
        best_accuracy, best_epoch: Best validation accuracy and its epoch (from 1).
        waited: Epochs since then.
        lowest_loss, stalled, plateau_factor: For the plateau schedule.
    """

    epoch: int = 0
    seconds: float = 0.0
    best_accuracy: float | None = None
    best_epoch: int = 0
    waited: int = 0
    lowest_loss: float | None = None
    stalled: int = 0
    plateau_factor: float = 1.0

    def after_epoch(self, training: TrainConfig, figures: dict[str, float]) -> Progress:
        """The state after one more epoch with these figures (`val_accuracy`, `val_loss`)."""
        state = replace(self, epoch=self.epoch + 1)._judged(figures.get("val_accuracy"))
        if training.schedule.kind == "plateau":
            state = state._slowed(training, figures["val_loss"])
        return state

    def _judged(self, accuracy: float | None) -> Progress:
        if accuracy is None:
            return self
        if self.best_accuracy is None or accuracy > self.best_accuracy:
            return replace(self, best_accuracy=accuracy, best_epoch=self.epoch, waited=0)
        return replace(self, waited=self.waited + 1)

    def _slowed(self, training: TrainConfig, loss: float) -> Progress:
        if self.lowest_loss is None or loss < self.lowest_loss:
            return replace(self, lowest_loss=loss, stalled=0)
        if self.stalled + 1 < training.schedule.patience:
            return replace(self, stalled=self.stalled + 1)
        factor = self.plateau_factor * training.schedule.drop_factor
        return replace(self, stalled=0, plateau_factor=factor)

    def patience_is_out(self, training: TrainConfig) -> bool:
        return 0 < training.early_stopping <= self.waited

    def to_json(self) -> dict[str, Any]:
        return asdict(self)
