"""What excites a network's maps and units, sought in the worker that keeps networks warm."""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.data import load_dataset
from fmnist_core.data.dataset import ImageSet
from fmnist_core.engine import interactive
from fmnist_core.engine.datasets import has_dataset
from fmnist_core.engine.gathering import Gathering, Gatherings, Told
from fmnist_core.errors import LabError
from fmnist_core.explain.kept_banks import bank_path
from fmnist_core.explain.ranking import Ranking, load_ranking, save_ranking
from fmnist_core.explain.views import Exciting, Imagined, Sought
from fmnist_core.settings import load_settings

MOST_IMAGES = 10_000
# Seconds of rest for a second of work: who looks at something else meanwhile should not wait.
_REST = 0.5
# Ranked for each network the test images that excite it, with these images.
_Ranked = tuple[Ranking, ImageSet]
_rankings: Gatherings[_Ranked] = Gatherings(interactive.KEPT)
# A picture takes a kilobyte.
_imagined: Gatherings[Imagined] = Gatherings(256)


async def exciting(digest: str, dataset: str, layer: str, channel: int) -> Sought[Exciting] | None:
    """The test images that excite a map or unit most; None where the network was not sent yet.

    The first question about a network lets the worker go through up to 10 000 test images, for all
    maps and units at once; that is kept on its disk.

    Raises:
        ConfigError: The network has no such map or unit.
    """
    return await asyncio.to_thread(_exciting, digest, dataset, layer, channel)


async def imagined(digest: str, layer: str, channel: int, seed: int) -> Sought[Imagined] | None:
    """An image made to excite it; None where the network was not sent yet.

    Raises:
        ConfigError: The network has no such map or unit.
    """
    return await asyncio.to_thread(_imagine, digest, layer, channel, seed)


def _exciting(digest: str, dataset: str, layer: str, channel: int) -> Sought[Exciting] | None:
    interactive.warm()
    network = interactive.network(digest)
    if network is None:
        return None
    from fmnist_core.explain.excitement import column

    place = column(network, layer, channel)
    key = (digest, dataset)
    if _rankings.known(key) is None and not has_dataset(dataset):
        return Sought(None, 0.0, False, "The test images that it was judged by are not at hand.")
    ranked = _rankings.at(key, lambda told: _rank(network, digest, dataset, told))
    found = None
    if ranked.found is not None:
        ranking, test = ranked.found
        found = _best(network, ranking, test, place, layer, channel)
    return _so_far(ranked, found)


def _rank(network: Any, digest: str, dataset: str, told: Told) -> _Ranked:
    from fmnist_core.explain.excitement import rank

    settings = load_settings()
    data = load_dataset(dataset, settings)
    images = data.test.images[:MOST_IMAGES]
    path = bank_path(settings.cache_dir / "exciting", digest, data.identity.fingerprint)
    ranking = load_ranking(path, len(images))
    if ranking is None:
        ranking = rank(network, images, rest=_REST, told=told)
        save_ranking(path, ranking)
    return ranking, data.test


def _best(
    network: Any, ranking: Ranking, test: ImageSet, place: int, layer: str, channel: int
) -> Exciting:
    from fmnist_core.explain.excitement import where

    indices = ranking.indices[place].astype(np.int64)
    images = np.asarray(test.images[indices])
    return Exciting(
        indices=indices,
        values=ranking.values[place],
        labels=np.asarray(test.labels[indices]),
        images=images,
        heats=_heats(where(network, images, layer, channel)),
        searched=min(len(test), MOST_IMAGES),
    )


def _heats(maps: NDArray[np.float32] | None) -> NDArray[np.float32] | None:
    """Maps (n, h, w) stretched over their images, 0 to 1."""
    if maps is None:
        return None
    from fmnist_core.explain.gradcam import enlarged

    heats = np.stack([enlarged(np.maximum(one, 0)) for one in maps])
    return heats / np.maximum(heats.max(axis=(1, 2), keepdims=True), 1e-12)


def _imagine(digest: str, layer: str, channel: int, seed: int) -> Sought[Imagined] | None:
    interactive.warm()
    network = interactive.network(digest)
    if network is None:
        return None
    from fmnist_core.explain.excitement import column
    from fmnist_core.explain.imagined import imagine

    # Said at once, and not by a thread that nobody hears.
    column(network, layer, channel)
    making = _imagined.at(
        (digest, layer, channel, seed),
        lambda told: imagine(network, layer, channel, seed=seed, told=told),
    )
    return _so_far(making, making.found)


def _so_far(gathering: Gathering[Any], found: Any) -> Sought[Any]:
    return Sought(found, gathering.share, gathering.going_on, _words(gathering.error))


def _words(error: Exception | None) -> str:
    if error is None:
        return ""
    return str(error) if isinstance(error, LabError) else "The worker failed; see its log."
