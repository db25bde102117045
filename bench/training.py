"""How fast, how accurate, beside what else there is: every figure asked of training, in one go.

    FMNIST_DATA_DIR=... python -m bench.training [--only ROW …] [--seeds 3] [--log FILE] [--smoke]
    python -m bench.training --list

docs/performance.md: the rows of "Training", what "On two kinds of processor" says of whole presets,
"The reference recipes beside a bare Keras script" (rows `reference-…-against-script`), the cost of
a trace. Prints a table and a JSON list of the same. FILE gets a line for each figure; what was
broken off goes on with the same FILE and the same code. --smoke is a quick look with few images.
All rows are measured with one seed, then all with the next: sides take turns. The machine should be
idle otherwise. Validation images choose weights, if any; test images only report. One row needs
PyTorch: `pip install -r requirements-bench.txt`, or BENCH_TORCH_PYTHON=/path/to/python.
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
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

from bench.steps import ROOT, CannotMeasureError, ask, call, markdown
from fmnist_core.config import RunConfig, TrainConfig, override
from fmnist_core.config.presets import PRESETS, preset
from fmnist_core.config.training import COMPUTED_PRECISIONS
from fmnist_core.datasets.dataset import FASHION_MNIST
from fmnist_core.datasets.load import available, load_dataset
from fmnist_core.engine.client import ensure_engine, stop_engine, submit
from fmnist_core.errors import LabError
from fmnist_core.machine import processor
from fmnist_core.models import summarise
from fmnist_core.models.plan import plan
from fmnist_core.runs.events import EventWriter, read_events
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.pretrained import SHIPPED_CATALOGUE, shipped_model_path
from fmnist_core.settings import Settings, load_settings

# What a row has for a seed. `value`: the figure, None where it does not count. `note`: a sentence.
# `missed`: True where a condition is not met. Other numbers are told beside it, by their names.
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


ROWS: list[Row] = []


def _row(slug: str, *given: Any, **more: Any) -> Any:
    """Makes a row of a function, whose docstring is `what`; `given` is put into both."""

    def add(measure: Any) -> Any:
        what = " ".join(inspect.cleandoc(measure.__doc__).format(*given).split())
        ROWS.append(Row(slug, what, lambda session, seed: measure(session, seed, *given), **more))
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
            found = next(row for row in ROWS if row.slug == slug).measure(self, seed)
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


@_row("reference-time", unit="s")
def _reference(session: Session, seed: int) -> Raw:
    """Seconds of reference-a's 10 epochs in a bare Keras script, 60 000 images."""
    found = session.script("reference-a", seed)
    return {"value": found["seconds"], "Test accuracy": found["test_accuracy"]}


@_row("tiny-accuracy", "tiny", "under 10 000 parameters", 10_000, goal=0.915, at_least=True)
@_row("small-accuracy", "small", "under 100 000 parameters", 100_000, goal=0.940, at_least=True)
@_row("lesson-accuracy", "lesson", "within three reference times", 3, goal=0.945, at_least=True)
@_row("strong-accuracy", "strong", "within one reference time", 1, goal=0.935, at_least=True)
def _accuracy(session: Session, seed: int, name: str, words: str, most: int) -> Raw:
    """Preset {0} as it is on the 10 000 test images, single view, {1}."""
    config = session.config(name, f"seed={seed}")
    (run,) = session.train(config)
    found = session.call("judged", str(run.folder.model_path))
    key, size = "Parameters", summarise(config.model).parameters
    if "parameters" not in words:
        key, size = "Reference times", run.seconds / session.of("reference-time", seed)["value"]
    raw = {"value": found["single"], "With the mirror image": found["flip"], key: size}
    raw |= {"Seconds": run.seconds}
    late = {"missed": True, "note": f"{key}: {size:.4g}, which is too much."}
    return raw | (late if size >= most else {})


