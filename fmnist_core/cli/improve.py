"""`improve RUN`: remedies for two classes that a run confuses, tried here and now."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from typing import Any

from fmnist_core.cli import improve_words as words
from fmnist_core.cli.run_lookup import find_run, use_data_dir
from fmnist_core.cli.train import begin, train_here
from fmnist_core.collections.content import label_of
from fmnist_core.datasets.label_issues import SuspectStore
from fmnist_core.errors import CollectionError, ConfigError, LabError
from fmnist_core.remedies import (
    BeforeAfter,
    Pair,
    Remedy,
    Tried,
    before_after,
    best_of,
    looks_at,
    note_tried,
    remedies,
    reveal,
    trained_already,
    tried_from,
)
from fmnist_core.remedies.validation_reuse import validation_predictions
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import Settings, load_settings


def add_parser(commands: Any) -> None:
    parser = commands.add_parser("improve", help="remedies for two classes that a run confuses")
    parser.add_argument("run", help="identifier or name of a run, or `latest`")
    parser.add_argument("--true", required=True, metavar="CLASS", help="0 to 9 or a class's name")
    parser.add_argument("--predicted", required=True, metavar="CLASS", help="what it is taken for")
    parser.add_argument("--remedy", default="", metavar="NAME", help="try this one, here and now")
    parser.add_argument(
        "--going-on", action="store_true", help="from the run's present weights, not afresh"
    )
    parser.add_argument(
        "--test",
        action="store_true",
        help="the test figure of the choice or, with --remedy, of that one; every look is counted",
    )
    parser.add_argument("--data-dir", help="folder with the four official files")
    parser.add_argument("--json", action="store_true", help="last line: the result, for machines")


def run(options: argparse.Namespace) -> int:
    use_data_dir(options.data_dir)
    settings = load_settings()
    base = RunFolder.open(settings.runs_dir, find_run(options.run, settings).id)
    pair = Pair(_class(options.true), _class(options.predicted))
    offered = _offered(base, pair, options.going_on, settings)
    after, ended_well = "", True
    if options.remedy:
        remedy = _chosen(offered, options.remedy)
        after, ended_well = _try(base, pair, remedy, options.going_on, settings)
    results, untold = _results(base, pair, settings)
    shown = after or best_of(results) or ""
    test = _test_figure(base, pair, shown, settings) if options.test else None
    told = words.Told(base, pair, tuple(offered), results, untold, after, shown, test)
    print(json.dumps(told.to_json())) if options.json else print("\n".join(told.lines()))
    return 0 if ended_well else 130


def _class(text: str) -> int:
    try:
        label = label_of(text)
    except CollectionError:
        label = None
    if label is None:
        raise ConfigError("A class is a number from 0 to 9 or a class's name.", received=text[:60])
    return label


def _offered(base: RunFolder, pair: Pair, going_on: bool, settings: Settings) -> list[Remedy]:
    ticked = SuspectStore(settings).ticked(validation_predictions(base).fingerprint)
    initial_weights = base.id if going_on else ""
    return remedies(base.config, pair, initial_weights=initial_weights, suspects=len(ticked))


def _chosen(offered: Sequence[Remedy], name: str) -> Remedy:
    found = next((remedy for remedy in offered if remedy.name == name), None)
    if found is None:
        names = ", ".join(remedy.name for remedy in offered)
        raise ConfigError(
            "There is no such remedy here.", received=name[:60], advice=f"There are: {names}."
        )
    if found.obstacle:
        raise ConfigError(f"This remedy cannot be tried. {found.obstacle}", received=name)
    return found


def _try(
    base: RunFolder, pair: Pair, remedy: Remedy, going_on: bool, settings: Settings
) -> tuple[str, bool]:
    """The run that tried it, and whether it ended well; an equal one of earlier is as good."""
    run_id = trained_already(remedy.config, settings)
    if run_id is not None:
        _note(base, pair, remedy, going_on, run_id)
        return run_id, True
    name = f"{base.meta.name}: {remedy.title.lower()}"[:80]
    folder, data = begin(remedy.config, name, settings, chosen=True)
    _note(base, pair, remedy, going_on, folder.id)
    return folder.id, train_here(folder, data).status == "finished"


def _note(base: RunFolder, pair: Pair, remedy: Remedy, going_on: bool, run_id: str) -> None:
    note_tried(base, Tried(pair, remedy.name, remedy.title, going_on, run_id))


def _results(
    base: RunFolder, pair: Pair, settings: Settings
) -> tuple[dict[str, BeforeAfter], dict[str, str]]:
    """What was tried for the pair, by the run: what it changed, or why that is not known."""
    results, untold = {}, {}
    for tried in tried_from(base):
        if tried.pair == pair:
            try:
                after = RunFolder.open(settings.runs_dir, tried.run_id)
                results[tried.run_id] = before_after(base, after, pair, settings)
            except LabError as error:
                untold[tried.run_id] = str(error)
    return results, untold


def _test_figure(base: RunFolder, pair: Pair, run_id: str, settings: Settings) -> words.Revealed:
    if not run_id:
        raise ConfigError(
            "There is no choice whose test figure could be shown.",
            advice="Try a remedy first; the network as it was is the choice meanwhile.",
        )
    after = RunFolder.open(settings.runs_dir, run_id)
    figures = reveal(base, after, pair)
    return words.Revealed(figures, looks_at(after, pair))
