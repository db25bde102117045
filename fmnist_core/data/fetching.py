"""Fetches published files into a folder, from the first mirror that delivers them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pooch
import requests

from fmnist_core.data.listening import Listener, Progress
from fmnist_core.data.resuming import ResumingDownloader
from fmnist_core.data.verification import PublishedFile, Verifier
from fmnist_core.durable import storage_errors
from fmnist_core.errors import NoDataError
from fmnist_core.locks import locked

_TRIES_WHILE_BYTES_COME = 5


def fetch_missing(
    folder: Path,
    wanted: Sequence[PublishedFile],
    mirrors: Sequence[str],
    verifier: Verifier,
    *,
    waiting: str,
    advice: str,
    listener: Listener,
) -> None:
    """Fetches what `folder` lacks of `wanted`; broken files are named and replaced.

    Unfinished files are continued. Safe to be called by any number of processes at once: one
    fetches, the others wait and find the files there.

    Args:
        mirrors: Addresses of folders that hold the files.
        waiting: What is said when another process is waited for.
        advice: What a person can do where no mirror delivers.

    Raises:
        NoDataError: No mirror delivers a published file.
        DataStoppedError: The listener asked to stop; what came so far is kept.
        StorageError: The folder cannot be written.
    """
    notice = partial(listener.notice, waiting)
    with storage_errors(folder), locked(folder / ".lock", notice, listener.stop_if_asked):
        missing = _missing(folder, wanted, verifier, listener)
        _Download(folder, missing, list(mirrors), listener, advice).run()


def _missing(
    folder: Path, wanted: Sequence[PublishedFile], verifier: Verifier, listener: Listener
) -> list[PublishedFile]:
    missing = []
    for file in wanted:
        try:
            problem = verifier.problem_with(folder / file.name, file)
        except FileNotFoundError:
            problem = ""
        if problem:
            listener.notice(f"{problem} It is fetched again.")
        if problem is not None:
            missing.append(file)
    return missing


class _MirrorFailedError(Exception):
    """One mirror did not deliver one file; the next may."""


@dataclass
class _Download:
    folder: Path
    files: list[PublishedFile]
    mirrors: list[str]
    listener: Listener
    advice: str
    finished_bytes: int = 0

    def run(self) -> None:
        pooch.get_logger().setLevel("WARNING")
        for file in self.files:
            self._from_any_mirror(file)
            self.finished_bytes += file.size
            self._report(file, 0)

    def _from_any_mirror(self, file: PublishedFile) -> None:
        reasons = []
        for mirror in list(self.mirrors):
            try:
                return self._from(mirror, file)
            except _MirrorFailedError as error:
                reasons.append(str(error))
                self.listener.notice(str(error))
                # Last in line for the files that follow: a dead mirror costs its timeout once.
                self.mirrors.append(self.mirrors.pop(self.mirrors.index(mirror)))
        raise NoDataError(
            f"No mirror delivered {file.name}.", received="; ".join(reasons), advice=self.advice
        )

    def _from(self, mirror: str, file: PublishedFile) -> None:
        part = self.folder / f"{file.name}.part"
        for _ in range(_TRIES_WHILE_BYTES_COME):
            before = _size(part)
            try:
                return self._retrieve(f"{mirror.rstrip('/')}/{file.name}", file, part)
            except requests.RequestException as error:
                if _size(part) <= before:
                    raise _MirrorFailedError(f"{mirror}: {_reason(error)}.") from error
                self.listener.notice(f"{file.name}: the connection broke; going on from there.")
            except ValueError:  # another hash or size
                part.unlink(missing_ok=True)
                if not before:
                    raise _MirrorFailedError(f"{mirror}: {file.name} is another file.") from None
                # The part's beginning may have come from elsewhere: once more, whole.
        raise _MirrorFailedError(f"{mirror}: the connection breaks again and again.")

    def _retrieve(self, url: str, file: PublishedFile, part: Path) -> None:
        if not file.md5:
            # Without a hash `pooch` takes whatever is there, and what is there is broken.
            (self.folder / file.name).unlink(missing_ok=True)
        pooch.retrieve(
            url,
            known_hash=f"md5:{file.md5}" if file.md5 else None,
            fname=file.name,
            path=self.folder,
            downloader=ResumingDownloader(part, file.size, lambda have: self._report(file, have)),
        )

    def _report(self, file: PublishedFile, have: int) -> None:
        self.listener.stop_if_asked()
        total = sum(one.size for one in self.files)
        self.listener.progress(Progress(file.name, min(self.finished_bytes + have, total), total))


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _reason(error: Exception) -> str:
    response = getattr(error, "response", None)
    if response is not None:
        return f"it answered {response.status_code} {response.reason}"
    if isinstance(error, requests.Timeout):
        return "it does not answer in time"
    if (
        isinstance(error, requests.ConnectionError)
        and error.args
        and isinstance(error.args[0], str)
    ):
        return error.args[0]
    return "it cannot be reached, or the connection broke"
