"""The outer shell of a Keras file: a ZIP archive with three members and nothing else."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import BinaryIO

from fmnist_core.errors import ImportedFileError
from fmnist_core.safe_zip import Fault, UnsafeZipError, fault_of, open_zip

MEMBERS = frozenset({"config.json", "metadata.json", "model.weights.h5"})
# Far above any network for 28 x 28 pixels that two cores could train.
MOST_BYTES = 128 * 2**20
MOST_INFLATED = 256 * 2**20
MOST_CONFIG = 2**20
# An archive of up to so many files gets a list of the expected ones.
_MOST_MEMBERS = 64
_HDF5 = b"\x89HDF\r\n\x1a\n"
_ADVICE = "In Python: `model.save('network.keras')` with Keras 3 writes such a file."


def check_archive(path: Path) -> None:
    """Checks the directory of the archive without inflating members.

    Raises:
        ImportedFileError: It is no Keras file, or claims what a network does not need.
    """
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise ImportedFileError(
            f"A network file has at most {MOST_BYTES // 2**20} MB.",
            received=f"{size / 2**20:.0f} MB",
            advice="Import a smaller network.",
        )
    with path.open("rb") as file:
        _check_kind(file.read(16))
    try:
        with path.open("rb") as file, opened(file) as archive:
            entries = archive.infolist()
    except (UnsafeZipError, OSError) as error:
        raise ImportedFileError(
            "The file is damaged: its archive cannot be read.", advice="Copy it here again."
        ) from error
    _check_entries(entries)


def opened(file: BinaryIO) -> zipfile.ZipFile:
    """The archive in a file, if it lists no more members than any that the lab takes in.

    Raises:
        ImportedFileError: It lists more.
        UnsafeZipError: It is damaged, or no archive.
    """
    try:
        return open_zip(file, _MOST_MEMBERS)
    except UnsafeZipError as error:
        if error.fault is Fault.MEMBERS:
            raise ImportedFileError(
                "The archive lists far too many members.", received=f"more than {_MOST_MEMBERS}"
            ) from error
        raise


def _check_kind(begin: bytes) -> None:
    if begin.startswith(_HDF5):
        raise ImportedFileError(
            "An .h5 file is not taken: that older format may carry programs in its layers.",
            advice=_ADVICE,
        )
    if begin[:1] == b"\x80" and begin[1:2] in b"\x02\x03\x04\x05":
        raise ImportedFileError(
            "A pickle is not taken: reading one runs whatever program is in it.", advice=_ADVICE
        )
    if not begin.startswith(b"PK\x03\x04"):
        raise ImportedFileError("This is no Keras file: it is no archive.", advice=_ADVICE)


def _check_entries(entries: list[zipfile.ZipInfo]) -> None:
    names = [entry.filename for entry in entries]
    if len(set(names)) != len(names) or set(names) != MEMBERS:
        shown = ", ".join(repr(name[:60]) for name in names[:6])
        raise ImportedFileError(
            f"A Keras file holds {', '.join(sorted(MEMBERS))}, once each, and nothing else.",
            received=f"{len(names)} members: {shown}",
            advice=_ADVICE,
        )
    for entry in entries:
        _check_entry(entry)
    inflated = sum(entry.file_size for entry in entries)
    if inflated > MOST_INFLATED:
        raise _swells(inflated)


def _check_entry(entry: zipfile.ZipInfo) -> None:
    check_packing(entry)
    if entry.filename != "model.weights.h5" and entry.file_size > MOST_CONFIG:
        raise _swells(entry.file_size)


def check_packing(entry: zipfile.ZipInfo) -> None:
    """Whether a member is a plain file, packed as everybody packs.

    Raises:
        ImportedFileError: It is locked, packed otherwise, or a link.
    """
    fault = fault_of(entry)
    if fault is Fault.LINK:
        raise ImportedFileError(
            "The archive contains a link instead of a file.", received=entry.filename
        )
    if fault:
        raise ImportedFileError(
            "The archive uses an unsupported compression method.", received=entry.filename
        )


def _swells(size: int) -> ImportedFileError:
    return ImportedFileError(
        f"The archive unpacks to too much: at most {MOST_INFLATED // 2**20} MB of weights and "
        f"{MOST_CONFIG // 2**20} MB of description.",
        received=f"{size / 2**20:,.0f} MB",
    )
