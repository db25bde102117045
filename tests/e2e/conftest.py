"""A lab as a person starts it: a Streamlit server of its own, seen through a real Chromium."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.conftest import chromium

ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True)
class Lab:
    """A running server: its address, its process, its home, and what it printed."""

    url: str
    process: subprocess.Popen[bytes]
    home: Path
    environment: dict[str, str]

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`python -m fmnist_core …` in the same surroundings."""
        line = [sys.executable, "-m", "fmnist_core", *arguments]
        return subprocess.run(
            line, cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=300
        )


def start_lab(home: Path, data_dir: str = "") -> Lab:
    """Starts `streamlit run app.py` on a free port and waits until it answers."""
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("FMNIST_")},
        "FMNIST_HOME": str(home),
        "FMNIST_OFFLINE": "1",
        "KERAS_HOME": str(home / "keras"),
        "PYTHONPATH": str(ROOT),
    }
    if data_dir:
        environment["FMNIST_DATA_DIR"] = data_dir
    port = _free_port()
    home.mkdir(parents=True, exist_ok=True)
    with (home / "server.log").open("ab") as log:
        process = subprocess.Popen(
            [
                *[sys.executable, "-m", "streamlit", "run", "app.py"],
                *["--server.headless=true", "--server.address=127.0.0.1"],
                f"--server.port={port}",
            ],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=log,
        )
    lab = Lab(f"http://127.0.0.1:{port}", process, home, environment)
    _wait_for(f"{lab.url}/_stcore/health")
    return lab


def stop_lab(lab: Lab) -> None:
    lab.command("engine", "stop")
    lab.process.terminate()
    lab.process.wait(timeout=20)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(address: str) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A lab without official data: what every machine can show."""
    running = start_lab(tmp_path_factory.mktemp("lab") / "home")
    yield running
    stop_lab(running)


# Of one module alone: while Playwright is there, other tests of the process cannot use asyncio.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=chromium(),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield running
        running.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1400, "height": 900})
    yield context.new_page()
    context.close()


def open_at(page: Page, address: str) -> None:
    """Opens an address and waits until the page stands still."""
    page.goto(address)
    settle(page)


def settle(page: Page) -> None:
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=90_000)
