"""Gives a worker on another machine the person's collections that a run learns from.

They are kept there by their content, apart from collections that somebody on that machine has.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from pathlib import Path
from typing import Any

from fmnist_core.collection import CollectionStore
from fmnist_core.durable import write_json
from fmnist_core.engine.link import WorkerLink
from fmnist_core.engine.receiving import Piece, pieces, take_piece
from fmnist_core.errors import EngineError
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import Settings, load_settings
from fmnist_core.training.own_items import RECEIVED, packed_path

_FINGERPRINT = re.compile(r"[0-9a-f]{16}")
# What no run has asked for during so long is deleted when something new arrives.
_UNUSED_SECONDS = 30 * 24 * 3600.0

log = logging.getLogger(__name__)


async def provide_collections(
    client: Any, settings: Settings, folder: RunFolder, address: str
) -> None:
    """Sends the run's collections to a worker of a cluster, unless they are there already.

    Which ones it got is written into the run's folder, which is sent to the worker afterwards.

    Raises:
        CollectionError: The lab has no such collection.
        StorageError: The lab's disk is full or cannot be written.
        OSError, TimeoutError: The worker is gone or silent.
    """
    (folder.path / RECEIVED).unlink(missing_ok=True)
    names = folder.config.training.collections
    if settings.scheduler is None or not names:
        return  # a local worker reads the lab's own collections
    link, store = WorkerLink(client, address), CollectionStore(settings)
    sent = {name: await _provide(link, store, name, address) for name in names}
    write_json(folder.path / RECEIVED, sent)


def has_packed(fingerprint: str) -> bool:
    """Whether this machine has the collection; it is kept for another while then."""
    path = packed_path(_checked(fingerprint), load_settings())
    if not path.is_file():
        return False
    path.touch()
    return True


def take_packed(fingerprint: str, piece: Piece) -> None:
    """Takes one piece of a packed collection into this machine's cache.

    Raises:
        EngineError: No collection has such a fingerprint.
        OSError: A piece before this one is missing.
    """
    path = packed_path(_checked(fingerprint), load_settings())
    if piece.offset == 0:
        _sweep(path.parent)
    take_piece(path, piece)


async def _provide(link: WorkerLink, store: CollectionStore, name: str, address: str) -> str:
    fingerprint = await asyncio.to_thread(store.fingerprint, name)
    if await link.call(has_packed, fingerprint):
        return fingerprint
    log.info("Sending the collection %s to the worker %s.", name, address)
    packed = await asyncio.to_thread(store.pack, name)
    for piece in pieces(packed.content):
        await link.call(take_packed, packed.fingerprint, piece)
    return packed.fingerprint


def _checked(fingerprint: str) -> str:
    if not _FINGERPRINT.fullmatch(fingerprint):
        raise EngineError("No collection has such a fingerprint.", received=repr(fingerprint[:40]))
    return fingerprint


def _sweep(place: Path) -> None:
    for path in place.glob("*.zip"):
        if time.time() - path.stat().st_mtime > _UNUSED_SECONDS:
            path.unlink(missing_ok=True)
