"""The course of the learning rate, as a function of a program."""

from __future__ import annotations

from fmnist_core.config import ScheduleConfig, TrainConfig
from fmnist_core.export.written.cells import Cell, code, words
from fmnist_core.training.schedule import START

_COSINE = '''
    def cosine(share, start, end):
        """From `start` to `end` along half a cosine, share 0 to 1."""
        return end + (start - end) * (1 + math.cos(math.pi * min(max(share, 0), 1))) / 2
    '''
_WORDS = {
    "constant": "The learning rate stays as it is.",
    "cosine": "The learning rate falls along half a cosine.",
    "one_cycle": "The learning rate rises to its peak and falls again (Smith & Topin, 2017).",
    "step": "The learning rate drops every few epochs.",
    "plateau": "The learning rate drops when the validation loss gets no better.",
}


def needs_math(schedule: ScheduleConfig) -> bool:
    return schedule.kind in ("cosine", "one_cycle")


def is_constant(training: TrainConfig) -> bool:
    """Whether nothing ever changes the learning rate."""
    schedule = training.schedule
    return schedule.kind == "constant" and not schedule.warmup_epochs


def rate_cells(training: TrainConfig) -> list[Cell]:
    """A callback `Rate`; nothing where the rate is constant."""
    if is_constant(training):
        return []
    schedule = training.schedule
    cells = [words(f"# The learning rate\n\n{_WORDS[schedule.kind]}")]
    if needs_math(schedule):
        cells.append(code(_COSINE))
    body = "\n".join(f"        {line}" for line in _factor_lines(training))
    cells.append(
        code(f'''
    def factor(epoch):
        """What is left of the learning rate after so many epochs, such as 2.5."""
{body}
    ''')
    )
    return [*cells, _plateau_cell(schedule) if schedule.kind == "plateau" else _planned_cell()]


def _factor_lines(training: TrainConfig) -> list[str]:
    schedule, epochs = training.schedule, "EPOCHS"
    if schedule.kind == "one_cycle":
        peak, end = schedule.peak_share, schedule.final_factor
        return [
            f"share = epoch / {epochs}",
            f"if share < {peak:g}:",
            f"    return cosine(share / {peak:g}, {START:g}, 1)",
            f"return cosine((share - {peak:g}) / (1 - {peak:g}), 1, {end:g})",
        ]
    warmup, lines = schedule.warmup_epochs, []
    if warmup:
        lines = [
            f"if epoch < {warmup:g}:",
            f"    return {START:g} + (1 - {START:g}) * epoch / {warmup:g}",
        ]
    if schedule.kind == "cosine":
        ends = f"1, {schedule.final_factor:g}"
        return [*lines, f"return cosine((epoch - {warmup:g}) / (EPOCHS - {warmup:g}), {ends})"]
    if schedule.kind == "step":
        return [*lines, f"return {schedule.drop_factor:g} ** (epoch // {schedule.step_epochs})"]
    return [*lines, "return 1"]


def _planned_cell() -> Cell:
    return code('''
    class Rate(keras.callbacks.Callback):
        """Sets the learning rate before each step."""

        def on_epoch_begin(self, epoch, logs=None):
            self.epoch = epoch

        def on_train_batch_begin(self, batch, logs=None):
            place = self.epoch + batch / self.params["steps"]
            self.model.optimizer.learning_rate = LEARNING_RATE * factor(place)
    ''')


def _plateau_cell(schedule: ScheduleConfig) -> Cell:
    return code(f'''
    class Rate(keras.callbacks.Callback):
        """Sets the learning rate before each step, less after each plateau."""

        left, lowest, stalled = 1.0, float("inf"), 0

        def on_epoch_begin(self, epoch, logs=None):
            self.epoch = epoch

        def on_train_batch_begin(self, batch, logs=None):
            place = self.epoch + batch / self.params["steps"]
            self.model.optimizer.learning_rate = LEARNING_RATE * factor(place) * self.left

        def on_epoch_end(self, epoch, logs=None):
            self.stalled += 1
            if logs["val_loss"] < self.lowest:
                self.lowest, self.stalled = logs["val_loss"], 0
            elif self.stalled == {schedule.patience}:
                self.left, self.stalled = self.left * {schedule.drop_factor:g}, 0
    ''')
