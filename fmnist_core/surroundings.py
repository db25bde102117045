"""The environment of the lab's processes: they find the lab, and no settings for other programs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import fmnist_core
from fmnist_core.settings import Settings

# The person's variables for Keras, while this process imports it without them.
_held_back: dict[str, str] | None = None


def child_environment(**more: str) -> dict[str, str]:
    """Ours, with the lab's folder first where Python looks for modules, and `more`."""
    root = str(Path(fmnist_core.__file__).parents[1])
    paths = [root, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    return {**_persons(), "PYTHONPATH": os.pathsep.join(dict.fromkeys(paths)), **more}


def persons_keras_home() -> Path:
    """Where the person's Keras keeps data and weights that it fetched."""
    return Path(_persons().get("KERAS_HOME") or "~/.keras").expanduser()


@contextmanager
def own_keras_environment(settings: Settings) -> Iterator[None]:
    """What Keras reads when it is imported: the lab's backend, and a folder of the lab's own.

    In the person's folder a `keras.json` may say what does not suit the lab, or end the import.
    """
    global _held_back
    held_back = {name: text for name, text in os.environ.items() if name.startswith("KERAS_")}
    own = {"KERAS_HOME": str(settings.home / "keras"), "KERAS_BACKEND": settings.backend}
    _held_back = held_back
    try:
        _replace_keras_variables(own)
        yield
    finally:
        _replace_keras_variables(held_back)
        _held_back = None


def _replace_keras_variables(values: dict[str, str]) -> None:
    for name in [name for name in os.environ if name.startswith("KERAS_")]:
        if name not in values:
            del os.environ[name]
    os.environ.update(values)


def _persons() -> dict[str, str]:
    """The environment as the person set it, also while Keras is being imported."""
    held_back = _held_back
    if held_back is None:
        return dict(os.environ)
    return {n: text for n, text in os.environ.items() if not n.startswith("KERAS_")} | held_back
