"""`train`: trains one run, or with `--seeds N` one run a seed, in this process.

The run folders are the same that the pages show.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import sys
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any

from fmnist_core.cli.progress import ProgressBar
from fmnist_core.cli.recipe import add_recipe, recipe
from fmnist_core.cli.run_lookup import find_run, use_data_dir
from fmnist_core.config import RunConfig, override
from fmnist_core.datasets.dataset import FASHION_MNIST, SYNTHETIC_GARMENTS, Dataset
from fmnist_core.datasets.load import load_dataset
from fmnist_core.errors import NoDataError
from fmnist_core.runs.expected import learn_from
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.pretrained import SHIPPED, SHIPPED_NETWORKS
from fmnist_core.runs.status import HERE
from fmnist_core.settings import Settings, load_settings
from fmnist_core.tracking import Tracking
from fmnist_core.training.check import check_trainable
from fmnist_core.training.threads import share_cores

if TYPE_CHECKING:
    from fmnist_core.training.loop import TrainResult

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fmnist_core.config import with_seeds
from fmnist_core.config.rules import typed_whole
from fmnist_core.errors import LabError
from fmnist_core.evaluation import Spread

if TYPE_CHECKING:
    from fmnist_core.training.loop import TrainResult

_Begin = Callable[[RunConfig], tuple[RunFolder, Dataset]]

_Train = Callable[[RunFolder, Dataset], "TrainResult"]

_FINISHED, _STOPPED = "finished", "stopped"

_FIGURES = ("validation_accuracy", "test_accuracy")

# So long other programs may take to hear of a run's end.
_TRACKING_SECONDS = 20.0


def add_parser(commands: Any) -> None:
    parser = commands.add_parser("train", help="train a network in this process")
    add_recipe(parser, "set a setting, such as learning_rate=0.01 or model.blocks.0.filters=16")
    parser.add_argument("--epochs", help="short for --set epochs=N")
    parser.add_argument("--seed", help="short for --set seed=N")
    parser.add_argument(
        "--seeds", metavar="N", help="train with N consecutive seeds, starting at --seed"
    )
    parser.add_argument("--name", default="", help="name of the run in the lab")
    parser.add_argument("--data-dir", help="folder with the four official files")
    parser.add_argument(
        "--json", action="store_true", help="print the result as JSON in the last line"
    )


def run(options: argparse.Namespace) -> int:
    use_data_dir(options.data_dir)
    settings = load_settings()
    config = _with_run_ids(_config(options), settings)
    chosen = any("dataset=" in item for item in options.changes)
    start = partial(begin, name=options.name, settings=settings, chosen=chosen)
    if options.seeds is not None:
        results = train_seeds(config, options.seeds, start, train_here)
        report(results, options.json)
        return exit_status(results)
    folder, data = start(config)
    result = train_here(folder, data)
    _report(result, data.identity.name, options.json)
    return 0 if result.status == "finished" else 130


def begin(
    config: RunConfig, name: str, settings: Settings, *, chosen: bool
) -> tuple[RunFolder, Dataset]:
    """The folder of a new run and the images it will learn from.

    Args:
        chosen: Whether a person asked for just these images, so that no others will do.

    Raises:
        LabError: It cannot be trained; then there is no folder.
    """
    # Before the download, which takes long.
    check_trainable(config, settings, fetches_data=True)
    data = _data(config, settings, chosen=chosen)
    if data.identity.name != config.training.dataset:
        # The stand-in may have too few images, or a teacher may not know them.
        config = override(config, [f"dataset={data.identity.name}"])
        check_trainable(config, settings)
    folder = RunFolder.create(settings.runs_dir, config, name=name, owner=owner_here())
    folder.change_status(worker=HERE, state="running", pid=os.getpid())
    print(f"Run {folder.id} in {folder.path}", file=sys.stderr)
    return folder, data


def train_here(folder: RunFolder, data: Dataset) -> TrainResult:
    """Trains in this process, with a bar; Ctrl-C stops it as the page's Stop does."""
    share_cores(os.cpu_count() or 1)
    # Keras takes seconds to import: only now, when everything else is known to be right.
    from fmnist_core.cli.training_bar import ProgressCallback, TrackingCallback
    from fmnist_core.training import train

    # The training so far is kept and evaluated.
    signal.signal(signal.SIGINT, lambda *_: folder.control.change(stop=True) and None)
    config = folder.config
    bar = ProgressBar(config.training.epochs, "Training")
    tracking = Tracking(folder, load_settings())
    try:
        watchers = [ProgressCallback(bar), TrackingCallback(tracking)]
        result = train(config, folder.path, data=data, callbacks=watchers)
        learn_from(folder, load_settings())
        return result
    finally:
        bar.close()
        tracking.finish(_TRACKING_SECONDS)
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _config(options: argparse.Namespace) -> RunConfig:
    changes = [f"epochs={options.epochs}"] if options.epochs is not None else []
    changes += [f"seed={options.seed}"] if options.seed is not None else []
    return recipe(options, *changes)


def _with_run_ids(config: RunConfig, settings: Settings) -> RunConfig:
    """Other runs as people write them, by name or as `latest`, become their identifiers."""
    others = {
        "initial_weights": config.training.initial_weights,
        "teacher": config.training.distillation.teacher,
    }
    shipped = ("", SHIPPED, *SHIPPED_NETWORKS)
    found = {key: name for key, name in others.items() if name not in shipped}
    return override(config, [f"{key}={find_run(found[key], settings).id}" for key in found])


