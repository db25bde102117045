"""Everything that can be known to be wrong with a run before it starts."""

from __future__ import annotations

from fmnist_core.classes import CLASS_COUNT
from fmnist_core.config import RunConfig
from fmnist_core.config.imported import no_recipe
from fmnist_core.data.counts import count_images
from fmnist_core.errors import ConfigError
from fmnist_core.model.cost import ModelSummary, check_memory, summarise


def check_run(config: RunConfig) -> ModelSummary:
    """The network's summary, if the run can be trained at all; takes about a millisecond.

    Raises:
        ArchitectureError: The network cannot be built or would not fit.
        ConfigError: It answers with another number of classes than the data has, wants more
            images than there are, holds none back where it must choose by them, or lets layers
            rest that have learned nothing.
    """
    if config.model.imported.active:
        raise no_recipe()
    summary = summarise(config.model)
    check_memory(summary, config.training.batch_size)
    _check_frozen(config)
    count_images(config.training)
    if config.model.classes != CLASS_COUNT:
        raise ConfigError(
            f"classes must be {CLASS_COUNT}: so many has the data.",
            received=config.model.classes,
            advice=f"Set model.classes to {CLASS_COUNT}.",
        )
    return summary


def _check_frozen(config: RunConfig) -> None:
    training = config.training
    if training.frozen_epochs and not (config.model.backbone.learned or training.start_from):
        raise ConfigError(
            "frozen_epochs needs something that was learned before, to let it rest.",
            received=training.frozen_epochs,
            advice="Set start_from to a run, or take a backbone with ImageNet weights, or set "
            "frozen_epochs to 0.",
        )
