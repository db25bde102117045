"""Maps of a network's features of the test images, by PCA and t-SNE.

The test images are those of the network's data set. Both maps are computed once per network and
data set and cached on the worker's disk: the PCA in a thread with rests, the t-SNE in a process of
its own. Every question may raise what `ask` raises, and:
    TrainingError: The network's numbers are not finite.
    NoDataError: The test images are not at hand.
"""

from __future__ import annotations

from pathlib import Path
from threading import Event

import numpy as np
from numpy.typing import NDArray

from fmnist_core.background_job import Job, Jobs, JobState, Report
from fmnist_core.datasets import load_dataset
from fmnist_core.engine.inference.model_cache import KEPT, LoadedModel
from fmnist_core.engine.inference.worker_client import ask, checked_image, question
from fmnist_core.engine.server.dataset_transfer import has_dataset
from fmnist_core.errors import NoDataError
from fmnist_core.explain.neighbours import bank_path, load_array, store_array
from fmnist_core.explain.pca_map import MOST_AXES, MOST_IMAGES, PcaMap, build_pca_map
from fmnist_core.explain.tsne_map import PERPLEXITY, STEPS, DataMap, MapPosition, tsne_position
from fmnist_core.explain.tsne_process import tsne_in_subprocess
from fmnist_core.models.calibration import Calibration, calibrated_predictions
from fmnist_core.runs.pretrained import ModelRef
from fmnist_core.settings import Settings, load_settings

Array = NDArray[np.float32]

# Large networks on a busy machine go through 10 000 images in a minute, once for all.
MAP_SECONDS = 180.0
# Seconds of rest per second of work: somebody waits for the map, but also for predictions.
_REST = 0.25
# A cached map loads in this time, so that its job is not reported as running.
_AT_ONCE = 0.3
# Neighbors shown, and used to place an image; the image itself may be one more.
_NEAREST = 5
_PCA_CACHE = f"atlas-{MOST_IMAGES}-{MOST_AXES}"
_TSNE_CACHE = f"tsne-{MOST_IMAGES}-{MOST_AXES}-{PERPLEXITY}-{STEPS}"


def data_map(network: str, settings: Settings) -> DataMap:
    """The first two principal components of a network's features of up to 10 000 test images.

    Computed at the first call (a second for a small network, six for the shipped ones), then
    cached on the worker's disk.
    """
    ref = ModelRef.open(network, settings)
    return ask(ref, projection, ref.calibration, network, settings=settings)


def tsne_map(network: str, settings: Settings, *, begin: bool = False) -> JobState[Array]:
    """The state of the t-SNE map of the same images; cached on the worker's disk.

    Args:
        begin: Start computing a missing map: some 15 s of one core, at low priority.
    """
    return ask(network, tsne, begin, settings=settings)


def place_on_map(network: str, image: NDArray[np.uint8], settings: Settings) -> MapPosition:
    """The position of an image uint8 (s, s) on both maps, and its nearest test images.

    Raises:
        InputError: An image of another size or kind.
    """
    return ask(network, position, checked_image(image), settings=settings)


# From here on: the worker's side.


# A PCA map and the fingerprint of its data set.
_Known = tuple[PcaMap, str]
_pca_maps: Jobs[_Known] = Jobs(KEPT)
_maps: Jobs[Array] = Jobs(KEPT)


@question(seconds=MAP_SECONDS, needs_dataset=True)
def projection(model: LoadedModel, calibration: Calibration, name: str) -> DataMap:
    """Worker side of `data_map`."""
    pca, fingerprint = _known(model)
    plane = np.ascontiguousarray(pca.coordinates[:, :2])
    answers = calibrated_predictions(pca.scores, calibration, name)
    return DataMap(model.dataset, fingerprint, pca.indices, plane, pca.shares[:2], answers)


@question(seconds=MAP_SECONDS, needs_dataset=True)
def tsne(model: LoadedModel, begin: bool) -> JobState[Array]:
    """Worker side of `tsne_map`."""
    known = _known(model)
    if begin and _maps.get(model) is None:
        _begin_tsne(model, *known).wait(_AT_ONCE)
    return _maps.state(model)


@question()
def stop_tsne(model: LoadedModel) -> bool:
    """Stops computing the t-SNE map, for all who wait for it, and forgets a failed one.

    Returns:
        Whether it was running.
    """
    return _maps.stop(model)


@question(seconds=MAP_SECONDS, needs_dataset=True)
def position(model: LoadedModel, image: NDArray[np.uint8]) -> MapPosition:
    """Worker side of `place_on_map`."""
    pca, fingerprint = _known(model)
    from fmnist_core.models.features import features

    places = _maps.state(model).result
    if places is None:
        # Another worker may have cached it.
        places = _kept_places(model, pca, fingerprint)
    there = pca.place(features(model.network, image[None]))[0]
    rows, distances = pca.nearest(there, _NEAREST + 1)
    among = None if places is None else tsne_position(places, rows[:_NEAREST], distances[:_NEAREST])
    return MapPosition(there[:2], among, rows, distances)


def _known(model: LoadedModel) -> _Known:
    """From the cache, or computed from the test images."""
    network = model.network
    if _pca_maps.get(model) is None and not has_dataset(model.dataset):
        raise NoDataError(
            "The map needs the test images, which are not on this machine.",
            advice="Download them: `python -m fmnist_core data download`.",
        )

    def make(report: Report, stopped: Event) -> _Known:
        settings = load_settings()
        data = load_dataset(model.dataset, settings)
        fingerprint = data.identity.fingerprint
        path = bank_path(settings.cache_dir / _PCA_CACHE, model.digest, fingerprint)
        record = load_array(path)
        pca = None if record is None else PcaMap.from_record(record)
        if pca is None:
            pca = build_pca_map(network, data.test, rest=_REST)
            store_array(path, pca.to_record())
        return pca, fingerprint

    return _pca_maps.at(model, make).result()


def _begin_tsne(model: LoadedModel, pca: PcaMap, fingerprint: str) -> Job[Array]:
    """From the cache, or computed."""

    def make(report: Report, stopped: Event) -> Array:
        places = _kept_places(model, pca, fingerprint)
        if places is None:
            places = tsne_in_subprocess(pca.coordinates, report, stopped)
            store_array(_places_path(model, fingerprint), places)
        return places

    return _maps.at(model, make)


def _kept_places(model: LoadedModel, pca: PcaMap, fingerprint: str) -> Array | None:
    places = load_array(_places_path(model, fingerprint))
    if places is None or places.shape != (len(pca.indices), 2):
        return None
    return places


def _places_path(model: LoadedModel, fingerprint: str) -> Path:
    return bank_path(load_settings().cache_dir / _TSNE_CACHE, model.digest, fingerprint)
