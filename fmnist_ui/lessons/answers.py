"""What was answered in a lesson, kept in a file of the lab's home, and what came of it.

An answer can be changed until it is revealed: `revealed` says so. A number that is compared with
a run is revealed when that run has ended.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from fmnist_core.atomic_files import read_json, write_json
from fmnist_core.classes import CLASS_COUNT
from fmnist_core.errors import LessonError
from fmnist_core.evaluation import Predictions, wilson
from fmnist_core.evaluation.predictions import pick
from fmnist_core.evaluation.store import load_predictions
from fmnist_core.permissions import check_change
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.library import RunSummary, list_runs
from fmnist_core.runs.pretrained import shipped_folder
from fmnist_core.settings import load_settings
from fmnist_ui.lab_state import owner
from fmnist_ui.lessons.lesson import FIGURES, Guess, Question, run_metric
from fmnist_ui.lessons.place import Place
from fmnist_ui.words import percent, spanning

_DONE, _AT = "done", "at"


@dataclass(frozen=True)
class Compared:
    """What a run shows of what was predicted.

    Attributes:
        title: Of the figure, with the run's name.
        value: In the question's unit.
    """

    title: str
    value: float


@dataclass(frozen=True)
class Outcome:
    """A step's question, what was answered, and what is correct or has happened."""

    step: str
    question: str
    answer: str
    result: str


def kept_answer(place: Place) -> dict[str, Any] | None:
    """`answer`, a text or a number, and `t`, its Unix time; later also `revealed`, and `run`,
    which it was compared with.

    None where the step was not answered yet, or asks something else than it did then.
    """
    value = _all(place).get(str(place.number))
    if not isinstance(value, dict) or value.get("question") != _question(place):
        return None
    return value if {"answer", "t"} <= value.keys() else None


def keep_answer(place: Place, answer: str | float) -> None:
    """Also in place of an earlier answer; the runs since that one still count.

    Raises:
        StorageError: The disk is full or cannot be written.
    """
    before = kept_answer(place) or {"t": time.time(), "owner": owner()}
    _keep(place, {**before, "answer": answer})


def reveal(place: Place, **more: Any) -> None:
    """From now on the answer cannot be changed.

    Raises:
        StorageError: The disk is full or cannot be written.
    """
    if answered := kept_answer(place):
        _keep(place, {**answered, "revealed": True, **more})


def is_open(place: Place) -> bool:
    """Whether the answer can still be changed: also what is only recalled later, until it is."""
    answered = kept_answer(place)
    if answered is None:
        return True
    later = [replace(place, number=number) for number in _recalling(place)]
    recalled = any((kept_answer(step) or {}).get("revealed") for step in later)
    return not (answered.get("revealed") or recalled)


def _recalling(place: Place) -> list[int]:
    """The later steps that show this one's answer again, from 0."""
    steps = enumerate(place.lesson.steps)
    return [one for one, step in steps if step.task and step.task.recall == place.number + 1]


def compare(place: Place, question: Question, answered: dict[str, Any]) -> Compared | None:
    """With the first run of one's own that was begun since the guess and has ended; None yet."""
    kept = answered.get("shown")
    if isinstance(kept, list) and len(kept) == 2 and isinstance(kept[1], float):
        # The run may have been deleted since.
        return Compared(str(kept[0]), kept[1])
    for run in _mine(answered):
        value = run_metric(RunFolder(load_settings().runs_dir / run.id), question.compare)
        if value is not None:
            found = Compared(f"{FIGURES[question.compare].title}: {run.name}", round(value, 1))
            reveal(place, run=run.id, shown=[found.title, found.value])
            return found
    return None


def _mine(answered: dict[str, Any]) -> list[RunSummary]:
    """The run that was compared already; else those since the guess that have ended, in order."""
    runs = [run for run in list_runs(load_settings()) if not run.active]
    known = [run for run in runs if run.id == answered.get("run")]
    # Whoever has reloaded the page since is another owner to the engine.
    owners = {owner(), answered.get("owner")}
    mine = [run for run in runs if run.owner in owners and run.origin is None]
    since = [run for run in mine if run.created >= answered["t"]]
    return known or since[::-1]


@dataclass(frozen=True, eq=False)
class Contest:
    """The test images of a step, and what a shipped network predicts for them.

    Attributes:
        indices: int64 (n,), among the test images.
        said: The network's predictions for them, with the true classes.
    """

    indices: np.ndarray[Any, np.dtype[np.int64]]
    said: Predictions

    def right(self, guesses: list[int]) -> int:
        """How many of the guesses are correct."""
        return int((np.asarray(guesses) == self.said.labels[: len(guesses)]).sum())

    def score(self, right: int) -> str:
        """A number of correct images with its 95 % interval, for people."""
        images = len(self.indices)
        share = f"{percent(right / images, 0)}, 95% interval {spanning(wilson(right, images), 0)}"
        return f"{right} of {images} correct ({share})"


