"""A run that has learned a little, and mirrors that misbehave to order."""

import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from fmnist_core.datasets.dataset import Dataset
from fmnist_core.engine.lifecycle import only_engine
from fmnist_core.runs.events import EventWriter
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import load_settings
from tests.nets import tiny, train


@pytest.fixture(scope="session")
def trained_run(tmp_path_factory: pytest.TempPathFactory, garments: Dataset) -> RunFolder:
    """A small run that has learned a little from garments and was judged; to be left as it is."""
    path = tmp_path_factory.mktemp("lab") / "runs" / "20260101-000000-plain-0000"
    train(tiny("epochs=2"), path, data=garments)
    return RunFolder(path)


@pytest.fixture
def engine_there(home: Path) -> Iterator[None]:
    """Holds the engine's lock, so that no real one is started."""
    with only_engine(load_settings()):
        yield


def killed(program: str, lines: int, *arguments: object, after: float = 0.0) -> list[str]:
    """What a Python program has printed when it is killed, some seconds after so many lines."""
    command = [sys.executable, "-c", program, *map(str, arguments)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        said = [child.stdout.readline() for _ in range(lines)]
        time.sleep(after)
        child.kill()
        return [*said, *child.stdout]


def learn(run: RunFolder, *accuracies: float, state: str = "running", **status: object) -> None:
    """The run's diary grows by these epochs of two seconds; at its end their sum is stored."""
    writer, done = EventWriter(run.events_path), run.status.epoch
    if not done:
        writer.write("start", attempt=1, epoch=0, epochs=4, steps_per_epoch=9)
    figures = {"loss": 1.0, "accuracy": 0.5, "val_loss": 1.0, "learning_rate": 1e-3, "seconds": 2.0}
    for number, accuracy in enumerate(accuracies, start=done + 1):
        writer.write("epoch", epoch=number, val_accuracy=accuracy, **figures)
    writer.close()
    epoch = done + len(accuracies)
    seconds = {} if state == "running" else {"seconds": 2.0 * epoch}
    run.change_status(state=state, epoch=epoch, **seconds, **status)


@dataclass
class Mirror:
    """A server of one folder.

    Attributes:
        url: Where it listens.
        requests: (file name, Range header or "") of each request so far.
        break_after: The connection breaks after so many bytes of an answer, `breaks` times.
        pause: Seconds between pieces of 16 kB.
        status: Answered in place of any file when not 200.
    """

    folder: Path
    ranges: bool = True
    status: int = 200
    break_after: int = 0
    breaks: int = 0
    pause: float = 0.0
    url: str = ""
    requests: list[tuple[str, str]] = field(default_factory=list)


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Mirror]]:
    monkeypatch.setenv("NO_PROXY", "*")
    servers = []

    def start(folder: Path, **behaviour: object) -> Mirror:
        mirror = Mirror(folder, **behaviour)  # type: ignore[arg-type]
        handler = type("Handler", (_Handler,), {"mirror": mirror})
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        mirror.url = f"http://127.0.0.1:{server.server_address[1]}/"
        servers.append(server)
        return mirror

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    mirror: Mirror

    def do_GET(self) -> None:
        wanted = self.headers.get("Range", "")
        path = self.mirror.folder / self.path.lstrip("/")
        self.mirror.requests.append((path.name, wanted))
        if self.mirror.status != 200 or not path.is_file():
            self.send_error(self.mirror.status if self.mirror.status != 200 else 404)
            return
        self._send(path.read_bytes(), wanted if self.mirror.ranges else "")

    def _send(self, data: bytes, wanted: str) -> None:
        match = re.fullmatch(r"bytes=(\d+)-", wanted)
        start = int(match[1]) if match else 0
        if match and start >= len(data):
            self.send_error(416)
            return
        self.send_response(206 if match else 200)
        if match:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.send_header("Content-Length", str(len(data) - start))
        self.end_headers()
        self._send_body(data[start:])

    def _send_body(self, data: bytes) -> None:
        limit = self.mirror.break_after
        breaks = self.mirror.breaks > 0 and len(data) > limit
        if breaks:
            self.mirror.breaks -= 1
            data = data[:limit]
        with suppress(ConnectionError):
            for start in range(0, len(data), 1 << 14):
                self.wfile.write(data[start : start + (1 << 14)])
                time.sleep(self.mirror.pause)
        if breaks:
            self.close_connection = True
            self.connection.close()

    def log_message(self, *_: object) -> None:
        return None
