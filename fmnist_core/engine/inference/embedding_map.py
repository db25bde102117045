"""The map of the data: what a network makes of the test images, by PCA and t-SNE.

The images are the test images of the data set that it learned from. Both maps are made once for a
network and a data set and kept on the worker's disk: what the network makes of the images, in a
thread with rests; the t-SNE map, in a process of its own. Every question may raise what `ask`
raises, and:
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
from fmnist_core.engine.inference.model_cache import KEPT, WarmModel
from fmnist_core.engine.inference.worker_client import ask, one_image, question
from fmnist_core.engine.server.dataset_transfer import has_dataset
from fmnist_core.errors import NoDataError
from fmnist_core.explain.neighbours import bank_path, keep_array, kept_array
from fmnist_core.explain.pca_map import MOST_AXES, MOST_IMAGES, Atlas, build_atlas
from fmnist_core.explain.tsne_map import PERPLEXITY, STEPS, DataMap, Spot, place_among
from fmnist_core.explain.tsne_process import unfold_apart
from fmnist_core.models.calibration import Calibration, answers_from
from fmnist_core.runs.pretrained import ModelRef
from fmnist_core.settings import Settings, load_settings

Array = NDArray[np.float32]

# Large networks on a busy machine go through 10 000 images in a minute, once for all.
MAP_SECONDS = 180.0
# Seconds of rest for a second of work: the map is waited for, but so are answers.
_REST = 0.25
# A map that was just begun and is on the disk is there until then, and not said to be being made.
_AT_ONCE = 0.3
# Neighbours that are shown and that place an image; the image itself may come on top.
_NEAREST = 5
_ATLASES = f"atlas-{MOST_IMAGES}-{MOST_AXES}"
_UNFOLDED = f"tsne-{MOST_IMAGES}-{MOST_AXES}-{PERPLEXITY}-{STEPS}"


def data_map(network: str, settings: Settings) -> DataMap:
    """The principal plane of what a network makes of up to 10 000 test images.

    Made at the first question (a second for a small network, six for the shipped ones), then kept
    on the worker's disk.
    """
    ref = ModelRef.open(network, settings)
    return ask(ref, projection, ref.calibration, network, settings=settings)


def unfolding(network: str, settings: Settings, *, begin: bool = False) -> JobState[Array]:
    """How far the t-SNE map of the same images is; kept on the worker's disk when it is done.

    Args:
        begin: Whether it is begun where it is not there: some 15 s of one core, at low priority.
    """
    return ask(network, tsne, begin, settings=settings)


def place_on_map(network: str, image: NDArray[np.uint8], settings: Settings) -> Spot:
    """Where an image uint8 (28, 28) of one's own lies on both maps, and its nearest test images.

    Raises:
        InputError: An image of another size or kind.
    """
    return ask(network, position, one_image(image), settings=settings)


# From here on: what the worker does.


# An atlas and the fingerprint of its data set.
_Known = tuple[Atlas, str]
_atlases: Jobs[_Known] = Jobs(KEPT)
_maps: Jobs[Array] = Jobs(KEPT)


@question(seconds=MAP_SECONDS, needs_dataset=True)
def projection(model: WarmModel, calibration: Calibration, name: str) -> DataMap:
    """The principal plane; made now where it is not known."""
    atlas, fingerprint = _known(model)
    plane = np.ascontiguousarray(atlas.coordinates[:, :2])
    answers = answers_from(atlas.scores, calibration, name)
    return DataMap(model.dataset, fingerprint, atlas.indices, plane, atlas.shares[:2], answers)


@question(seconds=MAP_SECONDS, needs_dataset=True)
def tsne(model: WarmModel, begin: bool) -> JobState[Array]:
    """How far the t-SNE map is; with `begin` it is begun unless it is there."""
    known = _known(model)
    if begin and _maps.get(model) is None:
        _begin_tsne(model, *known).wait(_AT_ONCE)
    return _maps.state(model)


@question()
def stop_unfolding(model: WarmModel) -> bool:
    """Ends the making of the t-SNE map, for all who wait for it, and forgets one that failed.

    Returns:
        Whether it was being made.
    """
    return _maps.stop(model)


@question(seconds=MAP_SECONDS, needs_dataset=True)
def position(model: WarmModel, image: NDArray[np.uint8]) -> Spot:
    """Where an image uint8 (28, 28) lies."""
    atlas, fingerprint = _known(model)
    from fmnist_core.models.features import features

    places = _maps.state(model).result
    if places is None:
        # Made before this worker was started, perhaps.
        places = _kept_places(model, atlas, fingerprint)
    there = atlas.place(features(model.network, image[None]))[0]
    rows, distances = atlas.nearest(there, _NEAREST + 1)
    among = None if places is None else place_among(places, rows[:_NEAREST], distances[:_NEAREST])
    return Spot(there[:2], among, rows, distances)


def _known(model: WarmModel) -> _Known:
    """From disk, or made by going through the test images."""
    network = model.network
    if _atlases.get(model) is None and not has_dataset(model.dataset):
        raise NoDataError(
            "The map shows the test images, and these are not on this machine.",
            advice="Download them: `python -m fmnist_core data download`.",
        )

    def make(report: Report, stopped: Event) -> _Known:
        settings = load_settings()
        data = load_dataset(model.dataset, settings)
        fingerprint = data.identity.fingerprint
        path = bank_path(settings.cache_dir / _ATLASES, model.digest, fingerprint)
        record = kept_array(path)
        atlas = None if record is None else Atlas.from_record(record)
        if atlas is None:
            atlas = build_atlas(network, data.test, rest=_REST)
            keep_array(path, atlas.to_record())
        return atlas, fingerprint

    return _atlases.at(model, make).result()


def _begin_tsne(model: WarmModel, atlas: Atlas, fingerprint: str) -> Job[Array]:
    """From disk, or made."""

    def make(report: Report, stopped: Event) -> Array:
        places = _kept_places(model, atlas, fingerprint)
        if places is None:
            places = unfold_apart(atlas.coordinates, report, stopped)
            keep_array(_places_path(model, fingerprint), places)
        return places

    return _maps.at(model, make)


def _kept_places(model: WarmModel, atlas: Atlas, fingerprint: str) -> Array | None:
    places = kept_array(_places_path(model, fingerprint))
    if places is None or places.shape != (len(atlas.indices), 2):
        return None
    return places


def _places_path(model: WarmModel, fingerprint: str) -> Path:
    return bank_path(load_settings().cache_dir / _UNFOLDED, model.digest, fingerprint)
