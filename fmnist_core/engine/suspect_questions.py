"""Questions about training images that are mislabelled or copies of test images.

A model is named by the identifier of its run, or `"shipped-everyday"` or `"shipped-catalogue"`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fmnist_core.data import load_dataset
from fmnist_core.engine import presence
from fmnist_core.engine.asked import AskedNetwork, asked_network
from fmnist_core.engine.asking import WarmWorker, with_worker
from fmnist_core.engine.datasets import has_dataset
from fmnist_core.engine.questions import WAIT_SECONDS
from fmnist_core.errors import NoDataError
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import Settings
from fmnist_core.shipped import SHIPPED_NETWORKS
from fmnist_core.suspects import SearchState, Suspects
from fmnist_core.suspects.kept import load_suspects, save_suspects, suspects_path
from fmnist_core.training.dropped import KEPT, keep_dropped, without
from fmnist_core.training.parts import split_indices

if TYPE_CHECKING:
    from fmnist_core.engine.suspecting import Wanted


def known_suspects(model: str, settings: Settings) -> Suspects | None:
    """What an earlier search found, from the disk; None where there was none. Asks no engine.

    Raises:
        RunError: There is no such run, it saved no network, or the shipped one is missing.
        NoDataError: The images that it learned from are not here.
    """
    _, wanted = _wanted(model, settings)
    return load_suspects(_path(wanted.name, settings))


def search_suspects(model: str, settings: Settings, *, wait: float = WAIT_SECONDS) -> SearchState:
    """Begins the search, which takes some minutes, or tells how far it is.

    Raises:
        RunError, NoDataError: As `known_suspects`.
        TrainingError: The network's file is damaged.
        EngineError: The engine does not answer within `wait` seconds.
    """
    asked, wanted = _wanted(model, settings)

    def ask(worker: WarmWorker) -> SearchState:
        from fmnist_core.engine import suspecting
        from fmnist_core.engine.datasets import provide_dataset

        place = (worker.client, settings, asked.dataset, worker.address)
        worker.client.sync(provide_dataset, *place)
        state: SearchState = worker.ask_network(asked, wait, suspecting.begin, wanted)
        return state

    found: SearchState = with_worker(settings, ask)
    return found


def suspect_search(
    model: str, settings: Settings, *, wait: float = WAIT_SECONDS
) -> SearchState | None:
    """How far the search is; None where none was begun. Starts neither a search nor an engine.

    What was found is kept on this disk too, so that the worker may forget it.

    Raises:
        As `search_suspects`.
    """
    _, wanted = _wanted(model, settings)

    def ask(worker: WarmWorker) -> SearchState | None:
        from fmnist_core.engine import suspecting

        state: SearchState | None = worker.call(wait, suspecting.state, wanted.name)
        return state

    if presence.read_info(settings) is None and settings.scheduler is None:
        return None
    state: SearchState | None = with_worker(settings, ask)
    path = _path(wanted.name, settings)
    if state is not None and state.found is not None and not path.exists():
        save_suspects(path, state.found)
    return state


def stop_suspect_search(model: str, settings: Settings, *, wait: float = WAIT_SECONDS) -> None:
    """Ends the search; what it did so far is lost.

    Raises:
        As `search_suspects`.
    """
    _, wanted = _wanted(model, settings)

    def ask(worker: WarmWorker) -> None:
        from fmnist_core.engine import suspecting

        worker.call(wait, suspecting.stop, wanted.name)

    with_worker(settings, ask)


def _wanted(model: str, settings: Settings) -> tuple[AskedNetwork, Wanted]:
    from fmnist_core.engine.suspecting import Wanted

    asked = asked_network(model, settings)
    # Loading would draw synthetic images that are missing, which takes long.
    if not has_dataset(asked.dataset):
        raise NoDataError(
            "The images that the network learned from are not here.",
            received=asked.dataset,
            advice="The page Data says how to get them.",
        )
    data = load_dataset(asked.dataset, settings)
    fingerprint = data.identity.fingerprint
    held_back = _held_back(model, data.train.labels, settings)
    path = suspects_path(Path(), asked.digest, fingerprint, held_back)
    return asked, Wanted(path.name, asked.dataset, fingerprint, held_back)


def _held_back(model: str, labels: NDArray[np.uint8], settings: Settings) -> NDArray[np.bool_]:
    """Which training images the network never learned from, as far as the lab knows."""
    held_back = np.zeros(len(labels), bool)
    if model in SHIPPED_NETWORKS:
        return held_back
    folder = RunFolder.open(settings.runs_dir, model)
    training = folder.config.training
    # What another network learned from is in the weights that such a run began with.
    if not training.start_from:
        there = (folder.path / KEPT).is_file()
        dropped = keep_dropped(folder, training, settings) if there else None
        held_back[:] = True
        held_back[without(split_indices(labels, training)[0], dropped)] = False
    return held_back


def _path(name: str, settings: Settings) -> Path:
    return settings.cache_dir / "suspects" / name