@_row("quick-time", goal=0.10)
def _quick(session: Session, seed: int) -> Raw:
    """Seconds of preset quick over those of the script; counts with 0.90 on the 10 000 test
    images, single view, last epoch."""
    raw = _accuracy(session, seed, "quick", "", sys.maxsize)
    if raw["value"] >= 0.90:
        return {**raw, "value": raw["Reference times"], "Test accuracy": raw["value"]}
    note = f"Only {raw['value']:.4f} on the test images, so that its time does not count."
    return {**raw, "value": None, "note": note}


@_row("best-flip", "flip", "mean with the mirror image", goal=0.960, at_least=True, most_seeds=1)
@_row("best-single", "single", "single view", goal=0.955, at_least=True, most_seeds=1)
def _shipped(session: Session, seed: int, view: str, words: str) -> Raw:
    """The shipped network `shipped-catalogue` on the 10 000 test images, {1}. One training only,
    so that median, least and most are one figure."""
    path = str(shipped_model_path(SHIPPED_CATALOGUE))
    return {"value": session.call("judged", path)[view]}


@_row("reference-b-against-script", "reference-b", goal=1.05)
@_row("reference-a-against-script", "reference-a", goal=1.05)
def _against_script(session: Session, seed: int, recipe: str) -> Raw:
    """The lab's seconds for 10 epochs of {0}, checkpoints included, over those of a bare Keras
    script as people write it (seeded); accuracies also of one with a new order in each epoch."""
    script = session.script(recipe, seed)
    (run,) = session.train(session.config(recipe, f"seed={seed}", f"epochs={session.epochs(10)}"))
    anew = session.script(recipe, seed, "reshuffle")
    raw = {"value": run.seconds / script["seconds"], "Seconds of the lab": run.seconds}
    raw |= {"Accuracy of the lab": run.folder.status.test_accuracy}
    raw |= {"of the script, reshuffled": anew["test_accuracy"]}
    return raw | {"of the script, seeded": script["test_accuracy"]}


# Network and images a step. The first is what the row tells; the second stands in its note.
_NETWORKS = {"reference-a": 32, "strong": 128}


def typical(ends: list[float]) -> float:
    """The median time between two epochs' ends: the first epoch, which traces, is left out."""
    return median(later - earlier for earlier, later in pairwise(ends))


@_row("epoch-lab", unit="s")
def _lab_epoch(session: Session, seed: int) -> Raw:
    """Seconds an epoch through the lab's train(), float32: reference-a's network, 60 000 images,
    batches of 32, plain Adam, 2 threads, no validation; median of the epochs after the first."""
    raw: Raw = {}
    changes = [f"seed={seed}", f"epochs={session.epochs(4)}", f"train_images={session.images}"]
    for name, size in _NETWORKS.items():
        training = TrainConfig(batch_size=size, validation_share=0.0, keep_weights="last")
        plain = replace(session.config(name), training=training)
        for precision in COMPUTED_PRECISIONS:
            (run,) = session.train(override(plain, [*changes, f"precision={precision}"]))
            raw[f"{name}/{precision}"] = typical(run.ends)
    return {"value": raw["reference-a/float32"], **raw}


def _torch_ends(name: str, *numbers: int) -> list[float]:
    model = preset(name).config.model
    order: Raw = dict(zip(("batch_size", "images", "epochs", "seed"), numbers, strict=True))
    order |= {"layers": [asdict(one) for one in plan(model)], "threads": os.cpu_count()}
    python = os.environ.get("BENCH_TORCH_PYTHON", sys.executable)
    found = ask(str(ROOT / "bench" / "torch_epoch.py"), python=python, given=order)
    if not found["torch"].startswith("2.13."):
        raise CannotMeasureError(f"PyTorch is {found['torch']}, not 2.13.")
    own, wanted = found["parameters"], summarise(model).trainable_parameters
    if own != wanted:
        raise CannotMeasureError(f"PyTorch's `{name}` has {own} parameters in place of {wanted}.")
    return list(found["ends"])


