"""A lesson for the whole class: the teacher's section, and what students see of it."""

from dataclasses import replace

import pytest

from fmnist_core.atomic_files import write_json
from fmnist_core.classroom import ClassLesson
from fmnist_core.runs.folder import Origin
from fmnist_core.settings import load_settings
from fmnist_ui.lessons.answers import _mine
from fmnist_ui.lessons.in_class import distribution
from fmnist_ui.lessons.lesson import Guess, Question
from tests.conftest import act_as
from tests.pages.reading import text

LESSON = "overfitting-on-purpose"


@pytest.fixture
def teacher(classroom):
    return classroom.teach(classroom.pin)


@pytest.fixture
def lesson(teacher):
    """Handed out; its second step asks on page Runs for one of three options."""
    act_as(teacher)
    made = ClassLesson(load_settings())
    made.hand_out(LESSON, 4, held=True)
    return made


def keys(app):
    return {button.key for button in app.button}


def open_step(open_app, person, session=None):
    act_as(person)
    return open_app("runs", session, lesson=LESSON, step="2")


def test_the_teacher_hands_a_lesson_out_and_students_are_offered_it(
    open_app, classroom, ada, teacher, engine_there
):
    act_as(teacher)
    app = open_app("class", {"class_section": "Lesson"})
    app.selectbox(key="class_lesson_name").set_value(LESSON).run()
    app.button(key="class_lesson_begin").click().run()
    assert "Everybody to step 1" in [button.label for button in app.button]
    assert "Not in the lesson" in text(app)
    act_as(ada)
    app = open_app("home")
    assert "Your teacher assigned" in text(app)
    assert "class_lesson_open" not in keys(app.button(key="class_lesson_later").click().run())
    app = open_app("home")
    app.button(key="class_lesson_open").click().run()
    assert "class_lesson_open" not in keys(app)
    assert app.query_params["lesson"] == LESSON
    assert ClassLesson(load_settings()).now().lesson == LESSON


def test_everybody_is_brought_to_a_step_once(open_app, ada, lesson, teacher, engine_there):
    act_as(ada)
    app = open_app("home")
    act_as(teacher)
    lesson.bring_all(1)
    act_as(ada)
    # The next look of the page.
    app.run()
    assert "Your answer" not in text(app)
    assert "See it in the curves" in text(app)
    # They go on by themselves, and stay there.
    app.query_params["step"] = "1"
    app.run()
    assert "Train on 500 images only" in text(app)


def test_the_answer_is_held_back_until_the_class_s_are_revealed(
    open_app, ada, lesson, teacher, engine_there
):
    app = open_step(open_app, ada)
    key = f"lesson/{LESSON}/1"
    app.radio(key=f"{key}/answer").set_value("It is always zero")
    app.button(key=f"{key}/keep").click().run()
    assert "Your teacher reveals the answer to everybody" in text(app)
    assert "lesson_reveal" not in keys(app)
    assert "no longer generalizes" not in text(app)
    act_as(teacher)
    board = open_app("class", {"class_section": "Lesson"})
    board.selectbox(key="class_lesson_step").set_value(1).run()
    assert "1 of 1" in [metric.value for metric in board.metric]
    assert "Ada" in text(board)
    board.button(key="class_lesson_reveal").click().run()
    assert "1 of 1 in the lesson have answered" in text(board)
    app = open_step(open_app, ada)
    assert "The class's answers" in text(app)
    assert "no longer generalizes" in text(app)
    assert "lesson_change" not in keys(app)


def test_answers_are_the_person_s_whatever_the_address_says(open_app, classroom, ada, engine_there):
    key = f"lesson/{LESSON}/1"
    app = open_step(open_app, ada)
    app.radio(key=f"{key}/answer").set_value("It is always zero")
    app.button(key=f"{key}/keep").click().run()
    bob = classroom.join(classroom.code, "Bob")
    act_as(bob)
    app = open_app("runs", lesson=LESSON, step="2", pupil=ada.id)
    assert "Your answer" not in text(app)
    app = open_step(open_app, ada)
    assert "It is always zero" in text(app)


def test_a_copy_of_a_neighbor_s_run_is_not_what_a_guess_was_about(ada, make_run):
    act_as(ada)
    run = make_run("mine")
    assert [one.id for one in _mine({"t": 0.0})] == [run.id]
    meta = replace(run.meta, origin=Origin("other", "theirs", "b" * 12))
    write_json(run.path / "meta.json", meta.to_json())
    assert _mine({"t": 0.0}) == []


def test_what_is_held_back_is_not_in_the_summary_either(
    open_app, ada, lesson, teacher, engine_there
):
    act_as(ada)
    app = open_app("lessons", finished=LESSON)
    assert "Not revealed yet" in text(app)
    assert "Correct answer" not in text(app)
    act_as(teacher)
    lesson.hold_back(False)
    act_as(ada)
    assert "Correct answer" in text(open_app("lessons", finished=LESSON))


def test_the_answer_key_is_the_teacher_s(open_app, ada, teacher, engine_there):
    act_as(ada)
    assert not [key for key in keys(open_app("lessons")) if str(key).startswith("teach_")]
    act_as(teacher)
    assert [key for key in keys(open_app("lessons")) if str(key).startswith("teach_")]


def test_answers_are_counted_by_option_by_number_or_in_parts():
    options = Question("Which?", options=("a", "b"))
    assert distribution(options, ["b", "b", "gone"]) == [("a", 0), ("b", 2)]
    number = Question("How many?", low=0, high=100, unit="%")
    assert distribution(number, [30, 12, 30]) == [("12%", 1), ("30%", 2)]
    parts = distribution(number, list(range(0, 81, 5)))
    assert [count for _, count in parts] == [2, 2, 2, 2, 2, 2, 2, 3]
    assert parts[0][0] == "0% to 10%"
    assert distribution(Guess(), [7]) == [("7 correct", 1)]
    assert distribution(number, []) == []
