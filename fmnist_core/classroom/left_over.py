"""What was left over from before the class, until its teacher has said what becomes of it.

HOME/class/left_over.json        identifiers of runs and of sweeps
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from fmnist_core.atomic_files import read_json, storage_errors, write_json
from fmnist_core.locks import locked
from fmnist_core.settings import Settings


@dataclass(frozen=True)
class LeftOver:
    """Identifiers of runs and of sweeps that take no slot unasked."""

    runs: tuple[str, ...] = ()
    sweeps: tuple[str, ...] = ()


def left_over(settings: Settings) -> LeftOver:
    """What the teacher has not been asked about yet; nothing where the file is damaged."""
    value = read_json(_path(settings))
    if not isinstance(value, dict):
        return LeftOver()
    return LeftOver(*(_names(value.get(kind)) for kind in ("runs", "sweeps")))


def note_left_over(settings: Settings, runs: Sequence[str], sweeps: Sequence[str]) -> LeftOver:
    """Adds to what is noted.

    Raises:
        StorageError: The disk is full or cannot be written.
    """

    def more(before: LeftOver) -> LeftOver:
        return LeftOver(
            tuple(dict.fromkeys((*before.runs, *runs))),
            tuple(dict.fromkeys((*before.sweeps, *sweeps))),
        )

    return _change(settings, more)


def cross_off(settings: Settings, names: Collection[str]) -> None:
    """Takes out of the note what is settled, runs and sweeps.

    Raises:
        StorageError: The disk is full or cannot be written.
    """

    def fewer(before: LeftOver) -> LeftOver:
        return LeftOver(
            tuple(name for name in before.runs if name not in names),
            tuple(name for name in before.sweeps if name not in names),
        )

    _change(settings, fewer)


def _change(settings: Settings, change: Callable[[LeftOver], LeftOver]) -> LeftOver:
    path = _path(settings)
    with storage_errors(path.parent), locked(path.with_suffix(".lock")):
        before = left_over(settings)
        now = change(before)
        if now != before:
            write_json(path, {"runs": list(now.runs), "sweeps": list(now.sweeps)})
    return now


def _path(settings: Settings) -> Path:
    return settings.home / "class" / "left_over.json"


def _names(value: object) -> tuple[str, ...]:
    return tuple(filter(str.strip, map(str, value))) if isinstance(value, list) else ()
