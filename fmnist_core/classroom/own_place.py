"""Where a member of the class keeps what is theirs, apart from what the lab's account keeps."""

from __future__ import annotations

from pathlib import Path

from fmnist_core.classroom.classroom import Classroom
from fmnist_core.permissions import acting, check_change
from fmnist_core.settings import Settings


def own_place(shared: Path, settings: Settings, what: str, owner: str | None = None) -> Path:
    """A folder of somebody's own below `shared`; `shared` itself where the account acts alone.

    Args:
        what: For the refusal, such as `see or change these pinned images`.
        owner: Whose; by default of who acts. One who is nobody in the class is the account.

    Raises:
        NotAllowedError: It is somebody else's.
    """
    person = acting()
    if owner is None:
        owner = person.id if person else ""
    elif (person is None or owner != person.id) and not Classroom(settings).nickname(owner):
        owner = ""
    if person is not None:
        check_change(owner, what)
    return shared / owner if owner else shared
