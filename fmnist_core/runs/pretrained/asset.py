"""The files of the shipped model, beside the program.

The shipped model is two networks, and each image decides which one answers:
`catalogue` knows images of the data set's own kind, `everyday` all that people draw, find and
photograph.

everyday.keras, catalogue.keras     the networks
everyday.json, catalogue.json       their cards: calibration, and the recipe that made them; in the
                                    first also what was measured with both
shipped-everyday/, shipped-catalogue/   their evaluations, each a small run folder, read-only:
    config.json, meta.json, status.json, provenance.json, calibration.json
    events.jsonl                    without events within epochs
    trace.jsonl                     if the run recorded one
    predictions.npz, evaluation.json
MODEL_CARD.md                       the same for people
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fmnist_core.atomic_files import read_json
from fmnist_core.classes import IMAGE_SIDE
from fmnist_core.config.migration import present_names
from fmnist_core.errors import RunError
from fmnist_core.models.calibration import Calibration
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.library import RunSummary, known_summary
from fmnist_core.settings import Settings

ASSETS = Path(__file__).parents[2] / "assets"
# In place of a run's identifier: the shipped model, or one network of it.
SHIPPED = "shipped"
SHIPPED_EVERYDAY, SHIPPED_CATALOGUE = "shipped-everyday", "shipped-catalogue"
# What the files of each network are called.
SHIPPED_NETWORKS = {SHIPPED_EVERYDAY: "everyday", SHIPPED_CATALOGUE: "catalogue"}
# What people read, in the order in which they are offered.
SHIPPED_TITLES = {
    SHIPPED_CATALOGUE: "Shipped: catalog images",
    SHIPPED_EVERYDAY: "Shipped: drawings and photos",
}


def networks_of(model: str) -> tuple[str, ...]:
    """The networks that may answer for `model`: of a run and a shipped network, itself."""
    return tuple(SHIPPED_NETWORKS) if model == SHIPPED else (model,)


def shipped_model_path(network: str, assets: Path = ASSETS) -> Path:
    """The file of a shipped network.

    Args:
        network: `"shipped-everyday"` or `"shipped-catalogue"`.

    Raises:
        RunError: This copy of the lab came without it.
    """
    path = model_file(network, assets)
    if not path.is_file():
        raise _missing(path)
    return path


def shipped_calibration(network: str, assets: Path = ASSETS) -> Calibration:
    """The calibration of that network's scores.

    Raises:
        RunError: Its card is missing or damaged.
    """
    return Calibration.from_json(shipped_card(network, assets).get("calibration"))


def shipped_mirrored(network: str, assets: Path = ASSETS) -> bool:
    """Whether that network uses test-time flip augmentation.

    Raises:
        RunError: Its card is missing or damaged.
    """
    recipe = shipped_card(network, assets).get("recipe", {})
    return bool(recipe.get("config", {}).get("training", {}).get("test_time_flip", False))


def shipped_input_side(network: str, assets: Path = ASSETS) -> int:
    """Pixels a side of the image that the network reads.

    Raises:
        RunError: Its card is missing or damaged.
    """
    recipe = shipped_card(network, assets).get("recipe", {})
    return int(recipe.get("config", {}).get("model", {}).get("input_side", IMAGE_SIDE))


def shipped_card(network: str, assets: Path = ASSETS) -> dict[str, Any]:
    """The card of that network.

    Returns:
        `calibration` (see `Calibration`) and `recipe` (`run`, `sha256` and `bytes` of the network,
        its `config` and `provenance`). For `"shipped-everyday"` also `measured`: figures of the
        whole shipped model, some for each kind of material.

    Raises:
        RunError: The card is missing or damaged.
    """
    path = card_file(network, assets)
    value = read_json(path)
    if not isinstance(value, dict):
        raise _missing(path)
    recipe = value.get("recipe")
    if isinstance(recipe, dict) and "config" in recipe:
        value["recipe"] = {**recipe, "config": present_names(recipe["config"])}
    return value


def model_file(network: str, assets: Path) -> Path:
    """The file of a shipped network, which may not exist yet."""
    return assets / f"{SHIPPED_NETWORKS[network]}.keras"


def card_file(network: str, assets: Path) -> Path:
    """The file of its card, which may not exist yet."""
    return assets / f"{SHIPPED_NETWORKS[network]}.json"


def shipped_folder(network: str, assets: Path = ASSETS) -> RunFolder:
    """The run folder of a shipped network's evaluation; its id is the network's name."""
    return RunFolder(assets / network)


def shipped_runs(assets: Path = ASSETS) -> list[RunSummary]:
    """The shipped networks with an evaluation, as finished runs."""
    folders = [shipped_folder(network, assets) for network in SHIPPED_TITLES]
    return [known_summary(folder) for folder in folders if folder.evaluation_path.is_file()]


def folder_of(model: str | Path, settings: Settings) -> RunFolder:
    """The folder of a run, or that of a shipped network.

    Args:
        model: A run's identifier, a shipped network, or the path of a run folder anywhere. Only a
            `Path` is taken for a path: a string may come from a link.

    Raises:
        RunError: There is no such run.
    """
    if isinstance(model, Path):
        if not (model / "config.json").is_file():
            raise RunError(
                "This folder holds no run.",
                received=str(model),
                advice="Name the folder that the training was written into.",
            )
        return RunFolder(model.resolve())
    if model in SHIPPED_NETWORKS:
        return shipped_folder(model)
    return RunFolder.open(settings.runs_dir, model)


def without_source(value: dict[str, Any]) -> dict[str, Any]:
    """`value` without the path of the images in `data`."""
    data = {key: part for key, part in value.get("data", {}).items() if key != "source"}
    return {**value, "data": data}


def _missing(path: Path) -> RunError:
    return RunError(
        f"The shipped model is incomplete: {path.name} is missing or damaged.",
        advice="Install the lab again, or choose one of your own runs. "
        f"`python -m fmnist_core ship RUN --as {path.stem}` makes it from a run.",
    )
