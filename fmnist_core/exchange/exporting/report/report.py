"""The report of a run as HTML: accuracy, confusion matrix, curves as SVG, errors and configuration.

Text from outside is escaped: nothing in it can become HTML.
"""

from __future__ import annotations

import html
import json
import math
import time
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files

import numpy as np

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.datasets import load_dataset
from fmnist_core.errors import DataError
from fmnist_core.evaluation import Evaluation, Predictions, load_evaluation, load_predictions
from fmnist_core.exchange.exporting.source_code.cells import validation_accuracy
from fmnist_core.exchange.exporting.subject import Subject
from fmnist_core.images import data_url
from fmnist_core.models import summarise
from fmnist_core.runs.history import History, follow
from fmnist_core.runs.pretrained.evaluation import without_source
from fmnist_core.settings import Settings

_Points = Sequence[tuple[float, float]]

_WIDTH, _HEIGHT, _LEFT, _BELOW, _TOP = 560, 260, 52, 34, 26

_TICKS = 5

_SHOWN = 24


def report(subject: Subject, settings: Settings) -> str:
    """The report as HTML.

    Raises:
        DataError: What was stored about the run is damaged.
    """
    history = follow(subject.folder.events_path).history
    evaluation = load_evaluation(subject.folder)
    predictions = load_predictions(subject.folder)
    parts = [
        _head(subject, history, evaluation),
        _course(history),
        _judgement(evaluation),
        _errors(subject, predictions, settings),
        _recipe(subject),
        _made(subject),
    ]
    style = (files("fmnist_core.exchange.exporting.report") / "report.css").read_text("utf-8")
    inside = "\n".join(part for part in parts if part)
    return (
        "<!doctype html>\n<html lang='en'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        "<meta http-equiv='Content-Security-Policy' "
        "content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">"
        f"<title>{_text(subject.name)}</title>\n<style>\n{style}</style></head>\n"
        f"<body><main>\n{inside}\n</main></body></html>\n"
    )


def _head(subject: Subject, history: History, evaluation: Evaluation | None) -> str:
    status, count = subject.folder.status, summarise(subject.config.model)
    created = subject.folder.meta.created
    validation = validation_accuracy(subject, history)
    on = f" on {history.validation_images:,} images held back" if validation is not None else ""
    rows = [
        ("Test accuracy", _judged(evaluation)),
        ("Validation accuracy", f"{validation:.2%}{on}" if validation is not None else ""),
        ("State", f"{status.state} after {status.epoch} of {status.epochs} epochs"),
        ("Training time", f"{status.seconds:,.0f} s" if status.seconds else ""),
        ("Parameters", f"{count.parameters:,}"),
        ("Seed", subject.config.training.seed),
        ("Created", time.strftime("%Y-%m-%d %H:%M", time.localtime(created)) if created else ""),
        ("Run", subject.id),
    ]
    return f"<h1>{_text(subject.name)}</h1>\n{_facts(rows)}"


def _judged(evaluation: Evaluation | None) -> str:
    if evaluation is None:
        return "not judged yet"
    low, high = evaluation.interval
    return (
        f"{evaluation.accuracy:.2%} of {evaluation.images:,} {evaluation.split} images of "
        f"{evaluation.data.get('name')} (95 % interval {low:.2%} to {high:.2%})"
    )


def _course(history: History) -> str:
    done = history.epochs_done

    def line(name: str) -> list[tuple[float, float]]:
        values = ((point.epoch, getattr(point, name)) for point in done)
        return [(epoch, value) for epoch, value in values if value is not None]

    return _section(
        "How it learned",
        _curves("Accuracy", {"training": line("accuracy"), "validation": line("val_accuracy")}),
        _curves("Loss", {"training": line("loss"), "validation": line("val_loss")}),
        *(_paragraph(note.text) for note in history.notes),
    )


