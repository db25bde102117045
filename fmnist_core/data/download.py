"""Fetches the published files into the lab's cache, from the first mirror that delivers them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pooch
import requests

from fmnist_core.data.catalogue import OFFICIAL, DataFile
from fmnist_core.data.listening import Listener, Progress
from fmnist_core.data.locking import only_one
from fmnist_core.data.places import download_folder
from fmnist_core.data.resuming import ResumingDownloader
from fmnist_core.data.verification import Verifier
from fmnist_core.durable import storage_errors
from fmnist_core.errors import NoDataError
from fmnist_core.settings import Settings

OFFICIAL_MIRRORS = (
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
)
_TRIES_WHILE_BYTES_COME = 5
_WAITING = "Another process is fetching the data; waiting for it to finish."


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
        NoDataError: No mirror delivers the published file, or the lab was told to stay offline.
        DataStoppedError: The listener asked to stop; what came so far is kept.
        StorageError: The cache folder cannot be written.
    """
    if settings.offline:
        raise NoDataError(
            "The lab was told to stay offline (FMNIST_OFFLINE).",
            advice="Unset it, or name a folder with the four files in FMNIST_DATA_DIR.",
        )
    folder, listener = download_folder(settings), listener or Listener()
    with only_one(folder, listener, _WAITING), storage_errors(folder):
        missing = _missing(folder, wanted, verifier, listener)
        _Download(folder, missing, list(mirrors or mirrors_from_environment()), listener).run()
    return folder


def _missing(
    folder: Path, wanted: Sequence[DataFile], verifier: Verifier, listener: Listener
) -> list[DataFile]:
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
    files: list[DataFile]
    mirrors: list[str]
    listener: Listener
    finished_bytes: int = 0

    def run(self) -> None:
        pooch.get_logger().setLevel("WARNING")
        for file in self.files:
            self._from_any_mirror(file)
            self.finished_bytes += file.size
            self._report(file, 0)

    def _from_any_mirror(self, file: DataFile) -> None:
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
            f"No mirror delivered {file.name}.",
            received="; ".join(reasons),
            advice="Look at the network and try again (a broken download goes on where it "
            "stopped), or name a folder with the four files in FMNIST_DATA_DIR.",
        )

    def _from(self, mirror: str, file: DataFile) -> None:
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

    def _retrieve(self, url: str, file: DataFile, part: Path) -> None:
        pooch.retrieve(
            url,
            known_hash=f"md5:{file.md5}",
            fname=file.name,
            path=self.folder,
            downloader=ResumingDownloader(part, file.size, lambda have: self._report(file, have)),
        )

    def _report(self, file: DataFile, have: int) -> None:
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
