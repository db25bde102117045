"""Checks files against the published hashes, and remembers what was checked."""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path
from typing import Protocol

from fmnist_core.atomic_files import read_json, write_json
from fmnist_core.datasets.foreign_files import foreign_content
from fmnist_core.errors import StorageError

_log = logging.getLogger(__name__)


class PublishedFile(Protocol):
    """Name, size and hash of a published file."""

    @property
    def name(self) -> str:
        """File name, the same in every folder and on every mirror."""

    @property
    def md5(self) -> str:
        """Published hash, 32 hexadecimal digits; empty where none is published."""

    @property
    def size(self) -> int:
        """Bytes."""


class Verifier:
    """Finds out whether a file is the published one, at the price of a `stat` after the first time.

    A hash is remembered with the file's size, time of change and inode, and trusted while these
    stay the same. The memory is shared by all processes through one small JSON file.
    """

    _process_memory: dict[str, list[object]] = {}  # noqa: RUF012  shared on purpose: see _remember

    def __init__(self, memory: Path) -> None:
        self._memory = memory

    def problem_with(self, path: Path, expected: PublishedFile) -> str | None:
        """A sentence on what is wrong with the file at `path`, or `None` when it is right.

        Raises:
            FileNotFoundError: There is no such file.
        """
        try:
            size = path.stat().st_size
            if size == expected.size and expected.md5 in ("", self._md5(path)):
                return None
            if foreign := foreign_content(path, self._md5(path)):
                return f"{path} is not the published file: it is {foreign}."
            if size < expected.size:
                return f"{path} is truncated: {size:,} of {expected.size:,} bytes."
        except NotADirectoryError:
            raise FileNotFoundError(path) from None
        except FileNotFoundError:
            raise
        except OSError as error:
            return f"{path} cannot be read: {error.strerror}."
        return f"{path} is not the published file: its hash or size differs."

    def _md5(self, path: Path) -> str:
        status = path.stat()
        stamp = [status.st_size, status.st_mtime_ns, status.st_ino]
        known = self._recall(path)
        if known is not None and known[:3] == stamp:
            return str(known[3])
        with path.open("rb") as stream:
            md5 = hashlib.file_digest(stream, lambda: hashlib.md5(usedforsecurity=False))
        self._remember(path, [*stamp, md5.hexdigest()])
        return md5.hexdigest()

    def _recall(self, path: Path) -> list[object] | None:
        entry = self._process_memory.get(str(path)) or self._stored().get(str(path))
        return entry if isinstance(entry, list) and len(entry) == 4 else None

    def _remember(self, path: Path, entry: list[object]) -> None:
        # The process remembers too: on a read-only disk a page would hash 30 MB at each rerun.
        self._process_memory[str(path)] = entry
        try:
            write_json(self._memory, {**self._stored(), str(path): entry})
        except (StorageError, OSError) as error:
            _log.info("Checked files are not remembered: %s", error)

    def _stored(self) -> dict[str, list[object]]:
        try:
            stored = read_json(self._memory)
        except OSError:
            return {}
        return stored if isinstance(stored, dict) else {}
