"""`kill -9` at random moments while a class trains: what is lost, and how long until it goes on.

    python -m bench.faults [--kills 100] [--minutes 25] [--seed 1] [--only KIND …]
        [--patience 60] [--json FILE]

Five people submit small runs through the core's client, one after another, into a home of its own,
with no page open. Meanwhile one of {child, worker, engine, supervisor, server} is killed, a random
number of epochs and seconds after the last one came back: the training process, its Dask worker,
the engine, its supervisor, the Streamlit server. Nobody looks after the first four; the server is
started again here, as a service manager does, and must not touch the training meanwhile.

Rules, each of which makes the exit status 1 where it is broken: every run ends as finished; no
epoch that was saved is learned again; each epoch is once in `events.jsonl`; checkpoint, network and
evaluation open; what was killed comes back in time; nothing is left when the engine is stopped. A
run that is lost three times without an epoch in between fails, as documented: its third time is
spared. Goals of the medians: 10 s, and 2 s for a child. Prints a table by kind; the machine should
be idle otherwise.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import socket
import subprocess
import sys
import threading
import time
import urllib.request
import zipfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import h5py
import psutil

from bench.steps import ROOT, markdown
from fmnist_core.atomic_files import read_json
from fmnist_core.config import RunConfig, override
from fmnist_core.config.presets import preset
from fmnist_core.datasets.array_cache import save_arrays
from fmnist_core.datasets.synthetic import generate, synthetic_folder
from fmnist_core.engine import client, lifecycle
from fmnist_core.engine.server.recovery import saved_epoch
from fmnist_core.engine.submission import queue_of
from fmnist_core.evaluation import load_evaluation
from fmnist_core.runs.events import read_events
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import Settings, load_settings

KINDS = ("child", "worker", "engine", "supervisor", "server")
GOALS = {"child": 2.0, **dict.fromkeys(KINDS[1:], 10.0)}
_PEOPLE = 5
_EPOCHS = 5
# The next one is killed after some epochs more and a moment, so that a slow machine, too, gets on.
_MOST_EPOCHS, _MOST_PAUSE = 2, 2.0


class Kill(NamedTuple):
    """One `kill -9`: seconds until the killed one was back, and until its run trained on.

    `trains` is None where the run had ended anyway, or was not to be touched.
    """

    kind: str
    back: float
    trains: float | None


class Classroom:
    """Five people, their runs, and all the rules that were broken."""

    def __init__(self, settings: Settings, images: int, patience: float) -> None:
        self.settings, self.broken = settings, list[str]()
        self.runs: list[RunFolder] = []
        self._over = threading.Event()
        self._images, self._patience = images, patience
        self._people = [
            threading.Thread(target=self._work, args=(n,), daemon=True) for n in range(_PEOPLE)
        ]

    def begin(self) -> None:
        data = generate(train_count=self._images, test_count=300)
        save_arrays(synthetic_folder(self.settings), data)
        for person in self._people:
            person.start()

    def end(self) -> None:
        """Who trains, trains to the end; who waits is sent home."""
        self._over.set()
        client.stop_waiting([folder.id for folder in self.runs], self.settings)
        for person in self._people:
            person.join()

    def _work(self, person: int) -> None:
        number = 0
        while not self._over.is_set():
            number += 1
            try:
                config, owner = self._config(1000 * person + number), f"person-{person}"
                done = client.submit(config, owner=owner, settings=self.settings)
                folder = RunFolder.open(self.settings.runs_dir, done.run_id)
                self.runs.append(folder)
                while folder.status.active:
                    time.sleep(0.2)
            except Exception as error:
                self.broken.append(f"Person {person}: {type(error).__name__}: {error}")
                return

    def _config(self, seed: int) -> RunConfig:
        few = "dataset=synthetic-garments", f"epochs={_EPOCHS}", f"seed={seed}", "batch_size=32"
        return override(preset("tiny").config, few)

    def at_work(self) -> RunFolder | None:
        """The run in the slot, once it trains: with a living process that has begun."""
        for row in queue_of(self.settings).in_state("running"):
            folder = RunFolder(self.settings.runs_dir / row.id)
            status = folder.status
            if status.state == "running" and status.pid and psutil.pid_exists(status.pid):
                return folder
        return None

    @property
    def epochs(self) -> int:
        """How many were completed, of all runs."""
        return sum(folder.status.epoch for folder in self.runs)

    def until(self, condition: Callable[[], Any], began: float) -> float | None:
        """Seconds from `began` until it is true; None where that takes too long."""
        while time.monotonic() - began < self._patience:
            if condition():
                return time.monotonic() - began
            time.sleep(0.02)
        return None

    def check(self) -> None:
        """The rules about runs, once all have ended."""
        for folder in self.runs:
            state = folder.status.state
            if state == "stopped" and not _events(folder, "start"):
                continue  # it was never begun
            wrong = [] if state == "finished" else [f"ended as {state}: {folder.status.error}"]
            logged = [event["epoch"] for event in _events(folder, "epoch")]
            if logged != list(range(1, _EPOCHS + 1)):
                wrong.append(f"its epochs in events.jsonl are {logged}")
            wrong += _unreadable(folder)
            self.broken += [f"{folder.id}: {one}" for one in wrong]


def _events(folder: RunFolder, kind: str) -> list[dict[str, Any]]:
    return [event for event in read_events(folder.events_path)[0] if event["kind"] == kind]


def _unreadable(folder: RunFolder) -> list[str]:
    found = []
    try:
        named = read_json(folder.path / "checkpoint.json")
        for name in {named["file"], named["best_file"]} - {""}:
            with h5py.File(folder.path / "checkpoints" / name) as file:
                file.visititems(lambda _, item: isinstance(item, h5py.Dataset) and item[()] is None)
        with zipfile.ZipFile(folder.model_path) as saved:
            if (bad := saved.testzip()) is not None:
                found.append(f"its network is damaged: {bad}")
    except Exception as error:
        found.append(f"its checkpoint or network does not open: {type(error).__name__}: {error}")
    try:
        if load_evaluation(folder) is None:
            found.append("it has no evaluation")
    except Exception as error:
        found.append(f"its evaluation does not open: {error}")
    return found


class Server:
    """The Streamlit server, with no page open."""

    def __init__(self, settings: Settings) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self._log = settings.home / "server.log"
        self.start()

    def start(self) -> None:
        how = "--server.headless=true", "--server.address=127.0.0.1", f"--server.port={self._port}"
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "streamlit", "run", "app.py", *how],
                cwd=ROOT,
                stdout=log,
                stderr=log,
            )

    def answers(self) -> bool:
        with suppress(OSError):
            address = f"http://127.0.0.1:{self._port}/_stcore/health"
            return bool(urllib.request.urlopen(address, timeout=1).status == 200)
        return False


def strike(kind: str, room: Classroom, server: Server) -> Kill | None:
    """Kills one and waits until it is back; None where a rule was broken."""
    found: list[RunFolder] = []
    if room.until(lambda: found.extend(filter(None, [room.at_work()])) or found, time.monotonic()):
        return _strike(kind, room, server, found[0])
    room.broken.append(f"Before {kind}: nothing trained for long")
    return None


def _strike(kind: str, room: Classroom, server: Server, folder: RunFolder) -> Kill | None:
    settings, status = room.settings, folder.status
    victim = _victim(kind, settings, server, status.pid)
    row = queue_of(settings).get(folder.id)
    spared = kind in ("child", "worker") and row is not None and row.losses >= 2
    if victim is None or spared:
        return Kill(kind, float("nan"), None)  # or it had just ended by itself
    starts, saved = len(_events(folder, "start")), saved_epoch(folder)
    began = time.monotonic()
    with suppress(psutil.NoSuchProcess):
        victim.kill()
    if kind == "server":
        server.process.wait()
        server.start()

    def ended() -> bool:
        return not folder.status.active

    def goes_on() -> bool:
        return len(_events(folder, "start")) > starts or ended()

    backs: dict[str, Callable[[], Any]] = {
        "engine": lambda: (info := lifecycle.read_info(settings)) and info.pid != victim.pid,
        "supervisor": lambda: _noted(settings, "supervisor") not in (None, victim),
        "server": server.answers,
    }
    back = room.until(backs.get(kind, goes_on), began)
    touched = kind in ("child", "worker", "engine")
    trains = room.until(goes_on, began) if touched else None
    if back is None or (touched and trains is None):
        room.broken.append(f"{folder.id}: {kind} was not back in time")
        return None
    begun = _events(folder, "start")[starts:]
    if begun and begun[0]["epoch"] < saved:
        said = f"epoch {begun[0]['epoch']}, with {saved} saved"
        room.broken.append(f"{folder.id}: after the end of {kind} it went on from {said}")
    # Its first start may come after the strike: it says running while it still builds its network.
    if not touched and folder.status.attempt != status.attempt:
        room.broken.append(f"{folder.id}: the end of {kind} interrupted it")
    return Kill(kind, back, trains if begun else None)


def _noted(settings: Settings, name: str) -> psutil.Process | None:
    with suppress(psutil.Error, TypeError, KeyError):
        return psutil.Process(int(read_json(settings.engine_dir / f"{name}.pid")["pid"]))
    return None


def _victim(kind: str, settings: Settings, server: Server, child: int) -> psutil.Process | None:
    if kind == "server":
        return psutil.Process(server.process.pid)
    if kind in ("engine", "supervisor"):
        return _noted(settings, kind)
    with suppress(psutil.Error):
        process = psutil.Process(child)
        if kind == "child":
            return process
        # Between them is the fork server.
        fork_server = process.parent()
        return fork_server.parent() if fork_server else None
    return None


def left_behind(settings: Settings) -> list[str]:
    """What still runs in the home after its engine was stopped."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            home = process.environ().get("FMNIST_HOME")
            if home == str(settings.home) and process.pid != os.getpid():
                found.append(" ".join(process.cmdline())[:80])
    return found


