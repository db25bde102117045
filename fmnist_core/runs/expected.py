"""Expected training time, corrected by finished runs: the one place that says how long a run takes.

Arithmetic and one measured step know nothing of how a network's kind, sketched images or a teacher
slow a training down. Of each family of configurations the last ratios of taken to expected time are
kept in one small file of the lab's home.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import suppress
from statistics import median

from fmnist_core.atomic_files import read_json, write_json
from fmnist_core.config import RunConfig
from fmnist_core.config.training import AUTO
from fmnist_core.datasets.split import count_images
from fmnist_core.errors import LabError, StorageError
from fmnist_core.machine import stored_speed
from fmnist_core.models import ModelSummary, seconds_per_epoch, summarise
from fmnist_core.models.backbones import seconds_for
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.history import History, follow
from fmnist_core.settings import Settings, load_settings

_KEPT = 8

_LEAST, _MOST = 0.2, 20.0


# Seconds of the step that `training/precision.py` measures on a machine as fast as the one on which
# the rates of `models/cost.py` were fitted: from epochs of three presets beside that step.
_STEP_WHERE_FITTED = {"float32": 0.0078, "mixed_bfloat16": 0.0061}


def expected_epoch_seconds(config: RunConfig, summary: ModelSummary) -> float:
    """Of an average epoch here: by arithmetic, corrected by what runs like it took."""
    return _correction(config, load_settings()) * _by_arithmetic(config, summary)


def machine_is_measured() -> bool:
    """Whether expected times come from this machine; else they hold for a fast one."""
    return stored_speed(load_settings()) is not None


def learn_from(folder: RunFolder, settings: Settings) -> None:
    """Corrects the expected duration of similar runs by a run that has just ended."""
    config = folder.config
    if config.model.imported.active:
        return
    try:
        seconds = config.training.epochs * _by_arithmetic(config, summarise(config.model))
    except LabError:
        return  # Trained, but beyond arithmetic: nothing was expected of it.
    _learn(folder, seconds, training_images(config), settings)


def _by_arithmetic(config: RunConfig, summary: ModelSummary) -> float:
    """Epochs with a frozen backbone are short."""
    training, backbone = config.training, config.model.backbone
    images = training_images(config)
    if not backbone.active:
        precision, slowness = _on_this_machine(training.precision)
        return slowness * seconds_per_epoch(summary, images, training.batch_size, precision)
    share = training.frozen_epochs / training.epochs
    resting, learning = (seconds_for(backbone, images, resting=rests) for rests in (True, False))
    return share * resting + (1 - share) * learning


def _on_this_machine(precision: str) -> tuple[str, float]:
    """The precision, and its duration relative to the machine that the rates were fitted on.

    Before anything was measured here, float32 and 1.
    """
    speed = stored_speed(load_settings())
    if speed is None:
        return ("float32" if precision == AUTO else precision), 1.0
    used = speed.precision if precision == AUTO else precision
    return used, getattr(speed, used) / _STEP_WHERE_FITTED[used]


def training_images(config: RunConfig) -> int:
    """Images that are learnt from in each epoch: without those held back, with those added."""
    training = config.training
    held_in = count_images(training).train
    style = training.style_augmentation
    added = style.synthetic_sketches + style.negatives
    # Small collections too are shown in this share: in many variants.
    if training.collections:
        added += training.collection_share
        added += style.other_clothing if config.model.other_clothing else 0.0
    return held_in + round(added * held_in)


def seconds_until_done(histories: Sequence[History], waiting: int, slots: int) -> float | None:
    """Seconds until the last of several runs of one configuration is done, at the present pace.

    Args:
        histories: Of those that have begun, whether or not they have ended.
        waiting: How many have not.
        slots: How many train at once, at least 1.

    Returns:
        None while nothing tells the pace, or when nothing is left to do.
    """
    paces = [
        history.seconds_per_epoch * history.epochs
        for history in histories
        if history.seconds_per_epoch is not None
    ]
    left = [_left(history) for history in histories if history.end is None]
    left += [None] * waiting
    if not paces or not left:
        return None
    whole = sum(paces) / len(paces)
    seconds = [whole if each is None else each for each in left]
    return max(max(seconds), sum(seconds) / min(max(1, slots), len(seconds)))


def _left(history: History) -> float | None:
    """None for a run that has not come so far as to know its pace: all of it is left."""
    if history.epochs and history.epoch >= history.epochs:
        return 0.0
    return history.seconds_left


def _family_of(config: RunConfig) -> str:
    """The key of a correction: the kinds of network, images and precision."""
    model, training = config.model, config.training
    blocks = model.blocks
    kinds = {
        model.backbone.name: model.backbone.active,
        "separable": any(block.separable for block in blocks),
        "residual": any(block.residual for block in blocks),
        "normalised": any(block.batch_norm for block in blocks),
        "styled": training.style_augmentation.active,
        "collections": bool(training.collections),
        "teacher": training.distillation.active,
        training.precision: True,
    }
    return " ".join(name for name, there in kinds.items() if there)


def _correction(config: RunConfig, settings: Settings) -> float:
    """Actual over expected seconds of similar runs here; 1 without any.

    The median of the last eight, nearer to 1 the fewer there are.
    """
    ratios = _ratios(settings).get(_family_of(config), [])
    if not ratios:
        return 1.0
    sure = len(ratios) / (len(ratios) + 0.25)
    return math.exp(sure * math.log(median(ratios)))


def _learn(folder: RunFolder, expected: float, images: int, settings: Settings) -> None:
    """Includes a run that has just finished, if it trained without interruption.

    A home that cannot be written costs nothing but the correction.

    Args:
        expected: Seconds that were expected of it, uncorrected.
        images: Images an epoch that they were expected for.
    """
    status = folder.status
    whole = status.state == "finished" and status.attempt == 1 and status.epoch == status.epochs
    if not whole or expected <= 0 or status.seconds <= 0:
        return
    if follow(folder.events_path).history.train_images != images:
        return
    ratio = min(_MOST, max(_LEAST, status.seconds / expected))
    ratios, family = _ratios(settings), _family_of(folder.config)
    ratios[family] = [*ratios.get(family, []), round(ratio, 4)][-_KEPT:]
    with suppress(StorageError, OSError):
        write_json(settings.home / "pace.json", ratios)


def _ratios(settings: Settings) -> dict[str, list[float]]:
    """The readable part of the file."""
    try:
        value = read_json(settings.home / "pace.json")
    except OSError:
        return {}
    if not isinstance(value, dict):
        return {}
    found = {}
    for family, ratios in value.items():
        if isinstance(ratios, list) and all(_is_ratio(ratio) for ratio in ratios):
            found[family] = ratios[-_KEPT:]
    return found


def _is_ratio(value: object) -> bool:
    # A comparison with NaN is false.
    return isinstance(value, (int, float)) and _LEAST <= value <= _MOST
