"""The pictures in an untrusted ZIP archive, one at a time."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import NamedTuple

from fmnist_core.errors import InputError
from fmnist_core.preprocessing.decode import MOST_BYTES, begins_as_picture, shown_name
from fmnist_core.safe_zip import (
    PICTURE_RATIO,
    Fault,
    UnsafeZipError,
    fault_of,
    open_zip,
    read_member,
    unpack,
)

MOST_PICTURES = 2_000
# Of all members, inflated: some 400 photos straight from a phone.
MOST_INFLATED = 1024 * 1024 * 1024

# Also formats that the lab does not read: the result says so.
PICTURE_ENDINGS = (
    *(".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp"),
    *(".gif", ".bmp", ".tif", ".tiff", ".svg", ".eps", ".heic", ".heif", ".avif"),
)

_MOST_ENTRIES = 20_000


class Member(NamedTuple):
    """One picture of an archive.

    Attributes:
        name: Fit to be shown as plain text; several members may have the same.
        content: The file's bytes, or why they cannot be had.
    """

    name: str
    content: bytes | InputError


def open_archive(content: bytes, name: str) -> Iterator[Member]:
    """The pictures in a ZIP archive, in its order, each inflated only when it is its turn.

    A member that cannot be read comes with its error and stops no other. Folders, hidden files
    and files that are no pictures are left out, archives in the archive too. Nothing is ever
    written to disk.

    Raises:
        InputError: No ZIP archive, damaged, more than 2000 pictures or 1 GB, or none at all.
    """
    shown = shown_name(name)
    archive = _opened(content, shown)
    wanted = [entry for entry in archive.infolist() if _may_be_picture(entry, archive)]
    if not wanted:
        raise InputError(f"There are no pictures in {shown}.", advice="PNG, JPEG and WebP count.")
    if len(wanted) > MOST_PICTURES:
        raise _too_much(shown, f"{len(wanted)} pictures", f"{MOST_PICTURES} pictures")
    inflated = sum(entry.file_size for entry in wanted)
    if inflated > MOST_INFLATED:
        raise _too_much(shown, f"{inflated / 2**30:.1f} GB", f"{MOST_INFLATED // 2**30} GB")
    return (Member(shown_name(entry.filename), _inflated(archive, entry)) for entry in wanted)


def _opened(content: bytes, shown: str) -> zipfile.ZipFile:
    try:
        return open_zip(io.BytesIO(content), _MOST_ENTRIES)
    except UnsafeZipError as error:
        if error.fault is Fault.MEMBERS:
            raise _too_much(shown, "more than that", f"{_MOST_ENTRIES} files") from error
        raise InputError(
            f"{shown} is not a ZIP archive, or it is damaged.", advice="Create the ZIP file again."
        ) from error


def _may_be_picture(entry: zipfile.ZipInfo, archive: zipfile.ZipFile) -> bool:
    path = PurePosixPath(entry.filename)
    hidden = path.name.startswith((".", "__")) or "__MACOSX" in path.parts
    if entry.is_dir() or hidden or path.suffix.lower() == ".zip":
        return False
    return path.suffix.lower() in PICTURE_ENDINGS or _begins_as_picture(entry, archive)


def _begins_as_picture(entry: zipfile.ZipInfo, archive: zipfile.ZipFile) -> bool:
    if fault_of(entry):
        return False
    try:
        return begins_as_picture(next(unpack(archive, entry, 16), b""))
    except UnsafeZipError:
        # Neither by its name nor by its beginning a picture: nothing anybody would miss.
        return False


def _inflated(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes | InputError:
    try:
        return read_member(archive, entry, MOST_BYTES, PICTURE_RATIO)
    except UnsafeZipError as error:
        shown, reason = shown_name(entry.filename), error.fault.value
        if error.fault is Fault.DAMAGED:
            return InputError(f"{shown} {reason}.", advice="Pack it again.")
        if error.fault is Fault.SIZE:
            reason += f": a picture has at most {MOST_BYTES // 2**20} MB"
        return InputError(f"{shown} {reason}.", advice="The other pictures are not affected.")


def _too_much(shown: str, received: str, limit: str) -> InputError:
    return InputError(
        f"{shown} holds too much: at most {limit}.",
        received=received,
        advice="Remove some files, or split them into several archives.",
    )
