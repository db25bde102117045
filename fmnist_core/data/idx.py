"""Reads the gzipped IDX files in which MNIST and its relatives are published.

Format: two zero bytes, a type code (8 is uint8), the number of dimensions, each dimension as a
big-endian uint32, then the values.
"""

from __future__ import annotations

import gzip
import struct
import zlib
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

from fmnist_core.errors import DataError

_UINT8_CODE = 8
_ADVICE = "Delete the file and fetch it again."


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
