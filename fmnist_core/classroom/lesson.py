"""A lesson that the teacher hands out: where everybody is, and the class's answers.

HOME/class/lesson.json        which lesson, at which step, what is held back and revealed
           answers/ID.json    of a member: the step they are at, and what they answered

Nobody's name stands beside an answer: who asks gets the answers in their own order, the teacher at
any time, students once the teacher has revealed them.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from fmnist_core.atomic_files import read_json, stamp, storage_errors, write_json
from fmnist_core.classroom.classroom import Classroom, is_member_id
from fmnist_core.errors import ClassError, NotAllowedError
from fmnist_core.locks import locked
from fmnist_core.permissions import acting, check_change, check_teacher
from fmnist_core.settings import Settings

Answer = str | float
_MOST_STEPS = 100
_LONGEST_ANSWER = 300


@dataclass(frozen=True)
class HandedOut:
    """A lesson in the class's hands; steps are counted from 0.

    Attributes:
        lesson: Its name, as of its file.
        steps: How many it has.
        begun: Unix time at which it was assigned: answers to an earlier one do not count.
        step: Where the teacher wants the class to be.
        moved: Unix time at which everybody was last brought there; 0: never.
        held: Whether answers are shown only once they were revealed.
        revealed: Unix time of each step that was revealed.
    """

    lesson: str
    steps: int
    begun: float
    step: int = 0
    moved: float = 0.0
    held: bool = False
    revealed: dict[int, float] = field(default_factory=dict)

    def holds_back(self, step: int) -> bool:
        """Whether the answer to a step is not to be seen yet."""
        return self.held and step not in self.revealed


@dataclass(frozen=True)
class Tally:
    """What the class answered to a step, of how many who are in the lesson."""

    answers: tuple[Answer, ...]
    of: int


@dataclass(frozen=True)
class Whereabouts:
    """Where a member is in the lesson, and which steps they answered; steps from 0."""

    step: int
    answered: frozenset[int]


class ClassLesson:
    """The lesson of a class; the same for all processes that open it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._folder = settings.home / "class"

    def now(self) -> HandedOut | None:
        """What is assigned; None for nothing, and where the file is damaged. Costs one `stat`."""
        return _read(self._path, stamp(self._path))

    @property
    def damaged(self) -> bool:
        """Whether there is a file that cannot be read."""
        return self._path.exists() and self.now() is None

    def hand_out(self, lesson: str, steps: int, *, step: int = 0, held: bool = False) -> None:
        """In place of what was assigned before.

        Raises:
            ClassError: There is no such step.
            NotAllowedError: A student acts.
            StorageError: The disk is full or cannot be written.
        """
        check_teacher("hand out a lesson")
        _check_step(step, min(steps, _MOST_STEPS))
        with self._changing():
            self._write(HandedOut(lesson, steps, time.time(), step, held=held))

    def bring_all(self, step: int) -> None:
        """Brings everybody's page to a step, once; raises as `hand_out`."""
        check_teacher("bring everybody to a step")
        with self._changing():
            now = self._there()
            _check_step(step, now.steps)
            self._write(replace(now, step=step, moved=time.time()))

    def hold_back(self, held: bool) -> None:
        """Whether answers are shown only once they were revealed; raises as `hand_out`."""
        check_teacher("hold answers back")
        with self._changing():
            self._write(replace(self._there(), held=held))

    def reveal(self, step: int) -> None:
        """Shows everybody what the class answered, and the answer; raises as `hand_out`."""
        check_teacher("reveal the answers")
        with self._changing():
            now = self._there()
            _check_step(step, now.steps)
            if step not in now.revealed:
                self._write(replace(now, revealed={**now.revealed, step: time.time()}))

    def end(self) -> None:
        """Takes the lesson back; what was answered goes with it; raises as `hand_out`."""
        check_teacher("end the lesson")
        with self._changing():
            self._path.unlink(missing_ok=True)
            for path in self._answers.glob("*.json"):
                path.unlink(missing_ok=True)

    def note(self, step: int, answer: Answer | None = None) -> None:
        """Where the student who acts is, and what they answered there; the last answer counts.

        What was answered is not changed once the step is revealed. Written only where it is news.

        Raises:
            ClassError: There is no such step, or an answer that none can be.
            StorageError: The disk is full or cannot be written.
        """
        person, now = acting(), self.now()
        if person is None or person.teaches or not person.id or now is None:
            return
        _check_step(step, now.steps)
        _check_answer(answer)
        known = self._of(person.id, now)
        given = known["answers"].get(str(step), {})
        news = answer is not None and given.get("answer") != answer
        if news and not (given and step in now.revealed):
            given = {"answer": answer, "t": time.time()}
        answers = {**known["answers"], str(step): given} if given else known["answers"]
        if (wanted := {"begun": now.begun, "at": step, "answers": answers}) != known:
            with storage_errors(self._folder):
                write_json(self._member(person.id), wanted)

    def tally(self, step: int) -> Tally:
        """What was answered before it was revealed, in the answers' own order.

        Raises:
            ClassError: No lesson is assigned.
            NotAllowedError: A student acts, and it was not revealed yet.
        """
        now = self._there()
        if step not in now.revealed:
            check_teacher("see what the class answered before it is revealed")
        elif (person := acting()) is not None and not person.id:
            raise NotAllowedError("Only somebody in the class can see what it answered.")
        last = now.revealed.get(step, float("inf"))
        kept = [known for _, known in self._members(now)]
        given = [known["answers"].get(str(step), {}) for known in kept]
        found = [one["answer"] for one in given if one and one["t"] <= last]
        return Tally(tuple(sorted(found, key=lambda one: (isinstance(one, str), one))), len(kept))

    def whereabouts(self) -> dict[str, Whereabouts]:
        """By member's number, of those in the lesson; raises NotAllowedError: a student acts."""
        check_teacher("follow the class")
        now = self.now()
        return {
            member: Whereabouts(known["at"], frozenset(map(int, known["answers"])))
            for member, known in (self._members(now) if now else ())
        }

    def remove_answers_of(self, owner: str) -> None:
        """Forgets what somebody answered, in the class's lesson and in all others.

        Raises:
            NotAllowedError: Neither they nor the teacher act.
            StorageError: The disk cannot be written.
        """
        check_change(owner, "remove these answers")
        if not is_member_id(owner):
            return
        with storage_errors(self._folder):
            self._member(owner).unlink(missing_ok=True)
            for path in (self._settings.home / "lessons" / "answers").glob(f"{owner}-*.json"):
                path.unlink(missing_ok=True)

    @property
    def _path(self) -> Path:
        return self._folder / "lesson.json"

    @property
    def _answers(self) -> Path:
        return self._folder / "answers"

    def _member(self, member_id: str) -> Path:
        return self._answers / f"{member_id}.json"

    def _there(self) -> HandedOut:
        now = self.now()
        if now is None:
            raise ClassError("No lesson is assigned.", advice="Assign one on the page Class.")
        return now

    def _members(self, now: HandedOut) -> Iterator[tuple[str, dict[str, Any]]]:
        """Those of the class who opened the lesson, and what is known of them."""
        for member in Classroom(self._settings).members():
            known = self._of(member.id, now)
            if member.role == "student" and known["at"] is not None:
                yield member.id, known

    def _of(self, member_id: str, now: HandedOut) -> dict[str, Any]:
        """What is known of a member in this lesson; nothing where the file is damaged."""
        value = read_json(self._member(member_id))
        if not _is_record(value, now):
            return {"begun": now.begun, "at": None, "answers": {}}
        found: dict[str, Any] = value
        return found

    @contextmanager
    def _changing(self) -> Iterator[None]:
        with storage_errors(self._folder), locked(self._folder / "lock"):
            yield

    def _write(self, now: HandedOut) -> None:
        write_json(self._path, asdict(now))


