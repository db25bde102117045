from fmnist_core.config import ScheduleConfig, TrainConfig
from fmnist_core.training.checkpoint import Progress


def after(training: TrainConfig, accuracies: list[float], losses: list[float]) -> Progress:
    state = Progress()
    for accuracy, loss in zip(accuracies, losses, strict=True):
        state = state.after_epoch(training, {"val_accuracy": accuracy, "val_loss": loss})
    return state


def test_the_best_epoch_is_the_first_of_equals() -> None:
    state = after(TrainConfig(), [0.5, 0.8, 0.8, 0.7], [1, 1, 1, 1])
    assert (state.best_epoch, state.best_accuracy, state.waited) == (2, 0.8, 2)


def test_patience_runs_out_only_where_it_was_asked_for() -> None:
    state = after(TrainConfig(), [0.5, 0.4, 0.4], [1, 1, 1])
    assert state.patience_is_out(TrainConfig(early_stopping=2))
    assert not state.patience_is_out(TrainConfig(early_stopping=3))
    assert not state.patience_is_out(TrainConfig(early_stopping=0))


def test_a_plateau_of_the_loss_lowers_the_rate_again_and_again() -> None:
    schedule = ScheduleConfig(kind="plateau", patience=2, drop_factor=0.5)
    training = TrainConfig(schedule=schedule)
    assert after(training, [0.5] * 3, [1, 1, 0.9]).plateau_factor == 1
    assert after(training, [0.5] * 3, [1, 1, 1]).plateau_factor == 0.5
    assert after(training, [0.5] * 5, [1, 1, 1, 1, 1]).plateau_factor == 0.25
