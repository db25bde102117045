"""What the records share: runs as people start them, the reference time, figures and their table.

Figures of rows and seeds are kept line by line (`--log FILE`); what was broken off goes on with the
same FILE and the same code. All rows are measured with one seed, then all with the next: sides take
turns. The machine should be idle otherwise. Validation images choose weights, if any; test images
only report. `--smoke` is a quick look with few images.
"""

from __future__ import annotations

import argparse
import inspect
import json
import os
import re
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from statistics import mean, median
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

from bench.steps import ROOT, CannotMeasureError, ask, call, markdown
from fmnist_core.config import RunConfig, override
from fmnist_core.config.presets import preset
from fmnist_core.datasets.dataset import FASHION_MNIST
from fmnist_core.datasets.load import available, load_dataset
from fmnist_core.engine.client import ensure_engine, stop_engine, submit
from fmnist_core.errors import LabError
from fmnist_core.evaluation import Spread, wilson
from fmnist_core.machine import processor
from fmnist_core.models import summarise
from fmnist_core.runs.events import EventWriter, read_events
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import Settings, load_settings

# What a row has for a seed. `value`: the figure, None where it does not count. `note`: a sentence.
# `missed`: True where a condition is not met. `accuracies`: by their names, how many images were
# right and of how many. Other numbers are told beside it, by their names.
Raw = dict[str, Any]


@dataclass(frozen=True)
class Row:
    slug: str
    what: str
    measure: Callable[[Session, int], Raw]
    unit: str = ""
    # What `judged_by` makes of the seeds' figures should be at most, or `at_least`, the goal.
    goal: float | None = None
    at_least: bool = False
    most_seeds: int = sys.maxsize
    judged_by: Callable[[list[float]], float] = median


def row(rows: list[Row], slug: str, *given: Any, **more: Any) -> Any:
    """Makes a row of a function, whose docstring is `what`; `given` is put into both."""

    def add(measure: Any) -> Any:
        what = " ".join(inspect.cleandoc(measure.__doc__).format(*given).split())
        rows.append(Row(slug, what, lambda session, seed: measure(session, seed, *given), **more))
        return measure

    return add


class Session:
    """What rows measure with: runs through an engine as people start them, and other rows."""

    def __init__(self, records: Records, settings: Settings, smoke: bool):
        self._records, self._settings, self._smoke, self._started = records, settings, smoke, False
        self.images = 640 if smoke else 60_000

    def of(self, slug: str, seed: int) -> Raw:
        """The figure of a row, measured where it is not there yet, on data in the fast form."""
        found = self._records.find(slug, seed)
        if found is None:
            if self._settings.data_dir is None or not available(self._settings).official_ready:
                raise CannotMeasureError("The official files are not here: set FMNIST_DATA_DIR.")
            load_dataset(FASHION_MNIST, self._settings)
            found = self._records.row(slug).measure(self, seed)
            self._records.keep(slug, seed, found)
        return found

    def call(self, function: str, *given: Any) -> dict[str, Any]:
        return call(function, *given, home=self._settings.home)

    def script(self, recipe: str, seed: int, *how: str) -> dict[str, Any]:
        numbers = map(str, (seed, self.epochs(10), self.images))
        return ask(str(ROOT / "bench" / "bare_keras.py"), recipe, *numbers, *how)

    def epochs(self, number: int) -> int:
        return min(number, 3) if self._smoke else number

    def config(self, name: str, *changes: str) -> RunConfig:
        """A preset, cut down to the size of this measuring, and changed."""
        config = preset(name).config
        few = f"epochs={self.epochs(config.training.epochs)}", f"train_images={self.images}"
        return override(config, [*(few if self._smoke else ()), *changes])

    def train(self, *configs: RunConfig, slots: int = 1) -> list[Any]:
        """Queues all at once and waits for the last one's end; returns `_run_figures` of each."""
        self.start(slots)
        ids = [submit(one, settings=self._settings).run_id for one in configs]
        folders = [RunFolder.open(self._settings.runs_dir, run_id) for run_id in ids]
        peaks = dict.fromkeys(ids, 0.0)
        while any(folder.status.active for folder in folders):
            for folder in folders:
                peaks[folder.id] = max(peaks[folder.id], _peak_mb(folder.status.pid))
            time.sleep(0.1)
        return [_run_figures(folder, peaks[folder.id]) for folder in folders]

    def start(self, slots: int) -> None:
        """Starts the engine with so many slots, and gives it time to settle."""
        if not self._started or slots != self._settings.slots:
            self.stop()
            self._settings = replace(self._settings, slots=slots, scheduler=None)
            ensure_engine(self._settings)
            self._started = True
            # It loads Keras once for trainings and, 20 s later, once more for questions.
            time.sleep(0 if self._smoke else 45)

    def stop(self) -> None:
        if self._started:
            stop_engine(self._settings)


