"""`data status|download`: what data there is, and how to get it."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from typing import Any

from fmnist_core.cli.progress import ProgressBar
from fmnist_core.cli.run_lookup import use_data_dir
from fmnist_core.datasets.dataset import Dataset
from fmnist_core.datasets.load import DataStatus, available, choose_dataset
from fmnist_core.datasets.official import load_official
from fmnist_core.datasets.progress import Listener, Progress
from fmnist_core.settings import load_settings

_INTERRUPTED = 130


def add_parser(commands: Any) -> None:
    """Adds `data` and its two actions."""
    parser = commands.add_parser("data", help="check for Fashion-MNIST, or download it")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    for action, text in (
        ("status", "show which data sets are on this machine (no network access)"),
        ("download", "prepare Fashion-MNIST from disk or by download"),
    ):
        one = actions.add_parser(action, help=text, description=text)
        one.add_argument(
            "--data-dir", metavar="D", help="look for the four files in this folder first"
        )
        one.add_argument("--json", action="store_true", help="print one line of JSON")


def run(options: argparse.Namespace) -> int:
    """Returns the exit status: 0 done, 130 interrupted.

    Raises:
        LabError: It did not work, and why.
    """
    use_data_dir(options.data_dir)
    return _status(options) if options.action == "status" else _download(options)


def _status(options: argparse.Namespace) -> int:
    settings = load_settings()
    status = available(settings)
    if options.json:
        chosen = {"chosen": choose_dataset(settings)}
        print(json.dumps(asdict(status) | chosen, default=str))
    else:
        print("\n".join(_lines(status)))
    return 0


def _lines(status: DataStatus) -> list[str]:
    absent = "not here; `python -m fmnist_core data download` downloads it (30 MB)"
    undrawn = "not generated yet; takes a few seconds when first needed"
    return [
        f"Fashion-MNIST       {f'ready, {status.where}' if status.official_ready else absent}",
        f"Synthetic garments  {'ready' if status.synthetic_ready else undrawn}",
        f"Cache folder        {status.cache_folder}",
        *(f"Problem: {problem}" for problem in status.problems),
    ]


def _download(options: argparse.Namespace) -> int:
    screen = _Screen()
    listener = Listener(progress=screen.progress, notice=screen.notice)
    try:
        dataset = load_official(load_settings(), download=True, verify=True, listener=listener)
    except KeyboardInterrupt:
        screen.close()
        print("Stopped. Downloaded files are kept; the next start resumes.", file=sys.stderr)
        return _INTERRUPTED
    finally:
        screen.close()
    print(_report(dataset, as_json=options.json))
    return 0


def _report(dataset: Dataset, *, as_json: bool) -> str:
    if as_json:
        counts = {"train": len(dataset.train), "test": len(dataset.test)}
        return json.dumps(dataset.identity.to_json() | counts)
    return (
        f"Fashion-MNIST is ready: {len(dataset.train):,} training and {len(dataset.test):,} "
        f"test images, {dataset.identity.source}."
    )


class _Screen:
    """A bar that appears with the first byte, and notices that do not break it."""

    def __init__(self) -> None:
        self._bar: ProgressBar | None = None

    def progress(self, progress: Progress) -> None:
        if self._bar is None:
            self._bar = ProgressBar(progress.total, "Downloading")
        self._bar.reach(
            progress.done,
            f"{progress.done / 1e6:.1f} of {progress.total / 1e6:.1f} MB  {progress.what}",
        )

    def notice(self, sentence: str) -> None:
        self.close()
        print(sentence, file=sys.stderr)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
        self._bar = None
