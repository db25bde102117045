"""Fine-tuning on a collection: a trained network goes on for a few epochs at a low rate."""

from __future__ import annotations

from dataclasses import replace

from fmnist_core.config import RunConfig, ScheduleConfig
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.pretrained import SHIPPED, SHIPPED_EVERYDAY, shipped_card
from fmnist_core.settings import Settings

# Low, so that the network keeps what it knows; the images it knew come along for the same reason.
_RATE, _IMAGES, _SHARE = 2e-4, 10_000, 0.5
# Of other clothing, for a network with that output that was trained without.
_OTHER_CLOTHING = 0.1
EPOCHS = 3


def fine_tuning(
    source: str, collection: str, settings: Settings, *, epochs: int = EPOCHS
) -> RunConfig:
    """The configuration of `source` once more for a few epochs, from its weights.

    Args:
        source: A run's identifier, or `"shipped"`.

    Raises:
        RunError, ConfigError: There is no such run, or its configuration cannot be read.
        NotAllowedError: Who acts may not see it.
    """
    base = _config_of(source, settings)
    style = base.training.style_augmentation
    # So that items of that label are shown where the network has an output for them.
    share = (style.other_clothing or _OTHER_CLOTHING) if base.model.other_clothing else 0.0
    training = replace(
        base.training.from_weights(source),
        collections=(collection,),
        collection_share=_SHARE,
        train_images=_IMAGES,
        epochs=epochs,
        optimizer="adam",
        learning_rate=_RATE,
        schedule=ScheduleConfig(),
        # The images differ in each epoch: flips cannot alternate.
        augmentation=replace(base.training.augmentation, alternating_flip=False),
        style_augmentation=replace(style, other_clothing=share),
        early_stopping=0,
        keep_weights="last",
        record_dynamics=True,
    )
    return RunConfig(base.model, training)


def _config_of(source: str, settings: Settings) -> RunConfig:
    if source == SHIPPED:
        return RunConfig.from_json(shipped_card(SHIPPED_EVERYDAY).get("recipe", {}).get("config"))
    return RunFolder.open(settings.runs_dir, source).config
