"""One training, in a process of its own."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import sys
import threading
import traceback
from contextlib import suppress
from pathlib import Path

from fmnist_core.atomic_files import storage_errors
from fmnist_core.errors import LabError, StorageError
from fmnist_core.runs.events import EventWriter
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.status import ENDED_STATES
from fmnist_core.training.threads import share_cores

# The exit status of a training that its disk ended (EX_IOERR): perhaps it could not even say so.
DISK_STATUS = 74
_SET_PARENT_DEATH_SIGNAL = 1


def main(path: str, threads: int, niceness: int) -> None:
    """Trains the run in the folder `path`; the exit status is 0 only when it finished."""
    end_with_parent()
    folder = RunFolder(Path(path))
    _print_into(folder.log_path)
    os.nice(niceness)
    share_cores(threads)
    try:
        with storage_errors(folder.path):
            _train(folder)
    except StorageError as error:
        _send_error(error)
        _end_as_failed(folder, error.rule, error.advice, DISK_STATUS)
    except LabError as error:
        _send_error(error)
        _end_as_failed(folder, error.rule, error.advice)
    except Exception as error:
        _send_error(error)
        _end_as_failed(
            folder,
            f"The training ended with an error of its own: {type(error).__name__}: {error}",
            "See the worker's log; if the configuration is not unusual, please report it.",
        )


def _train(folder: RunFolder) -> None:
    from fmnist_core.training import train

    train(folder.config, folder.path)


def end_with_parent() -> None:
    """Makes sure that no training goes on unwatched, whatever kills its worker.

    The worker's end is seen as the end of its pipe; that of the fork server, which is the
    parent in the eyes of the kernel, by a signal.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
    threading.Thread(target=_wait_for_orphanhood, name="parent", daemon=True).start()


def _wait_for_orphanhood() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _print_into(path: Path) -> None:
    log = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)


def _send_error(error: Exception) -> None:
    """Into the log, if the disk takes it."""
    with suppress(OSError):
        if isinstance(error, LabError):
            print(error, flush=True)
        else:
            traceback.print_exc()


def _end_as_failed(folder: RunFolder, sentence: str, advice: str, status: int = 1) -> None:
    try:
        _write_end(folder, sentence, advice)
    except (StorageError, OSError):
        status = DISK_STATUS
    # At once: what a full disk did not take of the log would be tried again, and change the status.
    os._exit(status)


def _write_end(folder: RunFolder, sentence: str, advice: str) -> None:
    if folder.status.state in ENDED_STATES:
        return
    # The status last, so that a lab that sees it has the diary whole.
    writer = EventWriter(folder.events_path)
    try:
        writer.write("end", state="failed", error=sentence, advice=advice)
    finally:
        writer.close()
    folder.change_status(state="failed", error=sentence, advice=advice)
