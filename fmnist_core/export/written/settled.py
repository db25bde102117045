"""Which trainings a program of Keras and NumPy alone can repeat."""

from __future__ import annotations

from fmnist_core.config import RunConfig
from fmnist_core.data.dataset import FASHION_MNIST
from fmnist_core.errors import ConfigError


def check_can_be_written(config: RunConfig) -> None:
    """Whether all that the run learned from is public.

    Raises:
        ConfigError: It learned from something that only this lab has; all such things are named.
    """
    training = config.training
    beyond = {
        f"{training.dataset} in place of Fashion-MNIST": training.dataset != FASHION_MNIST,
        "own collections": bool(training.collections),
        "other looks of the images": training.style.active,
        "training images left out as suspects": training.drop_suspects,
        "weights of another network to begin with": bool(training.start_from),
        "a teacher": training.teacher.active,
        "a backbone": config.model.backbone.active,
        "averaged weights that stop early": bool(training.averaging and training.early_stopping),
        "a network from a file": config.model.imported.active,
    }
    found = [name for name, there in beyond.items() if there]
    if found:
        raise ConfigError(
            "A script can repeat what needs Keras, NumPy and Fashion-MNIST alone.",
            received=f"a run with {', '.join(found)}",
            advice="Export its network instead, or train without.",
        )
