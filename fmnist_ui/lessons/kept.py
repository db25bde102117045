"""What somebody expected, kept until it can be compared with what happened."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fmnist_core.durable import read_json, write_json
from fmnist_core.settings import load_settings
from fmnist_ui.lessons.place import Place


def kept_answer(place: Place) -> dict[str, Any] | None:
    """`answer`, a text or a number, and `t`, its Unix time; later also `run`, which it was
    compared with.

    None where the step was not answered yet, or asks something else than it did then.
    """
    value = _all(place).get(str(place.number))
    if not isinstance(value, dict) or value.get("question") != _question(place):
        return None
    return value if {"answer", "t"} <= value.keys() else None


def keep_answer(place: Place, answer: dict[str, Any]) -> None:
    """Raises StorageError: The disk is full or cannot be written."""
    answers = _all(place)
    kept = {**answer, "question": _question(place)}
    if answers.get(str(place.number)) != kept:
        write_json(_path(place), answers | {str(place.number): kept})


def _question(place: Place) -> str:
    return place.step.ask.text if place.step.ask else ""


def _all(place: Place) -> dict[str, Any]:
    value = read_json(_path(place))
    return value if isinstance(value, dict) else {}


def _path(place: Place) -> Path:
    home = load_settings().home / "lessons" / "answers"
    return home / f"{place.pupil}-{place.lesson.name}.json"
