"""What is measured on each kind of material, with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bench.everyday_material import Item
from fmnist_core.evaluation import (
    Predictions,
    balanced_accuracy,
    reliability,
    separation,
    wilson,
)

ACCURACY = "mean class accuracy"
AUROC = "clothing AUROC"
TEST_ACCURACY = "accuracy"
CALIBRATION = "calibration error"
OFFICIAL = "Fashion-MNIST test"

# Stands for the answer to a picture that could not be read: no class at all, so a mistake.
_NO_CLASS = -1


@dataclass(frozen=True)
class Figure:
    """One measured number with its 95 % interval, all from 0 to 1.

    Attributes:
        images, classes: What it rests on; `classes` is 0 where they play no part.
    """

    kind: str
    measure: str
    value: float
    low: float
    high: float
    images: int
    classes: int = 0


@dataclass(frozen=True)
class Answered:
    """One picture and what was said about it (a row of `predict --jsonl`)."""

    item: Item
    row: dict[str, Any]

    @property
    def said(self) -> int:
        return _NO_CLASS if self.row["label_id"] is None else self.row["label_id"]

    @property
    def clothing(self) -> float:
        return self.row["clothing"] or 0.0


def kind_figures(kind: str, answered: Sequence[Answered]) -> list[Figure]:
    """How well the clothing of one kind is recognised, and told from other things."""
    clothing = [one for one in answered if one.item.label is not None]
    labels = [one.item.label for one in answered if one.item.label is not None]
    others = [one for one in answered if one.item.label is None]
    figures = []
    if clothing:
        found = balanced_accuracy([one.said for one in clothing], labels)
        size = found.images, found.classes
        figures.append(Figure(kind, ACCURACY, found.value, *found.interval, *size))
    if clothing and others:
        told = separation([one.clothing for one in clothing], [one.clothing for one in others])
        figures.append(Figure(kind, AUROC, told.auroc, *told.interval, len(answered)))
    return figures


def class_shares(answered: Sequence[Answered]) -> dict[int, float]:
    """The share recognised of each class that there is."""
    shares = {}
    for label in sorted({one.item.label for one in answered if one.item.label is not None}):
        own = [one.said == label for one in answered if one.item.label == label]
        shares[label] = float(np.mean(own))
    return shares


def official_figures(said: Predictions) -> list[Figure]:
    """Accuracy and calibration on images that are the network's input as they are."""
    right, believed = int(said.right.sum()), reliability(said)
    return [
        Figure(
            OFFICIAL, TEST_ACCURACY, right / len(said), *wilson(right, len(said)), len(said), 10
        ),
        Figure(OFFICIAL, CALIBRATION, believed.error, *believed.interval, len(said)),
    ]
