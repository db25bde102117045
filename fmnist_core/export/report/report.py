"""The whole report, in the order of reading."""

from __future__ import annotations

import json
import time
from importlib.resources import files

import numpy as np

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.data import load_dataset
from fmnist_core.errors import DataError
from fmnist_core.evaluation import Evaluation, Predictions, load_evaluation, load_predictions
from fmnist_core.export.report.curves import curves
from fmnist_core.export.report.matrix import matrix
from fmnist_core.export.report.parts import facts, paragraph, pictures, section, table, text
from fmnist_core.export.subject import Subject
from fmnist_core.export.written.known import validation_accuracy
from fmnist_core.figures.images import data_url
from fmnist_core.model import summarise
from fmnist_core.runs.history import History, follow
from fmnist_core.settings import Settings
from fmnist_core.shipped.judgement import without_source

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
    style = (files("fmnist_core.export.report") / "report.css").read_text("utf-8")
    inside = "\n".join(part for part in parts if part)
    return (
        "<!doctype html>\n<html lang='en'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        "<meta http-equiv='Content-Security-Policy' "
        "content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">"
        f"<title>{text(subject.name)}</title>\n<style>\n{style}</style></head>\n"
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
    return f"<h1>{text(subject.name)}</h1>\n{facts(rows)}"


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

    return section(
        "How it learned",
        curves("Accuracy", {"training": line("accuracy"), "validation": line("val_accuracy")}),
        curves("Loss", {"training": line("loss"), "validation": line("val_loss")}),
        *(paragraph(note.text) for note in history.notes),
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
    return section(
        "What it takes for what",
        paragraph("Rows: what the images are. Columns: what the network takes them for."),
        matrix(evaluation),
        table(("class", "precision", "recall", "F1", "images"), rows),
    )


def _errors(subject: Subject, predictions: Predictions | None, settings: Settings) -> str:
    if predictions is None:
        return ""
    try:
        images = load_dataset(subject.config.training.dataset, settings).test.images
    except DataError:
        return section("Mistakes", paragraph("The test images are not on this machine."))
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
    return section("Mistakes", paragraph(words), pictures(rows))


def _recipe(subject: Subject) -> str:
    value = json.dumps(subject.config.to_json(), indent=2)
    folded = f"<details><summary>All of it</summary><pre>{text(value)}</pre></details>"
    return section("Configuration", folded)


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
    return section("Made with", facts([*rows, ("SHA-256 of the network", subject.sha256)]))
