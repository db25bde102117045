"""The whole program: what a student reads from top to bottom and runs."""

from __future__ import annotations

from importlib.metadata import version

from fmnist_core.config import RunConfig
from fmnist_core.export.one_line import one_line
from fmnist_core.export.written.cells import Cell, as_script, code, words
from fmnist_core.export.written.course import compile_cells, report_cells, training_cells
from fmnist_core.export.written.material import augmentation_cells, epochs_cell, material_cells
from fmnist_core.export.written.network import network_cells
from fmnist_core.export.written.rate import needs_math, rate_cells
from fmnist_core.export.written.settled import check_can_be_written

PACKAGES = ("keras", "tensorflow", "numpy")


def program(config: RunConfig, title: str, known: str) -> list[Cell]:
    """The cells of a program that repeats the training.

    Args:
        title: What it is called; one line.
        known: What the training in the lab came to, as a sentence.

    Raises:
        ConfigError: The run learned from what only this lab has.
    """
    check_can_be_written(config)
    training = config.training
    return [
        _introduction(one_line(title), known),
        _beginning(config),
        *material_cells(training),
        *network_cells(config),
        *augmentation_cells(training.augmentation),
        words("# One epoch after the other"),
        epochs_cell(training.augmentation),
        *rate_cells(training),
        *compile_cells(config.model, training),
        *training_cells(training),
        *report_cells(config.model, training),
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
    math = "import math\n    " if needs_math(training.schedule) else ""
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
