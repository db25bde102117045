"""How a training ends: with figures, or with a loss that is no number any more."""

from __future__ import annotations

from dataclasses import dataclass

from fmnist_core.errors import TrainingError


@dataclass(frozen=True)
class TrainResult:
    """How a training ended.

    Attributes:
        run_id: Name of the run folder.
        status: `"finished"`, or `"stopped"` by a person.
        epochs: Epochs completed.
        seconds: Time spent in epochs, validation included, pauses not.
        validation_accuracy: Best of the run, 0 to 1; None without validation images.
        test_accuracy: 0 to 1, of the weights the run is judged by.
        test_loss: Mean cross-entropy on the test images, nats.
    """

    run_id: str
    status: str
    epochs: int
    seconds: float
    validation_accuracy: float | None
    test_accuracy: float
    test_loss: float


def diverged(epoch: int, rate: float) -> TrainingError:
    """The error for a loss that became NaN after `epoch` whole epochs."""
    kept = f"The weights after epoch {epoch} are kept." if epoch else "No epoch was completed."
    return TrainingError(
        f"The loss became NaN in epoch {epoch + 1}: the steps were too large. {kept}",
        received=f"learning rate {rate:g}",
        advice="Try a learning rate ten times smaller, or batch normalisation.",
    )
