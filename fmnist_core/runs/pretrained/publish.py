"""A finished run becomes one of the shipped networks."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from fmnist_core.atomic_files import read_json, storage_errors, write_bytes, write_json
from fmnist_core.errors import RunError, StorageError
from fmnist_core.runs.events import read_events
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.pretrained.asset import (
    ASSETS,
    SHIPPED_EVERYDAY,
    SHIPPED_TITLES,
    card_file,
    model_file,
    shipped_card,
    shipped_folder,
    without_source,
)

# Part of every download of the lab.
MOST_BYTES = 10 * 2**20
# Readable by every user of this copy of the lab.
_MODE = 0o644


def publish(
    folder: RunFolder, network: str = SHIPPED_EVERYDAY, assets: Path = ASSETS
) -> dict[str, Any]:
    """Copies the run's network and evaluation, and writes its card; returns the card.

    Earlier measurements are of both networks, and are deleted if one of them changes.

    Args:
        network: Which one it becomes: `"shipped-everyday"` or `"shipped-catalogue"`.

    Raises:
        RunError: The run is unfinished, not calibrated or not evaluated, or too large.
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
    with _advising_on(assets):
        _delete_evaluation(network, assets)
        write_bytes(model_file(network, assets), content)
        model_file(network, assets).chmod(_MODE)
        write_card(network, card, assets)
        if before.get("recipe", {}).get("sha256") != digest:
            _forget_figures(assets)
        _copy_evaluation(folder, network, assets)
    return shipped_card(network, assets)


def write_card(network: str, card: dict[str, Any], assets: Path) -> None:
    """Writes a card beside its network.

    Raises:
        StorageError: The disk is full or cannot be written.
    """
    write_json(card_file(network, assets), card)
    card_file(network, assets).chmod(_MODE)


def _delete_evaluation(network: str, assets: Path) -> None:
    """Deletes the figures before the network changes: they must match its weights.

    Raises:
        StorageError: The disk cannot be written.
    """
    path = shipped_folder(network, assets).evaluation_path
    with storage_errors(path):
        path.unlink(missing_ok=True)


def _copy_evaluation(folder: RunFolder, network: str, assets: Path) -> None:
    """Copies the evaluation and the training record of a run, without its owner.

    Raises:
        StorageError: The disk is full or cannot be written.
    """
    place = shipped_folder(network, assets)
    meta = {"name": SHIPPED_TITLES[network], "created": folder.meta.created}
    status = replace(folder.status, worker="", pid=0)
    written: dict[str, Any] = {
        "config.json": folder.config.to_json(),
        "meta.json": meta,
        "status.json": status.to_json(),
        "provenance.json": without_source(folder.provenance),
        "calibration.json": folder.calibration.to_json(),
    }
    for name, value in written.items():
        write_json(place.path / name, value)
    write_bytes(place.events_path, _short_events(folder))
    _copy_trace(folder, place)
    write_bytes(place.predictions_path, folder.predictions_path.read_bytes())
    # Last: their presence implies all other files.
    write_json(place.evaluation_path, without_source(read_json(folder.evaluation_path)))
    for file in place.path.iterdir():
        file.chmod(_MODE)


def _short_events(folder: RunFolder) -> bytes:
    # Steps are a hundred times as many as epochs, and only live views use them.
    events = [event for event in read_events(folder.events_path)[0] if event["kind"] != "batch"]
    return "".join(json.dumps(event) + "\n" for event in events).encode()


def _copy_trace(folder: RunFolder, place: RunFolder) -> None:
    if folder.trace_path.is_file():
        write_bytes(place.trace_path, folder.trace_path.read_bytes())
    else:
        place.trace_path.unlink(missing_ok=True)


@contextmanager
def _advising_on(assets: Path) -> Iterator[None]:
    """Names the folder to free space in: it need not be the lab's home."""
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
        raise RunError("Only a finished or stopped run can be shipped.", received=state)
    if not folder.calibration.images:
        raise RunError(
            "A model to ship must be calibrated, and this run has no validation images for that.",
            received=folder.id,
            advice="Train with a validation share above 0, or evaluate the run again.",
        )
    figures = read_json(folder.evaluation_path)
    if not isinstance(figures, dict) or not folder.predictions_path.is_file():
        raise RunError(
            "A model to ship must be evaluated: its test predictions go with it.",
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
