"""How a class feels: many people at one server while a run trains.

    python -m bench.classroom [--users N ...] [--seconds S] [--checkout DIR ...]

docs/classroom.md, "Measured". Each person is a WebSocket of Streamlit's own messages, as a browser
sends them, that joined the class. All open the lab at once, go to a page each and follow its live
parts for SECONDS: every second or two the fragment is run again as the browser would, every fifth
time the page. Printed are milliseconds from the request to the end of its script, and the server's
memory.

`--checkout` measures another version of the lab, side by side with this one in one run; one that
knows no class is measured outside class mode.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import subprocess
import sys
import tempfile
import time
from asyncio import FIRST_COMPLETED
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import httpx2
import psutil
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from bench.steps import markdown
from fmnist_core.classroom import Classroom
from fmnist_core.settings import Settings
from tests.e2e.conftest import ROOT, Lab, start_lab, stop_lab

# What people in a class do: three of ten look at their training.
_PAGES = (
    *("train", "train", "train", "data", "evaluate", "predictions", "try", "runs"),
    *("training_dynamics", ""),
)
_PATIENCE, _BEFORE = 120.0, 20.0
# What begins a run in any version since the engine is there.
_BEGIN = """
import sys, time
from fmnist_core.config import override
from fmnist_core.config.presets import preset
from fmnist_core.engine import client
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import load_settings
name, *changes = sys.argv[1].split()
settings = load_settings()
done = client.submit(override(preset(name).config, changes), settings=settings)
while RunFolder(settings.runs_dir / done.run_id).status.active and sys.argv[2]:
    time.sleep(0.2)
while RunFolder(settings.runs_dir / done.run_id).status.state == "queued":
    time.sleep(0.2)
print(done.run_id)
"""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.classroom", description=__doc__)
    parser.add_argument("--users", nargs="+", type=int, default=[30, 60], metavar="N")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--checkout", nargs="+", type=Path, default=[], metavar="DIR")
    options = parser.parse_args()
    rows: list[list[str]] = []
    for root in (*options.checkout, ROOT):
        for users in options.users:
            alone = not (root / "fmnist_core" / "classroom").is_dir()
            with class_at_work(root, alone=alone) as room:
                rows += asyncio.run(load(room, users, options.seconds))
    print(markdown(["version", "users", "what", "n", "p50 ms", "p95 ms", "max ms"], rows))


@dataclass(frozen=True)
class Room:
    """A class whose teacher trains a run.

    Attributes:
        lab: Its server.
        run: The identifier of the run.
        classroom: None outside class mode.
    """

    lab: Lab
    run: str
    classroom: Classroom | None

    def cookie(self, nickname: str) -> str:
        """Joins; what the browser would send from then on."""
        if self.classroom is None:
            return ""
        fields = {"code": self.classroom.code, "nickname": nickname}
        answer = httpx2.post(f"{self.lab.url}/join/student", data=fields, follow_redirects=False)
        return str(answer.headers["set-cookie"]).partition(";")[0]


@contextmanager
def class_at_work(root: Path, *, alone: bool) -> Iterator[Room]:
    """A server that was asked for nothing yet, and a long run that trains."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        home = Path(folder) / "home"
        more = {} if alone else {"FMNIST_CLASS": "1"}
        lab = start_lab(home, os.environ.get("FMNIST_DATA_DIR", ""), root, **more)
        try:
            _begin(lab, "quick epochs=1", wait=True)
            run = _begin(lab, "strong epochs=200", wait=False)
            # A teacher starts the server before the class comes in.
            time.sleep(_BEFORE)
            yield Room(lab, run, None if alone else Classroom(Settings(home=home)))
        finally:
            stop_lab(lab)


def _begin(lab: Lab, text: str, *, wait: bool) -> str:
    """Trains in the lab's engine; the identifier of the run."""
    line = [sys.executable, "-c", _BEGIN, text, "wait" if wait else ""]
    done = subprocess.run(line, cwd=lab.root, env=lab.environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()[-1]


@dataclass
class Times:
    """Seconds from asking to the end of the script."""

    first: list[float] = field(default_factory=list)
    turned: list[float] = field(default_factory=list)
    page: dict[str, list[float]] = field(default_factory=dict)
    fragment: dict[str, list[float]] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)


async def load(room: Room, users: int, seconds: float) -> list[list[str]]:
    """Rows of the table for one number of people."""
    cookies = [room.cookie(f"Student {number}") for number in range(users)]
    server, times = psutil.Process(room.lab.process.pid), Times()
    begun, before = time.time(), sum(server.cpu_times()[:2])
    end = begun + seconds
    await asyncio.gather(*(_visit(room, times, *one, end) for one in enumerate(cookies)))
    busy = (sum(server.cpu_times()[:2]) - before) / (time.time() - begun)
    root = room.lab.root.name
    rows = rows_of(times, root, users)
    memory = f"{server.memory_info().rss / 1e6:.0f} MB, {busy:.0%} of a core"
    rows.append([root, str(users), f"server: {memory}", "", "", "", ""])
    rows.append([root, str(users), f"failed: {len(times.failed)} {times.failed[:2]}", *[""] * 4])
    return rows


