"""Gives a worker on another machine the person's collections that a run learns from.

They are kept there by their content, apart from collections that somebody on that machine has.
"""

from __future__ import annotations

import asyncio
import logging
import re
from pathlib import Path
from typing import Any

from fmnist_core.collection.loading import packed_fingerprint
from fmnist_core.collection.packed import PackedCollections
from fmnist_core.engine.chunks import Piece, pieces, take_piece
from fmnist_core.engine.link import WorkerLink
from fmnist_core.errors import CollectionError, EngineError
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import Settings, load_settings
from fmnist_core.training.own_items import keep_collections, sweep_packed

_FINGERPRINT = re.compile(r"[0-9a-f]{16}")

log = logging.getLogger(__name__)


async def provide_collections(
    client: Any, settings: Settings, folder: RunFolder, address: str
) -> None:
    """Sends the run's collections to a worker of a cluster, unless they are there already.

    Which ones the run learns from stands in its folder, which is sent to the worker afterwards.

    Raises:
        CollectionError: The lab has no such collection.
        StorageError: The lab's disk is full or cannot be written.
        OSError, TimeoutError: The worker is gone or silent, or cannot keep them.
    """
    training = folder.config.training
    kept = await asyncio.to_thread(keep_collections, folder, training, settings)
    if settings.scheduler is None:
        return  # a local worker looks into the lab's own cache
    link, packed = WorkerLink(client, address), PackedCollections(settings)
    for name, fingerprint in kept.items():
        if not await link.call(has_packed, fingerprint):
            log.info("Sending the collection %s to the worker %s.", name, address)
            await _send(link, fingerprint, packed.path(fingerprint))


def has_packed(fingerprint: str) -> bool:
    """Whether this machine has the collection; it is kept for another while then."""
    return PackedCollections(load_settings()).has(_checked(fingerprint))


def take_packed(fingerprint: str, piece: Piece) -> None:
    """Takes one piece of a packed collection into this machine's cache.

    Raises:
        EngineError: No collection has such a fingerprint.
        OSError: A piece before this one is missing, or the pieces make no such collection.
    """
    settings = load_settings()
    path = PackedCollections(settings).path(_checked(fingerprint))
    if piece.offset == 0:
        sweep_packed(settings)
    if take_piece(path, piece):
        _check_arrived(path, fingerprint)


async def _send(link: WorkerLink, fingerprint: str, path: Path) -> None:
    for piece in pieces(await asyncio.to_thread(path.read_bytes)):
        await link.call(take_packed, fingerprint, piece)


def _check_arrived(path: Path, fingerprint: str) -> None:
    try:
        arrived = packed_fingerprint(path)
    except CollectionError:
        arrived = ""
    if arrived != fingerprint:
        path.unlink(missing_ok=True)
        raise OSError(f"The collection {fingerprint} did not arrive whole.")


def _checked(fingerprint: str) -> str:
    if not _FINGERPRINT.fullmatch(fingerprint):
        raise EngineError("No collection has such a fingerprint.", received=repr(fingerprint[:40]))
    return fingerprint
