"""Deletes what is personal in a class: of one member, or of all.

HOME/class/deletions/ID.json, all.json    asked for and not done yet: whether runs go as well
HOME/class/keeping.json                   when everything personal is to be deleted by itself

What was asked for is written down first, then done in steps, each of which can be done again;
then it is crossed off. Whatever ends the lab in between, the rest is done at its next start.
What is deleted is in `deletion_steps`.
"""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from fmnist_core.atomic_files import read_json, storage_errors, write_json
from fmnist_core.classroom import Classroom
from fmnist_core.classwork.deletion_steps import STEPS, Members
from fmnist_core.classwork.results import forget_reports
from fmnist_core.errors import ClassError, LabError
from fmnist_core.locks import locked
from fmnist_core.permissions import check_change, check_teacher, the_lab_acts
from fmnist_core.settings import Settings

_log = logging.getLogger(__name__)
_ALL = "all"
_A_DAY = 86_400.0
DAYS = (1, 365)


@dataclass(frozen=True)
class Found:
    """How many there are of a kind of personal data."""

    title: str
    count: int


def found_of(settings: Settings, person_id: str) -> tuple[Found, ...]:
    """What the lab keeps of a member.

    Raises:
        NotAllowedError: Neither they nor the teacher acts.
    """
    check_change(person_id, "see what is kept of this person")
    return _found(settings, Members(frozenset({person_id})))


def found_of_all(settings: Settings) -> tuple[Found, ...]:
    """What the lab keeps of the class.

    Raises:
        NotAllowedError: A student acts.
    """
    check_teacher("see all that is kept of the class")
    return _found(settings, _members(settings))


def delete_mine(settings: Settings, person_id: str, *, runs: bool = False) -> bool:
    """Deletes all of a member, who leaves the class.

    Returns:
        Whether all is done; what a training still holds is deleted when that has ended.

    Raises:
        NotAllowedError: Neither they nor the teacher acts.
        StorageError: The disk cannot be written. What is left is deleted at the next start.
    """
    check_change(person_id, "delete what is kept of this person")
    if not person_id.isalnum():
        raise ClassError("There is no such person.", received=person_id[:40])
    _ask(settings, person_id, runs=runs)
    return carry_out(settings)


def delete_all(settings: Settings, *, runs: bool = False) -> bool:
    """Deletes everything personal of the class: students leave it.

    Raises:
        As `delete_mine`.
    """
    check_teacher("delete everything personal")
    _ask(settings, _ALL, runs=runs)
    forget_reports()
    return carry_out(settings)


def delete_after(settings: Settings, days: int) -> None:
    """Everything personal is deleted by itself so many days from now; 0: it is not.

    Raises:
        NotAllowedError: A student acts.
        ClassError: Another number of days.
        StorageError: The disk is full or cannot be written.
    """
    check_teacher("set when everything personal is deleted")
    least, most = DAYS
    if days and not least <= days <= most:
        raise ClassError(f"It is deleted after {least} to {most} days, or 0: never.", received=days)
    path = _keeping(settings)
    if days:
        write_json(path, {"days": days, "at": time.time() + days * _A_DAY})
    else:
        with storage_errors(path):
            path.unlink(missing_ok=True)


def deleted_at(settings: Settings) -> float | None:
    """The Unix time at which everything personal is deleted by itself; None: never.

    Raises:
        ClassError: The file that says so is damaged.
    """
    path = _keeping(settings)
    value = read_json(path)
    if value is None and not path.exists():
        return None
    try:
        return float(value["at"])
    except (KeyError, TypeError, ValueError) as error:
        raise ClassError(
            "The file that says when personal data is deleted is damaged.",
            received=str(path),
            advice="Set the number of days again.",
        ) from error


def carry_out(settings: Settings) -> bool:
    """Does what was asked for, and what is due by now; for a running lab, every few seconds.

    Costs two looks at files where there is nothing to do.

    Returns:
        Whether nothing is left to do.

    Raises:
        StorageError: The disk cannot be written.
    """
    with suppress(ClassError):
        if (due := deleted_at(settings)) is not None and due <= time.time():
            _ask(settings, _ALL, runs=False)
            _keeping(settings).unlink(missing_ok=True)
    folder = _deletions(settings)
    if not any(folder.glob("[!.]*.json")):
        return True
    with storage_errors(folder), locked(folder / ".lock"), the_lab_acts():
        done = [_do(settings, path) for path in sorted(folder.glob("[!.]*.json"))]
    return all(done)


def _do(settings: Settings, path: Path) -> bool:
    value = read_json(path)
    runs = isinstance(value, dict) and value.get("runs") is True
    members = (
        _members(settings, runs=runs)
        if path.stem == _ALL
        else Members(frozenset({path.stem}), runs=runs)
    )
    done = True
    for step in STEPS:
        try:
            step.delete(settings, members)
        except LabError as error:
            _log.warning("%s cannot be deleted yet: %s", step.title, error)
            done = False
    if done:
        path.unlink(missing_ok=True)
        for one in members.ids:
            (settings.home / "class" / "waiting" / f"{one}.lock").unlink(missing_ok=True)
        Classroom(settings).forget_left(members.ids)
    return done


def _found(settings: Settings, members: Members) -> tuple[Found, ...]:
    with the_lab_acts():
        counts = [Found(step.title, step.count(settings, members)) for step in STEPS]
    return tuple(found for found in counts if found.count)


def _members(settings: Settings, *, runs: bool = False) -> Members:
    here = Classroom(settings)
    teachers = frozenset(one.id for one in here.members() if one.role == "teacher")
    return Members(frozenset(here.ids()), teachers, everyone=True, runs=runs)


def _ask(settings: Settings, whose: str, *, runs: bool) -> None:
    write_json(_deletions(settings) / f"{whose}.json", {"runs": runs})


def _deletions(settings: Settings) -> Path:
    return settings.home / "class" / "deletions"


def _keeping(settings: Settings) -> Path:
    return settings.home / "class" / "keeping.json"
