"""Training on from weights that are there already: a run's, or those the lab came with.

They are copied into the new run's folder when it is set up. From then on the run needs nobody
else: the other run may be deleted, and a worker on another machine gets the copy.
"""

from __future__ import annotations

from pathlib import Path

from fmnist_core.config import ModelConfig, RunConfig
from fmnist_core.errors import ConfigError, LabError
from fmnist_core.models.imagenet import check_weights
from fmnist_core.models.weight_matching import WeightMatch, fit, weight_shapes
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.pretrained import SHIPPED, SHIPPED_EVERYDAY, shipped_card, shipped_model_path
from fmnist_core.settings import Settings

RULE = "initial_weights must name a run with saved weights, or be 'shipped'."


def check_initial_weights(config: RunConfig, settings: Settings) -> WeightMatch | None:
    """Whether the weights to begin with are there and fit; takes about a millisecond.

    Returns:
        The layers taken from a run or the shipped model; None without initial weights.

    Raises:
        ConfigError: There is no such run, it saved no weights, or no layer of its network fits.
        NoWeightsError: ImageNet weights are wanted, and neither here nor to be had.
    """
    found = initial_fit(config, settings)
    backbone = config.model.backbone
    # Workers of a cluster have a cache and a network of their own.
    here = settings.scheduler is None
    if here and not (found and backbone.name in found.taken):
        check_weights(backbone, settings)
    return found


def initial_fit(config: RunConfig, settings: Settings) -> WeightMatch | None:
    """The layers taken from a run or the shipped model; None without initial weights.

    Raises:
        ConfigError: As `check_initial_weights`.
    """
    source = _source(config, settings)
    return source[1] if source else None


def initial_weights(config: RunConfig, settings: Settings) -> bytes | None:
    """The saved network that a training begins with; None: with random weights.

    Raises:
        ConfigError: See `check_initial_weights`.
    """
    source = _source(config, settings)
    try:
        return source[0].read_bytes() if source else None
    except OSError as error:
        raise ConfigError(RULE, received=f"{error.filename}: {error.strerror}") from error


def provide_initial_weights(folder: RunFolder, settings: Settings) -> None:
    """Copies the weights into the run's folder, unless they are there.

    Raises:
        ConfigError: See `check_initial_weights`.
        StorageError: The disk is full or cannot be written.
    """
    if folder.initial_path.is_file():
        return
    content = initial_weights(folder.config, settings)
    if content is not None:
        folder.begin_with(content)


def _source(config: RunConfig, settings: Settings) -> tuple[Path, WeightMatch] | None:
    source = config.training.initial_weights
    if not source:
        return None
    path, network = _shipped() if source == SHIPPED else _of_run(source, settings)
    found = fit(weight_shapes(network), config.model)
    if not found.taken:
        raise ConfigError(
            "The initial weights must match at least one layer in name and shape, from the first "
            "layer on.",
            received=f"initial_weights={source}",
            advice="Use the architecture of that run: train again from its configuration.",
        )
    return path, found


def _shipped() -> tuple[Path, ModelConfig]:
    try:
        recipe = shipped_card(SHIPPED_EVERYDAY).get("recipe", {})
        return shipped_model_path(SHIPPED_EVERYDAY), RunConfig.from_json(recipe.get("config")).model
    except LabError as error:
        raise ConfigError(RULE, received=error.fact, advice=error.advice) from error


def _of_run(run_id: str, settings: Settings) -> tuple[Path, ModelConfig]:
    try:
        folder = RunFolder.open(settings.runs_dir, run_id)
        network = folder.config.model
    except LabError as error:
        raise ConfigError(RULE, received=f"{run_id}: {error.fact}", advice=error.advice) from error
    if not folder.model_path.is_file():
        raise ConfigError(RULE, received=f"{run_id}, which has saved none yet")
    return folder.model_path, network
