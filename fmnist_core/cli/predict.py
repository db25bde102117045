"""`predict PATH…`: what a network takes pictures for, here and now."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from fmnist_core.classes import CLASS_NAMES, OTHER_CLOTHING, OUTPUT_NAMES
from fmnist_core.cli.run_lookup import find_model
from fmnist_core.models.calibration import SURE, CalibratedPredictions
from fmnist_core.preprocessing.files import PreparedFile, picture_files, preparing
from fmnist_core.runs.pretrained import (
    SHIPPED,
    SHIPPED_CATALOGUE,
    SHIPPED_NETWORKS,
    ModelRef,
    networks_of,
)
from fmnist_core.settings import Settings, load_settings

if TYPE_CHECKING:
    from fmnist_core.training.network import Classifier

_BATCH = 128
_SAID = (
    "label",
    "label_id",
    "confidence",
    "probabilities",
    "clothing",
    "is_clothing",
    "other_clothing",
    "is_other_clothing",
)
_FOR_MACHINES = ("path", *_SAID, "error")


def add_parser(commands: Any) -> None:
    parser = commands.add_parser("predict", help="predict the class of pictures")
    parser.add_argument("paths", nargs="+", metavar="PATH", help="pictures, or folders of them")
    parser.add_argument(
        "--model",
        default=SHIPPED,
        metavar="RUN",
        help="a run, or `shipped` (the default: each picture decides which of two networks "
        "answers), or one of them: `" + "`, `".join(SHIPPED_NETWORKS) + "`",
    )
    parser.add_argument("--jsonl", action="store_true", help="print one line of JSON per picture")


def run(options: argparse.Namespace) -> int:
    """Returns the exit status: 0, or 1 where some file could not be read.

    Raises:
        LabError: It did not work at all, and why.
    """
    settings = load_settings()
    model = model_name(options.model, settings)
    show = _for_machines if options.jsonl else _for_people
    with preparing(picture_files(options.paths)) as prepared:
        # Keras takes seconds to import: the pictures are being prepared meanwhile.
        from fmnist_core.training.network import load_classifier

        failed = _tell(predictions(prepared, load_classifier(model, settings)), show)
    return 1 if failed else 0


def model_name(text: str, settings: Settings) -> str:
    """A shipped model's name or the identifier of a run that has a network, before Keras is loaded.

    Raises:
        RunError: There is no such network.
    """
    model = find_model(text, settings)
    for network in networks_of(model):
        ModelRef.open(network, settings)
    return model


def predictions(
    prepared: Iterator[PreparedFile], classifier: Classifier
) -> Iterator[dict[str, Any]]:
    """One answer a file, in order: the fields that `--jsonl` prints, and `answered_by`."""
    while batch := list(islice(prepared, _BATCH)):
        sheets = [file.sheet for file in batch if file.sheet is not None]
        answers = classifier.answers(np.stack(sheets)) if sheets else None
        yield from _rows(batch, answers)


def _rows(
    batch: Sequence[PreparedFile], answers: CalibratedPredictions | None
) -> Iterator[dict[str, Any]]:
    number = 0
    for file in batch:
        if file.sheet is None or answers is None:
            unknown = dict.fromkeys((*_SAID, "answered_by"))
            yield {"path": file.path, **unknown, "error": file.error}
        else:
            yield {"path": file.path, **_answer(answers, number, file.blank), "error": None}
            number += 1


def _answer(answers: CalibratedPredictions, number: int, blank: bool) -> dict[str, Any]:
    shares = answers.probabilities[number]
    best, other = int(shares.argmax()), answers.other_clothing[number]
    return {
        "label": CLASS_NAMES[best],
        "label_id": best,
        "confidence": _plain(shares[best]),
        "probabilities": [_plain(share) for share in shares],
        # On an empty sheet there is no clothing, whatever the network sees in it.
        "clothing": 0.0 if blank else _plain(answers.clothing[number]),
        "is_clothing": bool(answers.is_clothing[number]) and not blank,
        # None of a network without an output for clothing that is none of the ten.
        "other_clothing": None if np.isnan(other) else 0.0 if blank else _plain(other),
        "is_other_clothing": bool(answers.is_other_clothing[number]) and not blank,
        "answered_by": answers.answered_by[number],
    }


def _plain(share: np.floating) -> float:
    """All the digits a float32 holds; fewer would make equals of scores very near 0."""
    return float(f"{share:.7g}")


def _tell(rows: Iterator[dict[str, Any]], show: Callable[[dict[str, Any]], str]) -> int:
    """Prints each row as it comes; returns how many failed."""
    failed = 0
    for row in rows:
        print(show(row), flush=sys.stdout.isatty())
        failed += row["error"] is not None
    return failed


def _for_machines(row: dict[str, Any]) -> str:
    return json.dumps({field: row[field] for field in _FOR_MACHINES})


def _for_people(row: dict[str, Any]) -> str:
    # A file may be called anything, even what a terminal takes for a command.
    path = "".join(sign if sign.isprintable() else "?" for sign in row["path"])
    if row["error"] is not None:
        return f"{'-':>5}  {'cannot be read':24}  {path}: {row['error']}"
    by = "  [catalog network]" if row["answered_by"] == SHIPPED_CATALOGUE else ""
    if not row["is_clothing"]:
        return f"{'-':>5}  {'not clothing':24}  {path}{by}"
    if row["is_other_clothing"]:
        return f"{row['other_clothing']:5.0%}  {OUTPUT_NAMES[OTHER_CLOTHING]:24}  {path}{by}"
    doubt = "" if row["confidence"] >= SURE else " (uncertain)"
    return f"{row['confidence']:5.0%}  {row['label'] + doubt:24}  {path}{by}"
