"""ImageNet weights of the backbones: found on this machine, or fetched. Knows no Keras."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fmnist_core.config import BackboneConfig
from fmnist_core.datasets.locations import Place
from fmnist_core.datasets.official import verifier_of
from fmnist_core.datasets.progress import Listener
from fmnist_core.errors import NoDataError, NoWeightsError
from fmnist_core.models.backbones import BACKBONES, IMAGENET, PUBLISHED, WeightFile
from fmnist_core.settings import Settings
from fmnist_core.subprocess_env import user_keras_home

WeightFiles = Mapping[str, WeightFile]

OTHERWISE = (
    "Or set backbone.weights to random, or do without a backbone and start from a run of your own "
    "or the shipped model (initial_weights)."
)
_WAITING = "Another process is fetching these weights; waiting for it to finish."


@dataclass(frozen=True)
class FoundWeights:
    """A weight file on this machine.

    Attributes:
        path: A good copy; None where there is none.
        title: Its place, for people.
        problems: A sentence for each copy that was passed over.
    """

    path: Path | None
    title: str = ""
    problems: tuple[str, ...] = ()


def find_weights(name: str, settings: Settings, files: WeightFiles = IMAGENET) -> FoundWeights:
    """The first good copy of a backbone's weights; asks no network.

    Args:
        name: Of the backbone.
        files: The files that count as its ImageNet weights.
    """
    file, verifier = files[name], verifier_of(settings)
    problems: list[str] = []
    for place in _places(settings):
        path = place.folder / file.name
        try:
            problem = verifier.problem_with(path, file)
        except FileNotFoundError:
            continue
        if problem is None:
            return FoundWeights(path, place.title, tuple(problems))
        problems.append(problem)
    return FoundWeights(None, problems=tuple(problems))


def check_weights(
    config: BackboneConfig, settings: Settings, files: WeightFiles = IMAGENET
) -> None:
    """Whether ImageNet weights, where they are wanted, are here or may be fetched.

    Raises:
        NoWeightsError: They are not here, and the lab is in offline mode.
    """
    if config.learned and settings.offline:
        found = find_weights(config.name, settings, files)
        if found.path is None:
            raise _offline(config.name, files[config.name], found)


def fetch_weights(
    name: str,
    settings: Settings,
    files: WeightFiles = IMAGENET,
    listener: Listener | None = None,
) -> Path:
    """The weight file, found on this machine or fetched into the lab's cache, and checked.

    An interrupted download resumes.

    Raises:
        NoWeightsError: No mirror delivers it, or the lab is in offline mode.
        DataStoppedError: The listener asked to stop; what came so far is kept.
        StorageError: The disk is full or cannot be written.
    """
    listener = listener or Listener()
    found, file = find_weights(name, settings, files), files[name]
    for problem in found.problems:
        listener.notice(problem)
    if found.path is not None:
        return found.path
    if settings.offline:
        raise _offline(name, file, found)
    # Only here, since the libraries for the network take a while to import.
    from fmnist_core.datasets.download import fetch_missing

    folder = settings.weights_cache_dir
    try:
        fetch_missing(
            folder,
            [file],
            _mirrors(file),
            verifier_of(settings),
            waiting=_WAITING,
            advice="",
            listener=listener,
        )
    except NoDataError as error:
        raise NoWeightsError(
            f"The ImageNet weights of {BACKBONES[name].title} are not here and cannot be fetched.",
            received=error.received,
            advice=_advice(file),
        ) from error
    return folder / file.name


def _places(settings: Settings) -> list[Place]:
    keras_home = user_keras_home()
    chosen = settings.weights_dir
    first = [] if chosen is None else [Place(chosen, f"folder {chosen}", chosen=True)]
    return [
        *first,
        Place(keras_home / "models", "Keras' cache"),
        Place(settings.weights_cache_dir, "the lab's own cache"),
    ]


def _mirrors(file: WeightFile) -> tuple[str, ...]:
    """`FMNIST_WEIGHTS_MIRRORS` (addresses of folders that hold the files), or the official one."""
    text = os.environ.get("FMNIST_WEIGHTS_MIRRORS", "")
    own = tuple(part.strip() for part in text.split(",") if part.strip())
    return own or (f"{PUBLISHED}{file.folder}/",)


def _offline(name: str, file: WeightFile, found: FoundWeights) -> NoWeightsError:
    return NoWeightsError(
        f"The ImageNet weights of {BACKBONES[name].title} are not on this machine, and the lab is "
        "in offline mode (FMNIST_OFFLINE).",
        received="; ".join(found.problems) or None,
        advice=_advice(file),
    )


def _advice(file: WeightFile) -> str:
    return f"Put {file.name} into a folder and name that in FMNIST_WEIGHTS_DIR. {OTHERWISE}"
