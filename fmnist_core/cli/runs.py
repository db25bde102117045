"""`runs list|show|pack|continue|leave|first|delete`: the table of runs without a browser."""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from fmnist_core.cli.run_lookup import find_run
from fmnist_core.config import flatten
from fmnist_core.engine.waiting_line import Place, waiting_line
from fmnist_core.errors import RunError
from fmnist_core.evaluation import load_evaluation
from fmnist_core.exchange.importing import export_run
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.library import DAMAGED, RunSummary, list_runs
from fmnist_core.settings import Settings, load_settings


def add_parser(commands: Any) -> None:
    parser = commands.add_parser("runs", help="list, show or delete runs")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="list all runs, newest first")
    showing = actions.add_parser("show", help="show one run: state, metrics, configuration")
    packing = actions.add_parser("pack", help="export a run as a ZIP file for another lab")
    packing.add_argument("run", help="identifier or name of a run, or `latest`")
    packing.add_argument("path", type=Path, metavar="FILE.zip")
    continuing = actions.add_parser("continue", help="let the engine train a run on")
    leaving = actions.add_parser("leave", help="leave an interrupted run as it is")
    first = actions.add_parser("first", help="let a waiting run start before all others")
    deleting = actions.add_parser("delete", help="delete runs permanently")
    for action in (showing, continuing, leaving, first):
        action.add_argument("run", help="identifier or name of a run, or `latest`")
    deleting.add_argument("run", nargs="+", help="identifiers or names of runs")
    deleting.add_argument("--yes", action="store_true", help="do not ask for confirmation")
    for action in (listing, showing, deleting):
        action.add_argument("--json", action="store_true", help="for machines")


def run(options: argparse.Namespace) -> int:
    actions = {"list": _list, "show": _show, "pack": _pack, "delete": _delete}
    more = {"continue": _continue, "leave": _leave, "first": _first}
    return {**actions, **more}[options.action](options)


def _list(options: argparse.Namespace) -> int:
    settings = load_settings()
    runs, places = list_runs(settings), _places(settings)
    if options.json:
        print(json.dumps([asdict(run) | _of_place(places.get(run.id)) for run in runs]))
        return 0
    if not runs:
        print("No runs yet. Train one: python -m fmnist_core train")
        return 0
    print(f"{'run':44} {'state':9} {'data':18} {'parameters':>10} {'valid.':>7} {'test':>7}  name")
    for run in runs:
        place = places.get(run.id)
        print(_line(run) + (f" ({place.words})" if place else ""))
    if interrupted := [run.id for run in runs if run.interrupted]:
        print(f"\nInterrupted, and not continued unasked: {', '.join(interrupted)}")
        print("See `runs continue RUN` and `runs leave RUN`.")
    return 0


def _places(settings: Settings) -> dict[str, Place]:
    return {place.run_id: place for place in waiting_line(settings).places}


def _of_place(place: Place | None) -> dict[str, Any]:
    if place is None:
        return {"position": None, "starts_in": None}
    return {"position": place.position, "starts_in": place.starts_in}


def _line(run: RunSummary) -> str:
    parameters = "" if run.parameters is None else f"{run.parameters:,}"
    valid, test = _percent(run.best_validation_accuracy), _percent(run.test_accuracy)
    return (
        f"{run.id:44} {run.state:9} {run.data:18} {parameters:>10} {valid:>7} {test:>7}  {run.name}"
    )


def _pack(options: argparse.Namespace) -> int:
    settings = load_settings()
    folder = RunFolder.open(settings.runs_dir, find_run(options.run, settings).id)
    export_run(folder, options.path)
    print(f"exported {folder.id} to {options.path} ({options.path.stat().st_size / 1e6:.2f} MB)")
    return 0


def _continue(options: argparse.Namespace) -> int:
    from fmnist_core.engine.client import resume

    settings = load_settings()
    found = find_run(options.run, settings)
    resume(found.id, settings)
    print(f"Queued {found.id}: it goes on after epoch {found.epoch} of {found.epochs}.")
    return 0


def _leave(options: argparse.Namespace) -> int:
    from fmnist_core.engine.client import leave_interrupted

    settings = load_settings()
    found = find_run(options.run, settings)
    leave_interrupted(found.id, settings)
    print(f"Left {found.id} after epoch {found.epoch} of {found.epochs}.")
    return 0


def _first(options: argparse.Namespace) -> int:
    from fmnist_core.engine.steering import put_first

    settings = load_settings()
    found = find_run(options.run, settings)
    put_first(found.id, settings)
    print(f"{found.id} starts when the next slot is free.")
    return 0


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.2%}"


def _show(options: argparse.Namespace) -> int:
    settings = load_settings()
    found = find_run(options.run, settings)
    if found.state == DAMAGED:
        raise RunError(found.error, received=found.id, advice=found.advice)
    folder = RunFolder.open(settings.runs_dir, found.id)
    evaluation = load_evaluation(folder)
    if options.json:
        figures = evaluation.to_json() if evaluation else None
        config = folder.config.to_json()
        print(json.dumps({**asdict(found), "config": config, "evaluation": figures}))
        return 0
    for name, value in _facts(found):
        print(f"{name:16} {value}")
    if evaluation:
        low, high = evaluation.interval
        print(f"{'interval':16} {low:.2%} to {high:.2%} (95%, {evaluation.images} images)")
        for pair in evaluation.most_confused():
            print(f"{'':16} {pair}")
    print()
    # As `--set` takes them.
    for path, value in flatten(folder.config).items():
        print(f"{path:38} {value if isinstance(value, str) else json.dumps(value)}".rstrip())
    return 0


def _facts(found: RunSummary) -> list[tuple[str, str]]:
    facts = [
        ("run", found.id),
        ("name", found.name),
        ("tags", ", ".join(found.tags)),
        ("state", found.state),
        ("problem", f"{found.error} {found.advice}".strip()),
        ("data", found.data),
        ("parameters", "" if found.parameters is None else f"{found.parameters:,}"),
        ("epochs", f"{found.epoch} of {found.epochs}"),
        ("seconds", f"{found.seconds:.1f}"),
        ("created", time.strftime("%Y-%m-%d %H:%M", time.localtime(found.created))),
        ("validation", _percent(found.best_validation_accuracy)),
        ("test", _percent(found.test_accuracy)),
    ]
    return [(name, value) for name, value in facts if value]


def _delete(options: argparse.Namespace) -> int:
    from fmnist_core.engine.client import delete_run

    settings = load_settings()
    chosen = [find_run(text, settings) for text in options.run]
    if not options.yes:
        _ask(chosen)
    deleted: list[str] = []
    try:
        for found in chosen:
            delete_run(found.id, settings)
            deleted.append(found.id)
    finally:
        # Where one cannot be deleted, its error follows; the others are named all the same.
        _tell(deleted, options.json)
    return 0


def _tell(deleted: list[str], for_machines: bool) -> None:
    if for_machines:
        print(json.dumps({"deleted": deleted}))
    elif deleted:
        print(f"Deleted {', '.join(deleted)}.")


def _ask(chosen: list[RunSummary]) -> None:
    if not sys.stdin.isatty():
        raise RunError(
            "The deletion needs confirmation, and there is no terminal.", advice="Add --yes."
        )
    for found in chosen:
        print(f"{found.id}  {found.name}", file=sys.stderr)
    print("Delete permanently? [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise RunError("Nothing was deleted.")
