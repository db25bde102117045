"""A small data set published like the official one, and mirrors that misbehave to order."""

from __future__ import annotations

import gzip
import hashlib
import re
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from fmnist_core.data.catalogue import Catalogue, DataFile
from fmnist_core.data.dataset import ImageSet, fingerprint_of
from fmnist_core.settings import Settings

TRAIN, TEST = 300, 20


@dataclass(frozen=True)
class Published:
    """The tiny data set: its catalogue, the folder with its four good files, its arrays."""

    catalogue: Catalogue
    folder: Path
    train: ImageSet
    test: ImageSet

    def copy_to(self, folder: Path, *, but: str = "") -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        for file in self.catalogue.files:
            if file.name != but:
                (folder / file.name).write_bytes((self.folder / file.name).read_bytes())
        return folder


def write_idx(path: Path, array: np.ndarray) -> DataFile:
    header = bytes((0, 0, 8, array.ndim)) + struct.pack(f">{array.ndim}I", *array.shape)
    path.write_bytes(gzip.compress(header + array.tobytes(), mtime=0))
    data = path.read_bytes()
    return DataFile(path.name, hashlib.md5(data).hexdigest(), len(data), array.shape)


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Published:
    folder = tmp_path_factory.mktemp("published")
    rng = np.random.default_rng(1)
    train, test = (
        ImageSet(rng.integers(0, 256, (n, 28, 28), np.uint8), rng.integers(0, 10, n, np.uint8))
        for n in (TRAIN, TEST)
    )
    arrays = {
        "train-images-idx3-ubyte.gz": train.images,
        "train-labels-idx1-ubyte.gz": train.labels,
        "t10k-images-idx3-ubyte.gz": test.images,
        "t10k-labels-idx1-ubyte.gz": test.labels,
    }
    files = [write_idx(folder / name, array) for name, array in arrays.items()]
    return Published(Catalogue(*files, fingerprint_of(train, test)), folder, train, test)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


@pytest.fixture(autouse=True)
def _own_mirrors_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.delenv("FMNIST_MIRRORS", raising=False)


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
def serve() -> Iterator[Callable[..., Mirror]]:
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
