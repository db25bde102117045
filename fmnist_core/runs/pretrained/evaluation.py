"""How each shipped network was judged, as its run's folder tells: read like a run, never changed.

shipped-catalogue/, shipped-everyday/     beside the networks, each a small run folder:
    config.json, meta.json, status.json, provenance.json, calibration.json
    events.jsonl                          its diary, without what came between epochs
    trace.jsonl                           its snapshots, where the run took some
    predictions.npz, evaluation.json      what it says about the test images
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from fmnist_core.atomic_files import read_json, storage_errors, write_bytes, write_json
from fmnist_core.runs.events import read_events
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.library import RunSummary, known_summary
from fmnist_core.runs.pretrained.asset import ASSETS, SHIPPED_NETWORKS, SHIPPED_TITLES
from fmnist_core.settings import Settings

# Of use to whoever may use this copy of the lab.
FOR_ALL = 0o644


def shipped_folder(network: str, assets: Path = ASSETS) -> RunFolder:
    """Where a shipped network's judgement lies; the folder's id is the network's name."""
    return RunFolder(assets / network)


def shipped_runs(assets: Path = ASSETS) -> list[RunSummary]:
    """The shipped networks as runs that have ended; without those this copy has nothing about."""
    folders = [shipped_folder(network, assets) for network in SHIPPED_TITLES]
    return [known_summary(folder) for folder in folders if folder.evaluation_path.is_file()]


def folder_of(model: str, settings: Settings) -> RunFolder:
    """The folder of a run, or that of a shipped network.

    Raises:
        RunError: There is no such run.
    """
    if model in SHIPPED_NETWORKS:
        return shipped_folder(model)
    return RunFolder.open(settings.runs_dir, model)


def forget_judgement(network: str, assets: Path) -> None:
    """Before another network takes its place: figures must not stand beside weights of others.

    Raises:
        StorageError: The disk cannot be written.
    """
    path = shipped_folder(network, assets).evaluation_path
    with storage_errors(path):
        path.unlink(missing_ok=True)


def take_judgement(folder: RunFolder, network: str, assets: Path) -> None:
    """Copies what `folder` tells of its judgement and its training, and nothing of its owner.

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
    write_bytes(place.events_path, _short_diary(folder))
    _take_trace(folder, place)
    write_bytes(place.predictions_path, folder.predictions_path.read_bytes())
    # The figures come last: where they are, all the rest is there too.
    write_json(place.evaluation_path, without_source(read_json(folder.evaluation_path)))
    for file in place.path.iterdir():
        file.chmod(FOR_ALL)


def _short_diary(folder: RunFolder) -> bytes:
    # Steps are a hundred times as many as epochs, and are looked at only while they come.
    events = [event for event in read_events(folder.events_path)[0] if event["kind"] != "batch"]
    return "".join(json.dumps(event) + "\n" for event in events).encode()


def _take_trace(folder: RunFolder, place: RunFolder) -> None:
    if folder.trace_path.is_file():
        write_bytes(place.trace_path, folder.trace_path.read_bytes())
    else:
        place.trace_path.unlink(missing_ok=True)


def without_source(value: dict[str, Any]) -> dict[str, Any]:
    """`value` whose `data` does not say where the images lay on that machine."""
    data = {key: part for key, part in value.get("data", {}).items() if key != "source"}
    return {**value, "data": data}
