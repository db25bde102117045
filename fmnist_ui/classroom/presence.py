"""Where everybody in the class is, and whose hand is up: in the server's memory alone.

A page notes it as it opens; a browser that was closed is gone from it as soon as Streamlit knows.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from streamlit.runtime import exists, get_instance

from fmnist_core.permissions import acting, check_change
from fmnist_ui.server_memory import grace_seconds


@dataclass(frozen=True)
class PageView:
    """What somebody looks at.

    Attributes:
        page: Its title.
        lesson, step, steps: The lesson's title, its step from 1, and how many it has; "" and 0
            outside of lessons.
        since: Unix time at which they came there.
    """

    page: str
    lesson: str = ""
    step: int = 0
    steps: int = 0
    since: float = 0.0


@dataclass
class _Session:
    person_id: str
    at: PageView
    gone_since: float = 0.0


def _is_live(session_id: str) -> bool:
    return exists() and bool(get_instance().is_active_session(session_id))


class Presence:
    """Of all sessions of a server. Safe for threads.

    Args:
        is_live: Whether a session's browser is connected.
    """

    def __init__(self, is_live: Callable[[str], bool] = _is_live) -> None:
        self._is_live = is_live
        self._lock = threading.Lock()
        self._sessions: dict[str, _Session] = {}
        self._hands: dict[str, float] = {}

    def note(self, person_id: str, session_id: str, at: PageView) -> None:
        """Notes what a session shows; since when is known here."""
        with self._lock:
            before = self._sessions.get(session_id)
            since = before.at.since if before else 0.0
            if before is None or replace(before.at, since=0.0) != replace(at, since=0.0):
                since = time.time()
            self._sessions[session_id] = _Session(person_id, replace(at, since=since))

    def here(self) -> dict[str, PageView]:
        """Who has a browser open, and what it shows; of several the one that moved last."""
        found: dict[str, PageView] = {}
        with self._lock:
            self._look_after()
            for session in self._sessions.values():
                known = found.get(session.person_id)
                if not session.gone_since and (known is None or known.since < session.at.since):
                    found[session.person_id] = session.at
        return found

    def raise_hand(self) -> None:
        """Of who acts."""
        if (person := acting()) and person.id:
            with self._lock:
                self._hands.setdefault(person.id, time.time())

    def lower_hand(self, person_id: str) -> None:
        """Raises NotAllowedError: It is another student's."""
        check_change(person_id, "lower this hand")
        with self._lock:
            self._hands.pop(person_id, None)

    def hands(self) -> dict[str, float]:
        """Whose hand is up, and since when, the first one first."""
        with self._lock:
            return dict(self._hands)

    def _look_after(self) -> None:
        now = time.monotonic()
        for session_id, session in list(self._sessions.items()):
            if self._is_live(session_id):
                session.gone_since = 0.0
            elif not session.gone_since:
                session.gone_since = now
            elif now - session.gone_since > grace_seconds():
                del self._sessions[session_id]


# Of this server.
presence = Presence()
