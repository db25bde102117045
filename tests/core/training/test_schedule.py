import numpy as np
import pytest

from fmnist_core.config import ScheduleConfig, TrainConfig
from fmnist_core.training.schedule import factor, learning_rates


def course(**settings: object) -> np.ndarray:
    schedule = ScheduleConfig(**settings)  # type: ignore[arg-type]
    return learning_rates(TrainConfig(epochs=10, learning_rate=0.5, schedule=schedule), 1001)[1]


def test_constant_stays() -> None:
    assert np.ptp(course(kind="constant")) == 0


def test_cosine_falls_from_the_base_rate_to_its_end() -> None:
    rates = course(kind="cosine", final_factor=0.1)
    assert rates[0] == pytest.approx(0.5)
    assert rates[500] == pytest.approx(0.5 * 0.55)
    assert rates[-1] == pytest.approx(0.05)
    assert (np.diff(rates) <= 0).all()


def test_one_cycle_peaks_where_it_is_told_to() -> None:
    rates = course(kind="one_cycle", peak_share=0.2, final_factor=0.0)
    assert rates.argmax() == 200
    assert rates.max() == pytest.approx(0.5)
    assert rates[0] == pytest.approx(0.5 / 25)
    assert rates[-1] == pytest.approx(0)


def test_step_drops_after_each_so_many_epochs() -> None:
    schedule = ScheduleConfig(kind="step", step_epochs=3, drop_factor=0.5)
    assert [factor(schedule, epoch, 9) for epoch in (0, 2.9, 3, 6)] == [1, 1, 0.5, 0.25]


def test_warm_up_rises_to_the_base_rate_first() -> None:
    rates = course(kind="constant", warmup_epochs=2)
    assert rates[0] == pytest.approx(0.02)
    assert rates[100] == pytest.approx((0.02 + 0.5) / 2)
    assert rates[200:].min() == rates.max() == pytest.approx(0.5)
