"""Files of NumPy arrays: written whole or not at all, and read whatever has happened to them."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np

from fmnist_core.atomic_files import replace_file
from fmnist_core.errors import DataError

# What NumPy and its zip reader raise on cut or altered files (RuntimeError: a flipped bit
# makes a member look encrypted; NotImplementedError: look compressed in another way; TokenError
# and SyntaxError: the header of an array is parsed as Python).
_DAMAGE = (
    DataError,
    EOFError,
    KeyError,
    MemoryError,
    OSError,
    RuntimeError,
    SyntaxError,
    TokenError,
    TypeError,
    ValueError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)


class DamagedArraysError(ValueError):
    """A file of arrays is cut or altered, or holds others than are asked for."""


@contextmanager
def arrays_in(path: Path, mapped: bool = False) -> Iterator[Any]:
    """The array of an `.npy` file, or those of an `.npz` file by their names.

    Args:
        path: Of the file.
        mapped: The array stays on disk and is mapped into memory.

    Raises:
        FileNotFoundError: There is no such file.
        DamagedArraysError: It is damaged, or what is asked of it in the context fails.
    """
    try:
        content = np.load(path, mmap_mode="r" if mapped else None, allow_pickle=False)
        try:
            yield content
        finally:
            if isinstance(content, np.lib.npyio.NpzFile):
                content.close()
    except FileNotFoundError:
        raise
    except _DAMAGE as error:
        raise DamagedArraysError(f"{path.name} is damaged: {error}") from error


def write_arrays(path: Path, **arrays: Any) -> None:
    """Replaces the `.npz` file in one step, compressed.

    Raises:
        StorageError: The disk is full or cannot be written.
    """

    def write(temporary: Path) -> None:
        with temporary.open("wb") as file:
            np.savez_compressed(file, allow_pickle=False, **arrays)

    replace_file(path, write)
