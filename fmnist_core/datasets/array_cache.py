"""Data sets as uncompressed arrays on disk: mapped into memory, they load in milliseconds."""

from __future__ import annotations

import functools
import hashlib
import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.array_files import arrays_in
from fmnist_core.atomic_files import read_json, replace_file, write_json
from fmnist_core.datasets.dataset import DataIdentity, Dataset, ImageSet
from fmnist_core.errors import DataError, StorageError

_log = logging.getLogger(__name__)
_MANIFEST = "manifest.json"
_DAMAGES = (OSError, ValueError, KeyError, TypeError, DataError)
_NAMES = ("train_images", "train_labels", "test_images", "test_labels")


def save_arrays(folder: Path, dataset: Dataset) -> bool:
    """Writes the four arrays and, last, a manifest that makes them valid.

    Returns whether it worked: a full or read-only disk costs only time at the next start, so it
    is logged and not raised.
    """
    train, test = dataset.train, dataset.test
    arrays = (train.images, train.labels, test.images, test.labels)
    try:
        files = [_save(folder / f"{name}.npy", a) for name, a in zip(_NAMES, arrays, strict=True)]
        manifest = {"identity": dataset.identity.to_json(), "files": files}
        write_json(folder / _MANIFEST, manifest)
    except (StorageError, OSError) as error:
        _log.warning("The data is used without a fast copy on disk. %s", error)
        return False
    return True


def load_arrays(folder: Path, *, verify: bool = False) -> Dataset | None:
    """The data set saved in `folder`, or `None` where there is none or it is damaged.

    Sizes, shapes and dtypes are always checked; with `verify` the files' SHA-256 as well. Arrays
    are read-only views of the files, read from disk as they are touched.
    """
    try:
        if not (folder / _MANIFEST).exists():
            return None
        return _open(folder, verify)
    except _DAMAGES as error:
        _log.warning("The fast copy in %s is damaged and is made anew: %s", folder, error)
        return None


def is_intact(folder: Path) -> bool:
    """Whether `load_arrays` would load what is in `folder`, without a word in the log."""
    paths = [folder / _MANIFEST, *(folder / f"{name}.npy" for name in _NAMES)]
    try:
        facts = [path.stat() for path in paths]
    except OSError:
        return False
    return _opens(folder, tuple((fact.st_mtime_ns, fact.st_size) for fact in facts))


@functools.lru_cache(maxsize=64)
def _opens(folder: Path, stamps: tuple[tuple[int, int], ...]) -> bool:
    """Every page asks at every rerun: files that have not changed are not opened again."""
    try:
        _open(folder, verify=False)
    except _DAMAGES:
        return False
    return True


def _open(folder: Path, verify: bool) -> Dataset:
    manifest = read_json(folder / _MANIFEST)
    arrays = [
        _load(folder / f"{name}.npy", entry, verify)
        for name, entry in zip(_NAMES, manifest["files"], strict=True)
    ]
    identity = DataIdentity.from_json(manifest["identity"])
    train, test = ImageSet(arrays[0], arrays[1]), ImageSet(arrays[2], arrays[3])
    return Dataset(train, test, replace(identity, source=f"cache ({identity.source})"))


def _save(path: Path, array: NDArray[np.uint8]) -> dict[str, Any]:
    def write(temporary: Path) -> None:
        with temporary.open("wb") as stream:
            np.save(stream, array)

    replace_file(path, write)
    return {"size": path.stat().st_size, "sha256": _sha256(path), "shape": list(array.shape)}


def _load(path: Path, entry: dict[str, Any], verify: bool) -> NDArray[np.uint8]:
    if path.stat().st_size != entry["size"]:
        raise ValueError(f"{path.name} has another size.")
    if verify and _sha256(path) != entry["sha256"]:
        raise ValueError(f"{path.name} has another hash.")
    with arrays_in(path, mapped=True) as array:
        mapped = array
    if mapped.dtype != np.uint8 or list(mapped.shape) != entry["shape"]:
        raise ValueError(f"{path.name} has another shape or dtype.")
    return np.asarray(mapped)


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
