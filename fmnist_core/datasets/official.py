"""Fashion-MNIST as published: finds, downloads if allowed, verifies and reads its IDX files.

The gzipped IDX format: two zero bytes, a type code (8 is uint8), the number of dimensions, each
dimension as a big-endian uint32, then the values.
"""

from __future__ import annotations

import gzip
import logging
import struct
import zlib
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

from fmnist_core.datasets.array_cache import load_arrays, save_arrays
from fmnist_core.datasets.dataset import FASHION_MNIST, DataIdentity, Dataset, ImageSet
from fmnist_core.datasets.locations import Found, find_files, places_to_look
from fmnist_core.datasets.progress import Listener
from fmnist_core.datasets.published_files import OFFICIAL, Catalogue
from fmnist_core.datasets.verification import Verifier
from fmnist_core.errors import DataError, NoDataError
from fmnist_core.settings import Settings

_UINT8_CODE = 8

_ADVICE = "Delete the file and fetch it again."


_log = logging.getLogger(__name__)


def load_official(
    settings: Settings,
    *,
    download: bool = False,
    verify: bool = False,
    catalogue: Catalogue = OFFICIAL,
    listener: Listener | None = None,
) -> Dataset:
    """Fashion-MNIST, from the fast copy or the first place that holds good files.

    Args:
        download: Whether the network may be asked for files found nowhere.
        verify: Also hash the fast copy (0.2 s); its size and shapes are always checked.

    Raises:
        NoDataError: No good files were found, and none could be fetched.
        DataStoppedError: The listener asked to stop.
    """
    listener = listener or Listener()
    folder = array_folder(settings, catalogue)
    cached = load_arrays(folder, verify=verify)
    if cached is not None:
        return cached
    found = locate(settings, catalogue)
    for problem in found.problems:
        _log.warning(problem)
        listener.notice(problem)
    dataset = _fetched(settings, catalogue, found, download, listener)
    save_arrays(folder, dataset)
    return dataset


def locate(settings: Settings, catalogue: Catalogue = OFFICIAL) -> Found:
    """Which good files lie on this machine, and where. Never asks the network."""
    return find_files(catalogue, places_to_look(settings), verifier_of(settings))


def array_folder(settings: Settings, catalogue: Catalogue = OFFICIAL) -> Path:
    """The folder of the array cache; it depends on the files."""
    return settings.cache_dir / f"{FASHION_MNIST}-{catalogue.fingerprint[:12]}"


def verifier_of(settings: Settings) -> Verifier:
    """The check of files that remembers its results among the lab's cached data."""
    return Verifier(settings.cache_dir / "verified.json")


def _fetched(
    settings: Settings, catalogue: Catalogue, found: Found, download: bool, listener: Listener
) -> Dataset:
    if not found.missing:
        return _read(catalogue, found, " and ".join(found.titles))
    if not download:
        raise NoDataError(
            "Fashion-MNIST is not on this machine: " + _list(found) + ".",
            advice="Fetch it with `python -m fmnist_core data download`, or name a folder with "
            "the four files in FMNIST_DATA_DIR.",
        )
    # Only here, since the libraries for the network take a while to import.
    from fmnist_core.datasets.download import download_files

    download_files(settings, verifier_of(settings), wanted=found.missing, listener=listener)
    return _read(catalogue, locate(settings, catalogue), "downloaded")


def _read(catalogue: Catalogue, found: Found, source: str) -> Dataset:
    arrays = [read_idx(found.paths[file.name], file.shape) for file in catalogue.files]
    identity = DataIdentity(FASHION_MNIST, True, catalogue.fingerprint, source)
    return Dataset(ImageSet(*arrays[:2]), ImageSet(*arrays[2:]), identity)


def _list(found: Found) -> str:
    reasons = found.problems or tuple(f"{file.name} was found nowhere" for file in found.missing)
    return "; ".join(reason.rstrip(".") for reason in reasons)


def read_idx(path: Path, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """The array in a gzipped IDX file, as a read-only uint8 array.

    The expected `shape` is checked before anything is read into memory, so that a header full of
    nonsense costs nothing.

    Raises:
        DataError: Not gzip, cut off, or not a uint8 IDX file of that shape.
    """
    try:
        with gzip.open(path, "rb") as unzipped:
            stream = cast(BinaryIO, unzipped)
            _check_header(path, stream, shape)
            return _read_values(path, stream, shape)
    except EOFError:
        raise _broken(path, "is cut off") from None
    except (gzip.BadGzipFile, zlib.error):
        raise _broken(path, "is not a whole gzip file") from None
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}.") from error


def _check_header(path: Path, stream: BinaryIO, shape: tuple[int, ...]) -> None:
    header = stream.read(4)
    if header != bytes((0, 0, _UINT8_CODE, len(shape))):
        raise _broken(path, f"does not begin like a {len(shape)}-dimensional IDX file", header)
    found = struct.unpack(f">{len(shape)}I", _exactly(path, stream, 4 * len(shape)))
    if found != shape:
        raise _broken(path, f"must hold an array of shape {shape}", found)


def _read_values(path: Path, stream: BinaryIO, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    values = _exactly(path, stream, int(np.prod(shape)))
    if stream.read(1):
        raise _broken(path, "goes on after its last value")
    return np.frombuffer(values, np.uint8).reshape(shape)


def _exactly(path: Path, stream: BinaryIO, count: int) -> bytes:
    data = stream.read(count)
    if len(data) < count:
        raise _broken(path, f"is cut off: it should go on for {count:,} bytes", len(data))
    return data


def _broken(path: Path, what: str, received: object = None) -> DataError:
    return DataError(f"The file {path} {what}.", received=received, advice=_ADVICE)
