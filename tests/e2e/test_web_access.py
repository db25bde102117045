"""A started lab as strangers meet it: by foreign names, from foreign pages, through its own."""

import http.client
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from playwright.sync_api import Page

from fmnist_core.datasets.dataset import Dataset
from tests.e2e.conftest import Lab, open_at, running_lab, settle

pytestmark = pytest.mark.browser

UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}
DOORS = {
    "page": ("GET", "/", {}, 200),
    "deep link": ("GET", "/train", {}, 200),
    "WebSocket": ("GET", "/_stcore/stream", UPGRADE, 101),
    "upload": ("PUT", "/_stcore/upload_file/session/file", {}, 403),
    "media": ("GET", "/media/0.png", {}, 404),
    "health": ("GET", "/_stcore/health", {}, 200),
    "metrics": ("GET", "/_stcore/metrics", {}, 200),
    "fonts": ("GET", "/app/static/fonts/fraunces.woff2", {}, 200),
}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, garments: Dataset) -> Iterator[Lab]:
    """A lab that its teacher opens by a name of the school, as well."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STREAMLIT_BROWSER_SERVER_ADDRESS", "lab.school.example")
        with running_lab(tmp_path_factory.mktemp("lab") / "home", garments) as lab:
            yield lab


def ask(lab: Lab, door: str, host: str, origin: str = "") -> tuple[int, str]:
    """Status and words of the answer."""
    method, path, headers, _ = DOORS[door]
    connection = http.client.HTTPConnection(lab.url.removeprefix("http://"), timeout=20)
    connection.putrequest(method, path, skip_host=True)
    for name, value in {"Host": host, **headers, **({"Origin": origin} if origin else {})}.items():
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    words = "" if answer.status in (101, 200) else answer.read().decode(errors="replace")
    connection.close()
    return answer.status, words


@pytest.mark.parametrize("door", DOORS)
def test_strangers_are_refused_at_every_door_and_the_class_is_let_in(lab, door):
    own = lab.url.removeprefix("http://")
    port = own.partition(":")[2]
    for host, origin in [
        ("attacker.example", ""),
        (f"attacker.example:{port}", f"http://attacker.example:{port}"),
        (own, "http://attacker.example"),
        (own, "http://127.0.0.1:9"),
        (own, "null"),
    ]:
        status, words = ask(lab, door, host, origin)
        assert status == 403, (host, origin)
        # A refused WebSocket has no words.
        assert door == "WebSocket" or "lab" in words, words
    for host in (own, f"localhost:{port}", "lab.school.example", f"192.168.1.5:{port}"):
        status, words = ask(lab, door, host, f"http://{host}")
        at_home = host in (own, f"localhost:{port}")
        # Nobody uploads without a session, and metrics are for the machine itself.
        assert status == (404 if door == "metrics" and not at_home else DOORS[door][3]), host
        assert "Pages from elsewhere" not in words


def test_a_page_works_and_reaches_no_other_server(lab: Lab, page: Page) -> None:
    asked = []

    class Elsewhere(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    blocked: list[str] = []
    page.on("console", lambda said: blocked.append(said.text))
    server = HTTPServer(("127.0.0.1", 0), Elsewhere)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        open_at(page, f"{lab.url}/data")
        # Vega compiles its expressions, which a policy must let it.
        page.locator("[data-testid=stVegaLiteChart] :is(canvas, svg)").first.wait_for()
        page.evaluate(
            """address => new Promise(done => {
                const image = new Image()
                image.onload = image.onerror = done
                image.src = address + "/picture"
                fetch(address + "/data", { mode: "no-cors" }).catch(() => 0)
            })""",
            f"http://127.0.0.1:{server.server_port}",
        )
        settle(page)
    finally:
        server.shutdown()
        server.server_close()
    assert asked == []
    policy = [said for said in blocked if "Content Security Policy" in said]
    # Streamlit would fetch the icon of the tab from Google before it shows the lab's.
    ours = [said for said in policy if "/picture" not in said and "/data" not in said]
    assert [said for said in ours if "fonts.gstatic.com" not in said] == []
