"""The exported training as one program: data, network, loss, schedule, `fit` and evaluation.

Not every training can be repeated with Keras and NumPy alone; for the others, it says why.
"""

from __future__ import annotations

from importlib.metadata import version

from fmnist_core.config import ModelConfig, RunConfig, ScheduleConfig, TrainConfig
from fmnist_core.datasets.dataset import FASHION_MNIST
from fmnist_core.errors import ConfigError
from fmnist_core.exchange.exporting.formats import one_line
from fmnist_core.exchange.exporting.source_code.cells import Cell, as_script, code, words
from fmnist_core.exchange.exporting.source_code.data_pipeline import (
    augmentation_cells,
    epochs_cell,
    material_cells,
)
from fmnist_core.exchange.exporting.source_code.network import HALVES, network_cells
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


_OPTIMIZERS = {"adam": "Adam", "adamw": "AdamW", "sgd": "SGD", "rmsprop": "RMSprop"}


PACKAGES = ("keras", "tensorflow", "numpy")


def program(config: RunConfig, title: str, known: str) -> list[Cell]:
    """The cells of a program that repeats the training.

    Args:
        title: What it is called; one line.
        known: What the training in the lab came to, as a sentence.

    Raises:
        ConfigError: The run learned from what only this lab has.
    """
    _check_can_be_written(config)
    training = config.training
    return [
        _introduction(one_line(title), known),
        _beginning(config),
        *material_cells(training),
        *network_cells(config),
        *augmentation_cells(training.augmentation),
        words("# One epoch after the other"),
        epochs_cell(training.augmentation),
        *_rate_cells(training),
        *_compile_cells(config.model, training),
        *_training_cells(training),
        *_report_cells(config.model, training),
    ]


def script(config: RunConfig, title: str, known: str) -> str:
    """The same as one Python file.

    Raises:
        ConfigError: The run learned from what only this lab has.
    """
    return as_script(program(config, title, known))


def _introduction(title: str, known: str) -> Cell:
    pinned = " ".join(f"{name}=={version(name)}" for name in PACKAGES)
    return words(f"""
        {_plain(title)}: an image classifier for Fashion-MNIST, trained from the beginning.

        {known}
        The same seed gives the same weights to begin with, and the same images in the same order,
        changed in the same way. The last digits may still differ: sums are rounded differently on
        another machine.

            pip install {pinned}
        """)


def _plain(title: str) -> str:
    """Nothing in a run's name may end the docstring it stands in, or count as Markdown."""
    for sign, instead in (("\\", "/"), ('"', "'"), ("[", "("), ("]", ")"), ("!", ".")):
        title = title.replace(sign, instead)
    return " ".join(title.split())


def _beginning(config: RunConfig) -> Cell:
    training = config.training
    math = "import math\n    " if _needs_math(training.schedule) else ""
    return code(f"""
    {math}import os

    # As in the lab: one calculation takes half of the cores, so that sums are rounded alike.
    os.environ["TF_NUM_INTRAOP_THREADS"] = str(max(1, (os.cpu_count() or 1) // 2))

    import keras
    import numpy as np
    from keras import layers

    SEED = {training.seed}
    EPOCHS = {training.epochs}
    BATCH_SIZE = {training.batch_size}
    LEARNING_RATE = {training.learning_rate:g}
    """)


def _check_can_be_written(config: RunConfig) -> None:
    """Whether all that the run learned from is public.

    Raises:
        ConfigError: It learned from something that only this lab has; all such things are named.
    """
    training = config.training
    beyond = {
        f"{training.dataset} in place of Fashion-MNIST": training.dataset != FASHION_MNIST,
        "own collections": bool(training.collections),
        "other looks of the images": training.style_augmentation.active,
        "training images left out as suspects": training.exclude_label_issues,
        "weights of another network to begin with": bool(training.initial_weights),
        "a teacher": training.distillation.active,
        "a backbone": config.model.backbone.active,
        "averaged weights that stop early": bool(training.ema_decay and training.early_stopping),
        "a network from a file": config.model.imported.active,
    }
    found = [name for name, there in beyond.items() if there]
    if found:
        raise ConfigError(
            "A script can repeat what needs Keras, NumPy and Fashion-MNIST alone.",
            received=f"a run with {', '.join(found)}",
            advice="Export its network instead, or train without.",
        )


def _compile_cells(model: ModelConfig, training: TrainConfig) -> list[Cell]:
    """Optimizer and loss; the network is called `model` afterwards."""
    found = [
        words(
            "# Loss and optimizer\n\nThe loss says how wrong the network is; "
            "the optimizer changes the weights so that it falls."
        )
    ]
    if training.label_smoothing:
        found += _smoothed(model, training)
    loss = "loss" if training.label_smoothing else _cross_entropy("Sparse", model)
    mixed = training.precision == "mixed_bfloat16"
    policy = f'keras.config.set_dtype_policy("{training.precision}")\n    ' if mixed else ""
    lines = ",\n".join(f"        {option}" for option in _optimizer_options(training))
    found.append(
        code(f"""
    keras.utils.set_random_seed(SEED)
    {policy}model = build_model()
    optimizer = keras.optimizers.{_OPTIMIZERS[training.optimizer]}(
{lines},
    )
    model.compile(
        optimizer=optimizer,
        loss={loss},
        metrics=["accuracy"],
        steps_per_execution={HALVES * max(1, min(16, 512 // training.batch_size))},
        jit_compile=False,
    )
    """)
    )
    return found


def _cross_entropy(kind: str, model: ModelConfig, *more: str) -> str:
    options = ", ".join([f"from_logits={model.output == 'logits'}", *more])
    return f"keras.losses.{kind}CategoricalCrossentropy({options})"