def contest(guess: Guess) -> Contest:
    """What is to be guessed.

    Raises:
        DataError: The shipped predictions are damaged.
        LessonError: They are missing.
    """
    every = load_predictions(shipped_folder(guess.network))
    if every is None:
        raise LessonError(
            "The shipped network's predictions are missing.", advice="Install the lab again."
        )
    indices = pick(np.arange(len(every)), guess.images, guess.seed)
    return Contest(indices, Predictions(every.probabilities[indices], every.labels[indices]))


def guesses_of(answered: dict[str, Any] | None, most: int) -> list[int]:
    """Class numbers, one an image, as far as one has got."""
    value = (answered or {}).get("guesses")
    found = value if isinstance(value, list) else []
    good = [one for one in found if isinstance(one, int) and 0 <= one < CLASS_COUNT]
    return good[:most] if len(good) == len(found) else []


def keep_guesses(place: Place, guesses: list[int]) -> None:
    """Raises StorageError: The disk is full or cannot be written."""
    before = kept_answer(place) or {"t": time.time(), "owner": owner()}
    _keep(place, {**before, "answer": len(guesses), "guesses": guesses})


def outcomes(place: Place) -> list[Outcome]:
    """Every step that asks something, for the summary at the end."""
    found = []
    for number, step in enumerate(place.lesson.steps):
        at = replace(place, number=number)
        answered = kept_answer(at)
        if step.ask is not None:
            said = "Not answered" if answered is None else step.ask.says(answered["answer"])
            found.append(Outcome(step.title, step.ask.text, said, _result(at, step.ask, answered)))
        elif step.guess is not None:
            guesses, images = guesses_of(answered, step.guess.images), contest(step.guess)
            done = len(guesses) == step.guess.images
            said = images.score(images.right(guesses)) if done else "Not finished"
            network = f"The network: {images.score(int(images.said.right.sum()))}."
            question = f"Classify {step.guess.images} test images."
            found.append(Outcome(step.title, question, said, network))
    return found


def _result(place: Place, question: Question, answered: dict[str, Any] | None) -> str:
    if question.compare:
        known = compare(place, question, answered) if answered else None
        return f"{known.title}: {question.says(known.value)}" if known else "No run was compared."
    if not question.correct:
        later = _recalling(place)
        return f"Compared in step {later[0] + 1}" if later else ""
    if answered is not None and question.is_correct(answered["answer"]):
        return f"Correct: {question.correct}"
    return f"Correct answer: {question.correct}"


def mark_done(place: Place) -> None:
    """Ticks the lesson off.

    Raises:
        StorageError: The disk is full or cannot be written.
    """
    write_json(_path(place), _all(place) | {_DONE: time.time()})


def is_done(place: Place) -> bool:
    """Whether the pupil has finished the lesson."""
    return _DONE in _all(place)


def mark_step(place: Place) -> None:
    """Remembers where the pupil is, once there is something to come back to.

    Raises:
        StorageError: The disk is full or cannot be written.
    """
    known = _all(place)
    if known and known.get(_AT) != place.number:
        write_json(_path(place), known | {_AT: place.number})


def step_reached(place: Place) -> int | None:
    """The step that the pupil was at last, from 0; None where nothing was answered."""
    number = _all(place).get(_AT)
    known = isinstance(number, int) and 0 <= number < len(place.lesson.steps)
    return number if known else (0 if _answered(place) else None)


def _answered(place: Place) -> bool:
    return any(key.isdecimal() for key in _all(place))


def forget(place: Place) -> None:
    """Begins the lesson anew; that it was finished once stays known.

    Raises:
        StorageError: The disk is full or cannot be written.
    """
    known = _all(place)
    if known:
        write_json(_path(place), {key: known[key] for key in (_DONE,) if key in known})


def _keep(place: Place, answer: dict[str, Any]) -> None:
    answers = _all(place)
    kept = {**answer, "question": _question(place)}
    if answers.get(str(place.number)) != kept:
        write_json(_path(place), answers | {str(place.number): kept})


def _question(place: Place) -> str:
    guess = place.step.guess
    if guess is not None:
        return f"{guess.images} images, seed {guess.seed}, {guess.network}"
    return place.step.ask.text if place.step.ask else ""


def _all(place: Place) -> dict[str, Any]:
    value = read_json(_path(place))
    return value if isinstance(value, dict) else {}


def _path(place: Place) -> Path:
    """In a class the pupil is a member, and answers are seen by them and the teacher alone."""
    check_change(place.pupil, "see or change these answers")
    home = load_settings().home / "lessons" / "answers"
    return home / f"{place.pupil}-{place.lesson.name}.json"
