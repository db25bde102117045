"""The report of a run as HTML: accuracy, confusion matrix, curves as SVG, errors and configuration.

Text from outside is escaped: nothing in it can become HTML.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping, Sequence

import numpy as np
from jinja2 import Environment, PackageLoader

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.config.override import value_label
from fmnist_core.datasets import load_dataset
from fmnist_core.errors import DataError
from fmnist_core.evaluation import Evaluation, Predictions, load_evaluation, load_predictions
from fmnist_core.exchange.exporting.source_code.cells import validation_accuracy
from fmnist_core.exchange.exporting.subject import Subject
from fmnist_core.images import data_url
from fmnist_core.models import summarise
from fmnist_core.runs.history import History, follow
from fmnist_core.runs.naming import automatic_name, changes
from fmnist_core.runs.pretrained.asset import without_source
from fmnist_core.settings import Settings

_Points = Sequence[tuple[float, float]]

# As many fit beside an axis, also where a phone shows the chart small and its text large.
_MOST_TICKS = 8

_SHOWN = 24

_TEMPLATES = Environment(
    loader=PackageLoader("fmnist_core.exchange.exporting", "report"),
    autoescape=True,
    keep_trailing_newline=True,
)


def report(subject: Subject, settings: Settings) -> str:
    """The report as HTML.

    Raises:
        DataError: What was stored about the run is damaged.
    """
    history = follow(subject.folder.events_path).history
    evaluation = load_evaluation(subject.folder)
    predictions = load_predictions(subject.folder)
    return _TEMPLATES.get_template("report.html").render(
        name=subject.name,
        head=_head(subject, history, evaluation),
        curved=_curved(history),
        notes=history.notes,
        evaluation=evaluation,
        classes=CLASS_NAMES,
        mistakes=_mistakes(subject, predictions, settings),
        changed=changes(subject.config),
        configuration=json.dumps(subject.config.to_json(), indent=2),
        made=_made(subject),
    )


def _head(
    subject: Subject, history: History, evaluation: Evaluation | None
) -> list[tuple[str, object]]:
    configuration = automatic_name(subject.config)
    status, count = subject.folder.status, summarise(subject.config.model)
    created = subject.folder.meta.created
    validation = validation_accuracy(subject, history)
    on = f" on {history.validation_images:,} validation images" if validation is not None else ""
    return [
        ("Test accuracy", _evaluated(evaluation)),
        ("Validation accuracy", f"{validation:.2%}{on}" if validation is not None else ""),
        ("State", f"{status.state} after {status.epoch} of {status.epochs} epochs"),
        ("Training time", f"{status.seconds:,.0f} s" if status.seconds else ""),
        ("Parameters", f"{count.parameters:,}"),
        ("Seed", subject.config.training.seed),
        ("Created", time.strftime("%Y-%m-%d %H:%M", time.localtime(created)) if created else ""),
        ("Configuration", "" if configuration == subject.name else configuration),
        ("Run", subject.id),
    ]


def _evaluated(evaluation: Evaluation | None) -> str:
    if evaluation is None:
        return "not evaluated yet"
    low, high = evaluation.interval
    name = str(evaluation.data.get("name"))
    return (
        f"{evaluation.accuracy:.2%} of {evaluation.images:,} {evaluation.split} images of "
        f"{value_label('training.dataset', name)} (95% interval {low:.2%} to {high:.2%})"
    )


def _curved(history: History) -> list[tuple[str, _Frame]]:
    """Accuracy and loss over epochs, where any are known."""
    found = []
    for title, name in (("Accuracy", "accuracy"), ("Loss", "loss")):
        lines = {}
        for line, key in (("training", name), ("validation", f"val_{name}")):
            values = ((point.epoch, getattr(point, key)) for point in history.epochs_done)
            known = [(at, value) for at, value in values if value is not None]
            if finite := [point for point in known if math.isfinite(point[1])]:
                lines[line] = finite
        if lines:
            found.append((title, _Frame(lines, shares=name == "accuracy")))
    return found


def _mistakes(
    subject: Subject, predictions: Predictions | None, settings: Settings
) -> tuple[str, list[tuple[str, str, str]]] | None:
    """A sentence, and the surest errors: image, answer, truth."""
    if predictions is None:
        return None
    try:
        images = load_dataset(subject.config.training.dataset, settings).test.images
    except DataError:
        return "The test images are not on this machine.", []
    if len(images) != len(predictions):
        return None
    worst = predictions.most_confident_errors(_SHOWN)
    rows = [
        (
            data_url(np.asarray(images[place])),
            f"predicted {CLASS_NAMES[predictions.predicted[place]]}, "
            f"{predictions.probabilities[place].max():.0%}",
            f"true {CLASS_NAMES[predictions.labels[place]]}",
        )
        for place in worst
    ]
    words = f"The {len(rows)} most confident errors of {int((~predictions.right).sum()):,}."
    return words, rows


def _in_words(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_in_words(item)}" for name, item in value.items())
    if isinstance(value, list):
        return ", ".join(map(_in_words, value))
    return str(value)


def _made(subject: Subject) -> list[tuple[str, object]]:
    # Where files lie on a machine is nobody else's business.
    known = without_source(subject.folder.provenance)
    rows = [(str(name), _in_words(value)) for name, value in known.items() if value]
    return [*rows, ("SHA-256 of the network", subject.sha256)]


class _Frame:
    """The coordinates of a value in the chart of `lines`, points (epoch, value) by name.

    Args:
        shares: Whether the values are shares, which are written as per cent.
    """

    width, height, left, right = 560, 272, 60, 544
    _below, _top = 46, 30

    def __init__(self, lines: Mapping[str, _Points], *, shares: bool) -> None:
        self.lines = lines
        points = [point for line in lines.values() for point in line]
        values = [value for _, value in points]
        low, high = min(values), max(values)
        room = (high - low) * 0.06 or 0.01
        self._low, self._high = low - room, high + room
        self._last = max(2.0, *(epoch for epoch, _ in points))
        step = _step(self._low, self._high)
        digits = max(0, -math.floor(math.log10(step) + 1e-9) - (2 if shares else 0))
        self.values = [
            (value, f"{100 * value:.{digits}f}%" if shares else f"{value:.{digits}f}")
            for value in _multiples(step, self._low, self._high)
        ]
        # The first epoch is named even where the step is larger.
        whole = max(1.0, _step(0.0, self._last))
        self.epochs = sorted({1, *(round(at) for at in _multiples(whole, 1.0, self._last))})

    def x(self, epoch: float) -> float:
        return self.left + (epoch - 1) / (self._last - 1) * (self.right - self.left)

    def y(self, value: float) -> float:
        share = (value - self._low) / (self._high - self._low)
        return self.height - self._below - share * (self.height - self._below - self._top)


def _step(low: float, high: float) -> float:
    """The smallest of 1, 2 and 5 times a power of ten with at most `_MOST_TICKS` multiples."""
    scale = 10.0 ** math.floor(math.log10((high - low) / _MOST_TICKS))
    steps = [scale * times for times in (1, 2, 5, 10, 20)]
    return next(step for step in steps if len(_multiples(step, low, high)) <= _MOST_TICKS)


def _multiples(step: float, low: float, high: float) -> list[float]:
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [number * step for number in range(first, last + 1)]
