"""One process at a time, by a lock on a file that dies with its holder."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from fmnist_core.data.listening import Listener
from fmnist_core.errors import StorageError

_POLL_SECONDS = 0.1


@contextmanager
def only_one(folder: Path, listener: Listener, waiting: str) -> Iterator[None]:
    """Holds `folder`'s lock; says `waiting` once where another process or thread has it.

    The kernel frees the lock when its holder ends, however it ends, so no stale lock remains.

    Raises:
        StorageError: The folder cannot be made or written.
        DataStoppedError: The listener asked to stop while waiting.
    """
    with _open(folder / ".lock") as stream:
        if not _try_lock(stream):
            listener.notice(waiting)
            while not _try_lock(stream):
                listener.stop_if_asked()
                time.sleep(_POLL_SECONDS)
        yield


def _open(path: Path) -> IO[str]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("a")
    except OSError as error:
        raise StorageError(
            f"The folder {path.parent} cannot be written: {error.strerror}.",
            advice="Choose another place with FMNIST_HOME.",
        ) from error


def _try_lock(stream: IO[str]) -> bool:
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
