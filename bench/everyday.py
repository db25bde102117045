"""What a model makes of people's own pictures and drawings, kind by kind.

    python -m bench.everyday FOLDER [--model RUN|shipped|shipped-everyday|shipped-catalogue]
        [--json FILE] [--card]

FOLDER is laid out KIND/CLASS/*.png|jpg|webp, where CLASS is a number from 0 to 9 or a class's name;
KIND/other/ holds things that are no clothing. Prints for each kind the mean of per-class
accuracies, and how well the clothing score tells clothing from other things (AUROC); then the
accuracy on the Fashion-MNIST test images as they are, and how far the model's probabilities can be
believed (expected calibration error). Every figure has a 95 % interval: Wilson's, put together over
the classes by MOVER; Newcombe's for the AUROC; a bootstrap for the calibration error (sources in
fmnist_core/evaluation). A picture that cannot be read counts as mistaken.

The shipped model is measured as people meet it: each image, those of Fashion-MNIST too, decides
which of its two networks answers.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import Any

from bench.everyday_figures import Answered, Figure, class_shares, kind_figures, official_figures
from bench.everyday_material import items_in
from fmnist_core.classes import CLASS_COUNT
from fmnist_core.cli.predict import model_name, predictions
from fmnist_core.datasets.dataset import FASHION_MNIST
from fmnist_core.datasets.load import available, load_dataset
from fmnist_core.errors import LabError, StorageError
from fmnist_core.evaluation import Predictions
from fmnist_core.preprocessing.files import preparing
from fmnist_core.runs.pretrained import ASSETS, SHIPPED, SHIPPED_EVERYDAY, shipped_card
from fmnist_core.runs.pretrained.publish import write_card
from fmnist_core.settings import load_settings


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        if options.json:
            check_writable(options.json)
        figures, shares = measure(options.folder, options.model)
    except LabError as error:
        print(error, file=sys.stderr)
        return 1
    print(table(figures))
    print(class_table(shares))
    rows = [asdict(figure) for figure in figures]
    if options.json:
        found = {"model": options.model, "figures": rows, "classes": shares}
        options.json.write_text(json.dumps(found, indent=1) + "\n")
    if options.card:
        keep_on_card(rows)
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench.everyday",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--model", default=SHIPPED, metavar="RUN|shipped")
    parser.add_argument("--json", type=Path, metavar="FILE", help="all figures, for machines")
    parser.add_argument("--card", action="store_true", help="keep them on the shipped model's card")
    options = parser.parse_args(arguments)
    if options.card and options.model != SHIPPED:
        parser.error("--card is for the shipped model")
    return options


def check_writable(path: Path) -> None:
    """Measuring takes minutes: they must not be lost over a path that was wrong from the start.

    Raises:
        StorageError: The file cannot be written.
    """
    there = path.exists()
    try:
        path.open("a").close()
    except OSError as error:
        raise StorageError(
            f"{path} cannot be written: {error.strerror}.", advice="Name another file with --json."
        ) from error
    if not there:
        path.unlink()


def measure(folder: Path, model: str) -> tuple[list[Figure], dict[str, dict[int, float]]]:
    """All figures, and for each kind the share recognised of each class.

    Fashion-MNIST is measured where its official files are here.

    Raises:
        LabError: There is no such material or model, and why.
    """
    settings = load_settings()
    named, items = model_name(model, settings), items_in(folder)
    with preparing(item.path for item in items) as prepared:
        # After the start of the preparing, which goes on while Keras is imported.
        from fmnist_core.training.network import load_recogniser

        recogniser = load_recogniser(named, settings)
        rows = predictions(prepared, recogniser)
        answered = [Answered(item, row) for item, row in zip(items, rows, strict=True)]
    _tell_unread(answered)
    figures: list[Figure] = []
    shares: dict[str, dict[int, float]] = {}
    for kind, group in groupby(answered, key=lambda one: one.item.kind):
        own = list(group)
        figures += kind_figures(kind, own)
        shares[kind] = class_shares(own)
    if available(settings).official_ready:
        test = load_dataset(FASHION_MNIST, settings).test
        said = recogniser.answers(test.images).probabilities
        figures += official_figures(Predictions(said, test.labels))
    return figures, shares


def _tell_unread(answered: Sequence[Answered]) -> None:
    for one in answered:
        if one.row["error"] is not None:
            print(f"{one.item.path}: {one.row['error']}", file=sys.stderr)


def table(figures: Sequence[Figure]) -> str:
    """One line a figure, as Markdown."""
    lines = ["| kind | measure | value | 95 % interval | images | classes |", "|---" * 6 + "|"]
    for one in figures:
        interval = f"{one.low:.3f}-{one.high:.3f}"
        lines.append(
            f"| {one.kind} | {one.measure} | {one.value:.3f} | {interval} | {one.images} "
            f"| {one.classes or '-'} |"
        )
    return "\n".join(lines) + "\n"


def class_table(shares: dict[str, dict[int, float]]) -> str:
    """The share recognised of each class, one line a kind, as Markdown."""
    numbers = range(CLASS_COUNT)
    lines = [f"| recognised of class | {' | '.join(map(str, numbers))} |", "|---" * 11 + "|"]
    for kind, own in shares.items():
        cells = (f"{own[number]:.2f}" if number in own else "-" for number in numbers)
        lines.append(f"| {kind} | {' | '.join(cells)} |")
    return "\n".join(lines)


def keep_on_card(rows: list[dict[str, Any]], assets: Path = ASSETS) -> None:
    """Puts figures on the shipped model's card, in place of older ones of the same kinds.

    Raises:
        RunError: There is no card.
        StorageError: The disk is full or cannot be written.
    """
    card, kinds = shipped_card(SHIPPED_EVERYDAY, assets), {row["kind"] for row in rows}
    kept = [row for row in card.get("measured", []) if row["kind"] not in kinds]
    write_card(SHIPPED_EVERYDAY, {**card, "measured": [*kept, *rows]}, assets)


if __name__ == "__main__":
    sys.exit(main())
