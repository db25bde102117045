"""Fetches the four published files into the lab's cache."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from fmnist_core.data.catalogue import OFFICIAL, DataFile
from fmnist_core.data.fetching import fetch_missing
from fmnist_core.data.listening import Listener
from fmnist_core.data.places import download_folder
from fmnist_core.data.verification import Verifier
from fmnist_core.errors import NoDataError
from fmnist_core.settings import Settings

OFFICIAL_MIRRORS = (
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
)
_WAITING = "Another process is fetching the data; waiting for it to finish."
_ADVICE = (
    "Look at the network and try again (a broken download goes on where it stopped), or name a "
    "folder with the four files in FMNIST_DATA_DIR."
)


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
