"""What to expect of a configuration before it is trained: size, memory, time."""

from __future__ import annotations

from dataclasses import dataclass

from fmnist_core.config import RunConfig, TrainConfig
from fmnist_core.data.counts import count_images
from fmnist_core.model import ModelSummary, check_run, seconds_per_epoch, training_bytes
from fmnist_core.model.backbones import seconds_for


@dataclass(frozen=True)
class Expectation:
    """A network's table, and what training it takes (bytes, seconds; both estimates)."""

    summary: ModelSummary
    memory_bytes: int
    seconds_per_epoch: float


def expect(config: RunConfig) -> Expectation:
    """Arithmetic only, in about a millisecond.

    Raises:
        ArchitectureError, ConfigError: It cannot be trained; the engine would say the same.
    """
    training = config.training
    summary = check_run(config)
    return Expectation(
        summary,
        training_bytes(summary, training.batch_size),
        _seconds_per_epoch(config, summary),
    )


def _seconds_per_epoch(config: RunConfig, summary: ModelSummary) -> float:
    """Of an average epoch: those in which a backbone rests are short."""
    training, backbone = config.training, config.model.backbone
    images = training_images(training)
    if not backbone.active:
        return seconds_per_epoch(summary, images, training.batch_size, training.precision)
    share = training.frozen_epochs / training.epochs
    resting, learning = (seconds_for(backbone, images, resting=rests) for rests in (True, False))
    return share * resting + (1 - share) * learning


def training_images(training: TrainConfig) -> int:
    """Images that are learnt from in each epoch: without those held back, with those added."""
    held_in = count_images(training).train
    style = training.style
    added = style.garments + style.other
    # Small collections too are shown in this share: in many variants.
    added += training.collection_share if training.collections else 0.0
    return held_in + round(added * held_in)
