"""What every test stands on: a home of its own, and a clear word about what this machine lacks."""

import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from fmnist_core.classroom import Classroom
from fmnist_core.collections import CollectionStore
from fmnist_core.collections.content import drawing_content, strokes_from
from fmnist_core.datasets.dataset import Dataset
from fmnist_core.datasets.synthetic import generate
from fmnist_core.permissions import Person, set_actor

# A shell that starts the tests in the background lets them ignore Ctrl-C, and so would what they
# start: those who are to be interrupted would not hear it.
signal.signal(signal.SIGINT, signal.default_int_handler)

OFFICIAL_FILES = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)
# What the environment says must be there, such as "browser official" in CI: a skip for want of it
# is a failure.
REQUIRED = os.environ.get("FMNIST_TEST_REQUIRE", "").split()
_DATA_DIR = os.environ.get("FMNIST_DATA_DIR", "")


def _missing(item: pytest.Item) -> tuple[str, str]:
    if item.get_closest_marker("official") and not _official_files_are_here():
        return "official", "the official Fashion-MNIST files are not here: set FMNIST_DATA_DIR"
    if item.get_closest_marker("browser") and not chromium():
        return "browser", "Chromium is not installed: install the package `chromium`"
    return "", ""


def _official_files_are_here() -> bool:
    return bool(_DATA_DIR) and all((Path(_DATA_DIR) / name).is_file() for name in OFFICIAL_FILES)


def chromium() -> str | None:
    """The browser that end-to-end tests drive."""
    found = os.environ.get("FMNIST_CHROMIUM") or shutil.which("chromium")
    return found or shutil.which("google-chrome") or shutil.which("chromium-browser")


def add_strokes(
    store: CollectionStore, name: str, strokes: Sequence[Any], label: int | None
) -> str:
    """Puts a drawing, strokes `[[x…], [y…]]`, into a collection; returns the item's identifier."""
    content = drawing_content(strokes_from(strokes))
    store.put(name, [(content, label)])
    return content.id


def wait_for(condition: Callable[[], Any], seconds: float, what: str) -> Any:
    """The condition's first true value."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(0.02)
    raise AssertionError(f"Not within {seconds} s: {what}")


def pytest_runtest_setup(item: pytest.Item) -> None:
    what, reason = _missing(item)
    if what in REQUIRED:
        pytest.fail(f"This must not be skipped here, but {reason}.")
    if what:
        pytest.skip(reason)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty lab: no runs, no data but what the test names, and no network."""
    place = tmp_path / "home"
    monkeypatch.setenv("FMNIST_HOME", str(place))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setenv("FMNIST_OFFLINE", "1")
    monkeypatch.setenv("FMNIST_SLOTS", "1")
    monkeypatch.delenv("FMNIST_DATA_DIR", raising=False)
    monkeypatch.delenv("FMNIST_SCHEDULER", raising=False)
    return place


@pytest.fixture
def classroom(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Classroom]:
    """The class of a server, `7b <script>`; nobody acts in it yet."""
    # Streamlit takes seconds to load, which tests of the core need not.
    from fmnist_ui.classroom import joining

    monkeypatch.setenv("FMNIST_CLASS", "1")
    joining.classroom.cache_clear()
    joining.exchange.cache_clear()
    made = joining.classroom()
    made.begin("7b <script>")
    yield made
    set_actor(lambda: None)
    joining.classroom.cache_clear()


@pytest.fixture
def ada(classroom: Classroom) -> Person:
    """A student of the class."""
    return classroom.join(classroom.code, "Ada")


def act_as(person: Person) -> None:
    """From now on this person asks for everything."""
    set_actor(lambda: person)


@pytest.fixture
def official_dir() -> Path:
    """The folder with the four official files; only for tests marked `official`."""
    return Path(_DATA_DIR)


@pytest.fixture(scope="session")
def garments() -> Dataset:
    """A few hundred synthetic garments: enough to learn a little in a second."""
    return generate(train_count=600, test_count=200)
