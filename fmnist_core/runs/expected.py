"""How long a run is expected to train, before it does: the one place that says so."""

from __future__ import annotations

from fmnist_core.config import RunConfig, TrainConfig
from fmnist_core.config.training import AUTO
from fmnist_core.data.counts import count_images
from fmnist_core.errors import LabError
from fmnist_core.machine import stored_speed
from fmnist_core.model import ModelSummary, seconds_per_epoch, summarise
from fmnist_core.model.backbones import seconds_for
from fmnist_core.runs.correction import correction, learn
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import Settings, load_settings

# Seconds of the step that `training/precision.py` measures, on the machine on which the rates of
# `model/cost.py` were fitted.
_STEP_WHERE_FITTED = {"float32": 0.0160, "mixed_bfloat16": 0.0112}


def expected_epoch_seconds(config: RunConfig, summary: ModelSummary) -> float:
    """Of an average epoch here: by arithmetic, corrected by what runs like it took."""
    return correction(config, load_settings()) * _by_arithmetic(config, summary)


def machine_is_measured() -> bool:
    """Whether expected times come from this machine; else they hold for a fast one."""
    return stored_speed(load_settings()) is not None


def learn_from(folder: RunFolder, settings: Settings) -> None:
    """Lets a run that has just ended correct what is expected of the next one like it."""
    config = folder.config
    if config.model.imported.active:
        return
    try:
        seconds = config.training.epochs * _by_arithmetic(config, summarise(config.model))
    except LabError:
        return  # Trained, but beyond arithmetic: nothing was expected of it.
    learn(folder, seconds, training_images(config.training), settings)


def _by_arithmetic(config: RunConfig, summary: ModelSummary) -> float:
    """Epochs in which a backbone rests are short."""
    training, backbone = config.training, config.model.backbone
    images = training_images(training)
    if not backbone.active:
        precision, slowness = _on_this_machine(training.precision)
        return slowness * seconds_per_epoch(summary, images, training.batch_size, precision)
    share = training.frozen_epochs / training.epochs
    resting, learning = (seconds_for(backbone, images, resting=rests) for rests in (True, False))
    return share * resting + (1 - share) * learning


def _on_this_machine(precision: str) -> tuple[str, float]:
    """What is computed in, and how many times as long it takes here as where rates were fitted.

    Before anything was measured here, float32 and 1.
    """
    speed = stored_speed(load_settings())
    if speed is None:
        return ("float32" if precision == AUTO else precision), 1.0
    used = speed.precision if precision == AUTO else precision
    return used, getattr(speed, used) / _STEP_WHERE_FITTED[used]


def training_images(training: TrainConfig) -> int:
    """Images that are learnt from in each epoch: without those held back, with those added."""
    held_in = count_images(training).train
    style = training.style
    added = style.garments + style.other
    # Small collections too are shown in this share: in many variants.
    added += training.collection_share if training.collections else 0.0
    return held_in + round(added * held_in)
