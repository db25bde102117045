"""`class start|show|delete-personal`: the lab for a class in one room."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any, NoReturn

from fmnist_core.classroom import Classroom, own_address, show_invitation
from fmnist_core.classwork.personal_data import delete_all, found_of_all
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
    text = "show the link to join, the class code, the PIN, and who has joined"
    show = actions.add_parser("show", help=text, description=text)
    show.add_argument("--port", type=int, default=8501, help="of the pages (8501)")
    text = "delete drawings, photos, names and answers of the class; students leave it"
    delete = actions.add_parser("delete-personal", help=text, description=text)
    delete.add_argument("--runs", action="store_true", help="delete the students' runs, too")
    delete.add_argument("--yes", action="store_true", help="do not ask first")


def run(options: argparse.Namespace) -> int:
    """Returns the exit status; `start` becomes the app, which shows the way in, and never returns.

    Raises:
        LabError: It did not work, and why.
    """
    classroom = Classroom(load_settings())
    if options.action == "delete-personal":
        return _delete_personal(load_settings(), runs=options.runs, asked=options.yes)
    if options.action == "start":
        if not _APP.is_file():
            raise ClassError(
                "The class needs the lab's pages, and only its core is installed here.",
                advice="Start it from a checkout of the lab.",
            )
        classroom.begin(options.name)
        _become_the_app(options.port)
    if not classroom.there:
        raise ClassError("There is no class yet.", advice="Start it: `class start --name TEXT`.")
    show_invitation(classroom, f"http://{own_address() or 'localhost'}:{options.port}")
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


def _become_the_app(port: int) -> NoReturn:
    arguments = ["streamlit", "run", str(_APP), f"--server.port={port}"]
    sys.stdout.flush()
    os.environ["FMNIST_CLASS"] = "1"
    os.execv(sys.executable, [sys.executable, "-m", *arguments])
