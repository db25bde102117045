"""What people are told of the browser's warning before it comes, where the lab made a certificate.

Who comes by http has not seen the warning yet: a plain page at the port above the lab's says what
it means and leads on. It holds no secret, and knows nobody.
"""

from __future__ import annotations

import logging
import re
import socket
import threading
from contextlib import suppress
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import streamlit as st
from jinja2 import Environment, Template
from starlette.datastructures import Headers
from streamlit import config

from fmnist_core.certificates import fingerprint
from fmnist_core.classroom import STEPS, WHY, certificate_path, join_link
from fmnist_core.settings import load_settings
from fmnist_ui.web_access import base_path, refusal

_log = logging.getLogger(__name__)
# A visit takes no longer in all, however slowly somebody sends.
_SECONDS = 10.0
_MOST_VISITS = 32
_CODE = re.compile(r"[a-z0-9]{0,20}")


def own_certificate() -> Path | None:
    """The certificate that `class start --https` made, where the server shows it."""
    path = certificate_path(load_settings())
    return path if config.get_option("server.sslCertFile") == str(path) else None


def explain_beforehand(port: int) -> bool:
    """Serves the plain page at the port above this one; whether that port was free."""
    try:
        server = _Server(("", port + 1), _Explaining)
    except (OSError, OverflowError):
        _log.exception("The page about the browser's warning cannot be served.")
        return False
    server.lab_port = port
    threading.Thread(target=server.serve_forever, name="first visit", daemon=True).start()
    return True


def show_warning(link: str) -> None:
    """On a page, below the link to join: what browsers will say, folded."""
    certificate = own_certificate()
    if certificate is None:
        return
    with st.expander("What the browser shows first", icon=":material/encrypted:"):
        st.markdown(f"On the first visit each browser warns. {WHY} Go on once on each device:")
        st.markdown("\n".join(f"- **{browser}**: {step}" for browser, step in STEPS))
        parts = urlsplit(link)
        first = f"http://{parts.hostname}:{(parts.port or 443) + 1}"
        st.markdown(f"{first} says so, too. Fingerprint of the certificate (SHA-256):")
        st.code(fingerprint(certificate), language=None, wrap_lines=True)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    lab_port = 0
    # A class presses in one moment, and some wait for a place.
    request_queue_size = 128

    def __init__(self, *given: Any) -> None:
        self._places = threading.Semaphore(_MOST_VISITS)
        super().__init__(*given)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._places.acquire()
        try:
            super().process_request(request, client_address)
        except BaseException:
            self._places.release()
            raise

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        end = threading.Timer(_SECONDS, _cut, (request,))
        end.daemon = True
        try:
            end.start()
            super().process_request_thread(request, client_address)
        finally:
            end.cancel()
            self._places.release()


def _cut(request: socket.socket) -> None:
    with suppress(OSError):
        request.shutdown(socket.SHUT_RDWR)


class _Explaining(BaseHTTPRequestHandler):
    timeout = _SECONDS
    server: _Server

    def do_GET(self) -> None:
        headers = Headers(dict(self.headers.items()))
        certificate = own_certificate()
        if refusal(headers) or certificate is None:
            self.send_error(403)
            return
        host = self.headers["Host"].rpartition(":")[0] or self.headers["Host"]
        [code, *_] = parse_qs(urlsplit(self.path).query).get("code", [""])
        place = f"https://{host}:{self.server.lab_port}{base_path()}"
        link = join_link(place, code) if _CODE.fullmatch(code) and code else f"{place}/join"
        content = _template().render(
            link=link, why=WHY, steps=STEPS, fingerprint=fingerprint(certificate)
        )
        data = content.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Nobody's visit is noted."""


@cache
def _template() -> Template:
    source = Path(__file__).with_name("first_visit.html").read_text(encoding="utf-8")
    return Environment(autoescape=True).from_string(source)