def _judgement(evaluation: Evaluation | None) -> str:
    if evaluation is None:
        return ""
    rows = [
        (
            score.name,
            f"{score.precision:.3f}",
            f"{score.recall:.3f}",
            f"{score.f1:.3f}",
            score.support,
        )
        for score in evaluation.classes
    ]
    return _section(
        "What it takes for what",
        _paragraph("Rows: what the images are. Columns: what the network takes them for."),
        _matrix(evaluation),
        _table(("class", "precision", "recall", "F1", "images"), rows),
    )


def _errors(subject: Subject, predictions: Predictions | None, settings: Settings) -> str:
    if predictions is None:
        return ""
    try:
        images = load_dataset(subject.config.training.dataset, settings).test.images
    except DataError:
        return _section("Mistakes", _paragraph("The test images are not on this machine."))
    if len(images) != len(predictions):
        return ""
    worst = predictions.surest_errors(_SHOWN)
    rows = [
        (
            data_url(np.asarray(images[place])),
            f"{CLASS_NAMES[predictions.predicted[place]]} "
            f"{predictions.probabilities[place].max():.0%}",
            f"is: {CLASS_NAMES[predictions.labels[place]]}",
        )
        for place in worst
    ]
    words = f"The {len(rows)} in which it was surest, of {int((~predictions.right).sum()):,}."
    return _section("Mistakes", _paragraph(words), _pictures(rows))


def _recipe(subject: Subject) -> str:
    value = json.dumps(subject.config.to_json(), indent=2)
    folded = f"<details><summary>All of it</summary><pre>{_text(value)}</pre></details>"
    return _section("Configuration", folded)


def _in_words(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_in_words(item)}" for name, item in value.items())
    if isinstance(value, list):
        return ", ".join(map(_in_words, value))
    return str(value)


def _made(subject: Subject) -> str:
    # Where files lie on a machine is nobody else's business.
    known = without_source(subject.folder.provenance)
    rows = [(str(name), _in_words(value)) for name, value in known.items() if value]
    return _section("Made with", _facts([*rows, ("SHA-256 of the network", subject.sha256)]))


def _matrix(evaluation: Evaluation) -> str:
    """The confusion matrix as a table: true classes by predicted ones; deeper means more."""
    head = "".join(f"<th class='turned'><span>{_text(name)}</span></th>" for name in CLASS_NAMES)
    rows = [
        f"<tr><th>{_text(CLASS_NAMES[true])}</th>{''.join(_cells(true, row))}</tr>"
        for true, row in enumerate(evaluation.confusion)
    ]
    top = f"<tr><th></th>{head}</tr>"
    return f"<div class='wide'><table class='matrix'>{top}{''.join(rows)}</table></div>"


def _cells(true: int, row: tuple[int, ...]) -> list[str]:
    support = max(1, sum(row))
    # The root lifts a single mistake above nothing.
    depths = [(count / support) ** 0.5 for count in row]
    return [
        f"<td class='{'right' if true == predicted else 'wrong'}' "
        f"style='--depth:{depths[predicted]:.2f}'>{count or ''}</td>"
        for predicted, count in enumerate(row)
    ]


def _curves(title: str, lines: Mapping[str, _Points]) -> str:
    """Curves as SVG; `lines` are points (epoch, value) by their names, two at most.

    Empty where no line has a point.
    """
    finite = {name: [p for p in points if math.isfinite(p[1])] for name, points in lines.items()}
    drawn = {name: points for name, points in finite.items() if points}
    if not drawn:
        return ""
    frame = _Frame([point for points in drawn.values() for point in points])
    parts = [f"<text x='{_LEFT}' y='16' class='title'>{_text(title)}</text>", *frame.grid()]
    for number, (name, points) in enumerate(drawn.items()):
        parts += [frame.line(points, number), _legend(name, number)]
    box = f"0 0 {_WIDTH} {_HEIGHT}"
    return f"<svg viewBox='{box}' role='img' aria-label='{_text(title)}'>{''.join(parts)}</svg>"


