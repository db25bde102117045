"""A lesson that the teacher assigned, in a student's panel: followed, held back and revealed."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from fmnist_core.classroom import ClassLesson, HandedOut, Tally
from fmnist_core.permissions import acting
from fmnist_core.settings import load_settings
from fmnist_ui.figures.dataset_charts import answer_bars
from fmnist_ui.lessons.answers import contest, guesses_of, kept_answer
from fmnist_ui.lessons.lesson import Guess, Question, Step
from fmnist_ui.lessons.place import Place
from fmnist_ui.theme import palette, show_chart

# More different numbers than this share bars.
_MOST_BARS = 8


def class_lesson() -> ClassLesson:
    """The lesson of this lab's class."""
    return ClassLesson(load_settings())


def handed_out(place: Place) -> HandedOut | None:
    """What the teacher assigned, where a student is in that very lesson."""
    if (person := acting()) is None or person.teaches:
        return None
    now = class_lesson().now()
    known = now is not None and now.lesson == place.lesson.name
    return now if known and now and now.steps == len(place.lesson.steps) else None


def follow(place: Place) -> None:
    """Tells the teacher where the student is, and the class what they answered.

    Raises:
        StorageError: The disk is full or cannot be written.
    """
    if handed_out(place) is not None:
        class_lesson().note(place.number, _answer(place))


def is_held(place: Place) -> bool:
    """Whether the answer to this step is not to be seen yet."""
    now = handed_out(place)
    return now is not None and now.holds_back(place.number)


def is_revealed(place: Place) -> bool:
    """Whether the teacher has revealed this step to everybody."""
    now = handed_out(place)
    return now is not None and place.number in now.revealed


def show_class_answers(place: Place) -> None:
    """The class's answers, once they are revealed."""
    if is_revealed(place):
        st.markdown("**The class's answers**")
        show_tally(place.step, class_lesson().tally(place.number), "lesson_class_answers")


def show_tally(step: Step, tally: Tally, key: str) -> None:
    """A bar for each answer, and of how many."""
    if tally.answers:
        show_chart(answer_bars(distribution(step.task, tally.answers), palette()), key)
    st.caption(f"{len(tally.answers)} of {tally.of} in the lesson have answered.")


def distribution(
    task: Question | Guess | None, answers: Sequence[str | float]
) -> list[tuple[str, int]]:
    """How often each answer was given; of many different numbers, how many fall into each part."""
    if isinstance(task, Question) and task.options:
        return [(option, answers.count(option)) for option in task.options]
    numbers = [one for one in answers if not isinstance(one, str)]
    if (several := sorted(set(numbers))) and len(several) <= _MOST_BARS:
        return [(_says(task, one), numbers.count(one)) for one in several]
    return _in_parts(task, numbers)


def _in_parts(task: Question | Guess | None, numbers: list[float]) -> list[tuple[str, int]]:
    if not numbers:
        return []
    low, width = min(numbers), (max(numbers) - min(numbers)) / _MOST_BARS
    ends = [low + number * width for number in range(_MOST_BARS)]
    counts = [0] * _MOST_BARS
    for one in numbers:
        counts[min(_MOST_BARS - 1, int((one - low) / width))] += 1
    spans = [
        f"{_says(task, round(end, 1))} to {_says(task, round(end + width, 1))}" for end in ends
    ]
    return list(zip(spans, counts, strict=True))


def _says(task: Question | Guess | None, number: float) -> str:
    if isinstance(task, Question):
        return task.says(number)
    return f"{number:g} correct"


def _answer(place: Place) -> str | float | None:
    """What the student answered to the step; of images to classify, how many are correct."""
    answered, guess = kept_answer(place), place.step.guess
    if answered is None:
        return None
    if guess is None:
        given: str | float = answered["answer"]
        return given
    guesses = guesses_of(answered, guess.images)
    return contest(guess).right(guesses) if len(guesses) == guess.images else None
