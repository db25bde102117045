"""A finished run becomes the shipped model."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fmnist_core.durable import read_json, write_bytes, write_json
from fmnist_core.errors import RunError, StorageError
from fmnist_core.runs.folder import RunFolder
from fmnist_core.shipped.asset import ASSETS, CARD, MODEL

# Everybody who fetches the lab fetches this too.
MOST_BYTES = 10 * 2**20


def publish(folder: RunFolder, assets: Path = ASSETS) -> dict[str, Any]:
    """Copies the run's network and writes its card; returns the card.

    Figures measured before stay on the card only if they are of this very network.

    Raises:
        RunError: The run goes on or failed, is not calibrated, or its network is too large.
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
    card = {
        "calibration": folder.calibration.to_json(),
        "measured": _measured_before(assets, digest),
        "recipe": _recipe(folder, digest, len(content)),
    }
    with _named_rightly(assets):
        write_bytes(assets / MODEL, content)
        write_json(assets / CARD, card)
    for name in (MODEL, CARD):
        (assets / name).chmod(0o644)  # of use to whoever may use this copy of the lab
    return card


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


def _recipe(folder: RunFolder, digest: str, size: int) -> dict[str, Any]:
    status, provenance = folder.status, folder.provenance
    # Where the images lay on that machine concerns nobody else.
    data = {key: value for key, value in provenance.get("data", {}).items() if key != "source"}
    return {
        "run": folder.id,
        "sha256": digest,
        "bytes": size,
        "epochs": status.epoch,
        "seconds": round(status.seconds),
        "test_accuracy": status.test_accuracy,
        "config": folder.config.to_json(),
        "provenance": {**provenance, "data": data},
    }


def _measured_before(assets: Path, digest: str) -> list[Any]:
    card = read_json(assets / CARD)
    if not isinstance(card, dict) or card.get("recipe", {}).get("sha256") != digest:
        return []
    return list(card.get("measured", []))
