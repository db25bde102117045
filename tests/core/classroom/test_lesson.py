"""A lesson for the whole class: who is where, and what it answered, without names."""

import json

import pytest

from fmnist_core.classroom import ClassLesson, LessonProgress, Tally
from fmnist_core.errors import ClassError, NotAllowedError
from fmnist_core.permissions import NOBODY
from fmnist_core.settings import load_settings
from tests.conftest import act_as


@pytest.fixture
def teacher(classroom):
    return classroom.teach(classroom.pin)


@pytest.fixture
def bob(classroom):
    return classroom.join(classroom.code, "Bob")


@pytest.fixture
def lesson(classroom, teacher):
    """Handed out, of three steps."""
    act_as(teacher)
    made = ClassLesson(load_settings())
    made.hand_out("small-data", 3)
    return made


DEEDS = {
    "hand out": lambda lesson: lesson.hand_out("small-data", 3),
    "bring": lambda lesson: lesson.bring_all(2),
    "hold": lambda lesson: lesson.hold_back(True),
    "reveal": lambda lesson: lesson.reveal(0),
    "end": lambda lesson: lesson.end(),
    "follow": lambda lesson: lesson.progress(),
    "peek": lambda lesson: lesson.tally(0),
}


@pytest.mark.parametrize("deed", DEEDS)
def test_a_student_steers_no_lesson(deed, lesson, ada):
    before = lesson.now()
    act_as(ada)
    with pytest.raises(NotAllowedError):
        DEEDS[deed](lesson)
    assert lesson.now() == before


def test_the_class_is_followed_and_its_answers_counted_without_names(lesson, ada, bob, teacher):
    act_as(bob)
    lesson.note(0)
    lesson.note(0, 30.0)
    act_as(ada)
    lesson.note(0, 12.0)
    lesson.note(1)
    act_as(teacher)
    assert lesson.progress() == {
        ada.id: LessonProgress(1, frozenset({0})),
        bob.id: LessonProgress(0, frozenset({0})),
    }
    assert lesson.tally(0) == Tally((12.0, 30.0), 2)


def test_what_is_answered_after_the_reveal_does_not_count(lesson, ada, bob, teacher):
    act_as(ada)
    lesson.note(0, "yes")
    act_as(teacher)
    lesson.hold_back(True)
    assert lesson.now().holds_back(0)
    lesson.reveal(0)
    assert not lesson.now().holds_back(0)
    act_as(ada)
    lesson.note(0, "no")
    act_as(bob)
    lesson.note(0, "late")
    assert lesson.tally(0) == Tally(("yes",), 2)
    act_as(NOBODY)
    with pytest.raises(NotAllowedError):
        lesson.tally(0)


def test_a_lesson_handed_out_anew_begins_with_no_answers(lesson, ada, teacher):
    act_as(ada)
    lesson.note(2, 1.0)
    act_as(teacher)
    lesson.hand_out("small-data", 3)
    assert (lesson.tally(2), lesson.progress()) == (Tally((), 0), {})


def test_answers_of_somebody_are_removed_by_them_or_the_teacher(lesson, ada, bob, home):
    act_as(ada)
    lesson.note(0, 1.0)
    other = home / "lessons" / "answers" / f"{ada.id}-small-data.json"
    other.parent.mkdir(parents=True)
    other.write_text("{}")
    act_as(bob)
    with pytest.raises(NotAllowedError):
        lesson.remove_answers_of(ada.id)
    act_as(ada)
    lesson.remove_answers_of(ada.id)
    assert not other.exists()
    assert list((home / "class" / "answers").glob("*.json")) == []


@pytest.mark.parametrize("step", [3, -1, True])
def test_a_step_that_is_not_there_is_refused(step, lesson, ada, teacher):
    with pytest.raises(ClassError, match="steps 1 to 3"):
        lesson.bring_all(step)
    act_as(ada)
    with pytest.raises(ClassError, match="steps 1 to 3"):
        lesson.note(step)


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"lesson": "x"}', '{"lesson": 1, "steps": 3, "begun": 1, "revealed": {}}']
)
def test_a_damaged_lesson_counts_as_none_and_is_said(text, lesson, home):
    (home / "class" / "lesson.json").write_text(text)
    assert (lesson.now(), lesson.damaged) == (None, True)
    lesson.hand_out("small-data", 3)
    assert not lesson.damaged


def test_a_damaged_answer_is_nobody_s(lesson, ada, home, teacher):
    act_as(ada)
    lesson.note(0, 1.0)
    path = home / "class" / "answers" / f"{ada.id}.json"
    value = json.loads(path.read_text())
    path.write_text(json.dumps({**value, "answers": {"0": {"answer": [1], "t": 0}}}))
    act_as(teacher)
    assert lesson.tally(0) == Tally((), 0)
