"""All checks of a Keras file, from the cheapest to the dearest, before Keras hears of it.

    python -m fmnist_core.intake.vetting FILE FOLDER

runs in a small process of its own (`vetted`): a file may be made to crash what reads it.
"""

from __future__ import annotations

import json
import math
import sys
import zipfile
from pathlib import Path

from fmnist_core.classes import CLASS_COUNT
from fmnist_core.errors import ImportedFileError, LabError, StorageError
from fmnist_core.intake.archive import MOST_CONFIG, check_archive, opened
from fmnist_core.intake.confined import Limits, confined, told
from fmnist_core.intake.description import read_description
from fmnist_core.intake.shapes import MOST_WEIGHTS, Shape, network_shapes
from fmnist_core.intake.weights import check_weights
from fmnist_core.safe_zip import UnsafeZipError, read_member, unpack

# The least that NumPy and HDF5 need, with room for the largest description.
_LIMITS = Limits(seconds=20, memory=1 * 2**30)


def vetted(path: Path, folder: Path) -> Path:
    """A copy of the file that holds only what was checked, in `folder`.

    Raises:
        ImportedFileError: A check failed, or the checks themselves broke down.
    """
    check_archive(path)
    places = [str(place.resolve()) for place in (path, folder)]
    confined(["fmnist_core.intake.vetting", *places], _LIMITS)
    return folder / "vetted.keras"


def vet(path: Path, folder: Path) -> None:
    """The same, in this process.

    Raises:
        ImportedFileError: A check failed.
    """
    check_archive(path)
    with path.open("rb") as file, opened(file) as archive:
        description = read_description(_member(archive, "config.json"))
        answer, needed = network_shapes(description)
        _check_answer(answer)
        _check_weights_count(needed)
        weights = folder / "model.weights.h5"
        _unpack(archive, weights)
    check_weights(weights, needed)
    with zipfile.ZipFile(folder / "vetted.keras", "w") as whole:
        whole.writestr("metadata.json", json.dumps({"keras_version": "3", "date_saved": ""}))
        whole.writestr("config.json", json.dumps(description))
        whole.write(weights, "model.weights.h5")


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        return read_member(archive, archive.getinfo(name), MOST_CONFIG)
    except UnsafeZipError as error:
        raise ImportedFileError("The file is damaged.", received=name) from error


def _unpack(archive: zipfile.ZipFile, path: Path) -> None:
    try:
        with path.open("wb") as file:
            file.writelines(unpack(archive, archive.getinfo("model.weights.h5")))
    except UnsafeZipError as error:
        raise ImportedFileError("The file is damaged.", received="model.weights.h5") from error


def _check_answer(answer: Shape) -> None:
    if answer != (CLASS_COUNT,):
        raise ImportedFileError(
            "The network must give ten numbers for an image, one for each class.",
            received=f"shape {answer}",
            advice="A network for another task cannot be judged here.",
        )


def _check_weights_count(needed: list[Shape]) -> None:
    count = sum(math.prod(shape) for shape in needed)
    if not 0 < count <= MOST_WEIGHTS:
        raise ImportedFileError(
            f"A network has 1 to {MOST_WEIGHTS:,} weights here.", received=f"{count:,}"
        )


def main(arguments: list[str]) -> int:
    path, folder = arguments
    try:
        vet(Path(path), Path(folder))
    except LabError as error:
        return told(error)
    except OSError as error:
        return told(StorageError("The disk does not take the file.", received=error.strerror))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
