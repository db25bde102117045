"""Feature visualization: kernels, and images that activate filters and units."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from fmnist_core.background_job import Jobs, JobState, Report
from fmnist_core.config import RunConfig
from fmnist_core.datasets import load_dataset
from fmnist_core.datasets.dataset import ImageSet
from fmnist_core.engine.inference.model_cache import KEPT, LoadedModel
from fmnist_core.engine.inference.worker_client import ask, question
from fmnist_core.engine.server.dataset_transfer import has_dataset
from fmnist_core.errors import LabError, NoDataError
from fmnist_core.explain.neighbours import bank_path
from fmnist_core.explain.top_activations import Ranking, load_ranking, save_ranking
from fmnist_core.explain.views import (
    Filters,
    FirstFilters,
    Floats,
    MaximizedActivation,
    TopActivations,
)
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.pretrained import ModelRef, shipped_card
from fmnist_core.runs.trace import read_trace
from fmnist_core.settings import Settings, load_settings

MOST_IMAGES = 10_000
# Seconds of rest per second of work, so that predictions stay fast meanwhile.
_REST = 0.5
_NO_IMAGES = "The network's test images are not on this machine."
_NOT_KEPT = "It began with weights of another network, which are not here."
_UNKNOWN = "Its initial weights are unknown: the record of its training is missing or damaged."


def filters_of(network: str, settings: Settings) -> Filters:
    """The first layer's kernels now and before training.

    The initial kernels come from the run's snapshots or its initial weights; without either they
    are drawn again from the run's seed.
    """
    ref = ModelRef.open(network, settings)
    now = ask(ref, first_filters, settings=settings)
    if now is None:
        return Filters(None, None)
    before = _before(ref, now, settings)
    if isinstance(before, str):
        return Filters(now, None, before)
    if before.kernels.shape != now.kernels.shape:
        return Filters(now, None, _UNKNOWN)
    return Filters(now, before)


def activation_maximization_of(
    network: str, layer: str, channel: int, settings: Settings, *, seed: int = 0
) -> JobState[MaximizedActivation]:
    """An image that maximizes a map or unit; takes some seconds. Call again while it runs.

    Raises:
        ConfigError: The network has no such map or unit.
    """
    return ask(network, activation_maximization, layer, channel, seed, settings=settings)


def _before(ref: ModelRef, now: FirstFilters, settings: Settings) -> FirstFilters | str:
    """The initial kernels, or why they are unknown."""
    try:
        if ref.shipped:
            recipe = shipped_card(ref.name).get("recipe", {})
            config = RunConfig.from_json(recipe.get("config"))
            return _drawn_anew(ref, config, recipe.get("provenance"), settings)
        folder = ref.folder
        written = _written_down(folder, now)
        if written is not None:
            return written
        if folder.initial_path.is_file():
            initial = replace(ref, path=folder.initial_path)
            before = ask(initial, first_filters, settings=settings)
            # The run may have begun with other layers there than the network it started from.
            if before is None or before.layer != now.layer:
                return _NOT_KEPT
            return before if before.kernels.shape == now.kernels.shape else _NOT_KEPT
        return _drawn_anew(ref, folder.config, folder.provenance, settings)
    except (LabError, OSError):
        return _UNKNOWN


def _written_down(folder: RunFolder, now: FirstFilters) -> FirstFilters | None:
    beginning = read_trace(folder).beginning
    if beginning is None or beginning.filters is None or beginning.filters.shape[2] != 1:
        return None
    kernels = np.moveaxis(beginning.filters[:, :, 0], -1, 0).astype(np.float32)
    # The trace has only the first units of a dense layer.
    return FirstFilters(now.layer, kernels) if kernels.shape == now.kernels.shape else None


def _drawn_anew(
    ref: ModelRef, config: RunConfig, provenance: Any, settings: Settings
) -> FirstFilters | str:
    if config.training.initial_weights or config.model.backbone.learned:
        return _NOT_KEPT
    made_with = provenance if isinstance(provenance, dict) else {}
    found = ask(ref, reinitialized_filters, config, made_with, settings=settings)
    return _UNKNOWN if found is None else found


# From here on: the worker's side.

# Per network the top activations of all maps and units, with the test images.
_Ranked = tuple[Ranking, ImageSet]
_rankings: Jobs[_Ranked] = Jobs(KEPT)
# A picture takes a kilobyte.
_maximized: Jobs[MaximizedActivation] = Jobs(256)


@question()
def first_filters(model: LoadedModel) -> FirstFilters | None:
    """The first layer's kernels; None where it does not read pixels."""
    from fmnist_core.explain import feature_maps

    return feature_maps.first_filters(model.network)


