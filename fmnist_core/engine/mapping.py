"""The map of the data, in the worker that keeps networks warm.

Both parts are made once for a network and a data set and kept on disk: what the network makes of
the test images, in a thread with rests; the unfolded map, in a process of its own.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.data import load_dataset
from fmnist_core.engine import interactive
from fmnist_core.engine.datasets import has_dataset
from fmnist_core.engine.gathering import Gathering, Gatherings, Told
from fmnist_core.engine.unfolding_process import UnfoldingProcess
from fmnist_core.errors import NoDataError
from fmnist_core.explain.atlas import MOST_AXES, MOST_IMAGES, Atlas, build_atlas
from fmnist_core.explain.data_map import Spot, Unfolding
from fmnist_core.explain.kept_banks import bank_path, keep_array, kept_array
from fmnist_core.explain.unfolding import PERPLEXITY, STEPS, place_among
from fmnist_core.settings import load_settings

Array = NDArray[np.float32]

# Seconds of rest for a second of work: the map is waited for, but so are answers.
_REST = 0.25
_BEAT = 0.02
# Until then a map that lies on the disk is there, and none has to say that it is being made.
_AT_ONCE = 0.3
# Neighbours that are shown and that place an image; the image itself may come on top.
_NEAREST = 5
_ATLASES = f"atlas-{MOST_IMAGES}-{MOST_AXES}"
_UNFOLDED = f"tsne-{MOST_IMAGES}-{MOST_AXES}-{PERPLEXITY}-{STEPS}"


@dataclass(frozen=True, eq=False)
class Chart:
    """What the worker finds out for a `DataMap`; scores float32 (m, classes)."""

    fingerprint: str
    indices: NDArray[np.int64]
    plane: Array
    shares: Array
    scores: Array


# An atlas and the fingerprint of its data set.
_Known = tuple[Atlas, str]
_atlases: Gatherings[_Known] = Gatherings(interactive.KEPT)
_unfoldings: Gatherings[Array | None] = Gatherings(interactive.KEPT)
_processes: dict[tuple[str, str], UnfoldingProcess] = {}


async def chart(digest: str, dataset: str) -> Chart | None:
    """The principal plane; made now where it is not known.

    Returns:
        None where the network was not sent yet.

    Raises:
        NoDataError: The data set's images are not on this machine.
        TrainingError: The network's numbers are not finite.
    """
    known = await _known(digest, dataset)
    if known is None:
        return None
    atlas, fingerprint = known
    plane = np.ascontiguousarray(atlas.coordinates[:, :2])
    return Chart(fingerprint, atlas.indices, plane, atlas.shares[:2], atlas.scores)


async def unfolding(digest: str, dataset: str, begin: bool) -> Unfolding | None:
    """How far the unfolded map is; with `begin` it is begun unless it is there.

    Returns, Raises:
        As `chart`.
    """
    known = await _known(digest, dataset)
    if known is None:
        return None
    key = digest, dataset
    if _unfoldings.known(key) is None and not begin:
        return Unfolding()
    found = _unfolding(key, *known)
    until = time.monotonic() + _AT_ONCE
    while found.going_on and time.monotonic() < until:
        await asyncio.sleep(_BEAT)
    process = _processes.get(key)
    return Unfolding(
        found.found,
        found.going_on,
        found.share,
        process.seconds_left if process and found.going_on else None,
        str(found.error or ""),
    )


async def stop_unfolding(digest: str, dataset: str) -> bool:
    """Ends the making of the map, for all who wait for it, and forgets one that failed.

    Returns:
        Whether it was being made.
    """
    key = digest, dataset
    process, made = _processes.pop(key, None), _unfoldings.known(key)
    if process is not None:
        process.stop()
    if made is not None and made.found is None:
        _unfoldings.forget(key)
    return process is not None


async def place(digest: str, dataset: str, image: NDArray[np.uint8]) -> Spot | None:
    """Where an image uint8 (28, 28) lies.

    Returns, Raises:
        As `chart`.
    """
    known = await _known(digest, dataset)
    if known is None:
        return None
    unfolded = _unfoldings.known((digest, dataset))
    places = unfolded.found if unfolded else None
    if places is None:
        # Made before this worker was started, perhaps.
        places = await asyncio.to_thread(_kept_places, digest, *known)
    return await asyncio.to_thread(_spot, digest, image, known[0], places)


def _spot(digest: str, image: NDArray[np.uint8], atlas: Atlas, places: Array | None) -> Spot | None:
    from fmnist_core.explain.features import features

    network = interactive.network(digest)
    if network is None:
        return None
    there = atlas.place(features(network, image[None]))[0]
    rows, distances = atlas.nearest(there, _NEAREST + 1)
    among = None if places is None else place_among(places, rows[:_NEAREST], distances[:_NEAREST])
    return Spot(there[:2], among, rows, distances)


async def _known(digest: str, dataset: str) -> _Known | None:
    gathering = await asyncio.to_thread(_gathering, digest, dataset)
    if gathering is None:
        return None
    # Not in a thread: a class that waits for its maps would leave none for those who draw.
    while gathering.going_on:
        await asyncio.sleep(_BEAT)
    if gathering.error is not None:
        raise gathering.error
    return gathering.found


def _gathering(digest: str, dataset: str) -> Gathering[_Known] | None:
    interactive.warm()
    network = interactive.network(digest)
    if network is None:
        return None
    key = digest, dataset
    if _atlases.known(key) is None and not has_dataset(dataset):
        raise NoDataError(
            "The map shows the test images, and these are not on this machine.",
            advice="The Data page gets them.",
        )
    return _atlases.at(key, lambda told: _atlas(network, digest, dataset))


def _atlas(network: Any, digest: str, dataset: str) -> _Known:
    """From disk, or made by looking at the test images."""
    settings = load_settings()
    data = load_dataset(dataset, settings)
    path = bank_path(settings.cache_dir / _ATLASES, digest, data.identity.fingerprint)
    record = kept_array(path)
    atlas = None if record is None else Atlas.from_record(record)
    if atlas is None:
        atlas = build_atlas(network, data.test, rest=_REST)
        keep_array(path, atlas.to_record())
    return atlas, data.identity.fingerprint


def _unfolding(key: tuple[str, str], atlas: Atlas, fingerprint: str) -> Gathering[Array | None]:
    found = _unfoldings.known(key)
    if found is not None:
        return found
    process = _processes[key] = UnfoldingProcess()

    def make(told: Told) -> Array | None:
        try:
            return _unfolded(key[0], atlas, fingerprint, process, told)
        finally:
            # Unless another was begun after this one was stopped.
            if _processes.get(key) is process:
                del _processes[key]

    return _unfoldings.at(key, make)


def _unfolded(
    digest: str, atlas: Atlas, fingerprint: str, process: UnfoldingProcess, told: Told
) -> Array | None:
    """From disk, or made; None where it was stopped."""
    places = _kept_places(digest, atlas, fingerprint)
    if places is None:
        places = process.run(atlas.coordinates, told)
        if places is not None:
            keep_array(_places_path(digest, fingerprint), places)
    return places


def _kept_places(digest: str, atlas: Atlas, fingerprint: str) -> Array | None:
    places = kept_array(_places_path(digest, fingerprint))
    if places is None or places.shape != (len(atlas.indices), 2):
        return None
    return places


def _places_path(digest: str, fingerprint: str) -> Path:
    return bank_path(load_settings().cache_dir / _UNFOLDED, digest, fingerprint)