def rows_of(times: Times, version: str, users: int) -> list[list[str]]:
    """A row for what was asked, all pages together and one by one."""
    found = {"first page": times.first, "another page, all at once": times.turned}
    for what, by_page in (("fragment", times.fragment), ("full rerun", times.page)):
        found[what] = [one for each in by_page.values() for one in each]
        found |= {f"{what}, {name or 'home'}": each for name, each in sorted(by_page.items())}
    return [[version, str(users), name, *_quantiles(each)] for name, each in found.items() if each]


def _quantiles(seconds: list[float]) -> list[str]:
    ordered = sorted(seconds)
    chosen = [median(ordered), ordered[int(0.95 * (len(ordered) - 1))], ordered[-1]]
    return [str(len(ordered)), *(f"{1000 * value:.0f}" for value in chosen)]


async def _visit(room: Room, times: Times, number: int, cookie: str, until: float) -> None:
    """One person: opens the lab, goes to a page and follows it."""
    chance, name = random.Random(number), _PAGES[number % len(_PAGES)]
    try:
        async with Visitor(room.lab.url, cookie) as visitor:
            times.first.append(await visitor.ask())
            visitor.open(name, f"run={room.run}" if name == "train" else "")
            times.turned.append(await visitor.ask())
            turn = 0
            while time.time() < until:
                await asyncio.sleep(1 + chance.random())
                if visitor.fragments:
                    took = await visitor.ask(fragment=visitor.fragments[-1])
                    times.fragment.setdefault(name, []).append(took)
                turn += 1
                if turn % 5 == 0:
                    times.page.setdefault(name, []).append(await visitor.ask())
    except (TimeoutError, OSError) as error:
        times.failed.append(f"{name}: {error!r}")


class Visitor:
    """A browser's side of Streamlit's protocol, without the browser."""

    def __init__(self, url: str, cookie: str) -> None:
        self._url, self._cookie = url.replace("http", "ws", 1) + "/_stcore/stream", cookie
        self._page, self._query = "", ""
        self._pages: dict[str, str] = {}
        self._over = asyncio.Event()
        self.fragments: list[str] = []
        self.buttons: dict[str, str] = {}
        self.words: list[str] = []

    async def __aenter__(self) -> Visitor:
        headers = {"Cookie": self._cookie} if self._cookie else {}
        self._socket: ClientConnection = await connect(
            self._url,
            subprotocols=[Subprotocol("streamlit")],
            additional_headers=headers,
            max_size=None,
            open_timeout=_PATIENCE,
        )
        self._reader = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._reader.cancel()
        await self._socket.close()

    def open(self, name: str, query: str = "") -> None:
        """From now on this page is asked for."""
        self._page, self._query = self._pages[name], query
        self.fragments, self.buttons, self.words = [], {}, []

    async def ask(self, *, fragment: str = "", press: str = "") -> float:
        """Runs the page or one of its fragments; how many seconds that takes."""
        message = BackMsg()
        asked = message.rerun_script
        asked.query_string, asked.page_script_hash = self._query, self._page
        asked.fragment_id, asked.is_auto_rerun = fragment, bool(fragment)
        if press:
            widget = asked.widget_states.widgets.add()
            widget.id, widget.trigger_value = self.buttons[press], True
        self._over.clear()
        begun = time.perf_counter()
        await self._socket.send(message.SerializeToString())
        over = asyncio.create_task(self._over.wait())
        # Whose server is gone waits for nothing.
        await asyncio.wait({over, self._reader}, timeout=_PATIENCE, return_when=FIRST_COMPLETED)
        if not over.done():
            over.cancel()
            raise ConnectionError("closed") if self._reader.done() else TimeoutError
        return time.perf_counter() - begun

    async def _read(self) -> None:
        async for raw in self._socket:
            message = ForwardMsg()
            message.ParseFromString(raw if isinstance(raw, bytes) else raw.encode())
            kind = message.WhichOneof("type")
            if kind == "new_session":
                self._page = message.new_session.page_script_hash
                self._note(message.new_session.app_pages)
            elif kind == "navigation":
                self._note(message.navigation.app_pages)
            elif kind == "auto_rerun":
                if message.auto_rerun.fragment_id not in self.fragments:
                    self.fragments.append(message.auto_rerun.fragment_id)
            elif kind == "delta":
                element = message.delta.new_element
                if element.WhichOneof("type") == "button":
                    self.buttons[element.button.label] = element.button.id
                elif element.WhichOneof("type") == "markdown":
                    self.words.append(element.markdown.body)
                elif element.WhichOneof("type") == "alert":
                    self.words.append(element.alert.body)
            elif kind == "page_info_changed":
                self._query = message.page_info_changed.query_string
            elif kind == "script_finished":
                self._over.set()

    def _note(self, pages: object) -> None:
        self._pages |= {page.url_pathname: page.page_script_hash for page in pages}  # type: ignore


if __name__ == "__main__":
    main()
