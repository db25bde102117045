"""Questions about the first layer of a network: what it looks for now, and at the beginning."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from fmnist_core.config import RunConfig
from fmnist_core.engine.asked import AskedNetwork, asked_network, digest_of
from fmnist_core.engine.asking import WarmWorker, with_worker
from fmnist_core.engine.questions import WAIT_SECONDS
from fmnist_core.errors import LabError
from fmnist_core.explain.views import Filters, FirstFilters
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import Settings
from fmnist_core.shipped import SHIPPED_NETWORKS, shipped_card
from fmnist_core.traces import read_trace

_NOT_KEPT = "It began with weights of another network, which are not here."
_UNKNOWN = "What it began with is not known: what tells of its training is missing or damaged."


def filters_of(network: str, settings: Settings, *, wait: float = WAIT_SECONDS) -> Filters:
    """The first layer's kernels now and before training.

    What it began with is read from the run's snapshots, or from the weights that it began with;
    without either it is drawn anew from the run's seed.

    Raises:
        RunError: There is no such run, it saved no network, or the shipped one is missing.
        TrainingError: The network's file is damaged.
        EngineError: The engine does not answer within `wait` seconds.
    """
    asked = asked_network(network, settings)

    def ask(worker: WarmWorker) -> Filters:
        now = _first(worker, asked, wait)
        if now is None:
            return Filters(None, None)
        return _checked(now, _before(network, asked, now, settings, worker, wait))

    found: Filters = with_worker(settings, ask)
    return found


def _checked(now: FirstFilters, before: FirstFilters | str) -> Filters:
    if isinstance(before, str):
        return Filters(now, None, before)
    if before.kernels.shape != now.kernels.shape:
        return Filters(now, None, _UNKNOWN)
    return Filters(now, before)


def _before(
    network: str,
    asked: AskedNetwork,
    now: FirstFilters,
    settings: Settings,
    worker: WarmWorker,
    wait: float,
) -> FirstFilters | str:
    """The kernels, or why they are not known."""
    try:
        if network in SHIPPED_NETWORKS:
            recipe = shipped_card(network).get("recipe", {})
            config = RunConfig.from_json(recipe.get("config"))
            return _drawn_anew(config, recipe.get("provenance"), worker, wait)
        folder = RunFolder.open(settings.runs_dir, network)
        written = _written_down(folder, now)
        if written is not None:
            return written
        if folder.initial_path.is_file():
            initial = replace(
                asked, path=folder.initial_path, digest=digest_of(folder.initial_path)
            )
            return _same_layer(_first(worker, initial, wait), now) or _NOT_KEPT
        return _drawn_anew(folder.config, folder.provenance, worker, wait)
    except (LabError, OSError):
        return _UNKNOWN


def _written_down(folder: RunFolder, now: FirstFilters) -> FirstFilters | None:
    beginning = read_trace(folder).beginning
    if beginning is None or beginning.filters is None or beginning.filters.shape[2] != 1:
        return None
    kernels = np.moveaxis(beginning.filters[:, :, 0], -1, 0).astype(np.float32)
    # Of a dense layer only the first units are written down.
    return FirstFilters(now.layer, kernels) if kernels.shape == now.kernels.shape else None


def _drawn_anew(
    config: RunConfig, provenance: Any, worker: WarmWorker, wait: float
) -> FirstFilters | str:
    from fmnist_core.engine import redrawing

    if config.training.start_from or config.model.backbone.learned:
        return _NOT_KEPT
    made_with = provenance if isinstance(provenance, dict) else {}
    found = worker.call(wait, redrawing.filters_before_training, config, made_with)
    return _UNKNOWN if found is None else found


def _same_layer(before: FirstFilters | None, now: FirstFilters) -> FirstFilters | None:
    """None where the run began with other layers there than the network it started from."""
    alike = before is not None and before.layer == now.layer
    return before if before and alike and before.kernels.shape == now.kernels.shape else None


def _first(worker: WarmWorker, asked: AskedNetwork, wait: float) -> FirstFilters | None:
    from fmnist_core.engine import inside

    found: FirstFilters | None = worker.ask_network(asked, wait, inside.filters)[0]
    return found
