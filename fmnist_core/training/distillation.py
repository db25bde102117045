"""Which network teaches a run, and whether it may.

It is copied into the run's folder when the run is set up. From then on the run needs nobody else:
the other run may be deleted, and a worker on another machine gets the copy.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fmnist_core.atomic_files import write_bytes
from fmnist_core.config import RunConfig
from fmnist_core.errors import ConfigError, LabError
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.pretrained import SHIPPED_NETWORKS, folder_of, shipped_model_path
from fmnist_core.settings import Settings

RULE = "The teacher must be a run with saved weights or a shipped network."


@dataclass(frozen=True)
class Teacher:
    """A network that may teach a run.

    Attributes:
        path: Its file.
        config: What it was trained with.
        saw_held_back: Whether it has, or may have, learned from images that the run holds back.
    """

    path: Path
    config: RunConfig
    saw_validation: bool


def check_teacher(config: RunConfig, settings: Settings) -> Teacher | None:
    """Whether the teacher is there and answers the same question; takes about a millisecond.

    Returns:
        The teacher; None where labels alone are learned from.

    Raises:
        ConfigError: There is no such network, it saved no weights, knows other classes, or has
            learned from another data set.
    """
    if not config.training.distillation.active:
        return None
    name = config.training.distillation.teacher
    path, teacher = _found(name, settings)
    if teacher.model.classes != config.model.classes:
        raise ConfigError(
            "The teacher must have the same classes.",
            received=f"{name} has {teacher.model.classes}, this network {config.model.classes}",
        )
    if teacher.training.dataset != config.training.dataset:
        raise ConfigError(
            "The teacher must have been trained on the same data set.",
            received=f"{name} was trained on {teacher.training.dataset}, "
            f"this run trains on {config.training.dataset}",
            advice="Choose another teacher or another data set.",
        )
    return Teacher(path, teacher, _saw_validation(teacher, config))


def teacher_network(config: RunConfig, settings: Settings) -> bytes | None:
    """The saved network that a training learns from; None: from the labels alone.

    Raises:
        ConfigError: See `check_teacher`.
    """
    teacher = check_teacher(config, settings)
    try:
        return teacher.path.read_bytes() if teacher else None
    except OSError as error:
        raise ConfigError(RULE, received=f"{error.filename}: {error.strerror}") from error


def provide_teacher(folder: RunFolder, settings: Settings) -> None:
    """Copies the teacher into the run's folder, unless it is there.

    Raises:
        ConfigError: See `check_teacher`; or the run is to be its own teacher.
        StorageError: The disk is full or cannot be written.
    """
    if folder.teacher_path.is_file():
        return
    config = folder.config
    if config.training.distillation.active and config.training.distillation.teacher == folder.id:
        raise ConfigError("A run cannot be its own teacher.", received=folder.id)
    network = teacher_network(config, settings)
    if network is not None:
        write_bytes(folder.teacher_path, network)


def _found(name: str, settings: Settings) -> tuple[Path, RunConfig]:
    try:
        folder = folder_of(name, settings)
        shipped = name in SHIPPED_NETWORKS
        path, config = shipped_model_path(name) if shipped else folder.model_path, folder.config
    except LabError as error:
        advice = f"Choose a run, or one of {', '.join(SHIPPED_NETWORKS)}."
        raise ConfigError(RULE, received=f"{name}: {error.fact}", advice=advice) from error
    if not path.is_file():
        raise ConfigError(RULE, received=f"{name}, which has saved none yet")
    return path, config


def _saw_validation(teacher: RunConfig, config: RunConfig) -> bool:
    theirs, own = teacher.training, config.training
    # Of equal images and seeds, the smaller share held back is a part of the larger.
    alike = (theirs.train_images, theirs.seed) == (own.train_images, own.seed)
    apart = alike and theirs.validation_share >= own.validation_share
    # What it began with, or who taught it, may have seen them.
    alone = not theirs.initial_weights and not theirs.distillation.active
    return own.validation_share > 0 and not (apart and alone)
