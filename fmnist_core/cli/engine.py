"""`engine start|status|stop`: the process that trains runs for the pages.

`engine pause-all|resume-all|stop-all`: what it trains, and what waits for it.
`engine worker|scheduler|credentials`: several machines.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from fmnist_core.classroom import own_address
from fmnist_core.engine.client import (
    EngineStatus,
    engine_status,
    ensure_engine,
    start_failure,
    stop_engine,
)
from fmnist_core.engine.credentials import CLUSTER_DAYS, take_join_key, write_credentials
from fmnist_core.engine.machines import PORT, serve_scheduler, serve_workers
from fmnist_core.engine.steering import pause_all, resume_all, stop_all
from fmnist_core.errors import ConfigError
from fmnist_core.settings import Settings, load_settings

_ACTIONS = {
    "start": "start the engine if it is not running",
    "status": "show whether it runs, and what it does",
    "stop": "stop the engine; training resumes at its next start",
    "pause-all": "pause all that trains, and begin nothing more",
    "resume-all": "let all go on after pause-all",
    "stop-all": "stop all runs that train or wait, and all sweeps; weights are kept",
}

_STEERING: dict[str, Callable[[Settings], object]] = {
    "pause-all": pause_all,
    "resume-all": resume_all,
    "stop-all": stop_all,
}

_WITHOUT_ADDRESS = {
    "running": "The engine is starting.",
    "starting": "The engine is starting.",
    "restarting": "The engine was killed and is being restarted.",
    "stopped": "The engine is not running: it was stopped by hand.",
    "off": "The engine is not running.",
}


def add_parser(commands: Any) -> None:
    """Adds `engine` and its actions."""
    parser = commands.add_parser("engine", help="start, inspect or stop the training engine")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    for action, text in _ACTIONS.items():
        one = actions.add_parser(action, help=text, description=text)
        one.add_argument("--json", action="store_true", help="print one line of JSON")
    text = "make the credentials with which the machines of a cluster trust each other"
    one = actions.add_parser("credentials", help=text, description=text)
    one.add_argument("file", type=Path, metavar="FILE", help="file to write, such as cluster.pem")

    text = "let this machine train for a lab elsewhere; that machine prints the whole command"
    one = actions.add_parser("worker", help=text, description=text)
    one.add_argument("address", metavar="ADDRESS", help="of its engine, such as 10.0.0.5:8786")
    text = "what makes them trust each other (FMNIST_CREDENTIALS)"
    one.add_argument("key", nargs="?", default="", metavar="KEY", help=text)
    one.add_argument("--slots", type=int, help="trainings at once (FMNIST_SLOTS)")
    text = "also answer questions about trained networks, for a scheduler that stands by itself"
    one.add_argument("--questions", action="store_true", help=text)
    text = "run a scheduler that stands by itself, with the credentials in FMNIST_CREDENTIALS"
    one = actions.add_parser("scheduler", help=text, description=text)
    one.add_argument("--port", type=int, default=PORT, help="of the scheduler (8786)")


def run(options: argparse.Namespace) -> int:
    """Returns the exit status.

    Raises:
        LabError: It did not work, and why.
    """
    if options.action == "credentials":
        return _make_credentials(options.file)
    settings = load_settings()
    if options.action in ("worker", "scheduler"):
        return _serve(options, settings)
    there = True
    if options.action == "start":
        ensure_engine(settings)
    elif options.action == "stop":
        there = stop_engine(settings)
    elif options.action in _STEERING:
        _STEERING[options.action](settings)
    status = engine_status(settings)
    if options.json:
        print(json.dumps(asdict(status)))
    else:
        print(_sentence(status) if there else "No engine was running.")
    return 0


def _serve(options: argparse.Namespace, settings: Settings) -> int:
    if options.action == "scheduler":
        return serve_scheduler(settings, options.port, own_address() or "localhost")
    slots = settings.slots if options.slots is None else options.slots
    if not 0 <= slots <= 64 or not (slots or options.questions):
        raise ConfigError("A worker has 1 to 64 slots, or 0 with --questions.", received=slots)
    if options.key:
        _become_a_worker_without_the_key(options.key, settings)
    return serve_workers(settings, options.address, slots=slots, questions=options.questions)


def _become_a_worker_without_the_key(key: str, settings: Settings) -> None:
    """Every account of the machine reads the arguments of a process: they hold it no longer."""
    kept = settings.engine_dir.absolute() / "joined.pem"
    take_join_key(kept, key)
    os.environ["FMNIST_CREDENTIALS"] = str(kept)
    arguments = [each for each in sys.argv[1:] if each != key]
    os.execv(sys.executable, [sys.executable, "-m", "fmnist_core", *arguments])


def _make_credentials(path: Path) -> int:
    if path.exists():
        # A cluster may depend on it.
        raise ConfigError(
            "New credentials need a new file.",
            received=path,
            advice="Choose another name, or delete that file first.",
        )
    write_credentials(path)
    print(
        f"{path}: for scheduler, workers and lab, valid for {CLUSTER_DAYS} days. "
        "Who has this file can run programs on the cluster."
    )
    return 0


def _sentence(status: EngineStatus) -> str:
    if status.address:
        paused = " All is paused: `engine resume-all` lets it go on." if status.held else ""
        return (
            f"The engine runs (process {status.pid}, {status.address}): "
            f"{status.busy} of {status.slots} slots busy, {status.queued} runs queued.{paused}"
        )
    if status.state in ("failing", "given up"):
        return start_failure(load_settings())
    waiting = f" {status.queued} runs are queued." if status.queued else ""
    return f"{_WITHOUT_ADDRESS[status.state]}{waiting}"