def _data(config: RunConfig, settings: Settings, *, chosen: bool) -> Dataset:
    """The images; the stand-in is used only where nobody asked for others, and said aloud."""
    wanted = config.training.dataset
    try:
        return load_dataset(wanted, settings, download=wanted == FASHION_MNIST)
    except NoDataError as error:
        if chosen:
            raise
        print(
            f"{error}\nTraining on SYNTHETIC GARMENTS instead: generated drawings, not "
            "Fashion-MNIST. Their accuracy cannot be compared with published results.",
            file=sys.stderr,
        )
        return load_dataset(SYNTHETIC_GARMENTS, settings)


def owner_here() -> str:
    """The owner of runs from the command line, for fair scheduling in the queue."""
    return f"{os.environ.get('USER', 'someone')}@{socket.gethostname()}"[:80]


def _report(result: TrainResult, data: str, as_json: bool) -> None:
    if as_json:
        print(json.dumps({**asdict(result), "data": data}))
        return
    chosen = result.validation_accuracy
    print(f"{result.status} after {result.epochs} epochs in {result.seconds:.1f} s")
    print(
        f"validation accuracy  {f'{chosen:.2%}' if chosen is not None else 'no validation images'}"
    )
    print(f"test accuracy        {result.test_accuracy:.2%} on {data}")


def train_seeds(config: RunConfig, seeds: str, begin: _Begin, train: _Train) -> list[_SeedResult]:
    """Trains one run a seed in turn; a failed run does not stop the others, Ctrl-C does.

    Args:
        seeds: How many, as typed.
        begin: Makes a run's folder and loads its images.
        train: Trains it.

    Raises:
        ConfigError: `seeds` is no number from 1 to `MOST_SEEDS`.
        LabError: A training cannot even begin.
    """
    wanted: Any = typed_whole(seeds)
    results: list[_SeedResult] = []
    for each in with_seeds(config, wanted):
        # All seeds learn from the images that the first one found.
        same = override(each, [f"dataset={results[0].data}"]) if results else each
        folder, data = begin(same)
        results.append(_one(folder, data, train))
        if results[-1].status == _STOPPED:
            break
    return results


@dataclass(frozen=True)
class _SeedResult:
    """The result of one seed; a failed one has no figures."""

    seed: int
    data: str
    run_id: str
    status: str
    epochs: int
    seconds: float
    validation_accuracy: float | None
    test_accuracy: float | None
    test_loss: float | None
    error: str = ""


def _one(folder: RunFolder, data: Dataset, train: _Train) -> _SeedResult:
    about: dict[str, Any] = {"seed": folder.config.training.seed, "data": data.identity.name}
    try:
        return _SeedResult(**about, **asdict(train(folder, data)))
    except LabError as error:
        print(f"Seed {about['seed']} failed: {error}", file=sys.stderr)
        return _SeedResult(**about, **_of_failed(folder), error=str(error))


def _of_failed(folder: RunFolder) -> dict[str, Any]:
    status = folder.status
    return {
        "run_id": folder.id,
        "status": "failed",
        "epochs": status.epoch,
        "seconds": status.seconds,
        "validation_accuracy": status.best_validation_accuracy,
        "test_accuracy": None,
        "test_loss": None,
    }


def exit_status(results: Sequence[_SeedResult]) -> int:
    """0 where every seed trained to its end."""
    states = {result.status for result in results}
    return 0 if states == {_FINISHED} else 130 if _STOPPED in states else 1


def report(results: Sequence[_SeedResult], as_json: bool) -> None:
    """Each seed that was begun, and mean and spread of those that trained to their end."""
    if as_json:
        print(json.dumps(_for_machines(results)))
        return
    print(f"{'seed':>10}  {'state':9} {'validation':>10} {'test':>8}  run")
    for one in results:
        shown = f"{_percent(one.validation_accuracy):>10} {_percent(one.test_accuracy):>8}"
        print(f"{one.seed:>10}  {one.status:9} {shown}  {one.run_id}")
    for name in _FIGURES:
        print(f"{name.replace('_', ' '):20} {_in_words(_spread_of(results, name))}")


def _spread_of(results: Sequence[_SeedResult], name: str) -> Spread | None:
    """Mean and spread of one figure, over the seeds that trained to their end and have it."""
    values = [getattr(one, name) for one in results if one.status == _FINISHED]
    known = tuple(value for value in values if value is not None)
    return Spread(known) if known else None


def _for_machines(results: Sequence[_SeedResult]) -> dict[str, Any]:
    return {
        "seeds": len(results),
        "finished": sum(one.status == _FINISHED for one in results),
        "data": results[0].data,
        "runs": [asdict(one) for one in results],
        **{name: _summary(_spread_of(results, name)) for name in _FIGURES},
    }


def _summary(spread: Spread | None) -> dict[str, float | None] | None:
    if spread is None:
        return None
    return {
        "mean": spread.mean,
        "standard_deviation": spread.deviation,
        "min": spread.limits[0],
        "median": spread.median,
        "max": spread.limits[1],
    }


def _in_words(spread: Spread | None) -> str:
    if spread is None:
        return "none"
    deviation = "" if spread.deviation is None else f" ± {100 * spread.deviation:.2f}"
    low, high = spread.limits
    return (
        f"{100 * spread.mean:.2f}{deviation}% (min {low:.2%}, median {spread.median:.2%}, "
        f"max {high:.2%}; finished seeds: {spread.n})"
    )


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.2%}"
