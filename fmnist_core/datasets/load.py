"""The one door to data: load it, ask what there is, choose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fmnist_core.datasets.array_cache import is_intact
from fmnist_core.datasets.dataset import DATASET_NAMES, FASHION_MNIST, SYNTHETIC_GARMENTS, Dataset
from fmnist_core.datasets.official import array_folder, load_official, locate
from fmnist_core.datasets.progress import Listener, Progress
from fmnist_core.datasets.published_files import OFFICIAL, Catalogue
from fmnist_core.datasets.synthetic import load_synthetic, synthetic_folder
from fmnist_core.errors import DataError
from fmnist_core.settings import Settings


@dataclass(frozen=True)
class DataStatus:
    """The data sets on this machine.

    Attributes:
        official_ready: Fashion-MNIST can be loaded without the network.
        where: Its place, for people; empty if it is not ready.
        problems: A sentence for each file that is broken, foreign or missing from the person's
            own folder, even where a good copy was found elsewhere.
        synthetic_ready: The synthetic garments are drawn already (else it takes seconds).
        cache_folder: Where the lab keeps data.
    """

    official_ready: bool
    where: str
    problems: tuple[str, ...]
    synthetic_ready: bool
    cache_folder: Path


def load_dataset(
    name: str,
    settings: Settings,
    progress: Callable[[Progress], None] | None = None,
    *,
    download: bool = False,
    verify: bool = False,
    catalogue: Catalogue = OFFICIAL,
) -> Dataset:
    """The data set called `name`, as read-only arrays.

    Args:
        name: `"fashion-mnist"` or `"synthetic-garments"`. Neither replaces the other.
        progress: Called while files are fetched or garments drawn.
        download: Whether Fashion-MNIST may be fetched from the network.
        verify: Also hash the fast copy on disk.
        catalogue: The files that count as Fashion-MNIST.

    Raises:
        DataError: Another name.
        NoDataError: Fashion-MNIST was found nowhere and could not be fetched.
    """
    listener = Listener(progress=progress) if progress else Listener()
    if name == FASHION_MNIST:
        return load_official(
            settings, download=download, verify=verify, catalogue=catalogue, listener=listener
        )
    if name == SYNTHETIC_GARMENTS:
        return load_synthetic(settings, verify=verify, listener=listener)
    raise DataError(f"A data set is one of {', '.join(DATASET_NAMES)}.", received=repr(name))


def available(settings: Settings, catalogue: Catalogue = OFFICIAL) -> DataStatus:
    """The available data sets, without downloads; takes a millisecond for checked files."""
    found = locate(settings, catalogue)
    copied = is_intact(array_folder(settings, catalogue))
    where = " and ".join(found.titles) if not found.missing else "the lab's own cache"
    ready = copied or not found.missing
    return DataStatus(
        official_ready=ready,
        where=where if ready else "",
        problems=found.problems,
        synthetic_ready=is_intact(synthetic_folder(settings)),
        cache_folder=settings.cache_dir,
    )


def choose_dataset(settings: Settings, catalogue: Catalogue = OFFICIAL) -> str:
    """Fashion-MNIST where it can be loaded without the network, else the synthetic garments."""
    ready = available(settings, catalogue).official_ready
    return FASHION_MNIST if ready else SYNTHETIC_GARMENTS