def _peak_mb(pid: int) -> float:
    """The most memory that a process ever held, in MB of 10^6 bytes; 0 where it is gone."""
    status = Path(f"/proc/{pid}/status")
    found = re.search(r"VmHWM:\s+(\d+)", status.read_text()) if status.exists() else None
    return int(found[1]) * 1024 / 1e6 if found else 0.0


def _run_figures(folder: RunFolder, peak_mb: float) -> Any:
    """When epochs ended and all was judged (Unix time), and `seconds` from the network being built
    to the last epoch's end, checkpoints included."""
    status, name = folder.status, folder.config.preset or "a network"
    if status.state != "finished":
        raise CannotMeasureError(f"A run of `{name}` ended as {status.state}: {status.error}")
    events = read_events(folder.events_path)[0]
    ends = [event["t"] for event in events if event["kind"] == "epoch"]
    when = {event["kind"]: event["t"] for event in reversed(events)}
    told = {"folder": folder, "ends": ends, "seconds": ends[-1] - when["start"]}
    return SimpleNamespace(**told, ended=when["end"], peak_mb=peak_mb)


# Rows that others ask for.
SHARED: list[Row] = []


@row(SHARED, "reference-time", unit="s")
def _reference(session: Session, seed: int) -> Raw:
    """Seconds of reference-a's 10 epochs in a bare Keras script, 60 000 images."""
    found = session.script("reference-a", seed)
    return {"value": found["seconds"], "Test accuracy": found["test_accuracy"]}


REFERENCE_TIME = SHARED[0]


def judged(session: Session, path: Path) -> dict[str, list[int]]:
    """Right answers of a saved network and of how many test images: single view and mean with the
    mirror image, with and without the near-duplicates of training images."""
    found: dict[str, list[int]] = session.call("judged", str(path))
    return found


def accuracy(pair: Sequence[int]) -> float:
    return pair[0] / pair[1]


def reached(session: Session, seed: int, config: RunConfig) -> Raw:
    """A configuration trained as people train it: `value` is its test accuracy, single view."""
    (run,) = session.train(config)
    found = judged(session, run.folder.model_path)
    raw = {"value": accuracy(found["single"]), "accuracies": found, "Seconds": run.seconds}
    return raw | {"Parameters": summarise(config.model).parameters}


def reached_in_time(session: Session, seed: int, config: RunConfig, most: float) -> Raw:
    """The same within so many reference times, else `missed`."""
    raw = reached(session, seed, config)
    times = raw["Seconds"] / session.of("reference-time", seed)["value"]
    late = {"missed": True, "note": f"Reference times: {times:.4g}, which is too much."}
    return raw | {"Reference times": times} | (late if times >= most else {})


def reached_first(session: Session, seed: int, config: RunConfig, least: float) -> Raw:
    """Its time in reference times, which counts with at least this accuracy."""
    raw = reached_in_time(session, seed, config, sys.maxsize)
    if raw["value"] >= least:
        return raw | {"value": raw["Reference times"], "Test accuracy": raw["value"]}
    note = f"Only {raw['value']:.4f} on the test images, so that its time does not count."
    return raw | {"value": None, "note": note}


