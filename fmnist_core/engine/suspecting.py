"""Searches for suspects, in the worker that keeps networks warm."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.data import DataStoppedError, Listener, Progress, load_dataset
from fmnist_core.engine import interactive
from fmnist_core.errors import DataError, LabError
from fmnist_core.settings import load_settings
from fmnist_core.suspects import SearchState, Suspects
from fmnist_core.suspects.kept import load_suspects, save_suspects

# Seconds of rest for a second of work: whoever draws meanwhile should hardly notice.
_REST = 0.3
# Searches whose state is remembered.
_REMEMBERED = 8

log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Wanted:
    """What to search.

    Attributes:
        name: Of the file in which the lab keeps what is found; searches are known by it.
        dataset, fingerprint: The images, and what tells them from others of that name.
        held_back: bool (n,), which training images the network never learned from.
    """

    name: str
    dataset: str
    fingerprint: str
    held_back: NDArray[np.bool_]


async def begin(digest: str, wanted: Wanted) -> SearchState | None:
    """Begins the search, unless it goes on or ended well; None where the network was not sent."""
    return await asyncio.to_thread(_begin, digest, wanted)


async def state(name: str) -> SearchState | None:
    """How far the search is; None where this worker knows of none."""
    found = _searches.get(name)
    return found.state if found else None


async def stop(name: str) -> None:
    """Asks the search to end, and forgets it; what was done is lost."""
    with _lock:
        found = _searches.pop(name, None)
    if found:
        found.stop.set()


class _Search:
    """One search, in a thread of its own."""

    _one_at_a_time = threading.Lock()

    def __init__(self, network: Any, wanted: Wanted) -> None:
        self._network, self._wanted = network, wanted
        self.stop = threading.Event()
        self.state = SearchState(going_on=True)
        threading.Thread(target=self._run, name="suspects", daemon=True).start()

    def _run(self) -> None:
        try:
            with self._one_at_a_time:
                self.state = SearchState(going_on=False, share=1.0, found=self._found())
        except DataStoppedError:
            self.state = SearchState(going_on=False)
        except LabError as error:
            self.state = SearchState(going_on=False, error=error)
        except Exception as error:
            log.exception("The search for suspects failed.")
            received = f"{type(error).__name__}: {str(error)[:200]}"
            failure = DataError("The search for suspects failed.", received=received)
            self.state = SearchState(going_on=False, error=failure)

    def _found(self) -> Suspects:
        settings, wanted = load_settings(), self._wanted
        data = load_dataset(wanted.dataset, settings)
        if data.identity.fingerprint != wanted.fingerprint:
            raise DataError("The engine's worker has other images of the same name.")
        path = settings.cache_dir / "suspects" / wanted.name
        found = load_suspects(path)
        if found is None:
            from fmnist_core.explain.suspect_search import SuspectSearch

            listener = Listener(self._hear, should_stop=self.stop)
            found = SuspectSearch(data, wanted.held_back, listener, _REST).run(self._network)
            save_suspects(path, found)
        return found

    def _hear(self, progress: Progress) -> None:
        share = progress.done / max(1, progress.total)
        self.state = SearchState(going_on=True, what=progress.what, share=share)


_searches: OrderedDict[str, _Search] = OrderedDict()
_lock = threading.Lock()


def _begin(digest: str, wanted: Wanted) -> SearchState | None:
    interactive.warm()
    network = interactive.network(digest)
    if network is None:
        return None
    with _lock:
        found = _searches.get(wanted.name)
        if found is None or not (found.state.going_on or found.state.found):
            found = _searches[wanted.name] = _Search(network, wanted)
        _forget_old()
    return found.state


def _forget_old() -> None:
    ended = [name for name, search in _searches.items() if not search.state.going_on]
    for name in ended[: max(0, len(_searches) - _REMEMBERED)]:
        del _searches[name]
