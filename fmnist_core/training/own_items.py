"""The person's own collections that a training learns from as well."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fmnist_core.collection import CollectionStore, Items, load_items
from fmnist_core.collection.loading import load_packed
from fmnist_core.config import TrainConfig
from fmnist_core.durable import read_json
from fmnist_core.errors import CollectionError
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import Settings

# What the engine writes into the run's folder on a machine that was sent the collections:
# their fingerprints by name.
RECEIVED = "collections.json"


@dataclass(frozen=True, eq=False)
class OwnItems:
    """What was collected, one entry a collection, and its fingerprint by the collection's name."""

    items: tuple[Items, ...]
    fingerprints: dict[str, str]


def check_collections(training: TrainConfig, settings: Settings) -> None:
    """Whether every collection of the configuration can be learned from; reads no item.

    Raises:
        CollectionError: One is missing or empty.
    """
    store = CollectionStore(settings)
    for name in training.collections:
        if store.is_empty(name):
            raise CollectionError(
                "A collection to learn from must not be empty.",
                received=name,
                advice="Add pictures to it on the page Try it, or train without it.",
            )


def own_items(folder: RunFolder, training: TrainConfig, settings: Settings) -> OwnItems:
    """All collections of the configuration, read into memory.

    Raises:
        CollectionError: One is missing or damaged.
    """
    received: dict[str, Any] = read_json(folder.path / RECEIVED) or {}
    store = CollectionStore(settings)
    fingerprints, items = {}, []
    for name in training.collections:
        if name in received:
            fingerprints[name] = str(received[name])
            items.append(load_packed(packed_path(fingerprints[name], settings)))
        else:
            fingerprints[name] = store.fingerprint(name)
            items.append(load_items(settings, name))
    return OwnItems(tuple(items), fingerprints)


def packed_path(fingerprint: str, settings: Settings) -> Path:
    """Where a machine keeps a collection that it was sent; own collections lie elsewhere."""
    return settings.cache_dir / "collections" / f"{fingerprint}.zip"
