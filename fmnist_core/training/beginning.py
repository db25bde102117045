"""Training on from weights that are there already: a run's, or those the lab came with.

They are copied into the new run's folder when it is set up. From then on the run needs nobody
else: the other run may be deleted, and a worker on another machine gets the copy.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from fmnist_core.config import ModelConfig, RunConfig
from fmnist_core.errors import ConfigError, LabError
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import Settings
from fmnist_core.shipped import SHIPPED, SHIPPED_EVERYDAY, shipped_card, shipped_model_path

RULE = "start_from must name a run with saved weights, or be 'shipped'."


def check_beginning(config: RunConfig, settings: Settings) -> None:
    """Whether the weights to start from are there and fit; takes about a millisecond.

    Raises:
        ConfigError: There is no such run, it saved no weights, or its network is another one.
    """
    _source(config, settings)


def initial_weights(config: RunConfig, settings: Settings) -> bytes | None:
    """The saved network that a training begins with; None: with random weights.

    Raises:
        ConfigError: See `check_beginning`.
    """
    path = _source(config, settings)
    try:
        return path.read_bytes() if path else None
    except OSError as error:
        raise ConfigError(RULE, received=f"{path}: {error.strerror}") from error


def provide_initial_weights(folder: RunFolder, settings: Settings) -> None:
    """Copies the weights into the run's folder, unless they are there.

    Raises:
        ConfigError: See `check_beginning`.
        StorageError: The disk is full or cannot be written.
    """
    if folder.initial_path.is_file():
        return
    content = initial_weights(folder.config, settings)
    if content is not None:
        folder.begin_with(content)


def same_network(one: ModelConfig, other: ModelConfig) -> bool:
    """Whether weights of one fit the other; dropout has none and may differ."""
    return _bare(one) == _bare(other)


def _source(config: RunConfig, settings: Settings) -> Path | None:
    source = config.training.start_from
    if not source:
        return None
    path, network = _shipped() if source == SHIPPED else _of_run(source, settings)
    if not same_network(network, config.model):
        raise ConfigError(
            "A run can only start from weights of an equal network.",
            received=f"start_from={source}",
            advice="Take over its architecture: train again from that run's configuration.",
        )
    return path


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


def _bare(model: ModelConfig) -> ModelConfig:
    blocks = tuple(replace(block, dropout=0.0) for block in model.blocks)
    return replace(model, blocks=blocks, head_dropout=0.0)
