"""The environment of the lab's processes: they find the lab, and no settings for other programs."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from fmnist_core.settings import Settings

# Which variables differ while this process imports a library, and the user's values.
_withheld: tuple[Callable[[str], bool], dict[str, str]] | None = None
_one_at_a_time = threading.Lock()

# Dask tells of every connection; the engine's log is for what matters to a person.
QUIET_DASK = {"DASK_LOGGING__DISTRIBUTED": "warning"}


def child_environment(**more: str) -> dict[str, str]:
    """Ours, with the lab's folder first where Python looks for modules, and `more`."""
    root = str(Path(__file__).parents[1])
    paths = [root, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    return {**_persons(), "PYTHONPATH": os.pathsep.join(dict.fromkeys(paths)), **more}


def user_keras_home() -> Path:
    """The user's Keras cache of data and weights."""
    return Path(_persons().get("KERAS_HOME") or "~/.keras").expanduser()


@contextmanager
def own_keras_environment(settings: Settings) -> Iterator[None]:
    """The environment for importing Keras: the lab's backend and configuration folder.

    A `keras.json` of the user may contradict the lab, or break the import.
    """
    own = {"KERAS_HOME": str(settings.home / "keras"), "KERAS_BACKEND": settings.backend}
    with _replaced(lambda name: name.startswith("KERAS_"), own):
        yield


def is_for_dask(name: str) -> bool:
    """Whether an environment variable is a setting of Dask."""
    return name.startswith("DASK_")


def import_own_dask(settings: Settings) -> None:
    """Imports Dask with its own defaults, as the local engine needs it; before anybody else does.

    A user's settings for their own clusters (encryption, preloads, ...) would end the engine, and
    a broken file of them the import. With `FMNIST_SCHEDULER` they do apply: it is their cluster.
    """
    if settings.scheduler:
        return
    # No such folder: Dask reads ~/.config/dask in any case, so that "~" is elsewhere meanwhile.
    nowhere = str(settings.home / "dask")
    own = {"HOME": nowhere, "DASK_CONFIG": nowhere, "DASK_ROOT_CONFIG": nowhere}
    with _replaced(lambda name: name == "HOME" or is_for_dask(name), own):
        import dask
    # Once: what runs already would miss its settings while they are read again.
    if dask.config.paths:
        dask.config.paths.clear()
        dask.config.refresh(env=QUIET_DASK)


@contextmanager
def _replaced(which: Callable[[str], bool], own: Mapping[str, str]) -> Iterator[None]:
    global _withheld
    with _one_at_a_time:
        withheld = {name: text for name, text in os.environ.items() if which(name)}
        _withheld = which, withheld
        try:
            _set_variables(which, own)
            yield
        finally:
            _set_variables(which, withheld)
            _withheld = None


def _set_variables(which: Callable[[str], bool], values: Mapping[str, str]) -> None:
    for name in [name for name in os.environ if which(name)]:
        if name not in values:
            del os.environ[name]
    os.environ.update(values)


def _persons() -> dict[str, str]:
    """The environment as the person set it, also while a library is being imported."""
    withheld = _withheld
    if withheld is None:
        return dict(os.environ)
    which, theirs = withheld
    return {name: text for name, text in os.environ.items() if not which(name)} | theirs
