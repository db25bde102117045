"""Sends a worker on another machine the images it lacks."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any

from fmnist_core.datasets import FASHION_MNIST, available, load_dataset
from fmnist_core.datasets.official import array_folder
from fmnist_core.datasets.synthetic import synthetic_folder
from fmnist_core.engine.chunks import Chunk, chunks_of, receive_chunk
from fmnist_core.engine.server.connection import WorkerLink
from fmnist_core.errors import EngineError, NoDataError
from fmnist_core.settings import Settings, load_settings

# The manifest makes the others valid, so it goes last.
_FILES = (
    "train_images.npy",
    "train_labels.npy",
    "test_images.npy",
    "test_labels.npy",
    "manifest.json",
)

log = logging.getLogger(__name__)


async def provide_dataset(client: Any, settings: Settings, name: str, address: str) -> None:
    """Sends the data set `name` to a worker of a cluster, unless it is there already.

    What the lab does not have either is left to the worker, whose training says so.

    Raises:
        OSError, TimeoutError: The worker is gone or silent.
    """
    if settings.scheduler is None:
        return  # a local worker looks into the same folders as the lab
    link = WorkerLink(client, address)
    if await link.call(has_dataset, name):
        return
    try:
        await asyncio.to_thread(load_dataset, name, settings)
    except NoDataError:
        return
    log.info("Sending %s to the worker %s.", name, address)
    for file in _FILES:
        await _send(link, name, _folder(name, settings) / file)


def has_dataset(name: str) -> bool:
    """Whether this machine can load the data set without the network."""
    status = available(load_settings())
    return status.official_ready if name == FASHION_MNIST else status.synthetic_ready


def take_file(name: str, file: str, chunk: Chunk) -> None:
    """Receives one chunk of a data set's file into this machine's cache.

    Raises:
        EngineError: No data set has a file of that name.
        OSError: A piece before this one is missing.
    """
    if file not in _FILES:
        raise EngineError("A data set has no such file.", received=repr(file[:80]))
    receive_chunk(_folder(name, load_settings()) / file, chunk)


async def _send(link: WorkerLink, name: str, path: Path) -> None:
    for chunk in chunks_of(await asyncio.to_thread(path.read_bytes)):
        await link.call(take_file, name, path.name, chunk)


def _folder(name: str, settings: Settings) -> Path:
    return array_folder(settings) if name == FASHION_MNIST else synthetic_folder(settings)
