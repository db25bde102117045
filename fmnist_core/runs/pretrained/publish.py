"""A finished run becomes one of the shipped networks."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fmnist_core.atomic_files import read_json, write_bytes, write_json
from fmnist_core.errors import RunError, StorageError
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.pretrained.asset import (
    ASSETS,
    SHIPPED_EVERYDAY,
    card_file,
    model_file,
    shipped_card,
)
from fmnist_core.runs.pretrained.evaluation import (
    FOR_ALL,
    forget_judgement,
    take_judgement,
    without_source,
)

# Everybody who fetches the lab fetches this too.
MOST_BYTES = 10 * 2**20


def publish(
    folder: RunFolder, network: str = SHIPPED_EVERYDAY, assets: Path = ASSETS
) -> dict[str, Any]:
    """Copies the run's network and how it was judged, and writes its card; returns the card.

    Figures measured before are of both networks, and stay only if neither of them is new.

    Args:
        network: Which one it becomes: `"shipped-everyday"` or `"shipped-catalogue"`.

    Raises:
        RunError: The run goes on or failed, is not calibrated or not judged, or its network is too
            large.
        StorageError: The disk is full or cannot be written.
    """
    _check(folder)
    content = folder.model_path.read_bytes()
    if len(content) > MOST_BYTES:
        raise RunError(
            f"A shipped model has at most {MOST_BYTES // 2**20} MB.",
            received=f"{len(content) / 2**20:.1f} MB",
            advice="Train a smaller network.",
        )
    digest = hashlib.sha256(content).hexdigest()
    before = _card_there(network, assets)
    card = {
        "calibration": folder.calibration.to_json(),
        "measured": list(before.get("measured", [])),
        "recipe": _recipe(folder, digest, len(content)),
    }
    with _named_rightly(assets):
        forget_judgement(network, assets)
        write_bytes(model_file(network, assets), content)
        model_file(network, assets).chmod(FOR_ALL)
        write_card(network, card, assets)
        if before.get("recipe", {}).get("sha256") != digest:
            _forget_figures(assets)
        take_judgement(folder, network, assets)
    return shipped_card(network, assets)


def write_card(network: str, card: dict[str, Any], assets: Path) -> None:
    """Puts a card beside its network.

    Raises:
        StorageError: The disk is full or cannot be written.
    """
    write_json(card_file(network, assets), card)
    card_file(network, assets).chmod(FOR_ALL)


@contextmanager
def _named_rightly(assets: Path) -> Iterator[None]:
    """The lab's home has nothing to do with where a model is shipped to."""
    try:
        yield
    except StorageError as error:
        raise StorageError(
            error.rule,
            advice=f"Free some space, let {assets} be written, or ship --into another folder.",
        ) from error


def _check(folder: RunFolder) -> None:
    state = folder.status.state
    if state not in ("finished", "stopped") or not folder.model_path.is_file():
        raise RunError("Only a run that has ended well can be shipped.", received=state)
    if not folder.calibration.images:
        raise RunError(
            "A model to ship must be calibrated, and this run held no images back for that.",
            received=folder.id,
            advice="Train with a validation share above 0, or evaluate the run again.",
        )
    figures = read_json(folder.evaluation_path)
    if not isinstance(figures, dict) or not folder.predictions_path.is_file():
        raise RunError(
            "A model to ship must be judged: what it says about the test images goes with it.",
            received=folder.id,
            advice=f"`python -m fmnist_core evaluate {folder.id}` does that.",
        )


def _recipe(folder: RunFolder, digest: str, size: int) -> dict[str, Any]:
    status = folder.status
    return {
        "run": folder.id,
        "sha256": digest,
        "bytes": size,
        "epochs": status.epoch,
        "seconds": round(status.seconds),
        "test_accuracy": status.test_accuracy,
        "config": folder.config.to_json(),
        "provenance": without_source(folder.provenance),
    }


def _forget_figures(assets: Path) -> None:
    card = _card_there(SHIPPED_EVERYDAY, assets)
    if card:
        write_card(SHIPPED_EVERYDAY, {**card, "measured": []}, assets)


def _card_there(network: str, assets: Path) -> dict[str, Any]:
    card = read_json(card_file(network, assets))
    return card if isinstance(card, dict) else {}
