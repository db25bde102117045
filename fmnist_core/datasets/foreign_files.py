"""What a file is that lies under a published name and is not the published one.

A page that a server sent in place of a file, or the file of another data set: many have the names
of Fashion-MNIST, which took them from MNIST, and some its shapes as well.
"""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from functools import lru_cache
from pathlib import Path

_GZIP = b"\x1f\x8b"
_HTML = (b"<!doctype", b"<html", b"<head", b"<?xml", b"<body")
_OTHER_PACKINGS = {
    b"PK\x03\x04": "a ZIP archive",
    b"\x89HDF": "an HDF5 file",
    b"BZh": "packed with bzip2",
    b"\xfd7zXZ": "packed with xz",
    b"\x93NUMPY": "a NumPy array",
}
_UINT8 = 8
_MOST_DIMENSIONS = 4
_BEGIN = 512
_AT_ONCE = 2**20
# Of the largest such data set: EMNIST has 697,932 training images.
_MOST_VALUES = 2**30
# Hashes: https://github.com/pytorch/vision/blob/main/torchvision/datasets/mnist.py
_OF_OTHER_SETS = {
    **dict.fromkeys(
        (
            "f68b3c2dcbeaaa9fbdd348bbdeb94873",
            "d53e105ee54ea40749a09fcbcd1e9432",
            "9fb629c4189551a2d022fa330f9573f3",
            "ec29112dd5afa0611ce80d1b7f02629c",
        ),
        "MNIST (handwritten digits)",
    ),
    **dict.fromkeys(
        (
            "bdb82020997e1d708af4cf47b453dcf7",
            "e144d726b3acfaa3e44228e80efcd344",
            "5c965bf0a639b31b8f53240b1b52f4d7",
            "7320c461ea6c1c855c0b718fb2a4b134",
        ),
        "Kuzushiji-MNIST (Japanese characters)",
    ),
}


def foreign_content(path: Path, md5: str) -> str:
    """What the file is, to follow "it is"; empty if it may be a damaged or unfinished copy.

    Args:
        md5: Its hash, which tells apart data sets of the same shape.

    Raises:
        OSError: It cannot be read.
    """
    if md5 in _OF_OTHER_SETS:
        return f"the file of that name of {_OF_OTHER_SETS[md5]}"
    status = path.stat()
    return _content(path, status.st_size, status.st_mtime_ns)


# A page asks anew at each rerun, and the answer takes unpacking the file.
@lru_cache(maxsize=16)
def _content(path: Path, size: int, changed: int) -> str:
    with path.open("rb") as file:
        begin = file.read(_BEGIN)
    if not begin.startswith(_GZIP):
        if _shape(begin):
            return f"{_of(begin)}, not packed with gzip"
        return _of(begin) or next(
            (words for mark, words in _OTHER_PACKINGS.items() if begin.startswith(mark)), ""
        )
    try:
        with gzip.open(path, "rb") as stream:
            begin = stream.read(_BEGIN)
            found = _of(begin)
            shape = _shape(begin)
            if shape is None:
                return f"{found}, packed with gzip" if found else ""
            # A copy that breaks off begins like a whole one.
            rest = 4 + 4 * len(shape) + math.prod(shape) - len(begin)
            while rest > 0 and (part := stream.read(min(_AT_ONCE, rest))):
                rest -= len(part)
            return "" if rest > 0 else f"{found}, but not the published ones"
    except (EOFError, gzip.BadGzipFile, zlib.error):
        # What there is of it may still tell that it is no part of the published one.
        return ""


def _of(begin: bytes) -> str:
    if begin.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_HTML):
        return "an HTML page, which a server sends in place of a file that it lacks or guards"
    shape = _shape(begin)
    if shape is None:
        return ""
    sizes = " x ".join(f"{size:,}" for size in shape)
    return f"an IDX file of {sizes} values"


def _shape(begin: bytes) -> tuple[int, ...] | None:
    """Of the array in an IDX file, by its first bytes."""
    if len(begin) < 4 or begin[:3] != bytes((0, 0, _UINT8)) or begin[3] > _MOST_DIMENSIONS:
        return None
    count = begin[3]
    if not count or len(begin) < 4 + 4 * count:
        return None
    shape = struct.unpack(f">{count}I", begin[4 : 4 + 4 * count])
    return shape if 0 < math.prod(shape) <= _MOST_VALUES else None
