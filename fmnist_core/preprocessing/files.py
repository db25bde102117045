"""Many picture files become network inputs, two at a time and in order."""

from __future__ import annotations

import multiprocessing
import os
import signal
import stat
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fmnist_core.classes import IMAGE_SIDE
from fmnist_core.errors import DataError, InputError, LabError
from fmnist_core.preprocessing.archive import PICTURE_ENDINGS
from fmnist_core.preprocessing.decode import (
    MOST_BYTES,
    open_picture,
    refuse_large_file,
    shown_name,
)
from fmnist_core.preprocessing.prepare import prepare
from fmnist_core.preprocessing.resize import SHEET

_CHUNK = 16
# Sheets that a network is asked about at once.
_BATCH = 128
_SHAPES = ((IMAGE_SIDE, IMAGE_SIDE), (SHEET, SHEET))
# What a notebook has: network inputs, or one or several picture files.
Pictures = NDArray[np.uint8] | str | os.PathLike[str] | Sequence[str | os.PathLike[str]]
# Chunks on their way or waiting to be fetched: some 800 sheets of 12 kB each.
_AHEAD = 50


@dataclass(frozen=True, eq=False)
class PreparedFile:
    """One file's way to the network.

    Attributes:
        path: As it was given.
        sheet: uint8 (112, 112) (see `Prepared`), or `None` where there is an error.
        blank: Nothing was found in the picture.
        error: For people; empty when it went well.
    """

    path: str
    sheet: NDArray[np.uint8] | None
    blank: bool = False
    error: str = ""


def picture_files(paths: Iterable[str]) -> Iterator[str]:
    """The files named, and those in folders named: recursively, sorted by name.

    Of folders, only what has the ending of a picture and is not hidden; a file that is named
    itself always comes, and so does a folder named in which there is none. Nothing is held in
    memory but the folders being read.
    """
    for path in paths:
        within = _within(path) if Path(path).is_dir() else iter(())
        yield next(within, path)
        yield from within


def _within(folder: str) -> Iterator[str]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        # It comes out as a path of its own, and with it the reason why it cannot be read.
        yield folder
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _within(entry.path)
        elif Path(entry.name).suffix.lower() in PICTURE_ENDINGS:
            yield entry.path


@contextmanager
def preparing(paths: Iterable[str], *, processes: int = 2) -> Iterator[Iterator[PreparedFile]]:
    """Opens and prepares every file, in the order given: `with preparing(paths) as prepared:`.

    Work begins at once, in processes of its own, and goes on while the caller does other things
    (such as loading a network); it stays a limited way ahead, so that memory stays flat. A file
    that cannot be read comes with its error and stops no other.

    Raises:
        InputError: The system ended a preparing process, mostly for want of memory.
    """
    stream = iter(paths)
    chunks = iter(lambda: list(islice(stream, _CHUNK)), [])
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(processes, context, initializer=_calm)
    try:
        with _ignoring_sigint():
            ahead = deque(pool.submit(_prepare_chunk, chunk) for chunk in islice(chunks, _AHEAD))
        yield _in_order(pool, ahead, chunks)
    except BrokenProcessPool as error:
        raise InputError(
            "A process that prepares pictures was ended by the system.",
            advice="Mostly memory ran out: close something else and try again.",
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


def _in_order(
    pool: ProcessPoolExecutor,
    ahead: deque[Future[list[PreparedFile]]],
    chunks: Iterator[list[str]],
) -> Iterator[PreparedFile]:
    while ahead:
        done = ahead.popleft().result()
        ahead.extend(pool.submit(_prepare_chunk, chunk) for chunk in islice(chunks, 1))
        yield from done


@contextmanager
def _ignoring_sigint() -> Iterator[None]:
    """Ctrl-C is for this process: those started meanwhile never hear it, not even as they start.

    A signal mask is inherited. This process hears afterwards what came in between.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _calm() -> None:
    """Two processes share the machine already: no threads within them."""
    import cv2

    cv2.setNumThreads(1)


def _prepare_chunk(paths: list[str]) -> list[PreparedFile]:
    return [prepare_file(path) for path in paths]


def prepare_file(path: str) -> PreparedFile:
    """Opens and prepares one file; the result reports what is wrong with it."""
    try:
        prepared = prepare(open_picture(_content(path), path).picture, steps=False)
    except LabError as error:
        return PreparedFile(path, None, error=str(error))
    except Exception as error:
        # A picture nobody thought of must not take the others down with it.
        kind = type(error).__name__
        return PreparedFile(path, None, error=f"{shown_name(path)} cannot be prepared ({kind}).")
    return PreparedFile(path, prepared.sheet, prepared.blank)


def network_inputs(pictures: Pictures) -> NDArray[np.uint8]:
    """Pictures as what networks are asked about: uint8 (n, 28, 28), or sheets (n, 112, 112).

    Args:
        pictures: uint8 (n, 28, 28) or (28, 28), or sheets of 112x112, which stay as they are; or
            the path of a picture file, or several, which become sheets.

    Raises:
        DataError: An array of another type or shape.
        InputError: A file cannot be read.
    """
    if isinstance(pictures, np.ndarray):
        images = pictures[None] if pictures.ndim == 2 else pictures
        if images.dtype != np.uint8 or images.shape[1:] not in _SHAPES:
            raise DataError(
                f"Images are a uint8 array of shape (n, {IMAGE_SIDE}, {IMAGE_SIDE}), or "
                f"(n, {SHEET}, {SHEET}) of a prepared picture; 0 is black.",
                received=f"{pictures.dtype} {pictures.shape}",
            )
        return images
    paths = [pictures] if isinstance(pictures, (str, os.PathLike)) else pictures
    prepared = np.zeros((len(paths), SHEET, SHEET), np.uint8)
    for number, path in enumerate(paths):
        file = prepare_file(os.fspath(path))
        if file.sheet is None:
            raise InputError(file.error)
        prepared[number] = file.sheet
    return prepared


def network_input_batches(pictures: Pictures) -> Iterator[NDArray[np.uint8]]:
    """As `network_inputs`, of many files some at a time, so that memory stays flat.

    Yields:
        At least one array; an array that was given comes whole.

    Raises:
        DataError, InputError: As `network_inputs`; of a file, when its turn comes.
    """
    if isinstance(pictures, (np.ndarray, str, os.PathLike)):
        yield network_inputs(pictures)
        return
    for start in range(0, max(1, len(pictures)), _BATCH):
        yield network_inputs(pictures[start : start + _BATCH])


def _content(path: str) -> bytes:
    name = shown_name(str(Path(path).absolute()))
    try:
        _check_is_file(path, name)
        with Path(path).open("rb") as file:
            refuse_large_file(name, os.fstat(file.fileno()).st_size)
            # One more than may be: enough to be refused, whatever the file holds.
            return file.read(MOST_BYTES + 1)
    except IsADirectoryError as error:
        raise InputError(
            f"{name} cannot be read: there are no pictures in this folder.",
            advice="PNG, JPEG and WebP count.",
        ) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no path"
        raise InputError(f"{name} cannot be read: {reason}.") from error


def _check_is_file(path: str, name: str) -> None:
    """Of a pipe or a device nobody knows whether it ever begins or ends."""
    kind = Path(path).stat().st_mode
    if not stat.S_ISREG(kind) and not stat.S_ISDIR(kind):
        raise InputError(f"{name} cannot be read: it is no file, but a pipe or a device.")
