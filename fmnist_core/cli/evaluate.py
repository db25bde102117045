"""`evaluate RUN`: tries a run's saved weights on the test images, here and now."""

from __future__ import annotations

import argparse
import json
from typing import Any

from fmnist_core.cli.run_lookup import find_run, use_data_dir
from fmnist_core.evaluation import Evaluation
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import load_settings


def add_parser(commands: Any) -> None:
    parser = commands.add_parser("evaluate", help="evaluate a run on the test images")
    parser.add_argument("run", help="identifier or name of a run, or `latest`")
    parser.add_argument("--data-dir", help="folder with the four official files")
    parser.add_argument("--json", action="store_true", help="all metrics as JSON")


def run(options: argparse.Namespace) -> int:
    use_data_dir(options.data_dir)
    settings = load_settings()
    folder = RunFolder.open(settings.runs_dir, find_run(options.run, settings).id)
    # Keras takes seconds to import: only now, when the run is known to exist.
    from fmnist_core.training import evaluate_run_folder

    evaluation = evaluate_run_folder(folder)
    if options.json:
        print(json.dumps({"run_id": folder.id, **evaluation.to_json()}))
    else:
        _report(evaluation)
    return 0


def _report(evaluation: Evaluation) -> None:
    low, high = evaluation.interval
    print(f"test accuracy  {evaluation.accuracy:.2%}  (95% CI: {low:.2%} to {high:.2%})")
    part = evaluation.without_near_duplicates
    if part and part.of < evaluation.images:
        low, high = part.interval
        print(f"               {part.value:.2%}  (95% CI: {low:.2%} to {high:.2%})", end=" ")
        print(f"without {evaluation.images - part.of} near-duplicates of training images")
    print(f"test loss      {evaluation.loss:.4f}")
    print(f"images         {evaluation.images} of {evaluation.data.get('name')}")
    print(f"weights        {evaluation.weights}, after {evaluation.epoch} epochs")
    print(f"\n{'class':12} {'precision':>9} {'recall':>7} {'F1':>7} {'support':>8}")
    for score in evaluation.classes:
        shares = f"{score.precision:9.3f} {score.recall:7.3f} {score.f1:7.3f}"
        print(f"{score.name:12} {shares} {score.support:8}")
    for pair in evaluation.most_confused():
        print(pair)
