"""The files of the shipped model, as they lie beside the program.

everyday.keras     the network
everyday.json      its calibration, what was measured with it, and the recipe that made it
MODEL_CARD.md      the same for people
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import fmnist_core
from fmnist_core.durable import read_json
from fmnist_core.errors import RunError
from fmnist_core.recognition.verdict import Calibration

ASSETS = Path(fmnist_core.__file__).parent / "assets"
# What stands in place of a run's identifier where the shipped model is meant.
SHIPPED = "shipped"
MODEL, CARD = "everyday.keras", "everyday.json"


def shipped_model_path(assets: Path = ASSETS) -> Path:
    """The shipped network's file.

    Raises:
        RunError: This copy of the lab came without it.
    """
    path = assets / MODEL
    if not path.is_file():
        raise _missing(path)
    return path


def shipped_calibration(assets: Path = ASSETS) -> Calibration:
    """How far the shipped network's scores can be believed.

    Raises:
        RunError: Its card is missing or damaged.
    """
    return Calibration.from_json(shipped_card(assets).get("calibration"))


def shipped_card(assets: Path = ASSETS) -> dict[str, Any]:
    """What is known about the shipped network.

    Returns:
        `calibration` (see `Calibration`), `measured` (a list of figures, one a kind of material)
        and `recipe` (`run`, `sha256` and `bytes` of the network, its `config` and `provenance`).

    Raises:
        RunError: The card is missing or damaged.
    """
    value = read_json(assets / CARD)
    if not isinstance(value, dict):
        raise _missing(assets / CARD)
    return value


def _missing(path: Path) -> RunError:
    return RunError(
        f"The shipped model is not whole: {path.name} is missing or damaged.",
        advice="Install the lab again, or choose one of your own runs. "
        "`python -m fmnist_core ship RUN` makes it from a run.",
    )