@_row("epoch-against-fit", "Keras' fit on arrays", goal=0.7)
@_row("epoch-against-torch", "PyTorch 2.13 (CPU)", goal=0.7)
def _against(session: Session, seed: int, other: str) -> Raw:
    """The lab's seconds an epoch in its better precision over those of {0}, float32, in the
    setting of epoch-lab."""
    lab, raw = session.of("epoch-lab", seed), {}
    for name, size in _NETWORKS.items():
        numbers = (name, size, session.images, session.epochs(4), seed)
        torch = other.startswith("PyTorch")
        ends = _torch_ends(*numbers) if torch else session.call("fit", *numbers)["ends"]
        raw[f"{name}, seconds"] = typical(ends)
        for key in (f"{name}/{precision}" for precision in COMPUTED_PRECISIONS):
            raw[key] = lab[key] / raw[f"{name}, seconds"]
    return {"value": min(raw[f"reference-a/{one}"] for one in COMPUTED_PRECISIONS), **raw}


@_row("outside-step", goal=0.05)
def _outside(session: Session, seed: int) -> Raw:
    """Share of an epoch's wall time beyond that of as many bare compiled steps on a batch that
    lies in memory, which take turns with the epochs in the same process; 60 000 images, no
    validation, first epoch left out, the worse of the presets quick and strong."""
    raw: Raw = {}
    for name in ("quick", "strong"):
        found = session.call("outside", name, session.images, session.epochs(7), seed)
        raw |= {name: found["outside"], f"{name}, between the calls": found["between"]}
    return {"value": max(raw["quick"], raw["strong"]), **raw}


@_row("memory", unit="MB", goal=1200, judged_by=max)
def _memory(session: Session, seed: int) -> Raw:
    """Peak resident memory (VmHWM) of the training's process in MB, one epoch of each preset and
    its judging on 10 000 test images; the largest one."""
    # Without a plan that needs more epochs than the one.
    changes = ["epochs=1", "frozen_epochs=0", "early_stopping=0", f"seed={seed}"]
    peaks = {name: session.train(session.config(name, *changes))[0].peak_mb for name in PRESETS}
    return {"value": max(peaks.values()), **peaks}


@_row("two-at-once", goal=1.0)
def _two(session: Session, seed: int) -> Raw:
    """Wall time of two runs at once (FMNIST_SLOTS=2) over that of one after the other (1), from
    handing in to judged, engine warm; the worse of the presets quick (4 epochs) and small (2)."""
    seconds: dict[tuple[str, int], float] = {}
    for slots in (1, 2) if seed % 2 == 0 else (2, 1):
        session.start(slots)
        # Enough for one run to outlast its start.
        for name, epochs in (("quick", 4), ("small", 2)):
            changes = [f"epochs={session.epochs(epochs)}"]
            both = [session.config(name, *changes, f"seed={2 * seed + more}") for more in (0, 1)]
            began = time.time()
            last = max(run.ended for run in session.train(*both, slots=slots))
            seconds[name, slots] = last - began
    raw = {name: seconds[name, 2] / seconds[name, 1] for name in ("quick", "small")}
    return {"value": max(raw.values()), **raw}


@_row("trace-time", goal=1.03)
def _trace(session: Session, seed: int) -> Raw:
    """Seconds of preset quick with a trace over those without; which goes first alternates."""
    runs = {}
    for kept in ("true", "false") if seed % 2 == 0 else ("false", "true"):
        (runs[kept],) = session.train(
            session.config("quick", f"seed={seed}", f"record_dynamics={kept}")
        )
    kept, bare = runs["true"], runs["false"]
    size = (kept.folder.path / "trace.jsonl").stat().st_size / 1000
    raw = {"Seconds with": kept.seconds, "Seconds without": bare.seconds, "KB of the trace": size}
    return {"value": kept.seconds / bare.seconds, **raw}


