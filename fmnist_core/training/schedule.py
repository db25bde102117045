"""Learning rate schedules: one function, for the chart of the form and for the training."""

from __future__ import annotations

import math

import numpy as np

from fmnist_core.config import ScheduleConfig, TrainConfig

START = 0.04  # Where warm-up and one-cycle begin: Smith & Topin 2017, initial rate = peak / 25.


def factor(schedule: ScheduleConfig, epoch: float, epochs: int) -> float:
    """The factor of the base learning rate.

    Args:
        schedule: Its kind and settings. `plateau` depends on results, and counts as constant.
        epoch: Place in the run, in epochs done (2.5 is the middle of the third).
        epochs: Length of the run.

    Returns:
        A factor from 0 to 1.
    """
    if schedule.kind == "one_cycle":
        return _one_cycle(epoch / epochs, schedule)
    warmup = schedule.warmup_epochs
    if epoch < warmup:
        return START + (1 - START) * epoch / warmup
    if schedule.kind == "cosine":
        return _cosine((epoch - warmup) / max(epochs - warmup, 1e-9), 1.0, schedule.final_factor)
    if schedule.kind == "step":
        return float(schedule.drop_factor ** int(epoch // schedule.step_epochs))
    return 1.0


def planned_factor(training: TrainConfig, epoch: float) -> float:
    """The same for a whole training: from where all layers learn, a share of it is left."""
    after = 0 < training.frozen_epochs <= epoch
    tuned = training.fine_tune_factor if after else 1.0
    return factor(training.schedule, epoch, training.epochs) * tuned


def _one_cycle(share: float, schedule: ScheduleConfig) -> float:
    """Up in a cosine to the peak, down in a cosine to the end (Smith & Topin 2017)."""
    peak = schedule.peak_share
    if share < peak:
        return _cosine(share / peak, START, 1.0)
    return _cosine((share - peak) / (1 - peak), 1.0, schedule.final_factor)


def _cosine(share: float, start: float, end: float) -> float:
    return end + (start - end) * (1 + math.cos(math.pi * min(max(share, 0.0), 1.0))) / 2


def learning_rates(training: TrainConfig, points: int = 200) -> tuple[np.ndarray, np.ndarray]:
    """The planned course, for drawing.

    Returns:
        Epochs done and learning rate, both float64 of shape (points,).
    """
    epochs = np.linspace(0, training.epochs, points)
    factors = [planned_factor(training, epoch) for epoch in epochs]
    return epochs, training.learning_rate * np.array(factors)
