"""Learning rates over a training, and when its patience is out."""

import numpy as np
import pytest

from fmnist_core.config import ScheduleConfig, TrainConfig
from fmnist_core.training.checkpoint import Progress
from fmnist_core.training.schedule import factor, learning_rates


def course(**settings: object) -> np.ndarray:
    schedule = ScheduleConfig(**settings)  # type: ignore[arg-type]
    return learning_rates(TrainConfig(epochs=10, learning_rate=0.5, schedule=schedule), 1001)[1]


def test_constant_stays():
    assert np.ptp(course(kind="constant")) == 0


def test_cosine_falls_from_the_base_rate_to_its_end():
    rates = course(kind="cosine", final_factor=0.1)
    assert rates[0] == pytest.approx(0.5)
    assert rates[500] == pytest.approx(0.5 * 0.55)
    assert rates[-1] == pytest.approx(0.05)
    assert (np.diff(rates) <= 0).all()


def test_one_cycle_peaks_where_it_is_told_to():
    rates = course(kind="one_cycle", peak_share=0.2, final_factor=0.0)
    assert rates.argmax() == 200
    assert rates.max() == pytest.approx(0.5)
    assert rates[0] == pytest.approx(0.5 / 25)
    assert rates[-1] == pytest.approx(0)


def test_step_drops_after_each_so_many_epochs():
    schedule = ScheduleConfig(kind="step", step_epochs=3, drop_factor=0.5)
    assert [factor(schedule, epoch, 9) for epoch in (0, 2.9, 3, 6)] == [1, 1, 0.5, 0.25]


def test_warm_up_rises_to_the_base_rate_first():
    rates = course(kind="constant", warmup_epochs=2)
    assert rates[0] == pytest.approx(0.02)
    assert rates[100] == pytest.approx((0.02 + 0.5) / 2)
    assert rates[200:].min() == rates.max() == pytest.approx(0.5)


def after(training: TrainConfig, accuracies: list[float], losses: list[float]) -> Progress:
    state = Progress()
    for accuracy, loss in zip(accuracies, losses, strict=True):
        state = state.after_epoch(training, {"val_accuracy": accuracy, "val_loss": loss})
    return state


def test_the_best_epoch_is_the_first_of_equals():
    state = after(TrainConfig(), [0.5, 0.8, 0.8, 0.7], [1, 1, 1, 1])
    assert (state.best_epoch, state.best_accuracy, state.waited) == (2, 0.8, 2)


def test_patience_runs_out_only_where_it_was_asked_for():
    state = after(TrainConfig(), [0.5, 0.4, 0.4], [1, 1, 1])
    assert state.patience_exhausted(TrainConfig(early_stopping=2))
    assert not state.patience_exhausted(TrainConfig(early_stopping=3))
    assert not state.patience_exhausted(TrainConfig(early_stopping=0))


def test_a_plateau_of_the_loss_lowers_the_rate_again_and_again():
    schedule = ScheduleConfig(kind="plateau", patience=2, drop_factor=0.5)
    training = TrainConfig(schedule=schedule)
    assert after(training, [0.5] * 3, [1, 1, 0.9]).plateau_factor == 1
    assert after(training, [0.5] * 3, [1, 1, 1]).plateau_factor == 0.5
    assert after(training, [0.5] * 5, [1, 1, 1, 1, 1]).plateau_factor == 0.25
