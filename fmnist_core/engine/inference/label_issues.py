"""Training images that are probably mislabelled, or copies of test images, searched by a network.

Every question may raise what `ask` raises, and:
    NoDataError: The network's training images are not on this machine.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.background_job import Jobs, JobState, Report
from fmnist_core.datasets import load_dataset
from fmnist_core.datasets.label_issues import LabelIssues
from fmnist_core.datasets.label_issues.store import (
    label_issues_path,
    load_label_issues,
    save_label_issues,
)
from fmnist_core.engine import lifecycle
from fmnist_core.engine.inference.model_cache import LoadedModel
from fmnist_core.engine.inference.worker_client import ask, question
from fmnist_core.engine.server.dataset_transfer import has_dataset
from fmnist_core.errors import DataError, NoDataError
from fmnist_core.runs.pretrained import ModelRef
from fmnist_core.settings import Settings, load_settings
from fmnist_core.training.class_holdout import hidden_images
from fmnist_core.training.excluded_samples import KEPT, store_excluded, without
from fmnist_core.training.splits import split_indices

# Seconds of rest per second of work, so that predictions stay fast meanwhile.
_REST = 0.3


@dataclass(frozen=True, eq=False)
class Wanted:
    """A search for label issues.

    Attributes:
        name: Of the file of the results, which identifies the search.
        fingerprint: Of the data set.
        held_back: bool (n,), which training images the network never learned from.
    """

    name: str
    fingerprint: str
    held_back: NDArray[np.bool_]


def known_label_issues(model: str, settings: Settings) -> LabelIssues | None:
    """The stored results of an earlier search, if any; without the engine."""
    ref, wanted = _wanted(model, settings)
    found = load_label_issues(_path(wanted.name, settings))
    return None if found is None else _shown(found, ref.dataset, settings)


def search_label_issues(model: str, settings: Settings) -> JobState[LabelIssues]:
    """Starts the search, which takes some minutes, or returns its state."""
    ref, wanted = _wanted(model, settings)
    return ask(ref, begin_search, wanted, settings=settings)


def label_issue_search(model: str, settings: Settings) -> JobState[LabelIssues]:
    """The state of the search; starts neither a search nor an engine.

    Also stores the results on this machine.
    """
    ref, wanted = _wanted(model, settings)
    if lifecycle.read_info(settings) is None and settings.scheduler is None:
        return JobState()
    state: JobState[LabelIssues] = ask(ref, search_state, wanted.name, settings=settings)
    path = _path(wanted.name, settings)
    if state.result is not None and not path.exists():
        save_label_issues(path, state.result)
    if state.result is None:
        return state
    return replace(state, result=_shown(state.result, ref.dataset, settings))


def stop_label_issue_search(model: str, settings: Settings) -> None:
    """Stops the search and discards its progress."""
    ref, wanted = _wanted(model, settings)
    ask(ref, stop_search, wanted.name, settings=settings)


def _shown(found: LabelIssues, dataset: str, settings: Settings) -> LabelIssues:
    """Without the images whose labels a class is not to see."""
    hidden = set(hidden_images(load_dataset(dataset, settings), settings).tolist())
    return replace(
        found,
        mislabelled=tuple(one for one in found.mislabelled if one.index not in hidden),
        copies=tuple(one for one in found.copies if one.train not in hidden),
    )


def _wanted(model: str, settings: Settings) -> tuple[ModelRef, Wanted]:
    ref = ModelRef.open(model, settings)
    # Loading would draw synthetic images that are missing, which takes long.
    if not has_dataset(ref.dataset):
        raise NoDataError(
            "The network's training images are not on this machine.",
            received=ref.dataset,
            advice="Download them: `python -m fmnist_core data download`.",
        )
    data = load_dataset(ref.dataset, settings)
    fingerprint = data.identity.fingerprint
    held_back = _held_back(ref, data.train.labels, settings)
    path = label_issues_path(Path(), ref.digest, fingerprint, held_back)
    return ref, Wanted(path.name, fingerprint, held_back)


def _held_back(ref: ModelRef, labels: NDArray[np.uint8], settings: Settings) -> NDArray[np.bool_]:
    """Which training images the network never learned from, as far as the lab knows."""
    held_back = np.zeros(len(labels), bool)
    if ref.shipped:
        return held_back
    training = ref.folder.config.training
    # A run with initial weights inherits what another network learned from.
    if not training.initial_weights:
        there = (ref.folder.path / KEPT).is_file()
        dropped = store_excluded(ref.folder, training, settings) if there else None
        held_back[:] = True
        held_back[without(split_indices(labels, training)[0], dropped)] = False
    return held_back


def _path(name: str, settings: Settings) -> Path:
    return settings.cache_dir / "suspects" / name


# From here on: what the worker does.

_searches: Jobs[LabelIssues] = Jobs(8, retry_after=math.inf)


@question(needs_dataset=True)
def begin_search(model: LoadedModel, wanted: Wanted) -> JobState[LabelIssues]:
    """Begins the search, unless it goes on or ended well."""
    make = partial(_search, model.network, model.dataset, wanted)
    return _searches.at(wanted.name, make, retry=True).state()


@question()
def search_state(model: LoadedModel, name: str) -> JobState[LabelIssues]:
    """The state of the search on this worker."""
    return _searches.state(name)


@question()
def stop_search(model: LoadedModel, name: str) -> None:
    """Asks the search to end, and forgets it."""
    _searches.stop(name)


def _search(
    network: Any, dataset: str, wanted: Wanted, report: Report, stopped: Event
) -> LabelIssues:
    settings = load_settings()
    data = load_dataset(dataset, settings)
    if data.identity.fingerprint != wanted.fingerprint:
        raise DataError("The engine's worker has other images of the same name.")
    path = _path(wanted.name, settings)
    found = load_label_issues(path)
    if found is None:
        from fmnist_core.explain.label_issue_search import LabelIssueSearch

        found = LabelIssueSearch(data, wanted.held_back, report, stopped, _REST).run(network)
        save_label_issues(path, found)
    return found
