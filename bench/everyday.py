"""What a model makes of people's own pictures and drawings, kind by kind.

    python -m bench.everyday FOLDER [--model RUN|shipped|shipped-everyday|shipped-catalogue]
        [--json FILE] [--card]
    python -m bench.everyday FOLDER/human-drawings --draw FILE.ndjson … --half second

README.md, "What the shipped model recognises", and its card; the time for 2 415 pictures in
docs/performance.md. FOLDER is laid out KIND/CLASS/*.png|jpg|webp, where CLASS is a number from 0
to 9 or a class's name; KIND/other_clothes/ holds clothes that are none of the ten, KIND/other/
things that are no clothing. --draw makes such a KIND of files of Quick, Draw!, with `--half second`
of what `collection import --half first` leaves out.

Prints for each kind the mean of per-class accuracies, how well the clothing score tells clothing of
the ten classes from other things (AUROC), and how well the score of other clothing tells other
clothes from it (AUROC; of a network without that output, its uncertainty); then accuracy and
expected calibration error on Fashion-MNIST's test images as they are; with 95 % intervals:
Wilson's, put together over the classes by MOVER; Newcombe's for the AUROC; a bootstrap for the
calibration error. A picture that cannot be read is a mistake. Each image decides which of the
shipped model's networks answers.
"""

import argparse
import json
import os
import sys
import zlib
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np

from bench.steps import markdown
from fmnist_core.classes import CLASS_COUNT, OTHER_CLOTHING
from fmnist_core.cli.predict import model_name, predictions
from fmnist_core.collections.content import folder_of, label_of
from fmnist_core.collections.importing import HALVES, Drawing, chosen_drawings
from fmnist_core.datasets.dataset import FASHION_MNIST
from fmnist_core.datasets.load import available, load_dataset
from fmnist_core.errors import InputError, LabError, StorageError
from fmnist_core.evaluation import (
    Predictions,
    Separation,
    balanced_accuracy,
    reliability,
    separation,
    wilson,
)
from fmnist_core.preprocessing.files import picture_files, preparing
from fmnist_core.runs.pretrained import ASSETS, SHIPPED, SHIPPED_EVERYDAY, shipped_card
from fmnist_core.runs.pretrained.publish import write_card
from fmnist_core.settings import load_settings


class Item(NamedTuple):
    """One picture, its class number, and a row of `predict` about it.

    `label` is `OTHER_CLOTHING` for clothing that is none of the ten, `None` for no clothing.
    """

    kind: str
    label: int | None
    path: str
    said: dict[str, Any] | None = None


class Figure(NamedTuple):
    """One measured number with its 95 % interval; `classes` is 0 where they play no part."""

    kind: str
    measure: str
    value: float
    low: float
    high: float
    images: int
    classes: int = 0


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.everyday", description=__doc__)
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--model", default=SHIPPED, metavar="RUN|shipped")
    parser.add_argument("--json", type=Path, metavar="FILE", help="all figures, for machines")
    parser.add_argument("--card", action="store_true", help="keep them on the shipped model's card")
    parser.add_argument("--draw", nargs="+", default=[], type=Path, metavar="FILE.ndjson")
    parser.add_argument("--half", default="all", choices=HALVES)
    options = parser.parse_args(arguments)
    if options.card and options.model != SHIPPED:
        parser.error("--card is for the shipped model")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        for file in options.draw:
            for drawing in chosen_drawings(file, options.half):
                draw(drawing, options.folder)
        if options.draw:
            return 0
        if options.json:
            check_writable(options.json)
        figures, shares = measure(options.folder, options.model)
    except LabError as error:
        print(error, file=sys.stderr)
        return 1
    print(table(figures), class_table(shares), sep="\n")
    rows = [figure._asdict() for figure in figures]
    if options.json:
        found = {"model": options.model, "figures": rows, "classes": shares}
        options.json.write_text(json.dumps(found, indent=1) + "\n")
    if options.card:
        keep_on_card(rows)
    return 0


def draw(drawing: Drawing, folder: Path) -> None:
    """Draws strokes in black pen on white paper, as a picture in the folder of their class."""
    sheet, margin = np.full((256, 256), 255, np.uint8), 10
    for stroke in drawing.strokes:
        points = np.asarray(stroke, float).T * (256 - 2 * margin) / 255 + margin
        fixed = np.round(points * 16).astype(np.int32)
        width = 3 + zlib.crc32(drawing.key.encode()) % 3
        cv2.polylines(sheet, [fixed], False, 0, width, cv2.LINE_AA, 4)
    place = folder / folder_of(drawing.label)
    place.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(place / f"{drawing.word.replace(' ', '-').lower()}-{drawing.key}.png"), sheet)


def check_writable(path: Path) -> None:
    """Measuring takes minutes: they must not be lost over a path that was wrong all along."""
    there = path.exists()
    try:
        path.open("a").close()
    except OSError as error:
        fact = f"{path} cannot be written: {error.strerror}."
        raise StorageError(fact, advice="Name another file with --json.") from error
    if not there:
        path.unlink()


def items_in(folder: Path) -> list[Item]:
    """All pictures of a folder, kind by kind and class by class."""
    items = [
        Item(kind.name, label_of(named.name), path)
        for kind in _folders(folder)
        for named in _folders(kind)
        for path in picture_files([str(named)])
    ]
    if not items:
        fact, advice = "There are no pictures to measure with.", "They lie in KIND/CLASS/*.png."
        raise InputError(fact, received=folder, advice=advice)
    return items


