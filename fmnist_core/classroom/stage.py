"""What the teacher has every page of the class do: stand still, or know whose run is shown.

HOME/class/stage.json            frozen, spotlight

Every student's page asks every two seconds, so that what was read is kept until the file changes.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from fmnist_core.atomic_files import read_json, storage_errors, write_json
from fmnist_core.errors import ClassError
from fmnist_core.locks import locked
from fmnist_core.permissions import acting, check_teacher
from fmnist_core.settings import Settings

_RUN = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")


@dataclass(frozen=True)
class Stage:
    """The content of `stage.json`.

    Attributes:
        frozen: Whether students' pages stand still.
        spotlight: The run that is on the projector; empty where none is.
    """

    frozen: bool = False
    spotlight: str = ""


_Stamp = tuple[int, int, int]
_known: dict[Path, tuple[_Stamp, Stage | None]] = {}


def stage_of(settings: Settings) -> Stage:
    """What holds now; a damaged file freezes nobody (see `is_damaged`). Costs one `stat`."""
    return _read(_path(settings)) or Stage()


def is_damaged(settings: Settings) -> bool:
    """Whether there is a file that cannot be read: the next change writes it anew."""
    return _read(_path(settings)) is None


def freeze(settings: Settings, frozen: bool) -> None:
    """Has students' pages stand still, or gives them back.

    Raises:
        NotAllowedError: Somebody else than the teacher asks.
        StorageError: The disk is full or cannot be written.
    """
    check_teacher("freeze the pages")
    _change(settings, frozen=bool(frozen))


def put_in_spotlight(settings: Settings, run_id: str) -> None:
    """Has this run shown large, or none where `run_id` is empty.

    Raises:
        NotAllowedError: Somebody else than the teacher asks.
        ClassError: This is no run's identifier.
        StorageError: The disk is full or cannot be written.
    """
    check_teacher("put a run in the spotlight")
    if run_id and not _RUN.fullmatch(run_id):
        raise ClassError("There is no such run.", received=repr(run_id[:80]))
    _change(settings, spotlight=run_id)


def check_not_frozen(settings: Settings) -> None:
    """Lets the teacher pass, and a student whose page is not frozen.

    Raises:
        ClassError: The pages are frozen.
    """
    person = acting()
    if person is not None and not person.teaches and stage_of(settings).frozen:
        raise ClassError(
            "Your teacher has frozen the pages: nothing new trains now.",
            advice="Look to the front. Your page comes back as it was.",
        )


def _path(settings: Settings) -> Path:
    return settings.home / "class" / "stage.json"


def _change(settings: Settings, **values: Any) -> None:
    path = _path(settings)
    with storage_errors(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        with locked(path.with_name("stage.lock")):
            write_json(path, asdict(replace(_read(path) or Stage(), **values)))


def _read(path: Path) -> Stage | None:
    """What holds where there is no file; None where it is damaged."""
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return Stage()
    # Each change is another file, which a clock of coarse ticks would not tell.
    stamp = found.st_mtime_ns, found.st_size, found.st_ino
    known = _known.get(path)
    if known is None or known[0] != stamp:
        known = _known[path] = stamp, _stage(read_json(path))
    return known[1]


def _stage(value: Any) -> Stage | None:
    if not isinstance(value, dict) or not value.keys() <= {"frozen", "spotlight"}:
        return None
    frozen, spotlight = value.get("frozen", False), value.get("spotlight", "")
    if not isinstance(frozen, bool) or not isinstance(spotlight, str):
        return None
    return Stage(frozen, spotlight) if not spotlight or _RUN.fullmatch(spotlight) else None
