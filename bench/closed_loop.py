"""The closed loop walked once: a fresh run, each remedy for a pair, before and after as Markdown.

    FMNIST_DATA_DIR=… python -m bench.closed_loop [--preset quick] [--pair 6 0] [--set KEY=VALUE]
                      [--without NAME …] [--home FOLDER] [--output docs/closed-loop.md]

Trains one after the other through the engine, in a home of its own unless told otherwise; a home
that was used before is gone on with. Remedies are chosen by images held back; the test figure of
the choice is shown once, at the end. For the remedy "suspects" the fresh network looks for
mislabelled training images first, and those that it takes for one class of the pair while they are
labelled as the other are ticked.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from fmnist_core.config import RunConfig, override
from fmnist_core.config.presets import preset
from fmnist_core.datasets.label_issues import SuspectStore
from fmnist_core.datasets.load import load_dataset
from fmnist_core.engine.client import ensure_engine, search_suspects, stop_engine, submit
from fmnist_core.engine.client import suspect_search as how_far
from fmnist_core.engine.inference.predictions import seen_layers
from fmnist_core.engine.inference.worker_client import ask
from fmnist_core.remedies import (
    BeforeAfter,
    Change,
    Pair,
    Remedy,
    Tried,
    before_after,
    best_of,
    looks_at,
    note_tried,
    remedies,
    reveal,
)
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.library import list_runs
from fmnist_core.settings import Settings, load_settings


@dataclass(frozen=True)
class Walked:
    """A remedy that was trained, and what it changed on images held back."""

    remedy: Remedy
    going_on: bool
    folder: RunFolder
    result: BeforeAfter

    @property
    def title(self) -> str:
        return f"{self.remedy.title}, {'present weights' if self.going_on else 'afresh'}"


def main() -> None:
    options = _options()
    pair = Pair(*options.pair)
    with _home(options.home) as settings:
        base = _trained(override(preset(options.preset).config, options.changes), "base", settings)
        suspects = 0 if "suspects" in options.without else _tick_suspects(base, pair, settings)
        walked = list(_walk(base, pair, suspects, options.without, settings))
        text = "\n".join(_report(base, pair, suspects, walked, options))
    print(text)
    if options.output:
        Path(options.output).write_text(text + "\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--preset", default="quick")
    parser.add_argument("--pair", type=int, nargs=2, default=[6, 0], metavar="CLASS")
    parser.add_argument("--set", action="append", default=[], dest="changes", metavar="KEY=VALUE")
    parser.add_argument("--without", nargs="*", default=[], metavar="REMEDY")
    parser.add_argument("--home")
    parser.add_argument("--output")
    return parser.parse_args()


@contextmanager
def _home(place: str | None) -> Iterator[Settings]:
    with tempfile.TemporaryDirectory() as temporary:
        os.environ["FMNIST_HOME"] = place or temporary
        settings = load_settings()
        ensure_engine(settings, timeout=120)
        try:
            yield settings
        finally:
            stop_engine(settings)


def _walk(
    base: RunFolder, pair: Pair, suspects: int, without: list[str], settings: Settings
) -> Iterator[Walked]:
    for initial_weights in ("", base.id):
        for remedy in remedies(
            base.config, pair, initial_weights=initial_weights, suspects=suspects
        ):
            if remedy.obstacle or remedy.name in without:
                print(f"left out: {remedy.title}. {remedy.obstacle}", flush=True)
                continue
            folder = _trained(remedy.config, remedy.title, settings)
            tried = Tried(pair, remedy.name, remedy.title, bool(initial_weights), folder.id)
            note_tried(base, tried)
            result = before_after(base, folder, pair, settings)
            yield Walked(remedy, bool(initial_weights), folder, result)


def _trained(config: RunConfig, name: str, settings: Settings) -> RunFolder:
    """The finished run of this configuration, trained unless it is there."""
    for run in list_runs(settings):
        same = run.recipe == config.recipe and run.seed == config.training.seed
        if same and run.state == "finished" and run.evaluated:
            return RunFolder.open(settings.runs_dir, run.id)
    folder = RunFolder.open(settings.runs_dir, submit(config, name=name, settings=settings).run_id)
    while folder.status.active:
        time.sleep(0.5)
    status = folder.status
    print(f"{name}: {status.state} after {status.seconds:.0f} s", flush=True)
    if status.state != "finished":
        raise SystemExit(f"{name} ended as {status.state}: {status.error}")
    return folder


def _tick_suspects(base: RunFolder, pair: Pair, settings: Settings) -> int:
    """Ticks images of the pair that are probably mislabelled as the other; returns how many."""
    # The first answer may wait until Keras is loaded.
    ask(base.id, seen_layers, settings=settings, wait=120)
    state = search_suspects(base.id, settings)
    while state.running:
        time.sleep(1)
        state = how_far(base.id, settings)
    if state.result is None:
        raise SystemExit(f"The search for suspects ended without a result: {state}")
    chosen = [
        each.index
        for each in state.result.mislabelled
        if {each.given, each.suggested} == set(pair.classes)
    ]
    identity = load_dataset(base.config.training.dataset, settings).identity
    SuspectStore(settings).tick(identity.fingerprint, (), chosen)
    return len(chosen)


def _report(
    base: RunFolder,
    pair: Pair,
    suspects: int,
    walked: list[Walked],
    options: argparse.Namespace,
) -> Iterator[str]:
    results = {one.folder.id: one.result for one in walked}
    best = best_of(results)
    yield f"# The closed loop: {pair.title}"
    yield ""
    yield from _basis(base, suspects, walked, options)
    yield ""
    yield from _table(walked)
    yield ""
    if best is None:
        yield "**The choice:** none is better at the pair by more than chance without making the"
        yield "whole worse by more than chance; the network as it was is kept. No look was taken"
        yield "at test images."
        return
    chosen = next(one for one in walked if one.folder.id == best)
    yield f"**The choice, by images held back:** {chosen.title}."
    yield ""
    yield "## The choice on images held back"
    yield ""
    yield from _changes(chosen.result)
    figures = reveal(base, chosen.folder, pair)
    yield ""
    yield "## The choice on the test images"
    yield ""
    looks = looks_at(chosen.folder, pair)
    yield f"Looked at after the choice was made; number of looks so far: {looks}."
    yield ""
    yield from _changes(figures)


def _basis(
    base: RunFolder, suspects: int, walked: list[Walked], options: argparse.Namespace
) -> Iterator[str]:
    more = "".join(f" --set {change}" for change in options.changes)
    images = walked[0].result.images if walked else 0
    pair = " ".join(map(str, options.pair))
    yield f"Made by `python -m bench.closed_loop --preset {options.preset} --pair {pair}{more}`."
    yield f"The fresh run took {base.status.seconds:.0f} s of training on"
    yield f"{base.provenance['data']['name']}. Before and after are compared on the {images} images"
    yield "held back, which no network here has learned from; differences are after less before, in"
    yield "percentage points, with paired 95 % intervals (Newcombe 1998, method 10). Suspects left"
    yield f"out by the remedy of that name: {suspects}."


def _table(walked: list[Walked]) -> Iterator[str]:
    yield "| remedy | seconds | mixed up, before → after | difference | all images, difference |"
    yield "|---|--:|--:|--:|--:|"
    for one in walked:
        mixed, overall = one.result.mixed_up, one.result.overall
        yield (
            f"| {one.title} | {one.folder.status.seconds:.0f} | {_from_to(mixed)} "
            f"| {_difference(mixed)} | {_difference(overall)} |"
        )


def _changes(result: BeforeAfter) -> Iterator[str]:
    yield "| share | images | before → after | difference | by more than chance |"
    yield "|---|--:|--:|--:|---|"
    for change in result.rows:
        verdict = "better" if change.better else "worse" if change.worse else "no"
        yield (
            f"| {change.name} | {change.pairs.images} | {_from_to(change)} "
            f"| {_difference(change)} | {verdict} |"
        )


def _from_to(change: Change) -> str:
    return f"{100 * change.before.value:.2f} → {100 * change.after.value:.2f} %"


def _difference(change: Change) -> str:
    low, high = change.interval
    text = f"{100 * change.difference:+.2f} ({100 * low:+.2f} to {100 * high:+.2f})"
    return text.replace("-", "−")


if __name__ == "__main__":
    main()
