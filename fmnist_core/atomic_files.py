"""Files that are whole or absent, whatever kills the writer."""

from __future__ import annotations

import errno
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from fmnist_core.errors import StorageError

_A_DAY = 86_400

# ENOTDIR and EEXIST: the home is below, or is, a file.
_STORAGE_ERRNOS = {
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EROFS,
    errno.EACCES,
    errno.EPERM,
    errno.ENOTDIR,
    errno.EEXIST,
}


@contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Turns a full or read-only disk into a `StorageError` that names the place."""
    try:
        yield
    except OSError as error:
        if error.errno in _STORAGE_ERRNOS:
            raise StorageError(
                f"The disk does not take the file {path}: {error.strerror}.",
                advice="Free some space or choose another folder with FMNIST_HOME; "
                "what was saved before is untouched.",
            ) from error
        raise


def replace_file(path: Path, write: Callable[[Path], None]) -> None:
    """Writes a temporary file beside `path` with `write`, then renames it to `path`.

    The temporary name keeps the ending of `path`, since some writers (Keras) depend on it.

    Raises:
        StorageError: The disk is full or cannot be written.
    """
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".part-", suffix=path.name)
        os.close(handle)
        temporary = Path(name)
        try:
            write(temporary)
            _flush(temporary)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)


def write_bytes(path: Path, data: bytes) -> None:
    """Replaces the file's content in one step."""

    def write(temporary: Path) -> None:
        temporary.write_bytes(data)

    replace_file(path, write)


def write_json(path: Path, value: Any) -> None:
    """Replaces the file's content with `value` as JSON; NaN is refused."""
    write_bytes(path, json.dumps(value, indent=1, allow_nan=False).encode())


def read_json(path: Path) -> Any:
    """The file's JSON value, or `None` where there is no such file or it is damaged or a folder."""
    try:
        return json.loads(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError, ValueError, RecursionError):
        return None


def stamp(path: Path | str) -> tuple[int, int, int]:
    """What changes whenever a file is replaced or written; zeros where there is none."""
    try:
        found = os.stat(path)  # noqa: PTH116 (a thousand Path objects a rerun cost 3 ms more)
    except OSError:
        return 0, 0, 0
    return found.st_mtime_ns, found.st_size, found.st_ino


def remove_leftovers(folder: Path, pattern: str) -> None:
    """Deletes temporary folders that a killed process has left: those of a day ago."""
    for path in folder.glob(pattern):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > _A_DAY:
                shutil.rmtree(path, ignore_errors=True)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
