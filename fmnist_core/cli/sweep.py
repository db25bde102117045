"""`sweep start|list|show|stop`: what settings should be, found by trying."""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import asdict
from typing import Any

from fmnist_core.cli.progress import ProgressBar
from fmnist_core.cli.recipe import add_recipe, note_older_keys, recipe
from fmnist_core.cli.run_lookup import use_data_dir
from fmnist_core.cli.train import owner_here
from fmnist_core.engine.client import (
    list_sweeps,
    open_sweep,
    recover_engine,
    start_sweep,
    stop_sweep,
)
from fmnist_core.errors import SweepError
from fmnist_core.settings import Settings, load_settings
from fmnist_core.sweeps import GRID, GUIDED, Sweep, SweepConfig, Trial, parse_dimension

_PACE_SECONDS = 0.5


def add_parser(commands: Any) -> None:
    """Adds `sweep` and its actions."""
    parser = commands.add_parser(
        "sweep", help="search hyperparameters: try many settings and keep the best"
    )
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    _add_start(actions)
    listing = actions.add_parser("list", help="list all sweeps, newest first")
    showing = actions.add_parser("show", help="show the trials of a sweep, best first")
    stopping = actions.add_parser("stop", help="stop a sweep; the best trial so far is kept")
    for one in (showing, stopping):
        one.add_argument("sweep", help="identifier or name of a sweep, or `latest`")
    for one in (listing, showing, stopping):
        one.add_argument("--json", action="store_true", help="print one line of JSON")


def _add_start(actions: Any) -> None:
    parser = actions.add_parser("start", help="start a sweep in the engine and watch it")
    add_recipe(parser, "set a setting for all trials")
    parser.add_argument(
        "--vary",
        action="append",
        default=[],
        metavar="KEY=RANGE",
        help="setting to vary: learning_rate=1e-4..1e-2:log or model.blocks.0.filters=8,16,32",
    )
    parser.add_argument("--method", default=GUIDED, help=f"{GUIDED} or {GRID}")
    parser.add_argument(
        "--trials", type=int, default=12, help="number of trials of a guided search"
    )
    parser.add_argument("--epochs", type=int, default=0, help="epochs per trial")
    parser.add_argument("--seed", type=int, default=0, help="seed of the search")
    parser.add_argument(
        "--no-pruning", action="store_true", help="no early pruning of trials that lag behind"
    )
    parser.add_argument("--name", default="", help="name of the sweep, and tag of its runs")
    parser.add_argument("--data-dir", help="folder with the four official files")
    parser.add_argument("--detach", action="store_true", help="do not wait for the sweep to end")
    parser.add_argument(
        "--json", action="store_true", help="print the result as JSON in the last line"
    )


def run(options: argparse.Namespace) -> int:
    """Returns the exit status, 0 where a started sweep was not ended by a failure.

    Raises:
        LabError: It did not work, and why.
    """
    actions = {"start": _start, "list": _list, "show": _show, "stop": _stop}
    return actions[options.action](options, load_settings())


def _start(options: argparse.Namespace, settings: Settings) -> int:
    use_data_dir(options.data_dir)
    settings = load_settings()
    note_older_keys(options.vary)
    config = SweepConfig(
        base=recipe(options),
        dimensions=tuple(parse_dimension(text) for text in options.vary),
        method=options.method,
        trials=options.trials,
        pruning=not options.no_pruning,
        epochs=options.epochs,
        seed=options.seed,
    )
    folder = start_sweep(config, name=options.name, owner=owner_here(), settings=settings)
    found = open_sweep(folder.id, settings)
    if not options.detach:
        found = _watch(folder.id, settings)
    _tell(found, options.json)
    return 1 if found.state == "failed" else 0


def _watch(sweep_id: str, settings: Settings) -> Sweep:
    """Follows a sweep to its end; Ctrl-C leaves it to the engine."""
    sweep = open_sweep(sweep_id, settings)
    bar = ProgressBar(sweep.total, "Trials")
    try:
        while sweep.active:
            best = sweep.best
            note = f"best {best.score:.2%}" if best and best.score is not None else ""
            bar.reach(sweep.ended, note)
            time.sleep(_PACE_SECONDS)
            recover_engine(settings)
            sweep = open_sweep(sweep_id, settings)
        return sweep
    finally:
        bar.close()


def _list(options: argparse.Namespace, settings: Settings) -> int:
    sweeps = list_sweeps(settings)
    if options.json:
        print(json.dumps([_plain(sweep) for sweep in sweeps]))
    elif not sweeps:
        print("No sweeps yet. Start one: python -m fmnist_core sweep start --vary KEY=RANGE")
    for sweep in sweeps if not options.json else ():
        best = _percent(sweep.best)
        trials = f"{sweep.ended}/{sweep.total}"
        print(f"{sweep.id:44} {sweep.state:9} {trials:>8} {best:>8}  {sweep.meta.name}")
    return 0


def _show(options: argparse.Namespace, settings: Settings) -> int:
    sweep = _find(options.sweep, settings)
    _tell(sweep, options.json)
    return 0


def _stop(options: argparse.Namespace, settings: Settings) -> int:
    sweep = _find(options.sweep, settings)
    stop_sweep(sweep.id, settings)
    result = {"sweep_id": sweep.id, "state": "stopping"}
    print(json.dumps(result) if options.json else f"{sweep.id} is stopping; the best is kept.")
    return 0


def _find(text: str, settings: Settings) -> Sweep:
    """The sweep with this identifier, or the newest with this name, or the newest of all."""
    for sweep in list_sweeps(settings):
        if text in ("latest", sweep.id, sweep.meta.name):
            return sweep
    raise SweepError(
        "There is no such sweep.", received=repr(text[:80]), advice="See `sweep list`."
    )


def _tell(sweep: Sweep, as_json: bool) -> None:
    if as_json:
        print(json.dumps(_plain(sweep)))
        return
    print(f"{sweep.id}  {sweep.meta.name}  {sweep.state}, {sweep.ended} of {sweep.total} trials")
    if sweep.error:
        print(f"{sweep.error} {sweep.advice}".strip())
    rest = [trial for trial in sweep.trials if not trial.evaluated]
    for trial in (*sweep.evaluated, *rest):
        values = "  ".join(
            f"{path.rpartition('.')[2]}={value}" for path, value in trial.values.items()
        )
        done = f"{len(trial.accuracies)}/{trial.epochs}" if trial.epochs else ""
        line = f"{trial.number:4} {trial.state:9} {_percent(trial):>8} {done:>7}  {values}"
        print(f"{line}  {trial.error}".rstrip())
    for path, share in sweep.importance.items():
        print(f"{path:38} {share:.0%} of the importance")


def _plain(sweep: Sweep) -> dict[str, Any]:
    best = sweep.best
    return {
        "sweep_id": sweep.id,
        "name": sweep.meta.name,
        "state": sweep.state,
        "error": sweep.error,
        "advice": sweep.advice,
        "total": sweep.total,
        "best": asdict(best) if best else None,
        "trials": [asdict(trial) for trial in sweep.trials],
        "importance": sweep.importance,
        "config": sweep.config.to_json() if sweep.config else None,
    }


def _percent(trial: Trial | None) -> str:
    return "-" if trial is None or trial.score is None else f"{trial.score:.2%}"
