"""One process at a time, by locks on files that the kernel frees when their holder ends, however.

All of them are `flock`s, so that looking, handing on and every version of the lab see each other's.
A child process does not inherit one, but for `lock_for_child`. The files stay when they are free.
"""

from __future__ import annotations

import fcntl
import math
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path


def locked(
    path: Path,
    notice: Callable[[], object] = lambda: None,
    check: Callable[[], object] = lambda: None,
    *,
    patience: float = math.inf,
) -> AbstractContextManager[object]:
    """Acquires the lock at `path` and creates its folder; a context manager.

    Args:
        notice: Called once where somebody has it, another thread of this process or not.
        check: Called repeatedly while waiting; an exception ends the wait.
        patience: How many seconds to wait.

    Raises:
        TimeoutError: It is not free after `patience`.
        OSError: The file cannot be written.
    """
    from filelock import FileLock, Timeout  # who only looks, such as the supervisor, stays small

    # Where there is no flock, filelock would take a file's existence for a lock.
    lock = FileLock(path, thread_local=False, fallback_to_soft=False, preserve_lock_file=True)
    try:
        return lock.acquire(timeout=0)
    except Timeout:
        notice()
    return lock.acquire(timeout=patience, cancel_check=lambda: bool(check()))


@contextmanager
def lock_for_child(path: Path) -> Iterator[int]:
    """A lock for a child process to inherit by `pass_fds`: held until both have ended with it.

    `FileLock` frees a lock when it is released, even if a child inherited it.

    Raises:
        TimeoutError: Somebody has it.
        OSError: The file cannot be written.
    """
    from filelock import lock_descriptor

    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        if not lock_descriptor(descriptor, blocking=False):
            raise TimeoutError(f"{path} is locked.")
        yield descriptor
    finally:
        os.close(descriptor)


def is_locked(path: Path) -> bool:
    """Whether somebody holds the lock at `path` now.

    Tests with a shared lock, which filelock does not have, so that two tests at once do not count
    as holders. To acquire the lock, wait for tests to end.
    """
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except (FileNotFoundError, NotADirectoryError):
        return False
    return False
