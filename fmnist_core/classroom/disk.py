"""What each person of a class keeps on the lab's disk: their runs and collections.

Asked at every rerun of a form: a folder is measured anew only where its own time of change, or that
of a folder in it, tells of a file that came, went or was replaced.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from fmnist_core.atomic_files import read_json
from fmnist_core.classroom.classroom import Classroom
from fmnist_core.errors import ClassError
from fmnist_core.permissions import acting
from fmnist_core.settings import Settings

_MEGABYTE = 10**6
# So many of the largest are named to whom has no room left.
_NAMED = 3


@dataclass(frozen=True)
class Kept:
    """A run or a collection: its size in bytes, and what it is called."""

    name: str
    owner: str
    size: int


@dataclass(frozen=True)
class _Measured:
    stamp: tuple[int, ...]
    folders: tuple[str, ...]
    kept: Kept


_measured: dict[str, _Measured] = {}


def kept_by(person_id: str, settings: Settings) -> list[Kept]:
    """All runs and collections of a person, the largest first."""
    runs = (_run(path) for path in _folders(settings.runs_dir))
    collections = (_collection(path) for path in _folders(settings.collections_dir))
    found = [kept for each in (runs, collections) for kept in each if kept.owner == person_id]
    return sorted(found, key=lambda kept: -kept.size)


def check_disk(settings: Settings, *, owner: str = "", more: int = 0) -> None:
    """Whether a person may keep something new.

    Args:
        owner: Whose it will be, where the lab's own account makes it in their place.
        more: Its size in bytes, where that is known.

    Raises:
        ClassError: A student keeps too much already; names what takes most.
    """
    classroom = Classroom(settings)
    limits = classroom.limits_for(owner) if acting() or classroom.there else None
    if limits is None:
        return
    person = acting()
    kept = kept_by(person.id if person else owner, settings)
    size, most = sum(one.size for one in kept) + more, limits.disk * _MEGABYTE
    if size >= most:
        largest = ", ".join(f"{one.name} ({megabytes(one.size)})" for one in kept[:_NAMED])
        advice = f"Delete what you no longer need; most is taken by {largest}." if kept else ""
        raise ClassError(
            f"In this class a student may keep at most {megabytes(most)} on the lab's disk.",
            received=megabytes(size),
            advice=advice or "Ask your teacher.",
        )


def megabytes(size: int) -> str:
    """Such as "12 MB", and "0.4 MB" below ten."""
    count = size / _MEGABYTE
    return f"{count:,.0f} MB" if count >= 10 else f"{count:.1f} MB"


def _folders(place: Path | str) -> Iterator[str]:
    try:
        with os.scandir(place) as entries:
            yield from (entry.path for entry in entries if entry.is_dir() and entry.name[0] != ".")
    except OSError:
        return


def _run(path: str) -> Kept:
    return _as_measured(path, _owner_of_run)


def _collection(path: str) -> Kept:
    return _as_measured(path, _owner_of_collection)


def _owner_of_run(path: Path) -> tuple[str, str]:
    meta = read_json(path / "meta.json")
    if not isinstance(meta, dict):
        return path.name, ""
    return str(meta.get("name") or path.name), str(meta.get("owner") or "")


def _owner_of_collection(path: Path) -> tuple[str, str]:
    try:
        owner = (path / ".owner").read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        owner = ""
    return f"collection {path.name}", owner


def _as_measured(path: str, described: Callable[[Path], tuple[str, str]]) -> Kept:
    known = _measured.get(path)
    if known is None or known.stamp != _stamp(known.folders):
        folders = (path, *_folders(path))
        # Before the files are looked at: what changes meanwhile is looked at again.
        stamp = _stamp(folders)
        kept = Kept(*described(Path(path)), sum(map(_size_of_files, folders)))
        known = _measured[path] = _Measured(stamp, folders, kept)
    return known.kept


def _stamp(folders: tuple[str, ...]) -> tuple[int, ...]:
    return tuple(_changed(folder) for folder in folders)


def _changed(folder: str) -> int:
    try:
        return os.stat(folder).st_mtime_ns  # noqa: PTH116 (asked for hundreds of folders a rerun)
    except OSError:
        return 0


def _size_of_files(folder: str) -> int:
    try:
        with os.scandir(folder) as entries:
            return sum(entry.stat().st_size for entry in entries if entry.is_file())
    except OSError:
        return 0