def _folders(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise InputError("There is no such folder.", received=folder)
    return sorted(path for path in folder.iterdir() if path.is_dir() and path.name[0] != ".")


def measure(folder: Path, model: str) -> tuple[list[Figure], dict[str, dict[int, float]]]:
    """All figures, with Fashion-MNIST where it is here, and of each kind the classes' shares."""
    settings = load_settings()
    named, items = model_name(model, settings), items_in(folder)
    with preparing(item.path for item in items) as prepared:
        # After the start of the preparing, which goes on while Keras is imported.
        from fmnist_core.training.network import load_classifier

        classifier = load_classifier(named, settings)
        said = predictions(prepared, classifier)
        items = [item._replace(said=row) for item, row in zip(items, said, strict=True)]
    for item in items:
        if item.said["error"] is not None:
            print(f"{item.path}: {item.said['error']}", file=sys.stderr)
    figures, shares = [], {}
    for kind, group in groupby(items, key=lambda item: item.kind):
        own = list(group)
        figures += kind_figures(kind, own)
        shares[kind] = class_shares(own)
    if available(settings).official_ready:
        test = load_dataset(FASHION_MNIST, settings).test
        said = classifier.answers(test.images).probabilities
        figures += official_figures(Predictions(said, test.labels))
    return figures, shares


def kind_figures(kind: str, items: Sequence[Item]) -> list[Figure]:
    """How well the clothing of one kind is recognised, and told from other things."""
    others = [item for item in items if item.label is None]
    clothes = [item for item in items if item.label == OTHER_CLOTHING]
    clothing = [item for item in items if item.label not in (None, OTHER_CLOTHING)]
    figures = []
    if clothing:
        # A picture that could not be read has no class at all, which is a mistake.
        said = [-1 if one.said["label_id"] is None else one.said["label_id"] for one in clothing]
        found = balanced_accuracy(said, [item.label for item in clothing])
        size = found.images, found.classes
        figures.append(Figure(kind, "mean class accuracy", found.value, *found.interval, *size))
    if clothing and others:
        scores = [[item.said["clothing"] or 0.0 for item in group] for group in (clothing, others)]
        result, size = separation(*scores), len(clothing) + len(others)
        figures.append(Figure(kind, "clothing AUROC", result.auroc, *result.interval, size))
    if clothing and clothes:
        result, size = _other_clothing(clothing, clothes), len(clothing) + len(clothes)
        figures.append(Figure(kind, "other-clothing AUROC", result.auroc, *result.interval, size))
    return figures


def _other_clothing(clothing: Sequence[Item], clothes: Sequence[Item]) -> Separation:
    """How well clothes outside the ten classes are told from clothing of the ten.

    By the probability of other clothing; where no picture has one, the network has no output for
    it, and by the score of being clothing: it should be less sure of other clothes.
    """
    known = any(item.said["other_clothing"] is not None for item in (*clothing, *clothes))

    def score(item: Item, unread: float) -> float:
        if item.said["clothing"] is None:
            return unread
        return item.said["other_clothing"] or 0.0 if known else 1 - item.said["clothing"]

    # A picture that could not be read is a mistake.
    return separation([score(one, 0.0) for one in clothes], [score(one, 1.0) for one in clothing])


def class_shares(items: Sequence[Item]) -> dict[int, float]:
    """The share recognised of each class that there is."""
    rights: dict[int, list[bool]] = {}
    for item in items:
        if item.label not in (None, OTHER_CLOTHING):
            rights.setdefault(item.label, []).append(item.label == item.said["label_id"])
    return {label: float(np.mean(rights[label])) for label in sorted(rights)}


def official_figures(said: Predictions) -> list[Figure]:
    """Accuracy and calibration on images that are the network's input as they are."""
    kind, count, right = "Fashion-MNIST test", len(said), int(said.right.sum())
    believed = reliability(said)
    return [
        Figure(kind, "accuracy", right / count, *wilson(right, count), count, CLASS_COUNT),
        Figure(kind, "calibration error", believed.error, *believed.interval, count),
    ]


def table(figures: Sequence[Figure]) -> str:
    """One line a figure, as Markdown."""
    heads, rows = ["kind", "measure", "value", "95 % interval", "images", "classes"], []
    for one in figures:
        value = f"{one.value:.3f}", f"{one.low:.3f}-{one.high:.3f}"
        rows.append([one.kind, one.measure, *value, one.images, one.classes or "-"])
    return markdown(heads, rows) + "\n"


def class_table(shares: dict[str, dict[int, float]]) -> str:
    """The share recognised of each class, one line a kind, as Markdown."""
    numbers, rows = range(CLASS_COUNT), []
    for kind, own in shares.items():
        rows.append([kind, *(f"{own[one]:.2f}" if one in own else "-" for one in numbers)])
    return markdown(["recognised of class", *numbers], rows)


def keep_on_card(rows: list[dict[str, Any]], assets: Path = ASSETS) -> None:
    """Puts figures on the shipped model's card, in place of older ones of the same kinds."""
    card, kinds = shipped_card(SHIPPED_EVERYDAY, assets), {row["kind"] for row in rows}
    kept = [row for row in card.get("measured", []) if row["kind"] not in kinds]
    write_card(SHIPPED_EVERYDAY, {**card, "measured": [*kept, *rows]}, assets)


if __name__ == "__main__":
    sys.exit(main())
