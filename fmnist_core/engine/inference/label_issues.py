"""Training images that are probably mislabelled, or copies of test images, searched by a network.

Every question may raise what `ask` raises, and:
    NoDataError: The images that the network learned from are not here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.background_job import Jobs, JobState, Report
from fmnist_core.datasets import load_dataset
from fmnist_core.datasets.label_issues import Suspects
from fmnist_core.datasets.label_issues.store import load_suspects, save_suspects, suspects_path
from fmnist_core.engine import lifecycle
from fmnist_core.engine.inference.model_cache import WarmModel
from fmnist_core.engine.inference.worker_client import ask, question
from fmnist_core.engine.server.dataset_transfer import has_dataset
from fmnist_core.errors import DataError, NoDataError
from fmnist_core.runs.pretrained import ModelRef
from fmnist_core.settings import Settings, load_settings
from fmnist_core.training.excluded_samples import KEPT, keep_dropped, without
from fmnist_core.training.splits import split_indices

# Seconds of rest per second of work, so that predictions stay fast meanwhile.
_REST = 0.3


@dataclass(frozen=True, eq=False)
class Wanted:
    """What to search.

    Attributes:
        name: Of the file in which the lab keeps what is found; searches are known by it.
        fingerprint: What tells the images from others of that data set's name.
        held_back: bool (n,), which training images the network never learned from.
    """

    name: str
    fingerprint: str
    held_back: NDArray[np.bool_]


def known_suspects(model: str, settings: Settings) -> Suspects | None:
    """What an earlier search found, from the disk; None where there was none. Asks no engine."""
    _, wanted = _wanted(model, settings)
    return load_suspects(_path(wanted.name, settings))


def search_suspects(model: str, settings: Settings) -> JobState[Suspects]:
    """Begins the search, which takes some minutes, or tells how far it is."""
    ref, wanted = _wanted(model, settings)
    return ask(ref, begin_search, wanted, settings=settings)


def suspect_search(model: str, settings: Settings) -> JobState[Suspects]:
    """How far the search is. Starts neither a search nor an engine.

    What was found is kept on this disk too, so that the worker may forget it.
    """
    ref, wanted = _wanted(model, settings)
    if lifecycle.read_info(settings) is None and settings.scheduler is None:
        return JobState()
    state = ask(ref, search_state, wanted.name, settings=settings)
    path = _path(wanted.name, settings)
    if state.result is not None and not path.exists():
        save_suspects(path, state.result)
    return state


def stop_suspect_search(model: str, settings: Settings) -> None:
    """Ends the search; what it did so far is lost."""
    ref, wanted = _wanted(model, settings)
    ask(ref, stop_search, wanted.name, settings=settings)


def _wanted(model: str, settings: Settings) -> tuple[ModelRef, Wanted]:
    ref = ModelRef.open(model, settings)
    # Loading would draw synthetic images that are missing, which takes long.
    if not has_dataset(ref.dataset):
        raise NoDataError(
            "The images that the network learned from are not here.",
            received=ref.dataset,
            advice="Download them: `python -m fmnist_core data download`.",
        )
    data = load_dataset(ref.dataset, settings)
    fingerprint = data.identity.fingerprint
    held_back = _held_back(ref, data.train.labels, settings)
    path = suspects_path(Path(), ref.digest, fingerprint, held_back)
    return ref, Wanted(path.name, fingerprint, held_back)


def _held_back(ref: ModelRef, labels: NDArray[np.uint8], settings: Settings) -> NDArray[np.bool_]:
    """Which training images the network never learned from, as far as the lab knows."""
    held_back = np.zeros(len(labels), bool)
    if ref.shipped:
        return held_back
    training = ref.folder.config.training
    # What another network learned from is in the weights that such a run began with.
    if not training.initial_weights:
        there = (ref.folder.path / KEPT).is_file()
        dropped = keep_dropped(ref.folder, training, settings) if there else None
        held_back[:] = True
        held_back[without(split_indices(labels, training)[0], dropped)] = False
    return held_back


def _path(name: str, settings: Settings) -> Path:
    return settings.cache_dir / "suspects" / name


# From here on: what the worker does.

_searches: Jobs[Suspects] = Jobs(8, retry_after=math.inf)


@question(needs_dataset=True)
def begin_search(model: WarmModel, wanted: Wanted) -> JobState[Suspects]:
    """Begins the search, unless it goes on or ended well."""
    make = partial(_search, model.network, model.dataset, wanted)
    return _searches.at(wanted.name, make, retry=True).state()


@question()
def search_state(model: WarmModel, name: str) -> JobState[Suspects]:
    """How far the search is, as far as this worker knows."""
    return _searches.state(name)


@question()
def stop_search(model: WarmModel, name: str) -> None:
    """Asks the search to end, and forgets it."""
    _searches.stop(name)


def _search(network: Any, dataset: str, wanted: Wanted, report: Report, stopped: Event) -> Suspects:
    settings = load_settings()
    data = load_dataset(dataset, settings)
    if data.identity.fingerprint != wanted.fingerprint:
        raise DataError("The engine's worker has other images of the same name.")
    path = _path(wanted.name, settings)
    found = load_suspects(path)
    if found is None:
        from fmnist_core.explain.label_issue_search import SuspectSearch

        found = SuspectSearch(data, wanted.held_back, report, stopped, _REST).run(network)
        save_suspects(path, found)
    return found
