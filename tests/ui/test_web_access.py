"""By which names the lab is opened, from which pages, and what answers may do in a browser."""

import asyncio
import socket
from typing import Any

import pytest
from starlette.responses import Response
from streamlit import cli_util, config

from fmnist_ui.web_access import WebAccess, open_browser

MACHINE = socket.gethostname().lower()
LOCAL = f"{MACHINE.partition('.')[0]}.local"
HERE = "127.0.0.1"
ELSEWHERE = "192.168.1.20"


def ask(
    host: str, path: str = "/", *, kind: str = "http", origin: str = "", client: str = HERE
) -> tuple[int, dict[str, str]]:
    """The status of the answer and its headers; that of a WebSocket that is let in is 101."""
    headers = [(b"host", host.encode())] + [(b"origin", origin.encode())] * bool(origin)
    scope = {"type": kind, "path": path, "headers": headers, "method": "GET", "client": (client, 1)}
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    async def receive() -> dict[str, Any]:
        return {"type": "http.request"}

    async def lab(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.accept"})
        else:
            kind = "image/svg+xml" if scope["path"].endswith(".svg") else "text/html"
            await Response("lab", media_type=kind)(scope, receive, send)

    asyncio.run(WebAccess(lab)(scope, receive, send))
    if kind == "websocket":
        return {"websocket.accept": 101, "websocket.close": 403}[sent[0]["type"]], {}
    return sent[0]["status"], {key.decode(): value.decode() for key, value in sent[0]["headers"]}


@pytest.mark.parametrize(
    "host",
    [
        *("localhost", "localhost:8501", "LOCALHOST.", "127.0.0.1:8501", "[::1]:8501"),
        *(
            "192.168.1.5:8501",
            "10.0.0.7",
            "[fe80::1]",
            MACHINE,
            f"{MACHINE.partition('.')[0]}.local",
        ),
    ],
)
def test_the_machine_is_opened_by_its_names_and_by_every_address(host):
    assert ask(host)[0] == 200
    assert ask(host, "/_stcore/stream", kind="websocket", origin=f"http://{host}")[0] == 101


@pytest.mark.parametrize(
    "host",
    [
        *("attacker.example", "attacker.example:8501", "localhost.attacker.example"),
        *("127.0.0.1.attacker.example", "notlocalhost", "me@localhost", "localhost;", "[::1", ""),
    ],
)
@pytest.mark.parametrize("path", ["/", "/train", "/media/1.png", "/_stcore/health", "/static/a.js"])
def test_a_foreign_name_is_refused_everywhere(host, path):
    assert ask(host, path)[0] == 403
    assert ask(host, path, kind="websocket", origin=f"http://{host}")[0] == 403


@pytest.mark.parametrize(
    "origin",
    [
        *("http://attacker.example", "http://localhost:9999", "https://127.0.0.1", "null"),
        "http://localhost:8501.attacker.example",
    ],
)
def test_a_foreign_page_is_refused_also_by_the_lab_s_own_name(origin):
    for kind, path in (("websocket", "/_stcore/stream"), ("http", "/_stcore/upload_file/a/b")):
        assert ask("localhost:8501", path, kind=kind, origin=origin)[0] == 403


def test_more_names_are_set_by_a_person(monkeypatch):
    monkeypatch.setenv("FMNIST_HOSTS", "lab.school.example, *.class.example")
    assert ask("lab.school.example", origin="https://lab.school.example")[0] == 200
    assert ask("one.class.example:443")[0] == 200
    for foreign in ("school.example", "class.example", "lab.school.example.attacker.example"):
        assert ask(foreign)[0] == 403
    # It is the page that explains this.
    monkeypatch.setenv("FMNIST_SLOTS", "many")
    assert (ask("localhost")[0], ask("lab.school.example")[0]) == (200, 403)


def test_metrics_are_for_the_machine_itself():
    metrics = "/_stcore/metrics"
    assert ask("localhost:8501", metrics)[0] == 200
    assert ask("localhost:8501", metrics, client="::ffff:127.0.0.1")[0] == 200
    assert ask("192.168.1.5:8501", metrics, client=ELSEWHERE)[0] == 404
    assert ask("localhost:8501", metrics, client=ELSEWHERE)[0] == 404
    # A proxy on the same machine asks for others.
    assert ask("192.168.1.5:8501", f"/lab{metrics}")[0] == 404
    assert ask("192.168.1.5:8501", "/_stcore/health", client=ELSEWHERE)[0] == 200


def test_pages_reach_nothing_elsewhere_and_media_run_nothing():
    policy = ask("192.168.1.5:8501")[1]["content-security-policy"]
    assert "default-src 'self'; " in policy
    assert "connect-src 'self' ws://192.168.1.5:8501 wss://192.168.1.5:8501 " in policy
    assert "frame-ancestors 'self'" in policy
    answer = ask("localhost", "/media/1.svg")[1]
    assert answer["content-security-policy"] == "sandbox"
    assert answer["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("headless", [True, False])
def test_a_browser_opens_where_there_is_a_screen(monkeypatch, headless):
    opened = []
    get = config.get_option
    monkeypatch.setattr(
        config, "get_option", lambda name: headless if name == "server.headless" else get(name)
    )
    monkeypatch.setattr(cli_util, "open_browser", opened.append)

    async def start() -> None:
        async with open_browser(None):  # type: ignore[arg-type]
            await asyncio.sleep(0.7)

    asyncio.run(start())
    assert opened == ([] if headless else ["http://localhost:8501"])
