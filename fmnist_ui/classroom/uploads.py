"""The gate for files that students send: how large one may be, and how many an hour."""

from __future__ import annotations

import logging
import time
from collections import defaultdict, deque
from http import HTTPStatus

from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from fmnist_core.classroom import Limits
from fmnist_core.errors import LabError
from fmnist_ui.classroom.joining import COOKIE, classroom, is_class, person_of

_log = logging.getLogger(__name__)
_PLACE = "/_stcore/upload_file/"
_HOUR = 3600.0
# What a browser puts around the file.
_WRAPPING_BYTES = 16_384


class UploadGate:
    """Refuses a student's file that is over a limit before it is read; ASGI middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._sent: defaultdict[str, deque[float]] = defaultdict(deque)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] in ("PUT", "POST") and is_class():
            request = HTTPConnection(scope)
            if _PLACE in scope["path"] and (refusal := self._refusal(request)):
                await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _refusal(self, request: HTTPConnection) -> PlainTextResponse | None:
        person = person_of(request.cookies.get(COOKIE))
        if person is None or person.teaches:
            return None
        try:
            limits = classroom().limits
        except LabError:
            return PlainTextResponse("The class cannot be read.", HTTPStatus.SERVICE_UNAVAILABLE)
        length, sent = request.headers.get("content-length", ""), self._of_this_hour(person.id)
        if not length.isdecimal():
            return _refused(HTTPStatus.LENGTH_REQUIRED, "An upload must say its size.")
        if int(length) > limits.upload * 2**20 + _WRAPPING_BYTES:
            return _refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _too_large(limits, int(length)))
        if len(sent) >= limits.uploads:
            return _refused(HTTPStatus.TOO_MANY_REQUESTS, _too_many(limits))
        sent.append(time.monotonic())
        return None

    def _of_this_hour(self, person_id: str) -> deque[float]:
        sent = self._sent[person_id]
        while sent and time.monotonic() - sent[0] > _HOUR:
            sent.popleft()
        return sent


def _refused(status: HTTPStatus, reason: str) -> PlainTextResponse:
    _log.warning("Refused an upload: %s", reason)
    return PlainTextResponse(reason, status)


def _too_large(limits: Limits, length: int) -> str:
    return (
        f"In this class a student sends files of at most {limits.upload} MB. "
        f"Received: {length / 2**20:.1f} MB. Make it smaller, or ask your teacher."
    )


def _too_many(limits: Limits) -> str:
    return f"In this class a student sends at most {limits.uploads} files an hour. Wait a little."