def summary(kills: Sequence[Kill]) -> list[list[str]]:
    """A row a kind: count, then median and most of both times, and the goal of the median."""
    rows = []
    for kind in KINDS:
        mine = [kill for kill in kills if kill.kind == kind and kill.back == kill.back]
        if not mine:
            continue
        trains = [kill.trains for kill in mine if kill.trains is not None]
        figures = [median(kill.back for kill in mine), max(kill.back for kill in mine)]
        figures += [median(trains), max(trains)] if trains else []
        words = [f"{seconds:.1f}" for seconds in figures] + ["–"] * (4 - len(figures))
        rows.append([kind, str(len(mine)), *words, f"{GOALS[kind]:.0f}"])
    return rows


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.faults", description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--minutes", type=float, default=25.0, help="kill no more after these")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="+", default=KINDS, choices=KINDS, metavar="KIND")
    parser.add_argument("--images", type=int, default=2000, help="in an epoch")
    parser.add_argument("--patience", type=float, default=60.0, help="seconds for coming back")
    parser.add_argument("--json", type=Path, metavar="FILE", help="all kills, for machines")
    options = parser.parse_args(arguments)
    with TemporaryDirectory(ignore_cleanup_errors=True) as fresh:
        os.environ |= {"FMNIST_HOME": fresh, "FMNIST_OFFLINE": "1"}
        os.environ.pop("FMNIST_SCHEDULER", None)
        room = Classroom(replace(load_settings(), slots=1), options.images, options.patience)
        kills = _lesson(room, options)
    if options.json:
        options.json.write_text(json.dumps([kill._asdict() for kill in kills]))
    heads = ["killed", "times", "back, median s", "max", "trains on, median s", "max", "goal"]
    print(markdown(heads, summary(kills)))
    print(f"{len(kills)} of {options.kills} kills; {len(room.runs)} runs.")
    for one in dict.fromkeys(room.broken):
        print(f"BROKEN: {one}")
    return 1 if room.broken or not kills else 0


