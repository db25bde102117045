"""Reports a training while it goes on: status, events, and the result or divergence."""

from __future__ import annotations

import logging
import math
import os
import time
from contextlib import suppress
from dataclasses import dataclass, replace

from fmnist_core.config import TrainConfig
from fmnist_core.datasets.progress import DataStoppedError
from fmnist_core.errors import LabError, TrainingError
from fmnist_core.runs.events import EventWriter
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.history import PAUSE_NOTES
from fmnist_core.training.checkpoint import Progress, has_partial


@dataclass(frozen=True)
class TrainResult:
    """The result of a training.

    Attributes:
        run_id: Name of the run folder.
        status: `"finished"`, `"stopped"` by a person, or `"queued"`: it gave way to others.
        epochs: Epochs completed.
        seconds: Time spent in epochs, validation included, pauses not.
        validation_accuracy: Best of the run, 0 to 1; None without validation images.
        test_accuracy: 0 to 1, of the evaluated weights; NaN where it gave way.
        test_loss: Mean cross-entropy on the test images, nats; NaN where it gave way.
    """

    run_id: str
    status: str
    epochs: int
    seconds: float
    validation_accuracy: float | None
    test_accuracy: float
    test_loss: float


log = logging.getLogger(__name__)


class Report:
    """Writes into one run's folder, for one attempt at training it."""

    def __init__(self, folder: RunFolder, training: TrainConfig) -> None:
        self.folder, self.training = folder, training
        self.events = EventWriter(folder.events_path)
        self._began = time.monotonic()

    def close(self) -> None:
        self.events.close()

    def phase(self, text: str) -> None:
        self.events.write("phase", text=text)

    def note(self, text: str) -> None:
        self.events.write("note", text=text)

    def begin(self, progress: Progress) -> None:
        """Another attempt begins."""
        status = self.folder.status
        self.folder.set_status(
            replace(
                status,
                state="running",
                attempt=status.attempt + 1,
                error="",
                advice="",
                epoch=progress.epoch,
                epochs=self.training.epochs,
                worker=status.worker or "here",
                pid=os.getpid(),
            )
        )
        self.phase("loading")

    def partial_epoch(self, progress: Progress) -> None:
        """Records that training resumes within an epoch."""
        if has_partial(self.folder):
            self.note(
                f"Going on with what part of epoch {progress.epoch + 1} had taught; "
                "that epoch is gone through again from its start."
            )

    def start(self, progress: Progress, *, steps: int, images: int, validation_images: int) -> None:
        """All is ready for the first step."""
        self.events.write(
            "start",
            attempt=self.folder.status.attempt,
            epoch=progress.epoch,
            epochs=self.training.epochs,
            steps_per_epoch=steps,
            train_images=images,
            validation_images=validation_images,
            worker=self.folder.status.worker,
        )

    def epoch(
        self,
        progress: Progress,
        figures: dict[str, float],
        *,
        seconds: float,
        partial: bool,
        learning_rate: float,
    ) -> None:
        """An epoch, or a part of one, is through and saved."""
        self.events.write(
            "epoch",
            epoch=progress.epoch,
            partial=partial,
            seconds=round(seconds, 3),
            learning_rate=learning_rate,
            **{key: round(value, 5) for key, value in figures.items()},
        )
        self.folder.change_status(
            epoch=progress.epoch,
            seconds=progress.seconds,
            best_validation_accuracy=progress.best_accuracy,
            best_epoch=progress.best_epoch,
        )

    def pause(self, paused: bool) -> None:
        self.note(PAUSE_NOTES[0] if paused else PAUSE_NOTES[1])
        self.folder.change_status(state="paused" if paused else "running")

    def give_way(self, progress: Progress) -> TrainResult:
        """Others train now; the run waits again, to go on after its last epoch."""
        self.events.write("gave_way", seconds=round(time.monotonic() - self._began, 1))
        self.folder.change_status(state="queued", pid=0)
        return self._result("queued", progress, math.nan, math.nan)

    def end(self, state: str, progress: Progress, accuracy: float, loss: float) -> TrainResult:
        """Writes the end event and returns the result."""
        self.events.write("end", state=state)
        self.folder.change_status(state=state, seconds=progress.seconds)
        return self._result(state, progress, accuracy, loss)

    def _result(self, state: str, progress: Progress, accuracy: float, loss: float) -> TrainResult:
        return TrainResult(
            run_id=self.folder.id,
            status=state,
            epochs=progress.epoch,
            seconds=round(progress.seconds, 3),
            validation_accuracy=progress.best_accuracy,
            test_accuracy=accuracy,
            test_loss=loss,
        )

    def fail(self, error: LabError) -> None:
        """Records the error in the folder, if the disk allows it."""
        log.error("%s", error)
        state = "stopped" if isinstance(error, DataStoppedError) else "failed"
        with suppress(LabError, OSError):
            self.events.write("end", state=state, error=error.fact, advice=error.advice)
        with suppress(LabError, OSError):
            self.folder.change_status(state=state, error=error.fact, advice=error.advice)


def diverged(epoch: int, rate: float) -> TrainingError:
    """The error for a loss that became NaN after `epoch` whole epochs."""
    kept = f"The weights after epoch {epoch} are kept." if epoch else "No epoch was completed."
    return TrainingError(
        f"The loss became NaN in epoch {epoch + 1}: the steps were too large. {kept}",
        received=f"learning rate {rate:g}",
        advice="Try a learning rate ten times smaller, or batch normalization.",
    )
