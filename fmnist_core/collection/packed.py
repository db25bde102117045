"""Collections as runs began with them: packed, named by their contents, in the lab's cache.

A collection may grow, change or be deleted while a run learns from it; what is packed stays.
"""

from __future__ import annotations

import time
from collections.abc import Container
from pathlib import Path

from fmnist_core.collection.store import CollectionStore
from fmnist_core.durable import write_bytes
from fmnist_core.errors import CollectionError
from fmnist_core.settings import Settings

# What no run has asked for during so long, and none will, is deleted when something new comes.
_UNUSED_SECONDS = 30 * 24 * 3600.0


class PackedCollections:
    """The packed collections of this machine; own collections lie elsewhere."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._place = settings.cache_dir / "collections"

    def path(self, fingerprint: str) -> Path:
        """Where the one with that fingerprint lies, or would."""
        return self._place / f"{fingerprint}.zip"

    def has(self, fingerprint: str) -> bool:
        """Whether it is here; it is kept for another while then."""
        path = self.path(fingerprint)
        if not path.is_file():
            return False
        path.touch()
        return True

    def keep(self, name: str) -> str:
        """Packs a collection as it is now; returns its fingerprint.

        Raises:
            CollectionError: There is no such collection.
            StorageError: The disk is full or cannot be written.
        """
        store = CollectionStore(self._settings)
        fingerprint = store.fingerprint(name)
        if not self.has(fingerprint):
            packed = store.pack(name)
            # Somebody may have added an item since.
            fingerprint = packed.fingerprint
            write_bytes(self.path(fingerprint), packed.content)
        return fingerprint

    def restore(self, name: str, fingerprint: str) -> None:
        """Packs it again where it is gone, if the collection still is the same.

        Raises:
            CollectionError: It is another one now, or gone as well.
            StorageError: The disk is full or cannot be written.
        """
        if self.has(fingerprint):
            return
        store = CollectionStore(self._settings)
        same = name in store.names() and store.fingerprint(name) == fingerprint
        if not same or self.keep(name) != fingerprint:
            raise CollectionError(
                "The items that the run began with are not here any more.",
                received=f"{name}, packed as {self.path(fingerprint)}",
                advice="Train again from its configuration.",
            )

    def sweep(self, needed: Container[str]) -> None:
        """Deletes what was long unused and is not `needed`."""
        for path in self._place.glob("*.zip"):
            unused = time.time() - path.stat().st_mtime > _UNUSED_SECONDS
            if unused and path.stem not in needed:
                path.unlink(missing_ok=True)
