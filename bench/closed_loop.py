"""The closed loop walked once: a fresh run, each remedy for a pair, before and after.

    FMNIST_DATA_DIR=… python -m bench.closed_loop [--preset quick] [--pair 6 0]
                      [--set KEY=VALUE …] [--home FOLDER]

Every figure of docs/closed-loop.md: a table of all remedies, and the choice's figures in the words
of `improve`. Trains by the command line, in a home of its own unless told otherwise; a home that
was used before is gone on with. Remedies are chosen by images held back; the test figure of the
choice is shown once, at the end. For the remedy "suspects" the fresh network looks for mislabelled
images first; those that it takes for one class of the pair while they are labelled as the other
are ticked. A quick look: `--set epochs=1 train_images=4000`.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from typing import Any

from bench.steps import ask, markdown
from fmnist_core.config import override
from fmnist_core.config.presets import preset
from fmnist_core.datasets.label_issues import LabelIssueStore
from fmnist_core.datasets.load import load_dataset
from fmnist_core.engine import client
from fmnist_core.engine.inference.predictions import tapped_layers
from fmnist_core.engine.inference.worker_client import ask as ask_worker
from fmnist_core.remedies import trained_already
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import load_settings


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.closed_loop", description=__doc__)
    parser.add_argument("--preset", default="quick")
    parser.add_argument("--pair", type=int, nargs=2, default=[6, 0], metavar="CLASS")
    parser.add_argument("--set", nargs="+", default=[], dest="changes", metavar="KEY=VALUE")
    parser.add_argument("--home")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as fresh:
        os.environ["FMNIST_HOME"] = options.home or fresh
        config = override(preset(options.preset).config, options.changes)
        base = trained_already(config, load_settings())
        changes = [f"--set={change}" for change in options.changes]
        base = base or _lab("train", "--preset", options.preset, *changes)["run_id"]
        tick_suspects(base, options.pair)
        true, predicted = map(str, options.pair)
        improve = ("improve", base, "--true", true, "--predicted", predicted)
        try_all(improve)
        test = ["--test"] if _lab(*improve)["choice"] else []
        subprocess.run([sys.executable, "-m", "fmnist_core", *improve, *test], check=True)


def _lab(*command: str) -> dict[str, Any]:
    print("…", *command, file=sys.stderr)
    return ask("-m", "fmnist_core", *command, "--json")


def try_all(improve: tuple[str, ...]) -> None:
    """Tries each remedy, afresh and from the present weights, and prints what all came to."""
    titles, found = {}, {"tried": []}
    for how, start in (((), "afresh"), (("--going-on",), "present weights")):
        for remedy in _lab(*improve, *how)["remedies"]:
            if remedy["obstacle"]:
                print(f"left out: {remedy['title']}. {remedy['obstacle']}")
                continue
            found = _lab(*improve, *how, "--remedy", remedy["name"])
            titles[found["after"]] = f"{remedy['title']}, {start}"
    rows = []
    for one in (one for one in found["tried"] if "changes" in one):
        seconds = RunFolder.open(load_settings().runs_dir, one["run_id"]).status.seconds
        _, mixed, overall, *_ = one["changes"]
        title, shares = titles[one["run_id"]], f"{mixed['before']:.2%} → {mixed['after']:.2%}"
        rows.append([title, f"{seconds:.0f}", shares, _points(mixed), _points(overall)])
    heads = ["remedy", "seconds", "mixed up, before → after", "difference", "all images"]
    print(markdown(heads, rows), flush=True)


def _points(change: dict[str, Any]) -> str:
    numbers = (change["difference"], *change["interval"])
    return "{:+.2f} ({:+.2f} to {:+.2f})".format(*(100 * one for one in numbers))


def tick_suspects(base: str, pair: list[int]) -> None:
    """Ticks images of the pair that are probably mislabelled as the other; prints how many."""
    settings = load_settings()
    client.ensure_engine(settings, timeout=120)
    try:
        # The first answer may wait until Keras is loaded.
        ask_worker(base, tapped_layers, settings=settings, wait=120)
        state = client.search_label_issues(base, settings)
        while state.running:
            time.sleep(1)
            state = client.label_issue_search(base, settings)
    finally:
        client.stop_engine(settings)
    if state.result is None:
        raise SystemExit(f"The search for suspects ended without a result: {state}")
    found = state.result.mislabelled
    chosen = [each.index for each in found if {each.given, each.suggested} == set(pair)]
    run = RunFolder.open(settings.runs_dir, base)
    data = load_dataset(run.config.training.dataset, settings)
    LabelIssueStore(settings).tick(data.identity.fingerprint, (), chosen)
    print(f"Fresh run: {run.status.seconds:.0f} s; suspects: {len(chosen)}", flush=True)


if __name__ == "__main__":
    main()
