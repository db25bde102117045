"""A lab as a person starts it: a Streamlit server of its own, seen through a real Chromium."""

import os
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from fmnist_core.datasets.array_cache import save_arrays
from fmnist_core.datasets.dataset import Dataset
from fmnist_core.datasets.synthetic import synthetic_folder
from fmnist_core.settings import Settings
from tests.conftest import chromium, wait_for

ROOT = Path(__file__).parent.parent.parent
PAGES = (
    *("", "try", "data", "train", "sweeps", "runs", "evaluate", "predictions", "explain"),
    *("training_dynamics", "export", "lessons", "glossary"),
)
# Milliseconds: a busy machine takes as long to start an engine and to load Keras into it.
PATIENCE = 90_000
# And so long to draw.
CALM = 30_000
# The screen of a small phone.
PHONE = {"width": 400, "height": 800}


@dataclass(frozen=True)
class Lab:
    """A running server: its address, its process, its home, and what it printed."""

    url: str
    process: subprocess.Popen[bytes]
    home: Path
    environment: dict[str, str]
    root: Path = ROOT

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`python -m fmnist_core …` in the same surroundings."""
        line = [sys.executable, "-m", "fmnist_core", *arguments]
        return subprocess.run(
            line, cwd=self.root, env=self.environment, capture_output=True, text=True, timeout=300
        )


def start_lab(home: Path, data_dir: str = "", root: Path = ROOT, port: int = 0, **more: str) -> Lab:
    """Starts `streamlit run app.py` on a free port and waits until it answers.

    Args:
        root: The checkout that is started.
        port: Of the server; 0: any that is free.
        more: Environment variables.
    """
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("FMNIST_")},
        "FMNIST_HOME": str(home),
        "FMNIST_OFFLINE": "1",
        "KERAS_HOME": str(home / "keras"),
        "PYTHONPATH": str(root),
        **more,
    }
    if data_dir:
        environment["FMNIST_DATA_DIR"] = data_dir
    port = port or _free_port()
    home.mkdir(parents=True, exist_ok=True)
    with (home / "server.log").open("ab") as log:
        process = subprocess.Popen(
            [
                *[sys.executable, "-m", "streamlit", "run", "app.py"],
                *["--server.headless=true", "--server.address=127.0.0.1"],
                f"--server.port={port}",
            ],
            cwd=root,
            env=environment,
            stdout=log,
            stderr=log,
        )
    lab = Lab(f"http://127.0.0.1:{port}", process, home, environment, root)
    _wait_for(f"{lab.url}/_stcore/health")
    return lab


def stop_lab(lab: Lab) -> None:
    lab.command("engine", "stop")
    lab.process.terminate()
    lab.process.wait(timeout=20)


@contextmanager
def running_lab(
    home: Path, data: Dataset | None = None, data_dir: str = "", *, engine: bool = False
) -> Iterator[Lab]:
    """A lab with these garments at hand, where there are any, and its engine awake if wanted."""
    if data is not None:
        save_arrays(synthetic_folder(Settings(home=home)), data)
    lab = start_lab(home, data_dir)
    try:
        if engine:
            lab.command("engine", "start")
        yield lab
    finally:
        stop_lab(lab)


def _free_port() -> int:
    with socket.socket() as pinned_image:
        pinned_image.bind(("127.0.0.1", 0))
        return int(pinned_image.getsockname()[1])


def _wait_for(address: str) -> None:
    def answers() -> bool:
        with suppress(OSError), urllib.request.urlopen(address, timeout=2):
            return True
        return False

    wait_for(answers, 60, f"an answer from {address}")


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A lab without official data: what every machine can show."""
    with running_lab(tmp_path_factory.mktemp("lab") / "home") as lab:
        yield lab


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


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """A page under a finger."""
    context = browser.new_context(viewport=PHONE, has_touch=True)
    yield context.new_page()
    context.close()


def sticks_out(page: Page) -> int:
    """By how many pixels the page is wider than the screen."""
    main = page.locator("[data-testid=stMain]")
    return int(main.evaluate("e => e.scrollWidth - e.clientWidth"))


def set_number(page: Page, label: str, value: str) -> None:
    field = page.get_by_label(label, exact=True).first
    field.fill(value)
    field.press("Enter")
    settle(page)


def open_at(page: Page, address: str) -> None:
    """Opens an address and waits until the page stands still."""
    page.goto(address)
    settle(page)


def settle(page: Page) -> None:
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=90_000)
