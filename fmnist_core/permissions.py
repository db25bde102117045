"""Who acts, and what they may do: in a class, what is somebody's own is theirs and the teacher's.

Alone, and on the command line, the lab's own account acts, which may do everything. In a class
the web server says who acts (`set_actor`), anew for each question, from the signed cookie of the
browser that asks. Whatever changes a run, a sweep or a collection asks here, in the core: a page
that forgot to hide a button, or a forged request, changes nothing.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Literal, ParamSpec, TypeVar

from fmnist_core.errors import NotAllowedError

_log = logging.getLogger(__name__)
Role = Literal["teacher", "student"]
P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class Person:
    """Somebody in the class.

    Attributes:
        id: 12 hexadecimal digits; the owner of what they make.
        nickname: As they chose; one of a kind in the class.
        role: Teachers may do everything.
        sees_others: Whether the teacher lets them look at what others made.
    """

    id: str
    nickname: str
    role: Role = "student"
    sees_others: bool = True

    @property
    def teaches(self) -> bool:
        return self.role == "teacher"


# In a class, somebody whom nobody knows: may look at nothing and change nothing.
NOBODY = Person("", "", sees_others=False)


def _account() -> Person | None:
    return None


_actor: Callable[[], Person | None] = _account
# A person that says: ask `_actor`.
_NOT_CARRIED = Person("not carried", "")
_carried: ContextVar[Person | None] = ContextVar("acting", default=_NOT_CARRIED)


def set_actor(actor: Callable[[], Person | None]) -> None:
    """For a server, once at its start: `actor` says who acts; None is the lab's own account."""
    global _actor
    _actor = actor


def acting() -> Person | None:
    """Who acts now; None is the lab's own account, which may do everything."""
    found = _carried.get()
    return _actor() if found is _NOT_CARRIED else found


def carried(work: Callable[P, T]) -> Callable[P, T]:
    """The same work, for a thread of its own: done in the name of who acts now."""
    person = acting()

    @functools.wraps(work)
    def done(*arguments: P.args, **options: P.kwargs) -> T:
        before = _carried.set(person)
        try:
            return work(*arguments, **options)
        finally:
            _carried.reset(before)

    return done


@contextmanager
def the_lab_acts() -> Iterator[None]:
    """The lab's own account acts within: for what a check before has allowed as a whole."""
    before = _carried.set(None)
    try:
        yield
    finally:
        _carried.reset(before)


def owner_of_new(given: str) -> str:
    """Whose something new is: of who acts, and of `given` where the lab's own account does."""
    person = acting()
    return given if person is None else person.id


def may_change(owner: str) -> bool:
    """Whether who acts may change or delete what belongs to `owner` (a person's id)."""
    person = acting()
    return person is None or person.teaches or (bool(person.id) and person.id == owner)


def may_see(owner: str) -> bool:
    """Whether who acts may look at what belongs to `owner`."""
    return sight()(owner)


def sight() -> Callable[[str], bool]:
    """`may_see` for many owners: who acts is asked once, which a server reads from files."""
    person = acting()
    if person is None or person.teaches or person.sees_others:
        return lambda owner: True
    return lambda owner: bool(person.id) and person.id == owner


def check_see(owner: str, what: str) -> None:
    """Lets the owner, the teacher, and whom the teacher lets look pass.

    Raises:
        NotAllowedError: Somebody else acts. It is logged.
    """
    if not may_see(owner):
        _refuse(f"see {what}", f"Only its owner or the teacher can see {what}.")


def check_change(owner: str, what: str) -> None:
    """Lets the owner and the teacher pass.

    Args:
        owner: A person's id; what nobody owns is the teacher's.
        what: The deed, such as `stop this run`.

    Raises:
        NotAllowedError: Somebody else acts. It is logged.
    """
    if not may_change(owner):
        _refuse(what, f"Only its owner or the teacher can {what}.")


def check_teacher(what: str) -> None:
    """Lets the teacher pass, and the lab's own account.

    Raises:
        NotAllowedError: Somebody else acts. It is logged.
    """
    person = acting()
    if person is not None and not person.teaches:
        _refuse(what, f"Only the teacher can {what}.")


def check_member(what: str) -> None:
    """Lets everybody in the class pass, and the lab's own account.

    Raises:
        NotAllowedError: Nobody of the class acts. It is logged.
    """
    person = acting()
    if person is not None and not person.id:
        _refuse(what, f"Only somebody in the class can {what}.")


def _refuse(what: str, rule: str) -> None:
    person = acting() or NOBODY
    _log.warning("Refused to %s (%s) to %s.", person.nickname or "nobody", person.id, what)
    raise NotAllowedError(rule, advice="Ask your teacher.")
