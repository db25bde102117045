"""The way into a class: pages to join it, and the gate that sends everybody there first.

They are plain pages of the server's own, since only an answer to a request can set a cookie that
scripts in a page cannot read.

    GET  /join           the form, or who one is
    POST /join/student   class code and nickname    POST /join/device   code of another device
    POST /join/teacher   PIN                        POST /join/code     a code for another device
    POST /join/leave     forgets who this browser is
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from functools import cache
from html import escape
from http import HTTPStatus
from pathlib import Path

import streamlit as st
from jinja2 import Environment, Template
from starlette.datastructures import FormData
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import config
from streamlit.runtime.scriptrunner import get_script_run_ctx

from fmnist_core.classroom import Classroom, Exchange, own_address, show_invitation
from fmnist_core.errors import ClassError, LabError
from fmnist_core.permissions import NOBODY, Person, acting
from fmnist_core.runs.folder import Origin
from fmnist_core.settings import load_settings
from fmnist_ui.once_a_run import once_a_run
from fmnist_ui.web_access import configured

_log = logging.getLogger(__name__)
COOKIE = "fmnist_member"
# Half a school year; a teacher can end it at any time.
_COOKIE_SECONDS = 180 * 86_400
# What the form and the look of it need, and what a supervisor of servers asks.
_OPEN = ("/join/", "/app/static/", "/_stcore/health")
_MOST_FORM_BYTES = 4_096
# Streamlit's event loop goes from session to session and waits for the interpreter at each, 5 ms by
# default while any page is drawn: with 60 of them a fragment took 183 to 213 ms (median), so 43.
_SWITCH_SECONDS = 0.0005


@cache
def classroom() -> Classroom:
    """The class of this server: it remembers wrong attempts."""
    return Classroom(load_settings())


@cache
def exchange() -> Exchange:
    """The codes for runs of this server: it remembers wrong attempts."""
    return Exchange(load_settings())


def is_class() -> bool:
    """Whether this lab is a class's."""
    return load_settings().in_class


def open_class() -> None:
    """Begins the class of this server where it has none, and prints how to join it.

    Raises:
        ClassError: The file of the class is damaged.
        StorageError: The disk is full or cannot be written.
    """
    sys.setswitchinterval(_SWITCH_SECONDS)
    classroom().begin()
    host = configured("browser.serverAddress")
    scheme = "https" if config.get_option("server.sslCertFile") else "http"
    place = f"{host or own_address() or 'localhost'}:{config.get_option('server.port')}"
    show_invitation(classroom(), f"{scheme}://{place}")


class ClassGate:
    """Lets nobody pass who has not joined the class, where this is one; ASGI middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket") or _may_pass(scope):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": "Join the class first."})
        elif "text/html" in HTTPConnection(scope).headers.get("accept", ""):
            await RedirectResponse("/join", HTTPStatus.SEE_OTHER)(scope, receive, send)
        else:
            refused = PlainTextResponse("Join the class first.", HTTPStatus.FORBIDDEN)
            await refused(scope, receive, send)


def _may_pass(scope: Scope) -> bool:
    path = str(scope["path"])
    if not is_class() or path == "/join" or path.startswith(_OPEN):
        return True
    return person_of(HTTPConnection(scope).cookies.get(COOKIE)) is not None


def person_of(token: str | None) -> Person | None:
    """Whose cookie this is; None where it is nobody's."""
    try:
        return classroom().person(token)
    except (LabError, OSError):
        _log.exception("The class cannot be read.")
        return None


def who_acts() -> Person | None:
    """Who acts in this thread, for the core: alone nobody in particular, in a class whose cookie
    the browser sent as its page connected."""
    if not is_class():
        return None
    if get_script_run_ctx(suppress_warning=True) is None:
        return NOBODY
    token = st.context.cookies.get(COOKIE)
    return once_a_run(("person", token), lambda: person_of(token)) or NOBODY


def maker_of(owner: str) -> str:
    """Who made something, for a line below its title, such as `by Ada`; empty outside a class."""
    if not is_class():
        return ""
    if (person := acting()) and person.id == owner:
        return "by you"
    name = classroom().nickname(owner)
    return f"by {name}" if name else "by nobody in the class"


def copied_from(origin: Origin | None) -> str:
    """Where a copy is from, such as `copied from Ada's run Quick`; empty for what is none."""
    if origin is None:
        return ""
    name = classroom().nickname(origin.owner) if is_class() else ""
    return f"copied from {name}'s run {origin.name}" if name else f"copied from {origin.name}"


async def _show(request: Request) -> Response:
    person = person_of(request.cookies.get(COOKIE))
    if person is None:
        return _page(code=request.query_params.get("code", "")[:20])
    return _page(person=person)


async def _join(request: Request) -> Response:
    form = await _fields(request)
    return _entered(
        request, lambda: classroom().join(form["code"], form["nickname"], _sender(request)), form
    )


async def _teach(request: Request) -> Response:
    form = await _fields(request)
    return _entered(request, lambda: classroom().teach(form["pin"], _sender(request)), form)


async def _move(request: Request) -> Response:
    form = await _fields(request)
    return _entered(request, lambda: classroom().move(form["move"], _sender(request)), form)


async def _code(request: Request) -> Response:
    person = person_of(request.cookies.get(COOKIE))
    if person is None:
        return RedirectResponse("/join", HTTPStatus.SEE_OTHER)
    return _page(person=person, move_code=classroom().move_code(person))


async def _leave(_request: Request) -> Response:
    response = RedirectResponse("/join", HTTPStatus.SEE_OTHER)
    response.delete_cookie(COOKIE, path="/")
    return response


ROUTES = [
    Route("/join", _show, methods=["GET"]),
    Route("/join/student", _join, methods=["POST"]),
    Route("/join/teacher", _teach, methods=["POST"]),
    Route("/join/device", _move, methods=["POST"]),
    Route("/join/code", _code, methods=["POST"]),
    Route("/join/leave", _leave, methods=["POST"]),
]


async def _fields(request: Request) -> dict[str, str]:
    """The fields of a form; those that are not there are empty."""
    names = ("code", "nickname", "pin", "move")
    if int(request.headers.get("content-length") or _MOST_FORM_BYTES + 1) > _MOST_FORM_BYTES:
        return dict.fromkeys(names, "")
    form: FormData = await request.form()
    values = {name: form.get(name) for name in names}
    return {name: value if isinstance(value, str) else "" for name, value in values.items()}


def _entered(request: Request, enter: Callable[[], Person], form: dict[str, str]) -> Response:
    try:
        person = enter()
        token = classroom().token(person)
    except ClassError as error:
        given = {"code": form["code"], "nickname": form["nickname"]}
        return _page(HTTPStatus.BAD_REQUEST, error=error, **given)
    response = RedirectResponse("/", HTTPStatus.SEE_OTHER)
    response.set_cookie(
        COOKIE,
        token,
        max_age=_COOKIE_SECONDS,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return response


def _sender(request: Request) -> str:
    return request.client.host if request.client else ""


def _page(status: int = HTTPStatus.OK, **given: object) -> HTMLResponse:
    try:
        name = classroom().name
    except ClassError as error:
        _log.exception("The class cannot be read.")
        return HTMLResponse(f"<p>{escape(str(error))}</p>", HTTPStatus.INTERNAL_SERVER_ERROR)
    text = _template().render(name=name, **given)
    return HTMLResponse(text, status, {"Cache-Control": "no-store"})


@cache
def _template() -> Template:
    source = Path(__file__).with_name("join.html").read_text(encoding="utf-8")
    return Environment(autoescape=True).from_string(source)
