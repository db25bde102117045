"""`class start --https` from another address of the machine: warned, let in, with a camera."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from fmnist_core.classroom import own_address
from tests.conftest import wait_for
from tests.e2e.conftest import CALM, ROOT, free_port, open_at

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def invitation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """What the command prints."""
    if not own_address():
        pytest.skip("this machine is in no network, so it has no other address")
    home = tmp_path_factory.mktemp("class")
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("FMNIST_")},
        "FMNIST_HOME": str(home / "home"),
        "FMNIST_OFFLINE": "1",
        "STREAMLIT_SERVER_HEADLESS": "true",
        "PYTHONUNBUFFERED": "1",
    }
    line = [sys.executable, "-m", "fmnist_core", "class", "start", "--https"]
    said: Path = home / "said"
    with said.open("wb") as log:
        process = subprocess.Popen(
            [*line, "--port", str(free_port())], cwd=ROOT, env=environment, stdout=log, stderr=log
        )
    try:
        wait_for(lambda: "Firefox" in said.read_text(), 60, "the invitation")
        yield said.read_text()
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def test_a_student_is_warned_goes_on_and_has_a_camera(invitation: str, page: Page) -> None:
    [first] = re.findall(r"http://\S+", invitation)[-1:]
    [join] = re.findall(r"https://\S+/join\?code=\w+", invitation)
    page.goto(f"{first}/?{join.partition('?')[2]}")
    page.get_by_role("link", name="Go on to the lab").click()
    # What was promised, and the words to press.
    expect(page.get_by_text("Your connection is not private")).to_be_visible(timeout=CALM)
    page.get_by_role("button", name="Advanced").click()
    page.get_by_role("link", name="Proceed to").click()
    page.wait_for_url(join)
    page.get_by_label("Nickname").fill("Ada")
    page.get_by_role("button", name="Join", exact=True).click()
    # The page is alive, so its WebSocket (wss) is, too.
    page.wait_for_selector("[data-testid=stApp]")
    open_at(page, join.replace("/join", "/try"))
    assert page.evaluate("[isSecureContext, Boolean(navigator.mediaDevices)]") == [True, True]
    assert {cookie["secure"] for cookie in page.context.cookies()} == {True}
    # The command and the server's page tell the same fingerprint.
    open_at(page, join.replace("/join", "/class"))
    page.get_by_text("What the browser shows first").click()
    [shown] = re.findall(r"SHA-256 (\S+)", invitation)
    expect(page.get_by_text(shown)).to_be_visible()
