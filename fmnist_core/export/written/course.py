"""The training itself, and what came of it, as code."""

from __future__ import annotations

from fmnist_core.config import ModelConfig, TrainConfig
from fmnist_core.export.written.cells import Cell, code, words
from fmnist_core.export.written.network import HALVES
from fmnist_core.export.written.rate import is_constant

_OPTIMIZERS = {"adam": "Adam", "adamw": "AdamW", "sgd": "SGD", "rmsprop": "RMSprop"}


def compile_cells(model: ModelConfig, training: TrainConfig) -> list[Cell]:
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
    if training.clip_norm:
        options.append(f"global_clipnorm={training.clip_norm:g}")
    if training.averaging:
        # Keras moves the average on with every half.
        kept = training.averaging ** (1 / HALVES)
        options.append(f"use_ema=True, ema_momentum={kept:.6g}")
    return options


def training_cells(training: TrainConfig) -> list[Cell]:
    """`fit`; afterwards `model` has the weights that count."""
    callbacks = "\n".join(f"            {each}," for each in _callbacks(training))
    options = ["Epochs()", "epochs=EPOCHS", "shuffle=False"]
    if training.validation_share:
        options.append("validation_data=(held_images, held_labels)")
    if training.emphasis.active:
        options.append("class_weight=CLASS_WEIGHTS")
    lines = "\n".join(f"        {option}," for option in options)
    cells = [words("# Training")]
    if training.emphasis.active:
        cells += _emphasis(training)
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
    found = [] if is_constant(training) else ["Rate()"]
    if training.averaging:
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


def _emphasis(training: TrainConfig) -> list[Cell]:
    weights = ", ".join(f"{weight:.4g}" for weight in training.emphasis.weights[:10])
    return [
        words("Mistakes in some classes weigh more than in others."),
        code(f"CLASS_WEIGHTS = dict(enumerate([{weights}]))"),
    ]


def report_cells(model: ModelConfig, training: TrainConfig) -> list[Cell]:
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
    parameter = ", mirrored=False" if training.flip_at_test else ""
    asked = ", mirrored=True" if training.flip_at_test else ""
    twice = (
        """
        if mirrored:
            answers += model.predict(images[:, :, ::-1], batch_size=1000, verbose=0)"""
        if training.flip_at_test
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
