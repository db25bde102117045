"""`class start|show|delete-personal`: the lab for a class in one room."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any, NoReturn

from fmnist_core.classroom import (
    Classroom,
    certificate_path,
    ensure_certificate,
    own_address,
    show_invitation,
)
from fmnist_core.classwork.personal_data import delete_all, found_of_all
from fmnist_core.engine.credentials import engine_credentials_path
from fmnist_core.engine.lifecycle import ensure_engine, read_info, stop_engine
from fmnist_core.engine.machines import PORT, join_command
from fmnist_core.errors import ClassError
from fmnist_core.settings import Settings, load_settings

_APP = Path(__file__).parents[2] / "app.py"


def add_parser(commands: Any) -> None:
    """Adds `class` and its actions."""
    parser = commands.add_parser("class", help="the lab for a class in one room")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    text = "start the app for a class; shows the link to join, the class code and the PIN"
    start = actions.add_parser("start", help=text, description=text)
    start.add_argument("--name", default="", metavar="TEXT", help="what the class is called")
    start.add_argument("--port", type=int, default=8501, help="of the pages (8501)")
    text = "encrypt, which cameras need; the port above says what browsers will show"
    start.add_argument("--https", action="store_true", help=text)
    text = "let other machines train for the class, at this port (8786)"
    start.add_argument("--workers", type=int, nargs="?", const=PORT, default=0, help=text)
    text = "show the link to join, the class code, the PIN, and who has joined"
    show = actions.add_parser("show", help=text, description=text)
    show.add_argument("--port", type=int, default=8501, help="of the pages (8501)")
    show.add_argument("--https", action="store_true", help="as it was started")
    text = "delete drawings, photos, names and answers of the class; students leave it"
    delete = actions.add_parser("delete-personal", help=text, description=text)
    delete.add_argument("--runs", action="store_true", help="delete the students' runs, too")
    delete.add_argument("--yes", action="store_true", help="do not ask first")


def run(options: argparse.Namespace) -> int:
    """Returns the exit status; `start` becomes the app, which shows the way in, and never returns.

    Raises:
        LabError: It did not work, and why.
    """
    settings = load_settings()
    classroom = Classroom(settings)
    if options.action == "delete-personal":
        return _delete_personal(settings, runs=options.runs, asked=options.yes)
    if options.action == "start":
        if not _APP.is_file():
            raise ClassError(
                "The class needs the lab's pages, and only its core is installed here.",
                advice="Start it from a checkout of the lab.",
            )
        classroom.begin(options.name)
        os.environ["FMNIST_WORKERS_PORT"] = str(options.workers)
        settings = load_settings()
        _open_engine(settings)
        _become_the_app(options.port, ensure_certificate(settings) if options.https else None)
    if not classroom.there:
        raise ClassError("There is no class yet.", advice="Start it: `class start --name TEXT`.")
    place = f"{own_address() or 'localhost'}:{options.port}"
    known = certificate_path(settings) if options.https else None
    if known and not known.is_file():
        raise ClassError("This class was never started with --https.")
    _show_join_command(settings)
    show_invitation(classroom, f"{'https' if known else 'http'}://{place}", certificate=known)
    for member in classroom.members():
        print(f"  {member.nickname}")
    return 0


def _delete_personal(settings: Settings, *, runs: bool, asked: bool) -> int:
    for found in found_of_all(settings):
        print(f"  {found.count:7,}  {found.title}")
    fate = "are deleted, too" if runs else "stay without a name"
    print(f"Students leave the class; their runs {fate}. This cannot be undone.")
    if not asked and input("Delete? [y/N] ").strip().lower() not in ("y", "yes"):
        print("Nothing was deleted.")
        return 1
    if delete_all(settings, runs=runs):
        print("Deleted.")
        return 0
    print("Runs are still training; the rest is deleted when they have ended: repeat the command.")
    return 1


def _open_engine(settings: Settings) -> None:
    """The engine takes other machines in, or does not: one that was started before may differ."""
    there = read_info(settings)
    if there is not None and there.port != settings.workers_port and not settings.scheduler:
        stop_engine(settings)
        ensure_engine(settings)
    elif settings.workers_port:
        ensure_engine(settings)
    _show_join_command(settings)


def _show_join_command(settings: Settings) -> None:
    there = read_info(settings)
    if there is not None and there.port:
        host = own_address() or "localhost"
        command = join_command(engine_credentials_path(settings), host, there.port)
        print(
            "On each machine that shall train for the class, from a checkout of this version:\n"
            f"  {command}\nWho has it can run programs here: show it to no class.\n"
        )


def _become_the_app(port: int, certificate: Path | None) -> NoReturn:
    arguments = ["streamlit", "run", str(_APP), f"--server.port={port}"]
    if certificate:
        arguments += [f"--server.{kind}={certificate}" for kind in ("sslCertFile", "sslKeyFile")]
    sys.stdout.flush()
    os.environ["FMNIST_CLASS"] = "1"
    os.execv(sys.executable, [sys.executable, "-m", *arguments])