def _smoothed(model: ModelConfig, training: TrainConfig) -> list[Cell]:
    return [
        words("""
            Labels are softened a little (label smoothing): a network that need not be entirely
            sure learns less by heart.
            """),
        code(f"""
    cross_entropy = {_cross_entropy("", model, "reduction=None")}


    def loss(labels, answers):
        known = keras.ops.one_hot(keras.ops.cast(keras.ops.reshape(labels, (-1,)), "int32"), 10)
        smoothing = {training.label_smoothing:g}
        return cross_entropy((1 - smoothing) * known + smoothing / 10, answers)
    """),
    ]


def _optimizer_options(training: TrainConfig) -> list[str]:
    options = ["learning_rate=LEARNING_RATE"]
    options.append(f"gradient_accumulation_steps={HALVES}")
    if training.optimizer == "sgd":
        options.append(f"momentum={training.momentum:g}, nesterov=True")
    if training.weight_decay or training.optimizer == "adamw":
        options.append(f"weight_decay={training.weight_decay:g}")
    if training.gradient_clip_norm:
        options.append(f"global_clipnorm={training.gradient_clip_norm:g}")
    if training.ema_decay:
        # Keras moves the average on with every half.
        kept = training.ema_decay ** (1 / HALVES)
        options.append(f"use_ema=True, ema_momentum={kept:.6g}")
    return options


def _training_cells(training: TrainConfig) -> list[Cell]:
    """`fit`; afterwards `model` has the weights that count."""
    callbacks = "\n".join(f"            {each}," for each in _callbacks(training))
    options = ["Epochs()", "epochs=EPOCHS", "shuffle=False"]
    if training.validation_share:
        options.append("validation_data=(held_images, held_labels)")
    if training.class_weights.active:
        options.append("class_weight=CLASS_WEIGHTS")
    lines = "\n".join(f"        {option}," for option in options)
    cells = [words("# Training")]
    if training.class_weights.active:
        cells += _class_weights(training)
    cells.append(
        code(
            f"""
    model.fit(
{lines}
        callbacks=[
{callbacks}
        ],
        verbose=2,
    )
    """
            if callbacks
            else f"""
    model.fit(
{lines}
        verbose=2,
    )
    """
        )
    )
    if training.keep_weights == "best":
        cells.append(words("The weights of the epoch with the best validation accuracy count."))
        cells.append(code('model.load_weights("best.weights.h5")'))
    return cells


def _callbacks(training: TrainConfig) -> list[str]:
    found = [] if _is_constant(training) else ["Rate()"]
    if training.ema_decay:
        found.append("keras.callbacks.SwapEMAWeights(swap_on_epoch=True)")
    if training.keep_weights == "best":
        found.append(
            'keras.callbacks.ModelCheckpoint(\n                "best.weights.h5",\n'
            '                monitor="val_accuracy",\n                mode="max",\n'
            "                save_best_only=True,\n                save_weights_only=True,\n"
            "            )"
        )
    if training.early_stopping:
        patience = training.early_stopping
        found.append(
            'keras.callbacks.EarlyStopping(\n                monitor="val_accuracy", mode="max", '
            f"patience={patience}\n            )"
        )
    return found


def _class_weights(training: TrainConfig) -> list[Cell]:
    weights = ", ".join(f"{weight:.4g}" for weight in training.class_weights.weights[:10])
    return [
        words("Mistakes in some classes weigh more than in others."),
        code(f"CLASS_WEIGHTS = dict(enumerate([{weights}]))"),
    ]


def _report_cells(model: ModelConfig, training: TrainConfig) -> list[Cell]:
    """How good it is: on the images held back, and on the test images."""
    final = (
        """
    keras.config.set_dtype_policy("float32")
    trained, model = model, build_model()
    model.set_weights(trained.get_weights())
    """
        if training.precision == "mixed_bfloat16"
        else ""
    )
    # The lab's own validation accuracy looks once, whatever the test does.
    parameter = ", mirrored=False" if training.test_time_flip else ""
    asked = ", mirrored=True" if training.test_time_flip else ""
    twice = (
        """
        if mirrored:
            answers += model.predict(images[:, :, ::-1], batch_size=1000, verbose=0)"""
        if training.test_time_flip
        else ""
    )
    held = (
        """
    print(f"validation accuracy {accuracy(held_images, held_labels):.4f} of {len(held_labels)}")"""
        if training.validation_share
        else ""
    )
    return [
        words("""
            # How good is it?

            The test images have had no part in anything until now.
            """),
        *([code(final)] if final else []),
        code(f'''
    def accuracy(images, labels{parameter}):
        """The share of images whose strongest answer is their label."""
        answers = model.predict(images, batch_size=1000, verbose=0){twice}
        return float((answers.argmax(axis=1) == labels).mean())

    {held}
    found = accuracy(test_images, test_labels{asked})
    print(f"test accuracy {{found:.4f}} of {{len(test_labels)}}")
    model.save("model.keras")
    '''),
    ]


def _needs_math(schedule: ScheduleConfig) -> bool:
    return schedule.kind in ("cosine", "one_cycle")


def _is_constant(training: TrainConfig) -> bool:
    """Whether nothing ever changes the learning rate."""
    schedule = training.schedule
    return schedule.kind == "constant" and not schedule.warmup_epochs


def _rate_cells(training: TrainConfig) -> list[Cell]:
    """A callback `Rate`; nothing where the rate is constant."""
    if _is_constant(training):
        return []
    schedule = training.schedule
    cells = [words(f"# The learning rate\n\n{_WORDS[schedule.kind]}")]
    if _needs_math(schedule):
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
