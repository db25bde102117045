"""Codes by which somebody in the class gives others a copy of a run.

HOME/class/exchange.json    by code: the run, whose it is, and until when the code lasts

The code is the permission: it works whether or not the teacher lets students look at each other's
runs, as often as it is typed, for an hour.
"""

from __future__ import annotations

import hmac
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from fmnist_core.atomic_files import read_json, storage_errors, write_json
from fmnist_core.classroom.attempts import Attempts
from fmnist_core.classroom.classroom import as_typed, drawn_code
from fmnist_core.errors import ClassError
from fmnist_core.locks import locked
from fmnist_core.permissions import acting, check_change, check_member
from fmnist_core.settings import Settings

_log = logging.getLogger(__name__)
_LENGTH, _SECONDS = 6, 3600.0


@dataclass(frozen=True)
class Offer:
    """A run that is given away.

    Attributes:
        code: Six letters and digits.
        run: Its identifier.
        owner: Whose it is.
        until: Unix time at which the code ends.
    """

    code: str
    run: str
    owner: str
    until: float


class Exchange:
    """The codes of a class; remembers wrong ones, so that nobody tries them all."""

    def __init__(self, settings: Settings) -> None:
        self._folder = settings.home / "class"
        self._attempts = Attempts(10, 100)

    def offer(self, run_id: str, owner: str) -> Offer:
        """A code for an hour; the one that the run has already, where it has one.

        Raises:
            NotAllowedError: Neither the run's owner nor the teacher acts.
            StorageError: The disk is full or cannot be written.
        """
        check_change(owner, "give this run away")
        with self._changing() as offers:
            there = next((one for one in offers if one.run == run_id), None)
            code = there.code if there else drawn_code(_LENGTH)
            made = Offer(code, run_id, owner, time.time() + _SECONDS)
            offers[:] = [*(one for one in offers if one.run != run_id), made]
        _log.info("%s gives the run %s away.", owner or "The teacher", run_id)
        return made

    def find(self, code: str) -> Offer:
        """What a code gives.

        Raises:
            ClassError: No such code, one that has ended, or too many wrong ones.
            NotAllowedError: Nobody of the class acts.
        """
        check_member("take a run by its code")
        person = acting()
        sender = person.id if person else ""
        self._attempts.check(sender)
        typed = as_typed(code)
        for offer in self._offers():
            if hmac.compare_digest(typed, offer.code.encode()):
                _log.info("%s takes a copy of the run %s.", sender or "The teacher", offer.run)
                return offer
        self._attempts.count(sender)
        _log.warning("A wrong code for a run was typed by %s.", sender or "the lab's own account")
        raise ClassError(
            "This code does not work, or no longer.",
            advice="Codes last an hour: ask your neighbor to show it, or for a new one.",
        )

    def remove_codes_of(self, owner: str) -> None:
        """Ends all codes of a person's runs.

        Raises:
            NotAllowedError: Neither they nor the teacher act.
            StorageError: The disk is full or cannot be written.
        """
        check_change(owner, "remove these codes")
        with self._changing() as offers:
            offers[:] = [one for one in offers if one.owner != owner]

    def _offers(self) -> list[Offer]:
        """Those that last; nothing where the file is damaged: codes are drawn again."""
        value = read_json(self._folder / "exchange.json")
        found = [_parsed(one) for one in value] if isinstance(value, list) else []
        return [one for one in found if one is not None and one.until > time.time()]

    @contextmanager
    def _changing(self) -> Iterator[list[Offer]]:
        with storage_errors(self._folder), locked(self._folder / "lock"):
            offers = self._offers()
            yield offers
            write_json(self._folder / "exchange.json", [asdict(one) for one in offers])


def _parsed(value: Any) -> Offer | None:
    try:
        found = Offer(**value)
    except TypeError:
        return None
    texts = (found.code, found.run, found.owner)
    good = all(isinstance(one, str) for one in texts) and isinstance(found.until, (int, float))
    return found if good and found.code else None
