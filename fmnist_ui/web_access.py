"""Who may open the lab in a browser: by which names, and pages of which origin.

A stranger's page, in a browser that reaches the lab, could otherwise drive it: by a name of its own
that suddenly leads to the lab's address (DNS rebinding), or by a WebSocket, which browsers let
every page open. Streamlit checks names for the WebSocket alone, and only against a fixed list.
"""

from __future__ import annotations

import asyncio
import importlib
import ipaddress
import pkgutil
import re
import socket
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import cli_util, config
from streamlit.runtime import exists
from streamlit.starlette import App
from streamlit.web.server import server_util

import fmnist_ui
from fmnist_core.errors import ConfigError
from fmnist_core.settings import load_settings
from fmnist_core.subprocess_env import import_own_dask

# As in `Host`: a name or an address, and perhaps a port.
_HOST = re.compile(r"(?:(?P<name>[\w.-]+)|\[(?P<address>[\da-fA-F:.]+)\])(?::\d{1,5})?", re.ASCII)
_METRICS = "/_stcore/metrics"
_MEDIA = "/media/"
# The server needs a moment after this to answer.
_BROWSER_SECONDS = 0.5

# Pages load from the lab alone, and send nothing elsewhere. Streamlit's frontend and the charts
# need styles and scripts in the page, `eval`, and blobs.
_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "media-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self' ws://{host} wss://{host} data: blob:",
        "worker-src 'self' blob:",
        "frame-src 'self' data: blob:",
        "frame-ancestors 'self' {friends}",
        "form-action 'self'",
        "base-uri 'self'",
        "object-src 'none'",
    )
)


class WebAccess:
    """Refuses requests that come by a foreign name or from a foreign page; ASGI middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if reason := _refusal(headers):
            await _refuse(scope, receive, send, 403, reason)
        elif scope["path"].rstrip("/").endswith(_METRICS) and not _is_at_home(scope, headers):
            await _refuse(scope, receive, send, 404, "Metrics are for this machine alone.")
        elif scope["type"] == "websocket":
            await self._app(scope, receive, send)
        else:
            await self._app(scope, receive, _guarded(scope["path"], headers["host"], send))


@asynccontextmanager
async def open_browser(_app: App) -> AsyncIterator[None]:
    """Opens the lab in a browser as the server starts, where there is a screen."""
    # Streamlit does so itself for scripts, but not for an `App`.
    if not config.get_option("server.headless"):
        given = configured("browser.serverAddress") or configured("server.address")
        address = server_util.get_url(server_util.get_display_address(given or "localhost"))
        asyncio.get_running_loop().call_later(_BROWSER_SECONDS, cli_util.open_browser, address)
    if load_settings().in_class:
        threading.Thread(target=_load_pages, name="load-pages", daemon=True).start()
    yield


def _load_pages() -> None:
    """All code of the pages, before a whole class asks for it in one moment."""
    # Components can be declared from then on.
    while not exists():
        time.sleep(0.1)
    for module in pkgutil.walk_packages(fmnist_ui.__path__, "fmnist_ui."):
        importlib.import_module(module.name)
    # What talks to the engine, which takes longest of all.
    import_own_dask(load_settings())
    importlib.import_module("distributed")


def _refusal(headers: Headers) -> str:
    """Why the request is refused; empty where it is not."""
    hosts = headers.getlist("host")
    name = _host_name(hosts[0]) if len(hosts) == 1 else None
    if name is None:
        return "A request must name one host."
    if not _is_known(name):
        return (
            f"The lab is not opened by this name. Received: {name}. Open it by the machine's name "
            f"or address, or start it with FMNIST_HOSTS={name} if that is the lab's own name."
        )
    origins = headers.getlist("origin")
    # What a person has set for Streamlit applies.
    if not config.get_option("server.enableCORS") or all(
        _is_same(origin, hosts[0]) or server_util.is_allowed_origin(origin) for origin in origins
    ):
        return ""
    return f"Pages from elsewhere cannot use the lab. Received: {', '.join(origins)}."


def _is_known(name: str) -> bool:
    """Whether this is an address, a name of this machine, or one that a person has set.

    An address of whatever kind leads where it says: only names can be made to lead elsewhere.
    """
    if _address(name) is not None:
        return True
    # Not what a resolver calls this machine: a network that it visits could choose that.
    machine = _bare(socket.gethostname())
    short = machine.partition(".")[0]
    given = [configured("server.address"), configured("browser.serverAddress")]
    own = {"localhost", machine, short, f"{short}.local", *map(_bare, given)}
    return name in own or any(_matches(name, pattern) for pattern in _persons_hosts())


def _persons_hosts() -> list[str]:
    more: list[str] = config.get_option("server.allowedHosts")
    # A setting that cannot be used is explained by the page.
    with suppress(ConfigError):
        return [*more, *load_settings().hosts]
    return more


def _matches(name: str, pattern: str) -> bool:
    wanted = _bare(pattern)
    if wanted.startswith("*."):
        return name.endswith(wanted[1:])
    return wanted in (name, "*")


def _host_name(host: str) -> str | None:
    """The name in `name:port` as a request has it, or None where it is none."""
    found = _HOST.fullmatch(host)
    return _bare(found["name"] or found["address"]) if found else None


def _is_same(origin: str, host: str) -> bool:
    return urlsplit(origin).netloc.lower() == host.lower()


def _is_at_home(scope: Scope, headers: Headers) -> bool:
    """Whether this machine asks itself, and no proxy on it for somebody else."""
    name = _host_name(headers["host"]) or ""
    asks, asked = (_address(text) for text in ((scope["client"] or ("",))[0], name))
    by_name = name == "localhost" or (asked is not None and asked.is_loopback)
    return by_name and asks is not None and asks.is_loopback


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def configured(option: str) -> str:
    """What a person has set for this option of Streamlit; empty where nothing."""
    return str(config.get_option(option) or "") if config.is_manually_set(option) else ""


def _bare(name: str) -> str:
    return name.strip().lower().rstrip(".")


async def _refuse(scope: Scope, receive: Receive, send: Send, status: int, reason: str) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": reason[:100]})
    else:
        await PlainTextResponse(reason, status)(scope, receive, send)


def _guarded(path: str, host: str, send: Send) -> Send:
    """`send`, which tells the browser what else the answer may do."""

    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.setdefault("X-Content-Type-Options", "nosniff")
            headers.setdefault("Referrer-Policy", "same-origin")
            if headers.get("content-type", "").startswith("text/html"):
                friends = " ".join(server_util.allowlisted_origins())
                policy = _POLICY.format(host=host, friends=friends)
                headers.setdefault("Content-Security-Policy", policy)
            elif _MEDIA in path:
                # What was uploaded or made of it is shown, and never run.
                headers.setdefault("Content-Security-Policy", "sandbox")
        await send(message)

    return guarded
