"""All checks of an imported Keras file that need no Keras, from the cheapest to the dearest.

    python -m fmnist_core.exchange.importing.vetting FILE FOLDER

runs in a small process of its own (`vetted`): a file may be made to crash what reads it. The
description may hold known layers with numbers and words alone (`description`), the weights (HDF5)
numbers of a size that a network may have, and no links. Whether the layers fit is for Keras to say
(`loading`).
"""

from __future__ import annotations

import json
import math
import re
import sys
import zipfile
from pathlib import Path
from typing import Any

from fmnist_core.errors import ImportedFileError, LabError, StorageError
from fmnist_core.exchange.importing.archive import MOST_CONFIG, check_archive, opened
from fmnist_core.exchange.importing.confined_process import Limits, confined, report_error
from fmnist_core.exchange.importing.description import read_description
from fmnist_core.exchange.importing.older_keras import count_once
from fmnist_core.models.cost import MOST_PARAMETERS
from fmnist_core.safe_zip import UnsafeZipError, read_member, unpack

_VERSION = re.compile(r"\d{1,3}(\.\d{1,4}){1,3}[\w.+-]{0,20}", re.ASCII)
_MOST_METADATA = 2**16
_MOST_OBJECTS = 4_000

_MOST_DEPTH = 12


# The least that NumPy and HDF5 need, with room for the largest description.
_LIMITS = Limits(seconds=20, memory=1 * 2**30)


def vetted(path: Path, folder: Path) -> Path:
    """A copy of the file that holds only what was checked, in `folder`.

    Raises:
        ImportedFileError: A check failed, or the checks themselves broke down.
    """
    check_archive(path)
    places = [str(place.resolve()) for place in (path, folder)]
    confined(["fmnist_core.exchange.importing.vetting", *places], _LIMITS)
    return folder / "vetted.keras"


def vet(path: Path, folder: Path) -> None:
    """The same, in this process.

    Raises:
        ImportedFileError: A check failed.
    """
    check_archive(path)
    weights = folder / "model.weights.h5"
    with path.open("rb") as file, opened(file) as archive:
        version = _version(archive)
        try:
            description = read_description(_member(archive, "config.json", MOST_CONFIG), version)
        except ImportedFileError as error:
            raise said_by(version, error) from error
        _unpack(archive, weights)
    _check_weights(weights)
    with zipfile.ZipFile(folder / "vetted.keras", "w") as whole:
        whole.writestr("metadata.json", json.dumps({"keras_version": version, "date_saved": ""}))
        whole.writestr("config.json", json.dumps(description))
        whole.write(weights, "model.weights.h5")


def said_by(version: str, error: ImportedFileError) -> ImportedFileError:
    """The error with the release of Keras that the file states."""
    if not version:
        return error
    advice = f"{error.advice} The file says that Keras {version} saved it.".strip()
    return ImportedFileError(error.rule, received=error.received, advice=advice)


def _version(archive: zipfile.ZipFile) -> str:
    """The release of Keras that saved the file, as it says itself; empty if it does not."""
    try:
        value = json.loads(_member(archive, "metadata.json", _MOST_METADATA))
    except (ValueError, RecursionError):
        return ""
    stated = str(value.get("keras_version")) if isinstance(value, dict) else ""
    return stated if _VERSION.fullmatch(stated) else ""


def _member(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    try:
        return read_member(archive, archive.getinfo(name), most)
    except UnsafeZipError as error:
        raise ImportedFileError("The file is damaged.", received=name) from error


def _unpack(archive: zipfile.ZipFile, path: Path) -> None:
    try:
        with path.open("wb") as file:
            file.writelines(unpack(archive, archive.getinfo("model.weights.h5")))
    except UnsafeZipError as error:
        raise ImportedFileError("The file is damaged.", received="model.weights.h5") from error


def main(arguments: list[str]) -> int:
    path, folder = arguments
    try:
        vet(Path(path), Path(folder))
    except LabError as error:
        return report_error(error)
    except OSError as error:
        return report_error(
            StorageError("The disk does not take the file.", received=error.strerror)
        )
    return 0


def _check_weights(path: Path) -> None:
    """Checks the file without following links; then names its groups as Keras 3 does.

    Raises:
        ImportedFileError: It is damaged, links to other places, or holds other things than numbers.
    """
    import h5py

    try:
        with h5py.File(path, "r") as file:
            _check_parts(file)
        count_once(path)
    except ImportedFileError:
        raise
    except Exception as error:
        raise ImportedFileError(
            "The file of the weights is damaged.", received=str(error)[:120]
        ) from error


def _check_parts(file: Any) -> None:
    import h5py

    seen = 0
    # All of it is looked at, also what Keras would leave alone.
    open_groups = [(name, file, 0) for name in file]
    while open_groups:
        name, group, depth = open_groups.pop()
        seen += 1
        if seen > _MOST_OBJECTS or depth > _MOST_DEPTH:
            raise ImportedFileError("The file of the weights holds too many parts.")
        if type(group.get(name, getlink=True)) is not h5py.HardLink:
            raise ImportedFileError(
                "The weight file refers to another file, which is not allowed.",
                received=name[:80],
            )
        found = group[name]
        if isinstance(found, h5py.Group):
            open_groups += [(inside, found, depth + 1) for inside in found]
        elif isinstance(found, h5py.Dataset):
            _check_dataset(found)
        else:
            raise ImportedFileError("The file of the weights holds an unknown part.")


def _check_dataset(found: Any) -> None:
    if found.external or found.is_virtual:
        raise ImportedFileError(
            "The weights lie in another file, which is not read.", received=found.name[:80]
        )
    if math.prod(found.shape) > MOST_PARAMETERS:
        raise ImportedFileError(
            f"The file holds more weights than the {MOST_PARAMETERS:,} of the largest network.",
            received=f"one array of shape {found.shape}"[:120],
        )
    if found.dtype.kind not in "fiu" or found.dtype.itemsize > 8:
        raise ImportedFileError("Weights must be numbers.", received=str(found.dtype)[:40])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