def _lesson(room: Classroom, options: argparse.Namespace) -> list[Kill]:
    chance, kills, began = random.Random(options.seed), list[Kill](), time.monotonic()
    # Kinds take turns in a shuffled order, so that a short lesson has each as well.
    kinds: list[str] = []
    server = Server(room.settings)
    try:
        room.begin()
        while len(kills) < options.kills and time.monotonic() - began < 60 * options.minutes:
            kinds = kinds or chance.sample(list(options.only), len(options.only))
            wanted = room.epochs + chance.randint(0, _MOST_EPOCHS)
            if room.until(lambda wanted=wanted: room.epochs >= wanted, time.monotonic()) is None:
                room.broken.append("No epoch was completed for long")
            time.sleep(chance.uniform(0.0, _MOST_PAUSE))
            kind = kinds.pop()
            kill = strike(kind, room, server)
            if kill is None and len(room.broken) > _PEOPLE:
                break
            if kill is not None and kill.back == kill.back:
                kills.append(kill)
                print(len(kills), *kill, file=sys.stderr, flush=True)
        room.end()
        room.check()
    finally:
        server.process.kill()
        server.process.wait()
        client.stop_engine(room.settings)
    # What was killed may take a moment to be buried.
    if room.until(lambda: not left_behind(room.settings), time.monotonic()) is None:
        room.broken += [f"left behind: {one}" for one in left_behind(room.settings)]
    return kills


if __name__ == "__main__":
    sys.exit(main())
