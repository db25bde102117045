"""`train`: one run in this process, in the same run folder that the pages show."""

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

from fmnist_core.cli import train_seeds
from fmnist_core.cli.places import use_data_dir
from fmnist_core.cli.progress import ProgressBar
from fmnist_core.cli.recipe import add_recipe, recipe
from fmnist_core.cli.run_lookup import find_run
from fmnist_core.config import RunConfig, override
from fmnist_core.data.dataset import FASHION_MNIST, SYNTHETIC_GARMENTS, Dataset
from fmnist_core.data.load import load_dataset
from fmnist_core.errors import NoDataError
from fmnist_core.runs.expected import learn_from
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import Settings, load_settings
from fmnist_core.shipped import SHIPPED, SHIPPED_NETWORKS
from fmnist_core.tracking import Tracking
from fmnist_core.training.check import check_trainable
from fmnist_core.training.threads import share_cores

# So long other programs may take to hear of a run's end.
_TRACKING_SECONDS = 20.0

if TYPE_CHECKING:
    from fmnist_core.training.loop import TrainResult


def add_parser(commands: Any) -> None:
    parser = commands.add_parser("train", help="train a network here and now")
    add_recipe(parser, "change a setting, such as learning_rate=0.01 or model.blocks.0.filters=16")
    parser.add_argument("--epochs", help="short for --set epochs=N")
    parser.add_argument("--seed", help="short for --set seed=N")
    parser.add_argument("--seeds", metavar="N", help="train with N seeds, from --seed on")
    parser.add_argument("--name", default="", help="what the run is called in the lab")
    parser.add_argument("--data-dir", help="folder with the four official files")
    parser.add_argument("--json", action="store_true", help="last line: the result, for machines")


def run(options: argparse.Namespace) -> int:
    use_data_dir(options.data_dir)
    settings = load_settings()
    config = _with_run_ids(_config(options), settings)
    chosen = any("dataset=" in item for item in options.changes)
    start = partial(begin, name=options.name, settings=settings, chosen=chosen)
    if options.seeds is not None:
        results = train_seeds.train_seeds(config, options.seeds, start, train_here)
        train_seeds.report(results, options.json)
        return train_seeds.exit_status(results)
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
    folder.change_status(worker="here", state="running", pid=os.getpid())
    print(f"Run {folder.id} in {folder.path}", file=sys.stderr)
    return folder, data


def train_here(folder: RunFolder, data: Dataset) -> TrainResult:
    """Trains in this process, with a bar; Ctrl-C stops it as the page's Stop does."""
    share_cores(os.cpu_count() or 1)
    # Keras takes seconds to import: only now, when everything else is known to be right.
    from fmnist_core.cli.training_bar import Teller, TrainingBar
    from fmnist_core.training import train

    # What was learned until then is kept and judged.
    signal.signal(signal.SIGINT, lambda *_: folder.control.change(stop=True) and None)
    config = folder.config
    bar = ProgressBar(config.training.epochs, "Training")
    tracking = Tracking(folder, load_settings())
    try:
        watchers = [TrainingBar(bar), Teller(tracking)]
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
        "start_from": config.training.start_from,
        "teacher": config.training.teacher.network,
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
            f"{error}\nTraining on SYNTHETIC GARMENTS instead: drawings made by this program, "
            "not Fashion-MNIST. Their accuracy cannot be compared with published figures.",
            file=sys.stderr,
        )
        return load_dataset(SYNTHETIC_GARMENTS, settings)


def owner_here() -> str:
    """Who asks on the command line, for the queue to share its places fairly."""
    return f"{os.environ.get('USER', 'someone')}@{socket.gethostname()}"[:80]


def _report(result: TrainResult, data: str, as_json: bool) -> None:
    if as_json:
        print(json.dumps({**asdict(result), "data": data}))
        return
    chosen = result.validation_accuracy
    print(f"{result.status} after {result.epochs} epochs in {result.seconds:.1f} s")
    print(f"validation accuracy  {f'{chosen:.2%}' if chosen is not None else 'none held back'}")
    print(f"test accuracy        {result.test_accuracy:.2%} on {data}")
