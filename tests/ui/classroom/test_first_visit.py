"""The plain page about the browser's warning, for who comes by http."""

import socket
import threading
import time
import urllib.error
import urllib.request

import pytest
from streamlit import config

from fmnist_core.certificates import fingerprint
from fmnist_core.classroom import ensure_certificate
from fmnist_core.settings import load_settings
from fmnist_ui.classroom import first_visit
from fmnist_ui.classroom.first_visit import explain_beforehand
from fmnist_ui.classroom.joining import open_class


def free_port():
    with socket.socket() as taken:
        taken.bind(("", 0))
        return taken.getsockname()[1]


@pytest.fixture
def encrypted(classroom, monkeypatch):
    """A class that was started with `--https`: its certificate."""
    path = ensure_certificate(load_settings())
    given = config.get_option
    monkeypatch.setattr(
        config, "get_option", lambda key: str(path) if key == "server.sslCertFile" else given(key)
    )
    return path


def ask(port, query="", host=""):
    request = urllib.request.Request(f"http://127.0.0.1:{port}/{query}")
    if host:
        request.add_header("Host", host)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.read().decode()


def test_who_comes_by_http_reads_of_the_warning_and_finds_the_way_on(encrypted):
    port = free_port()
    assert explain_beforehand(port - 1)
    page = ask(port, "?code=abc234", f"10.0.0.5:{port}")
    assert f'href="https://10.0.0.5:{port - 1}/join?code=abc234"' in page
    assert "Your connection is not private" in page
    assert fingerprint(encrypted) in page
    assert '/join"' in ask(port, '?code="><script>')
    with pytest.raises(urllib.error.HTTPError, match="403"):
        ask(port, host="attacker.example")
    assert not explain_beforehand(port - 1), "the port is taken"


def visits():
    return sum("process_request_thread" in thread.name for thread in threading.enumerate())


def test_slow_visitors_take_few_threads_and_not_for_long(encrypted, monkeypatch):
    monkeypatch.setattr(first_visit, "_SECONDS", 1.0)
    port = free_port()
    assert explain_beforehand(port - 1)
    slow = [socket.create_connection(("127.0.0.1", port), 10) for _ in range(40)]
    begun, most, dripped = time.monotonic(), 0, True
    while dripped and time.monotonic() - begun < 8:
        most = max(most, visits())
        try:
            slow[0].sendall(b"G")
        except OSError:
            dripped = False
        time.sleep(0.1)
    assert (most, dripped) == (32, False)
    for each in slow:
        each.close()
    assert "/join" in ask(port)


def test_the_invitation_of_a_server_with_https_leads_there(encrypted, classroom, capsys):
    open_class()
    said = capsys.readouterr().out
    assert "join at        https://" in said
    assert "says what the browser will show" in said


def test_without_https_nothing_is_said_of_it(classroom, capsys):
    open_class()
    said = capsys.readouterr().out
    assert "http://" in said
    assert "certificate" not in said
