"""Who acts, and what they may do: in a class, what is somebody's own is theirs and the teacher's.

Alone, and on the command line, the lab's own account acts, which may do everything. In a class
the web server says who acts (`set_actor`), anew for each question, from the signed cookie of the
browser that asks. Whatever changes a run, a sweep or a collection asks here, in the core: a page
that forgot to hide a button, or a forged request, changes nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from fmnist_core.errors import NotAllowedError

_log = logging.getLogger(__name__)
Role = Literal["teacher", "student"]


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


def set_actor(actor: Callable[[], Person | None]) -> None:
    """For a server, once at its start: `actor` says who acts; None is the lab's own account."""
    global _actor
    _actor = actor


def acting() -> Person | None:
    """Who acts now; None is the lab's own account, which may do everything."""
    return _actor()


def may_change(owner: str) -> bool:
    """Whether who acts may change or delete what belongs to `owner` (a person's id)."""
    person = _actor()
    return person is None or person.teaches or (bool(person.id) and person.id == owner)


def may_see(owner: str) -> bool:
    """Whether who acts may look at what belongs to `owner`."""
    person = _actor()
    return person is None or person.teaches or person.sees_others or may_change(owner)


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
    person = _actor()
    if person is not None and not person.teaches:
        _refuse(what, f"Only the teacher can {what}.")


def _refuse(what: str, rule: str) -> None:
    person = _actor() or NOBODY
    _log.warning("Refused to %s (%s) to %s.", person.nickname or "nobody", person.id, what)
    raise NotAllowedError(rule, advice="Ask your teacher, or make a copy of your own.")