def reached_with(session: Session, seed: int, config: RunConfig, most: int) -> Raw:
    """The same with fewer than so many parameters, else `missed`."""
    raw = reached(session, seed, config)
    size = raw["Parameters"]
    large = {"missed": True, "note": f"Parameters: {size:,}, which is too much."}
    return raw | (large if size >= most else {})


class Records:
    """Figures of rows and seeds, kept line by line. Only those of the same code (`commit`) are
    taken up again, and those of a try (`smoke`) never mix with real ones."""

    def __init__(self, rows: Sequence[Row], path: Path | None, *, commit: str = "", **made: Any):
        self._rows = [*rows, *(one for one in SHARED if one not in rows)]
        self._made = {"commit": commit, **made}
        self._log = EventWriter(path) if path else None
        # Why a row has no figure this time; what was measured before stays.
        self.failures: dict[str, str] = {}
        self._kept: dict[str, dict[int, Raw]] = {one.slug: {} for one in self._rows}
        same = {"smoke": made["smoke"], "commit": commit}.items()
        for event in read_events(path)[0] if path else []:
            if event["kind"] in self._kept and same <= event.items():
                self._kept[event["kind"]][event["seed"]] = event

    def row(self, slug: str) -> Row:
        return next(one for one in self._rows if one.slug == slug)

    def find(self, slug: str, seed: int) -> Raw | None:
        return self._kept[slug][seed]["raw"] if seed in self._kept[slug] else None

    def keep(self, slug: str, seed: int, raw: Raw) -> None:
        self._kept[slug][seed] = {"raw": raw, **self._made}
        if self._log:
            self._log.write(slug, seed=seed, raw=raw, **self._made)

    def list(self) -> list[dict[str, Any]]:
        """All rows with a figure or a reason for none, in the order of the table."""
        found = []
        for row in self._rows:
            kept, failure = self._kept[row.slug], self.failures.get(row.slug, "")
            item = summary(row, {seed: kept[seed]["raw"] for seed in sorted(kept)}, failure)
            tried = "A TRY with few images, no figure. " if self._made["smoke"] else ""
            made_on = [*kept.values(), self._made][0]["machine"]
            item |= {"note": tried + item["note"], "machine": made_on}
            found += [item] if kept or failure else []
        return found


def summary(row: Row, raws: Mapping[int, Raw], failure: str = "") -> dict[str, Any]:
    """The row as it is printed, from its seeds; `failure`: why there is no more."""
    figures = [raw["value"] for raw in raws.values() if raw["value"] is not None]
    whole = bool(figures) and len(figures) == len(raws)
    met = None if row.goal is None else False
    if met is False and whole and not failure and not any("missed" in r for r in raws.values()):
        figure = row.judged_by(figures)
        met = figure >= row.goal if row.at_least else figure <= row.goal
    told = [row.what]
    for key in dict.fromkeys(key for raw in raws.values() for key in raw if key != "value"):
        own = {seed: raw[key] for seed, raw in raws.items() if key in raw and raw[key] is not True}
        if key == "accuracies":
            told += _accuracies(list(own.values()))
        elif key == "note":
            told += [f"{note} (seed {seed})" for seed, note in own.items()]
        elif own:
            told.append(f"{key}: {median(own.values()):,.6g}.")
    shown = {"median": median, "min": min, "max": max, "interval": _interval}
    return {
        **{"row": row.slug, **{key: one(figures) if whole else None for key, one in shown.items()}},
        **{"goal": row.goal, "met": met, "unit": row.unit, "seeds": len(raws)},
        "note": " ".join([*told, failure]).strip(),
    }


def _interval(figures: list[float]) -> list[float] | None:
    """95 % interval of the mean over seeds (Student's t); None of a single one."""
    found = Spread(tuple(figures)).interval
    return None if found is None else list(found)


def _accuracies(seeds: list[dict[str, list[int]]]) -> list[str]:
    """Of each accuracy a sentence: mean over seeds, Wilson's interval for so many images."""
    told = []
    for name in seeds[0]:
        right, images = mean(one[name][0] for one in seeds), seeds[0][name][1]
        low, high = wilson(round(right), images)
        share = f"{right / images:.4f} ({low:.4f} to {high:.4f})"
        told.append(f"{name}: {share} of {images:,} images.")
    return told