class Records:
    """Figures of rows and seeds, kept line by line. Only those of the same code (`commit`) are
    taken up again, and those of a try (`smoke`) never mix with real ones."""

    def __init__(self, rows: Sequence[Row], path: Path | None, *, commit: str = "", **made: Any):
        self._rows, self._made = rows, {"commit": commit, **made}
        self._log = EventWriter(path) if path else None
        # Why a row has no figure this time; what was measured before stays.
        self.failures: dict[str, str] = {}
        self._kept: dict[str, dict[int, Raw]] = {row.slug: {} for row in rows}
        same = {"smoke": made["smoke"], "commit": commit}.items()
        for event in read_events(path)[0] if path else []:
            if event["kind"] in self._kept and same <= event.items():
                self._kept[event["kind"]][event["seed"]] = event

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
        if key == "note":
            told += [f"{note} (seed {seed})" for seed, note in own.items()]
        elif own:
            told.append(f"{key}: {median(own.values()):,.6g}.")
    shown = {"median": median, "min": min, "max": max}
    return {
        **{"row": row.slug, **{key: one(figures) if whole else None for key, one in shown.items()}},
        **{"goal": row.goal, "met": met, "unit": row.unit, "seeds": len(raws)},
        "note": " ".join([*told, failure]).strip(),
    }


def table(found: Sequence[dict[str, Any]]) -> str:
    """One line a row, as Markdown; notes below."""
    rows = []
    for one in found:
        shown = ["-" if one[key] is None else f"{one[key]:.4g}" for key in ("median", "min", "max")]
        met = {True: "yes", False: "**no**", None: ""}[one["met"]]
        name = f"{one['row']}, {one['unit']}" if one["unit"] else one["row"]
        goal = "" if one["goal"] is None else f"{one['goal']:g}"
        rows.append([name, *shown, one["seeds"], goal, met])
    notes = [f"- `{one['row']}`: {one['note']}" for one in found]
    machines = dict.fromkeys(one["machine"] for one in found)
    heads = ["row", "median", "min", "max", "seeds", "goal", "met"]
    return "\n".join([markdown(heads, rows), "", *notes, "", *machines, ""])


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.training", description=__doc__)
    slugs = [row.slug for row in ROWS]
    parser.add_argument("--only", nargs="+", choices=slugs, default=slugs, metavar="ROW")
    parser.add_argument("--seeds", type=int, choices=range(1, 100), default=3, metavar="N")
    parser.add_argument("--log", type=Path, metavar="FILE", help="all figures; taken up again")
    parser.add_argument("--list", action="store_true", help="what the rows are")
    parser.add_argument("--smoke", action="store_true", help="640 images, 3 epochs: to see it work")
    options = parser.parse_args(arguments)
    if options.list:
        print("\n".join(f"{row.slug:28}{row.what}" for row in ROWS))
        return 0
    asked = ["git", "describe", "--always", "--dirty", "--abbrev=12"]
    commit = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True).stdout.strip()
    told = [f"{key}={os.environ[key]}" for key in os.environ if "ONEDNN" in key]
    told += [f"{name} {version(name)}" for name in ("tensorflow", "keras")]
    machine = ", ".join([processor(), f"{os.cpu_count()} cores", *told])
    made = {"smoke": options.smoke, "machine": machine, "commit": commit}
    try:
        records = Records(ROWS, options.log, **made)
    except (LabError, OSError) as error:
        parser.error(str(error))
    with TemporaryDirectory(prefix="bench-") as home:
        settings = replace(load_settings(), home=Path(home), slots=1)
        session = Session(records, settings, options.smoke)
        try:
            for seed, row in ((seed, row) for seed in range(options.seeds) for row in ROWS):
                if row.slug in options.only and seed < row.most_seeds:
                    told = _measure(session, records, row.slug, seed)
                    print(f"seed {seed}  {row.slug}  {told}", file=sys.stderr)
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


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # Whoever ends it ends its engine, too.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    sys.exit(main())
