"""Places of the four official files on this machine."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from fmnist_core.datasets.published_files import Catalogue, DataFile
from fmnist_core.datasets.verification import Verifier
from fmnist_core.settings import Settings
from fmnist_core.subprocess_env import user_keras_home


@dataclass(frozen=True)
class Place:
    """A folder that may hold the files.

    Attributes:
        folder: Where to look.
        title: What people call it, such as `"folder /data/fashion"`.
        chosen: The person named this folder, so a file missing there is worth a word.
    """

    folder: Path
    title: str
    chosen: bool = False


@dataclass(frozen=True)
class Found:
    """Verified files by name, and what was wrong with others on the way.

    Attributes:
        paths: File name to the first good copy.
        titles: Names of the places used, each once.
        missing: Files of which no good copy was found.
        problems: A sentence for each file that was passed over.
    """

    paths: dict[str, Path]
    titles: tuple[str, ...]
    missing: tuple[DataFile, ...]
    problems: tuple[str, ...]


def download_folder(settings: Settings) -> Path:
    """The folder of the lab's own downloads."""
    return settings.cache_dir / "fashion-mnist"


def places_to_look(settings: Settings) -> list[Place]:
    """The user's folder, Keras' cache, then the lab's; the first valid copy wins."""
    keras_home = user_keras_home()
    chosen = settings.data_dir
    first = [] if chosen is None else [Place(chosen, f"folder {chosen}", chosen=True)]
    return [
        *first,
        Place(keras_home / "datasets" / "fashion-mnist", "Keras' cache"),
        Place(download_folder(settings), "the lab's own cache"),
    ]


def find_files(catalogue: Catalogue, places: Iterable[Place], verifier: Verifier) -> Found:
    """Finds a valid copy of each file, read-only."""
    remaining, paths = list(catalogue.files), {}
    titles: list[str] = []
    problems: list[str] = []
    for place in places:
        if not remaining:
            break
        if place.chosen and not place.folder.is_dir():
            problems.append(f"The data folder {place.folder} does not exist or is not a folder.")
            continue
        if place.chosen and not any((place.folder / file.name).exists() for file in remaining):
            problems.append(f"The data folder {place.folder} holds none of the four .gz files.")
            continue
        good = _look(place, remaining, verifier, problems)
        paths.update({file.name: place.folder / file.name for file in good})
        titles += [place.title] if good else []
        remaining = [file for file in remaining if file not in good]
    return Found(paths, tuple(titles), tuple(remaining), tuple(problems))


def _look(
    place: Place, wanted: list[DataFile], verifier: Verifier, problems: list[str]
) -> list[DataFile]:
    good = []
    for file in wanted:
        path = place.folder / file.name
        try:
            problem = verifier.problem_with(path, file)
        except FileNotFoundError:
            problem = f"{path} is missing." if place.chosen else ""
        if problem is None:
            good.append(file)
        elif problem:
            problems.append(problem)
    return good