class _Frame:
    """Where a value lies on the drawing."""

    def __init__(self, points: _Points) -> None:
        values = [value for _, value in points]
        low, high = min(values), max(values)
        room = (high - low) * 0.06 or 0.01
        self.low, self.high = low - room, high + room
        self.last = max(2.0, *(epoch for epoch, _ in points))

    def x(self, epoch: float) -> float:
        return _LEFT + (epoch - 1) / (self.last - 1) * (_WIDTH - _LEFT - 12)

    def y(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return _HEIGHT - _BELOW - share * (_HEIGHT - _BELOW - _TOP)

    def grid(self) -> list[str]:
        values = [self.low + (self.high - self.low) * i / (_TICKS - 1) for i in range(_TICKS)]
        epochs = sorted({round(1 + (self.last - 1) * i / (_TICKS - 1)) for i in range(_TICKS)})
        across = [
            f"<path d='M{_LEFT} {self.y(value):.1f}H{_WIDTH - 12}' class='grid'/>"
            f"<text x='{_LEFT - 6}' y='{self.y(value) + 4:.1f}' text-anchor='end'>"
            f"{value:.3f}</text>"
            for value in values
        ]
        below = [
            f"<text x='{self.x(epoch):.1f}' y='{_HEIGHT - 14}' text-anchor='middle'>{epoch}</text>"
            for epoch in epochs
        ]
        name = f"<text x='{_WIDTH - 12}' y='{_HEIGHT - 1}' text-anchor='end'>epoch</text>"
        return [*across, *below, name]

    def line(self, points: _Points, number: int) -> str:
        places = [f"{self.x(epoch):.1f},{self.y(value):.1f}" for epoch, value in points]
        if len(places) == 1:
            x, y = places[0].split(",")
            return f"<circle cx='{x}' cy='{y}' r='3' class='dot{number}'/>"
        return f"<polyline points='{' '.join(places)}' class='line{number}'/>"


def _legend(name: str, number: int) -> str:
    x = _WIDTH - 12 - 140 * (1 - number)
    return f"<text x='{x}' y='16' text-anchor='end' class='name{number}'>{_text(name)}</text>"


def _text(value: object) -> str:
    """Plain text; nothing in it is taken for HTML."""
    return html.escape(str(value))


def _section(title: str, *parts: str) -> str:
    inside = "\n".join(part for part in parts if part)
    return f"<section>\n<h2>{_text(title)}</h2>\n{inside}\n</section>" if inside else ""


def _paragraph(words: str) -> str:
    return f"<p>{_text(words)}</p>"


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Columns of numbers are set right."""
    listed = [list(row) for row in rows]
    top = "".join(f"<th>{_text(name)}</th>" for name in head)
    body = "\n".join(f"<tr>{''.join(_cell(value) for value in row)}</tr>" for row in listed)
    return f"<div class='wide'><table><tr>{top}</tr>\n{body}</table></div>"


def _facts(rows: Iterable[tuple[str, object]]) -> str:
    """Names with their values; those without one are left out."""
    pairs = ((name, value) for name, value in rows if value not in (None, ""))
    lines = [f"<dt>{_text(name)}</dt><dd>{_text(value)}</dd>" for name, value in pairs]
    return f"<dl>{''.join(lines)}</dl>" if lines else ""


def _pictures(rows: Iterable[tuple[str, str, str]]) -> str:
    """Images by their addresses, each with a line in bold and one below it."""
    found = [
        f"<figure><img src='{_text(address)}' alt=''><figcaption><b>{_text(bold)}</b><br>"
        f"{_text(below)}</figcaption></figure>"
        for address, bold, below in rows
    ]
    return f"<div class='pictures'>{''.join(found)}</div>" if found else ""


def _cell(value: object) -> str:
    number = isinstance(value, (int, float)) or str(value)[:1].isdigit()
    return f"<td class='number'>{_text(value)}</td>" if number else f"<td>{_text(value)}</td>"
