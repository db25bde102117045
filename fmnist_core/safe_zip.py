"""ZIP files from elsewhere: opened, checked and unpacked within limits.

What an archive claims is checked before anything of it is unpacked. That is enough, since zipfile
gives out no more of a member than was claimed. A member's name is never the name of a file: who
writes one to disk says where.
"""

from __future__ import annotations

import math
import stat
import zipfile
from collections.abc import Iterator
from enum import Enum
from typing import BinaryIO

# Pictures are packed already and hardly get smaller; drawings on a plain ground do, but are small.
PICTURE_RATIO = 100.0
_RATIO_COUNTS_FROM = 4 * 1024 * 1024
_ENCRYPTED = 0x1
# The other methods cannot be unpacked a little at a time.
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# The list of members takes some 70 bytes for each, which begin with this mark.
_LIST_BYTES, _MEMBER = 200, b"PK\x01\x02"
# However few they are: the longest comment an archive may end with, and the record before it.
_END_BYTES = 2**16 + 22
_PIECE = 2**20


class Fault(Enum):
    """Faults of an archive (the first two) or of one of its members."""

    DAMAGED = "is damaged in the archive"
    MEMBERS = "lists too many members"
    LOCKED = "is locked with a password"
    METHOD = "uses an unsupported compression method"
    LINK = "is a link instead of a file"
    SIZE = "is too large"
    RATIO = "swells too much to be a picture"


class UnsafeZipError(Exception):
    """For who opens an archive to say in words of their own."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault


def open_zip(file: BinaryIO, most_members: int) -> zipfile.ZipFile:
    """Opens an archive; closing it leaves `file` open.

    Raises:
        UnsafeZipError: DAMAGED (or no archive at all), or MEMBERS.
    """
    listing = _Listing(file, most_members)
    try:
        archive = zipfile.ZipFile(listing)
    except UnsafeZipError:
        raise
    except Exception as error:
        # zipfile answers damage with BadZipFile, zlib.error, EOFError, NotImplementedError, …
        raise UnsafeZipError(Fault.DAMAGED) from error
    listing.is_read = True
    return archive


def fault_of(
    entry: zipfile.ZipInfo, most_bytes: float = math.inf, most_ratio: float = math.inf
) -> Fault | None:
    """Why a member is not to be unpacked, if so."""
    if entry.flag_bits & _ENCRYPTED:
        return Fault.LOCKED
    if entry.compress_type not in _METHODS:
        return Fault.METHOD
    if stat.S_ISLNK(entry.external_attr >> 16):
        return Fault.LINK
    if entry.file_size > most_bytes:
        return Fault.SIZE
    ratio = entry.file_size / max(1, entry.compress_size)
    if entry.file_size > _RATIO_COUNTS_FROM and ratio > most_ratio:
        return Fault.RATIO
    return None


def unpack(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, piece_bytes: int = _PIECE
) -> Iterator[bytes]:
    """A member's content, piece by piece; whether it may be unpacked was looked at before.

    Raises:
        UnsafeZipError: DAMAGED.
    """
    try:
        with archive.open(entry) as packed:
            while piece := packed.read(piece_bytes):
                yield piece
    except Exception as error:
        raise UnsafeZipError(Fault.DAMAGED) from error


def read_member(
    archive: zipfile.ZipFile,
    entry: zipfile.ZipInfo,
    most_bytes: float,
    most_ratio: float = math.inf,
) -> bytes:
    """A member's content, if it may be unpacked.

    Raises:
        UnsafeZipError: With any fault of a member.
    """
    if fault := fault_of(entry, most_bytes, most_ratio):
        raise UnsafeZipError(fault)
    return b"".join(unpack(archive, entry))


class _Listing:
    """The file as zipfile opens it, which reads the list of members at once.

    A list that is too long is refused here: before half a kilobyte of objects is made of each
    member, and whichever of an archive's claims about it zipfile goes by.
    """

    def __init__(self, file: BinaryIO, most_members: int) -> None:
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable
        self._file, self._most = file, most_members
        self.is_read = False

    def read(self, size: int = -1) -> bytes:
        if self.is_read:
            return self._file.read(size)
        # Of no given size is only the end of the file, some 64 kB.
        if size > max(_END_BYTES, _LIST_BYTES * self._most):
            raise UnsafeZipError(Fault.MEMBERS)
        data = self._file.read(size)
        if size >= 0 and data.count(_MEMBER) > self._most:
            raise UnsafeZipError(Fault.MEMBERS)
        return data