@question()
def reinitialized_filters(
    model: LoadedModel, config: RunConfig, provenance: dict[str, Any]
) -> FirstFilters | str | None:
    """The first layer's initial kernels, drawn again; a sentence if that is impossible.

    Args:
        provenance: The run's package versions, see `training.loop`.
    """
    from fmnist_core.explain import feature_maps
    from fmnist_core.lab_keras import keras

    packages = provenance.get("packages")
    version = packages.get("keras") if isinstance(packages, dict) else None
    made_with = provenance.get("backend"), version
    if made_with != (keras.backend.backend(), keras.__version__):
        return (
            "Its initial weights were not kept, and this lab's version of Keras may draw "
            "others from the same seed."
        )
    return feature_maps.filters_before_training(config)


@question(needs_dataset=True)
def top_activations(model: LoadedModel, layer: str, channel: int) -> JobState[TopActivations]:
    """The test images with the top activations of a map or unit.

    At the first call for a network, the worker ranks up to 10 000 test images for all its maps and
    units, once. Call again while that runs.

    Raises:
        ConfigError: The network has no such map or unit.
    """
    network = model.network
    from fmnist_core.explain.max_activations import column

    place = column(network, layer, channel)
    if _rankings.get(model) is None and not has_dataset(model.dataset):
        return JobState(error=NoDataError(_NO_IMAGES))
    job = _rankings.at(model, lambda report, stopped: _rank(model, network, report))
    state: JobState[Any] = job.state()
    if state.result is None:
        return state
    ranking, test = state.result
    return replace(state, result=_best(network, ranking, test, place, layer, channel))


@question()
def activation_maximization(
    model: LoadedModel, layer: str, channel: int, seed: int
) -> JobState[MaximizedActivation]:
    """Worker side of `activation_maximization_of`."""
    network = model.network
    from fmnist_core.explain.activation_maximization import maximize_activation
    from fmnist_core.explain.max_activations import column

    # Raises here, not in the job's thread.
    column(network, layer, channel)
    return _maximized.at(
        (model, layer, channel, seed),
        lambda report, stopped: maximize_activation(
            network, layer, channel, seed=seed, report=report
        ),
    ).state()


def _rank(model: LoadedModel, network: Any, report: Report) -> _Ranked:
    from fmnist_core.explain.max_activations import rank

    settings = load_settings()
    data = load_dataset(model.dataset, settings)
    images = data.test.images[:MOST_IMAGES]
    path = bank_path(settings.cache_dir / "exciting", model.digest, data.identity.fingerprint)
    ranking = load_ranking(path, len(images))
    if ranking is None:
        ranking = rank(network, images, rest=_REST, report=report)
        save_ranking(path, ranking)
    return ranking, data.test


def _best(
    network: Any, ranking: Ranking, test: ImageSet, place: int, layer: str, channel: int
) -> TopActivations:
    from fmnist_core.explain.max_activations import channel_maps

    indices = ranking.indices[place].astype(np.int64)
    images = np.asarray(test.images[indices])
    return TopActivations(
        indices=indices,
        values=ranking.values[place],
        labels=np.asarray(test.labels[indices]),
        images=images,
        heats=_heats(channel_maps(network, images, layer, channel), network.input_shape[1]),
        searched=min(len(test), MOST_IMAGES),
    )


def _heats(maps: Floats | None, side: int) -> Floats | None:
    """Maps (n, h, w) stretched over (n, side, side), 0 to 1."""
    if maps is None:
        return None
    from fmnist_core.explain.gradcam import enlarged

    heats = np.stack([enlarged(np.maximum(one, 0), side) for one in maps])
    return heats / np.maximum(heats.max(axis=(1, 2), keepdims=True), 1e-12)