# Every student's page asks every few seconds.
@lru_cache(maxsize=16)
def _read(path: Path, _now: tuple[int, int, int]) -> HandedOut | None:
    return _handed_out(read_json(path))


def _handed_out(value: Any) -> HandedOut | None:
    try:
        revealed = {int(step): float(when) for step, when in value["revealed"].items()}
        found = HandedOut(**{**value, "revealed": revealed})
    except (TypeError, KeyError, ValueError, AttributeError):
        return None
    numbers = isinstance(found.step, int) and isinstance(found.steps, int)
    times = isinstance(found.begun, (int, float)) and isinstance(found.moved, (int, float))
    good = numbers and times and isinstance(found.lesson, str) and isinstance(found.held, bool)
    return found if good and 0 <= found.step < found.steps else None


def _is_record(value: Any, now: HandedOut) -> bool:
    if not isinstance(value, dict) or value.get("begun") != now.begun:
        return False
    answers, steps = value.get("answers"), range(now.steps)
    return (
        value.get("at") in steps
        and isinstance(answers, dict)
        and all(
            step in map(str, steps)
            and isinstance(one, dict)
            and isinstance(one.get("answer"), (str, int, float))
            and isinstance(one.get("t"), (int, float))
            for step, one in answers.items()
        )
    )


def _check_step(step: int, steps: int) -> None:
    if type(step) is not int or not 0 <= step < steps:
        raise ClassError(f"The lesson has steps 1 to {steps}.", received=step + 1)


def _check_answer(answer: Answer | None) -> None:
    if isinstance(answer, str) and len(answer) > _LONGEST_ANSWER:
        raise ClassError(f"An answer has at most {_LONGEST_ANSWER} characters.")
