"""The way into a class: pages to join it, and the gate that sends everybody there first.

They are plain pages of the server's own, since only an answer to a request can set a cookie that
scripts in a page cannot read.

    GET  /join           the form, or who one is
    POST /join/student   class code and nickname    POST /join/device   code of another device
    POST /join/teacher   PIN                        POST /join/code     a code for another device
    POST /join/leave     forgets who this browser is
    GET  /join/school    to the school's own sign-in, where one is set up
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
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import config
from streamlit.runtime.scriptrunner import get_script_run_ctx

from fmnist_core.classroom import Classroom, Exchange, own_address, show_invitation
from fmnist_core.engine.steering import release_sweeps, set_aside
from fmnist_core.errors import ClassError, LabError
from fmnist_core.permissions import NOBODY, Person, the_lab_acts
from fmnist_core.runs.folder import Origin
from fmnist_core.settings import load_settings
from fmnist_ui.classroom.first_visit import explain_beforehand, own_certificate
from fmnist_ui.classroom.school_account import accounts_sign_in, sign_in_address, signed_in
from fmnist_ui.once_a_run import once_a_run
from fmnist_ui.web_access import base_path, configured

_log = logging.getLogger(__name__)
COOKIE = "fmnist_member"
# Half a school year; a teacher can end it at any time.
_COOKIE_SECONDS = 180 * 86_400
# What the form and the look of it need, and what a supervisor of servers asks.
_OPEN = ("/join/", "/app/static/", "/_stcore/health", "/auth/", "/oauth2callback")
# Says that this browser was sent to sign in, and comes back to join.
_JOINING, _JOINING_SECONDS = "fmnist_joining", 600
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

    What was left over from before takes none of its slots until the teacher is asked.

    Raises:
        ClassError: The file of the class is damaged.
        StorageError: The disk is full or cannot be written.
    """
    sys.setswitchinterval(_SWITCH_SECONDS)
    classroom().begin()
    set_aside(load_settings())
    host = configured("browser.serverAddress") or own_address() or "localhost"
    port = int(config.get_option("server.port"))
    scheme = "https" if config.get_option("server.sslCertFile") else "http"
    place = f"{scheme}://{host}:{port}{base_path()}"
    certificate = own_certificate()
    first = f"http://{host}:{port + 1}" if certificate and explain_beforehand(port) else ""
    show_invitation(classroom(), place, certificate=certificate, first=first)


def close_class() -> None:
    """For a server without a class: what a class before had set aside goes on."""
    try:
        release_sweeps(load_settings())
    except LabError:
        _log.exception("Sweeps stay set aside.")


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
            await RedirectResponse(f"{base_path()}/join", HTTPStatus.SEE_OTHER)(
                scope, receive, send
            )
        else:
            refused = PlainTextResponse("Join the class first.", HTTPStatus.FORBIDDEN)
            await refused(scope, receive, send)


def _may_pass(scope: Scope) -> bool:
    path = str(scope["path"]).removeprefix(base_path())
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


def copied_from(origin: Origin | None) -> str:
    """Where a copy is from, such as `copied from Ada's run Quick`; empty for what is none."""
    if origin is None:
        return ""
    name = classroom().nickname(origin.owner) if is_class() else ""
    return f"copied from {name}'s run {origin.name}" if name else f"copied from {origin.name}"


# What reads and writes files, and waits for locks, is no coroutine: Starlette runs it in a thread,
# and the pages of all others go on.


def _show(request: Request) -> Response:
    person = person_of(request.cookies.get(COOKIE))
    if person is None and request.cookies.get(_JOINING) and accounts_sign_in():
        return _come_back(request)
    if person is None:
        return _page(code=request.query_params.get("code", "")[:20])
    return _page(person=person)


def _school(_request: Request) -> Response:
    try:
        to = sign_in_address() if accounts_sign_in() else f"{base_path()}/join"
    except ClassError as error:
        return _page(HTTPStatus.INTERNAL_SERVER_ERROR, error=error)
    response = RedirectResponse(to, HTTPStatus.SEE_OTHER)
    path = f"{base_path()}/"
    response.set_cookie(_JOINING, "1", _JOINING_SECONDS, path=path, httponly=True, samesite="lax")
    return response


def _come_back(request: Request) -> Response:
    try:
        person = signed_in(request, classroom())
    except ClassError as error:
        return _page(HTTPStatus.BAD_REQUEST, error=error)
    response = _page() if person is None else _let_in(request, person)
    response.delete_cookie(_JOINING, path=f"{base_path()}/")
    return response


async def _join(request: Request) -> Response:
    form = await _fields(request)

    def enter() -> Person:
        if accounts_sign_in():
            raise ClassError("This class is joined with the school's accounts.")
        return classroom().join(form["code"], form["nickname"], _sender(request))

    return await run_in_threadpool(_entered, request, enter, form)


async def _teach(request: Request) -> Response:
    form = await _fields(request)
    return await run_in_threadpool(
        _entered, request, lambda: classroom().teach(form["pin"], _sender(request)), form
    )


async def _move(request: Request) -> Response:
    form = await _fields(request)
    return await run_in_threadpool(
        _entered, request, lambda: classroom().move(form["move"], _sender(request)), form
    )


def _code(request: Request) -> Response:
    person = person_of(request.cookies.get(COOKIE))
    if person is None:
        return RedirectResponse(f"{base_path()}/join", HTTPStatus.SEE_OTHER)
    try:
        # The cookie says that it is they: for the core nobody acts outside of pages.
        with the_lab_acts():
            code = classroom().move_code(person)
    except ClassError as error:
        # They may have been removed in between.
        person = person_of(request.cookies.get(COOKIE))
        return _page(HTTPStatus.BAD_REQUEST, person=person, error=error)
    return _page(person=person, move_code=code)


def _leave(_request: Request) -> Response:
    to = "auth/logout" if accounts_sign_in() else "join"
    response = RedirectResponse(f"{base_path()}/{to}", HTTPStatus.SEE_OTHER)
    response.delete_cookie(COOKIE, path=f"{base_path()}/")
    return response


def join_routes() -> list[Route]:
    """Where the server answers by itself, below the path at which the lab is."""
    below = f"{base_path()}/join"
    return [
        Route(below, _show, methods=["GET"]),
        Route(f"{below}/student", _join, methods=["POST"]),
        Route(f"{below}/teacher", _teach, methods=["POST"]),
        Route(f"{below}/device", _move, methods=["POST"]),
        Route(f"{below}/code", _code, methods=["POST"]),
        Route(f"{below}/school", _school, methods=["GET"]),
        Route(f"{below}/leave", _leave, methods=["POST"]),
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
        return _let_in(request, enter())
    except ClassError as error:
        given = {"code": form["code"], "nickname": form["nickname"]}
        return _page(HTTPStatus.BAD_REQUEST, error=error, **given)


def _let_in(request: Request, person: Person) -> Response:
    token = classroom().token(person)
    response = RedirectResponse(f"{base_path()}/", HTTPStatus.SEE_OTHER)
    response.set_cookie(
        COOKIE,
        token,
        path=f"{base_path()}/",
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
    text = _template().render(name=name, base=base_path(), accounts=accounts_sign_in(), **given)
    return HTMLResponse(text, status, {"Cache-Control": "no-store"})


@cache
def _template() -> Template:
    source = Path(__file__).with_name("join.html").read_text(encoding="utf-8")
    return Environment(autoescape=True).from_string(source)
