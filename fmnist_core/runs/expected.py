"""How long a run is expected to train, before it does: the one place that says so."""

from __future__ import annotations

from fmnist_core.config import RunConfig, TrainConfig
from fmnist_core.data.counts import count_images
from fmnist_core.model import ModelSummary, seconds_per_epoch
from fmnist_core.model.backbones import seconds_for


def expected_epoch_seconds(config: RunConfig, summary: ModelSummary) -> float:
    """Of an average epoch, by arithmetic: those in which a backbone rests are short."""
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
