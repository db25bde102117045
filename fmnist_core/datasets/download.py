"""Downloads published files from the first mirror that delivers, resuming where it broke off."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pooch
import requests

from fmnist_core.atomic_files import storage_errors
from fmnist_core.datasets.locations import download_folder
from fmnist_core.datasets.progress import Listener, Progress
from fmnist_core.datasets.published_files import OFFICIAL, DataFile
from fmnist_core.datasets.verification import PublishedFile, Verifier
from fmnist_core.errors import NoDataError
from fmnist_core.locks import locked
from fmnist_core.settings import Settings

_CONNECT_AND_READ_SECONDS = (5, 15)

_CHUNK = 1 << 16

# The hash is of the file as stored: a server must not compress or unpack it on the way.
_HEADERS = {"Accept-Encoding": "identity"}

OFFICIAL_MIRRORS = (
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
)

_WAITING = "Another process is fetching the data; waiting for it to finish."

_ADVICE = (
    "Check the network connection and retry (an interrupted download resumes), or set "
    "FMNIST_DATA_DIR to a folder with the four files."
)

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
    with storage_errors(folder), locked(folder / ".lock", notice, listener.raise_if_stopped):
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
            downloader=_ResumingDownloader(part, file.size, lambda have: self._report(file, have)),
        )

    def _report(self, file: PublishedFile, have: int) -> None:
        self.listener.raise_if_stopped()
        total = sum(one.size for one in self.files)
        self.listener.progress(Progress(file.name, min(self.finished_bytes + have, total), total))


class _ResumingDownloader:
    """A downloader for `pooch` that keeps what it has in a part file and asks for the rest.

    `pooch` calls it with a temporary file, then checks the hash and moves that into place.

    Args:
        part: Where unfinished bytes wait for the next try; it survives any failure.
        size: Bytes of the whole file.
        report: Called with the bytes that are there so far. May raise, to stop.
    """

    def __init__(self, part: Path, size: int, report: Callable[[int], None]) -> None:
        self._part, self._size, self._report = part, size, report

    def __call__(self, url: str, output_file: Any, pooch: Any, check_only: bool = False) -> None:
        """Fetches `url` completely into `output_file`.

        Raises:
            requests.RequestException: The server fails, or the connection breaks.
            ValueError: What comes is shorter or longer than the published file.
        """
        if self._have() < self._size:
            self._fetch_rest(url)
        self._part.replace(output_file)

    def _have(self) -> int:
        return self._part.stat().st_size if self._part.exists() else 0

    def _fetch_rest(self, url: str) -> None:
        with self._request(url) as response:
            response.raise_for_status()
            # A server that knows no ranges sends everything, from the start.
            continues = response.status_code == requests.codes.partial_content
            mode = "ab" if continues else "wb"
            with self._part.open(mode) as stream:
                self._copy(response, stream)
                stream.flush()
                os.fsync(stream.fileno())
            if self._have() < self._size:
                self._explain_early_end(response)

    def _request(self, url: str) -> requests.Response:
        have = self._have()
        headers = {**_HEADERS, "Range": f"bytes={have}-"} if have else _HEADERS
        return requests.get(url, headers=headers, stream=True, timeout=_CONNECT_AND_READ_SECONDS)

    def _copy(self, response: requests.Response, stream: Any) -> None:
        self._report(stream.tell())
        for chunk in response.iter_content(_CHUNK):
            stream.write(chunk)
            self._report(stream.tell())
            if stream.tell() > self._size:
                raise ValueError(f"The file goes on after {self._size:,} bytes.")

    def _explain_early_end(self, response: requests.Response) -> None:
        # With a length announced, a connection that breaks has raised already.
        if "Content-Length" in response.headers:
            raise ValueError(f"The file ends after {self._have():,} of {self._size:,} bytes.")
        raise requests.ConnectionError("the connection broke")


class _MirrorFailedError(Exception):
    """One mirror did not deliver one file; the next may."""


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


def mirrors_from_environment() -> tuple[str, ...]:
    """`FMNIST_MIRRORS` (addresses of folders, comma separated), or the official mirrors."""
    text = os.environ.get("FMNIST_MIRRORS", "")
    return tuple(part.strip() for part in text.split(",") if part.strip()) or OFFICIAL_MIRRORS


def download_files(
    settings: Settings,
    verifier: Verifier,
    *,
    wanted: Sequence[DataFile] = OFFICIAL.files,
    mirrors: Sequence[str] | None = None,
    listener: Listener | None = None,
) -> Path:
    """Fetches what the lab's cache folder lacks of `wanted`, and returns that folder.

    Broken files there are named and replaced; unfinished ones are continued. Safe to be called by
    any number of processes at once: one fetches, the others wait and find the files there.

    Raises:
        NoDataError: No mirror delivers the published file, or the lab is in offline mode.
        DataStoppedError: The listener asked to stop; what came so far is kept.
        StorageError: The cache folder cannot be written.
    """
    if settings.offline:
        raise NoDataError(
            "The lab is in offline mode (FMNIST_OFFLINE).",
            advice="Unset it, or name a folder with the four files in FMNIST_DATA_DIR.",
        )
    folder = download_folder(settings)
    fetch_missing(
        folder,
        wanted,
        mirrors or mirrors_from_environment(),
        verifier,
        waiting=_WAITING,
        advice=_ADVICE,
        listener=listener or Listener(),
    )
    return folder
