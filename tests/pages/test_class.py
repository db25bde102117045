"""Page Class, and what other pages offer to whom in a class."""

import pytest

from fmnist_core.classroom import Limits
from fmnist_core.permissions import NOBODY
from tests.conftest import act_as
from tests.pages.reading import text


def buttons(app):
    return {button.key for button in app.button}


def test_alone_it_says_how_to_begin_a_class(open_app):
    assert "class start" in open_app("class").code[0].value


def test_a_student_sees_the_way_in_and_nobody_s_button(open_app, classroom, ada):
    act_as(ada)
    app = open_app("class")
    assert any(f"code={classroom.code}" in block.value for block in app.code)
    assert not [key for key in buttons(app) if str(key).startswith("take_out")]
    assert classroom.pin not in text(app)


def test_the_teacher_takes_somebody_out_and_closes_the_runs(open_app, classroom, ada):
    act_as(classroom.teach(classroom.pin))
    app = open_app("class", {"class_section": "Students"})
    app.toggle(key="sees_others").set_value(False).run()
    assert not classroom.sees_others
    app.button(key=f"take_out_{ada.id}").click().run()
    assert [member.nickname for member in classroom.members()] == ["Teacher"]
    assert "Nobody has joined yet" in text(app)


def test_the_teacher_sets_what_each_student_may_ask(open_app, classroom):
    act_as(classroom.teach(classroom.pin))
    app = open_app("class", {"class_section": "Students"})
    app.number_input(key="limit_minutes").set_value(25)
    app.button(key="limits_save").click().run()
    assert (classroom.limits.minutes, classroom.limits.waiting) == (25, 3)


def test_the_form_says_the_limit_before_the_press(open_app, classroom, ada, engine_there):
    classroom.limit(Limits(epochs=1))
    act_as(ada)
    app = open_app("train")
    assert app.button(key="train_button").disabled
    assert any("at most 1 epochs" in box.value for box in app.error)


def test_who_was_taken_out_sees_no_page(open_app, classroom):
    act_as(NOBODY)
    app = open_app("runs")
    assert [title.value for title in app.title] == ["You are not in the class any more"]
    # In the same tab.
    assert 'href="/join">Join the class</a>' in text(app)


@pytest.mark.parametrize(("who", "may"), [("owner", True), ("teacher", True), ("other", False)])
def test_only_owner_and_teacher_are_offered_changes(
    who, may, open_app, classroom, ada, make_run, engine_there
):
    act_as(ada)
    run = make_run("mine")
    people = {
        "owner": ada,
        "teacher": classroom.teach(classroom.pin),
        "other": classroom.join(classroom.code, "Bob"),
    }
    act_as(people[who])
    app = open_app("runs", run=run.id)
    assert ({"run_delete", "run_edit"} <= buttons(app)) is may
    assert ("by you" if who == "owner" else "by Ada") in text(app)
