"""The pictures in a ZIP archive, one at a time, whoever made the archive."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import NamedTuple

from fmnist_core.errors import InputError
from fmnist_core.inputs.decode import MOST_BYTES, begins_as_picture
from fmnist_core.inputs.shown_name import shown_name

MOST_PICTURES = 2_000
# Of all members, inflated: some 400 photos straight from a phone.
MOST_INFLATED = 1024 * 1024 * 1024

# Also those the lab does not read: a person who packed one is told about it.
PICTURE_ENDINGS = (
    *(".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp"),
    *(".gif", ".bmp", ".tif", ".tiff", ".svg", ".eps", ".heic", ".heif", ".avif"),
)

_MOST_ENTRIES = 20_000
_ENTRY = b"PK\x01\x02"
_ENCRYPTED = 0x1
# Pictures are packed already and hardly get smaller; drawings on a plain ground do, but are small.
_SUSPECT_BYTES = 4 * 1024 * 1024
_MOST_RATIO = 100
# The other methods cannot be inflated a little at a time.
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


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
    # The sizes the archive claims are no promise, but zipfile never gives out more than them.
    inflated = sum(entry.file_size for entry in wanted)
    if inflated > MOST_INFLATED:
        raise _too_much(shown, f"{inflated / 2**30:.1f} GB", f"{MOST_INFLATED // 2**30} GB")
    return (Member(shown_name(entry.filename), _inflated(archive, entry)) for entry in wanted)


def _opened(content: bytes, shown: str) -> zipfile.ZipFile:
    # Before zipfile makes an object of half a kilobyte for each entry.
    if (entries := content.count(_ENTRY)) > _MOST_ENTRIES:
        raise _too_much(shown, f"{entries} files", f"{_MOST_ENTRIES} files")
    try:
        return zipfile.ZipFile(io.BytesIO(content))
    except Exception as error:
        raise InputError(
            f"{shown} is no ZIP archive, or a damaged one.", advice="Pack the pictures again."
        ) from error


def _may_be_picture(entry: zipfile.ZipInfo, archive: zipfile.ZipFile) -> bool:
    path = PurePosixPath(entry.filename)
    hidden = path.name.startswith((".", "__")) or "__MACOSX" in path.parts
    if entry.is_dir() or hidden or path.suffix.lower() == ".zip":
        return False
    return path.suffix.lower() in PICTURE_ENDINGS or _begins_as_picture(entry, archive)


def _begins_as_picture(entry: zipfile.ZipInfo, archive: zipfile.ZipFile) -> bool:
    if entry.flag_bits & _ENCRYPTED or entry.compress_type not in _METHODS:
        return False
    try:
        with archive.open(entry) as file:
            return begins_as_picture(file.read(16))
    except Exception:
        # Neither by its name nor by its beginning a picture: nothing anybody would miss.
        return False


def _inflated(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes | InputError:
    shown = shown_name(entry.filename)
    if reason := _refusal(entry):
        return InputError(f"{shown} {reason}.", advice="The other pictures are not affected.")
    try:
        return archive.read(entry)
    except Exception:
        # A damaged member: zipfile answers with BadZipFile, zlib.error, EOFError, …
        return InputError(f"{shown} is damaged in the archive.", advice="Pack it again.")


def _refusal(entry: zipfile.ZipInfo) -> str:
    if entry.flag_bits & _ENCRYPTED:
        return "is locked with a password"
    if entry.compress_type not in _METHODS:
        return "is packed in a way the lab does not read"
    if entry.file_size > MOST_BYTES:
        return f"is too large: a picture has at most {MOST_BYTES // 2**20} MB"
    ratio = entry.file_size / max(1, entry.compress_size)
    if entry.file_size > _SUSPECT_BYTES and ratio > _MOST_RATIO:
        return "swells too much to be a picture"
    return ""


def _too_much(shown: str, received: str, limit: str) -> InputError:
    return InputError(
        f"{shown} holds too much: at most {limit}.",
        received=received,
        advice="Take some out, or pack several archives.",
    )