def table(found: Sequence[dict[str, Any]]) -> str:
    """One line a row, as Markdown; notes below."""
    rows = []
    for one in found:
        shown = ["-" if one[key] is None else f"{one[key]:.4g}" for key in ("median", "min", "max")]
        across = one.get("interval")
        shown.append("-" if across is None else f"{across[0]:.4g} to {across[1]:.4g}")
        met = {True: "yes", False: "**no**", None: ""}[one["met"]]
        name = f"{one['row']}, {one['unit']}" if one["unit"] else one["row"]
        goal = "" if one["goal"] is None else f"{one['goal']:g}"
        rows.append([name, *shown, one["seeds"], goal, met])
    notes = [f"- `{one['row']}`: {one['note']}" for one in found]
    machines = dict.fromkeys(one["machine"] for one in found)
    heads = ["row", "median", "min", "max", "95 % of the mean", "seeds", "goal", "met"]
    return "\n".join([markdown(heads, rows), "", *notes, "", *machines, ""])


def measure_rows(
    rows: Sequence[Row], prog: str, about: str | None, arguments: Sequence[str] | None = None
) -> int:
    """The command of a module with rows: measures, prints table and JSON.

    Returns:
        The exit status.
    """
    parser = argparse.ArgumentParser(
        prog=f"python -m {prog}",
        description=about,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    slugs = [one.slug for one in rows]
    parser.add_argument("--only", nargs="+", choices=slugs, default=slugs, metavar="ROW")
    parser.add_argument("--seeds", type=int, choices=range(1, 100), default=3, metavar="N")
    parser.add_argument("--log", type=Path, metavar="FILE", help="all figures; taken up again")
    parser.add_argument("--list", action="store_true", help="what the rows are")
    parser.add_argument("--smoke", action="store_true", help="640 images, 3 epochs: to see it work")
    options = parser.parse_args(arguments)
    if options.list:
        print("\n".join(f"{one.slug:28}{one.what}" for one in rows))
        return 0
    asked = ["git", "describe", "--always", "--dirty", "--abbrev=12"]
    commit = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True).stdout.strip()
    told = [f"{key}={os.environ[key]}" for key in os.environ if "ONEDNN" in key]
    told += [f"{name} {version(name)}" for name in ("tensorflow", "keras")]
    machine = ", ".join([processor(), f"{os.cpu_count()} cores", *told])
    made = {"smoke": options.smoke, "machine": machine, "commit": commit}
    try:
        records = Records(rows, options.log, **made)
    except (LabError, OSError) as error:
        parser.error(str(error))
    with TemporaryDirectory(prefix="bench-") as home:
        settings = replace(load_settings(), home=Path(home), slots=1)
        session = Session(records, settings, options.smoke)
        try:
            for seed, one in ((seed, one) for seed in range(options.seeds) for one in rows):
                if one.slug in options.only and seed < one.most_seeds:
                    told = _measure(session, records, one.slug, seed)
                    print(f"seed {seed}  {one.slug}  {told}", file=sys.stderr)
        finally:
            session.stop()
    found = records.list()
    print(table(found), json.dumps(found), sep="\n")
    return 0


def _measure(session: Session, records: Records, slug: str, seed: int) -> str:
    try:
        return str(session.of(slug, seed)["value"])
    except (CannotMeasureError, LabError) as error:
        records.failures[slug] = str(error)
    except Exception as error:
        # Hours of measuring must not be lost over one row.
        traceback.print_exc()
        records.failures[slug] = f"Failed: {type(error).__name__}: {str(error)[:200]}"
    return records.failures[slug]


def run(rows: Sequence[Row], prog: str, about: str | None) -> None:
    """As `measure_rows`, for `python -m`: ends the process, and its engine with it."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    sys.exit(measure_rows(rows, prog, about))
