"""The certificate of a class: whose it is, who can read it, and when there is a new one."""

import ssl
import stat

import pytest

from fmnist_core.certificates import fingerprint, hosts_of, self_signed
from fmnist_core.classroom import Classroom, ensure_certificate, https, show_invitation
from fmnist_core.cli.main import main
from fmnist_core.settings import Settings


@pytest.fixture
def settings(tmp_path, monkeypatch):
    monkeypatch.setattr(https, "own_address", lambda: "10.0.0.5")
    return Settings(home=tmp_path, hosts=("lab.school.example", "*"))


def test_a_certificate_names_the_machine_and_only_its_account_reads_the_key(settings):
    path = ensure_certificate(settings)
    assert {"10.0.0.5", "127.0.0.1", "localhost", "lab.school.example"} <= hosts_of(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(path, path)


def test_a_browser_is_asked_again_only_for_a_new_address_or_near_the_end(settings, monkeypatch):
    first = ensure_certificate(settings).read_bytes()
    assert ensure_certificate(settings).read_bytes() == first
    monkeypatch.setattr(https, "own_address", lambda: "192.168.7.7")
    second = ensure_certificate(settings).read_bytes()
    assert "192.168.7.7" in hosts_of(ensure_certificate(settings))
    monkeypatch.setattr(https, "_RENEW_DAYS", 500)
    assert len({first, second, ensure_certificate(settings).read_bytes()}) == 3


@pytest.mark.parametrize("content", [b"", b"-----BEGIN CERTIFICATE-----\n", "half"])
def test_a_damaged_certificate_is_made_anew(content, settings):
    path = ensure_certificate(settings)
    half = path.read_bytes().partition(b"-----BEGIN PRIV")[0]
    path.write_bytes(half if content == "half" else content)
    assert b"PRIVATE KEY" in ensure_certificate(settings).read_bytes()


def test_the_invitation_says_what_the_browser_will_show(settings, capsys):
    classroom = Classroom(settings)
    classroom.begin("7b")
    path = ensure_certificate(settings)
    first = "http://10.0.0.5:8502"
    show_invitation(classroom, "https://10.0.0.5:8501", certificate=path, first=first)
    said = capsys.readouterr().out
    assert f"https://10.0.0.5:8501/join?code={classroom.code}" in said
    assert fingerprint(path) in said
    assert "Your connection is not private" in said
    assert first in said


def test_a_class_without_https_has_no_https_invitation(home, capsys):
    Classroom(Settings(home=home)).begin()
    assert main(["class", "show", "--https"]) == 1
    assert "never started with --https" in capsys.readouterr().err


def test_the_same_key_makes_the_same_certificate_everywhere():
    from datetime import UTC, datetime

    from fmnist_core.certificates import new_key

    key, begin = new_key(), datetime(2026, 11, 1, tzinfo=UTC)
    assert self_signed("lab", begin, 3, key=key) == self_signed("lab", begin, 3, key=key)
    assert self_signed("lab", begin, 3) != self_signed("lab", begin, 3)
