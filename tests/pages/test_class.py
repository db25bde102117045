"""Page Class, and what other pages offer to whom in a class."""

import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.classroom import Limits
from fmnist_core.config import override
from fmnist_core.engine.submission import enqueue, queue_of
from fmnist_core.permissions import NOBODY
from fmnist_core.runs.events import EventWriter
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.library import list_runs
from fmnist_core.settings import load_settings
from fmnist_ui.classroom.joining import open_class
from tests.conftest import act_as
from tests.nets import tiny
from tests.pages.reading import text


def buttons(app):
    return {button.key for button in app.button}


def test_alone_it_says_how_to_begin_a_class(open_app):
    assert "class start" in open_app("class").code[0].value


def test_a_student_sees_the_way_in_and_nobody_s_button(open_app, classroom, ada):
    act_as(ada)
    app = open_app("class")
    assert any(f"code={classroom.code}" in block.value for block in app.code)
    assert not [key for key in buttons(app) if str(key).startswith(("code_", "remove_"))]
    assert classroom.pin not in text(app)


def test_the_teacher_removes_somebody_after_a_question_and_closes_the_runs(
    open_app, classroom, ada
):
    act_as(classroom.teach(classroom.pin))
    app = open_app("class", {"class_section": "Students"})
    app.toggle(key="sees_others").set_value(False).run()
    assert not classroom.sees_others
    app.button(key=f"remove_{ada.id}").click().run()
    assert "Ada must join again as somebody new and no longer owns their runs" in text(app)
    assert len(classroom.members()) == 2

    def question(member) -> None:
        from fmnist_ui.classroom.page import _confirm_removal

        _confirm_removal(member)

    # Its buttons run the dialog alone.
    [member] = [member for member in classroom.members() if member.id == ada.id]
    app = AppTest.from_function(question, args=(member,)).run()
    app.button(key="remove_confirm").click().run()
    assert [member.nickname for member in classroom.members()] == ["Teacher"]
    app = open_app("class", {"class_section": "Students"})
    assert "Nobody has joined yet" in text(app)


def test_the_teacher_makes_a_code_for_whom_has_lost_the_device(open_app, classroom, ada):
    act_as(classroom.teach(classroom.pin))
    app = open_app("class", {"class_section": "Students"})
    app.button(key=f"code_{ada.id}").click().run()
    [code] = app.metric
    assert code.label == "For Ada"
    assert classroom.move(code.value) == ada


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


def test_a_student_reads_what_they_may_and_what_is_left(open_app, classroom, ada, engine_there):
    classroom.limit(Limits(waiting=1, minutes=7, disk=50))
    act_as(ada)
    said = text(open_app("train"))
    assert "7 min a run, after which it gives way to others · 0 of 1 waiting" in said
    assert "of 50 MB kept" in said
    preset = override(tiny(), ("dataset=synthetic-garments",))
    enqueue(preset, settings=load_settings())
    app = open_app("train", run="new")
    assert app.button(key="train_button").disabled
    assert any("at most 1 run waiting" in box.value for box in app.error)
    said = text(open_app("export"))
    assert "32 MB a file, 120 files an hour. Status code 413 means too large, 429 too" in said
    act_as(classroom.teach(classroom.pin))
    assert "Your limits" not in text(open_app("train", run="new"))


def test_more_seeds_of_another_s_run_are_one_s_own_and_all_or_none_wait(
    open_app, classroom, ada, engine_there, make_run
):
    classroom.limit(Limits(waiting=2))
    act_as(classroom.join(classroom.code, "Bob"))
    run = make_run("his")
    act_as(ada)
    app = open_app("train", run=run.id)
    app.number_input(key=f"more_seeds_{run.id}").set_value(3)
    app.button(key=f"train_seeds_{run.id}").click().run()
    assert any("2 more can wait now." in box.value for box in app.error)
    assert queue_of(load_settings()).waiting() == []
    app.number_input(key=f"more_seeds_{run.id}").set_value(2)
    app.button(key=f"train_seeds_{run.id}").click().run()
    waiting = queue_of(load_settings()).waiting()
    assert len(waiting) == 2
    assert app.query_params["run"] == waiting[0]
    assert {f"seed_{run_id}" for run_id in waiting} <= buttons(app)


def test_the_form_says_before_the_press_that_not_all_seeds_may_wait(
    open_app, classroom, ada, engine_there, make_run
):
    make_run("old")
    classroom.limit(Limits(waiting=2))
    act_as(ada)
    app = open_app("train", run="new")
    app.number_input(key="train/seeds").set_value(3).run()
    assert app.button(key="train_button").disabled
    assert any("2 more can wait now." in box.value for box in app.error)
    app.number_input(key="train/seeds").set_value(2).run()
    assert not app.button(key="train_button").disabled


def test_the_teacher_steers_the_queue(open_app, classroom, ada, engine_there):
    act_as(ada)
    settings = load_settings()
    first, second = (
        enqueue(override(tiny(), changes), name=name, settings=settings).run_id
        for name, changes in (("one", ("seed=1",)), ("two", ("seed=2",)))
    )
    act_as(classroom.teach(classroom.pin))
    app = open_app("class", {"class_section": "Queue"})
    said = text(app)
    assert "0 training, 2 waiting" in said
    assert said.index("· one") < said.index("· two")
    app.button(key=f"queue_Put first_{second}").click().run()
    assert queue_of(settings).waiting() == [second, first]
    app.button(key="pause_all").click().run()
    assert "all paused" in text(app)
    act_as(ada)
    assert "The teacher has paused all training" in text(open_app("train", run=first))
    act_as(classroom.teach(classroom.pin))
    app.button(key="resume_all").click().run()
    assert "1st in line" in text(open_app("train", run=second))
    app.button(key=f"queue_Stop_{second}").click().run()
    app.button(key="stop_all").click().run()
    assert "0 training, 0 waiting" in text(app)
    assert {run.state for run in list_runs(settings)} == {"stopped"}


def test_a_run_that_gave_way_says_so_while_it_waits(open_app, classroom, ada, engine_there):
    act_as(ada)
    run = RunFolder(load_settings().runs_dir / enqueue(tiny(), settings=load_settings()).run_id)
    writer = EventWriter(run.events_path)
    writer.write("start", attempt=1, epoch=0, epochs=9, steps_per_epoch=9)
    writer.write("gave_way", seconds=605.0)
    writer.close()
    said = text(open_app("train", run=run.id))
    assert "Gave way after 10 minutes; goes on when a slot is free.  \n**1st in line" in said
    writer = EventWriter(run.events_path)
    writer.write("start", attempt=2, epoch=1, epochs=9, steps_per_epoch=9)
    writer.close()
    assert "free.  \n**1st" not in text(open_app("train", run=run.id))


def test_the_teacher_is_asked_about_what_was_left_over(open_app, classroom, engine_there):
    settings = load_settings()
    run = enqueue(tiny(), name="last week", settings=settings).run_id
    open_class()
    act_as(classroom.teach(classroom.pin))
    app = open_app("class", {"class_section": "Queue"})
    assert "Left over from before the class:** last week" in text(app)
    app.button(key="continue_left_over").click().run()
    assert queue_of(settings).waiting() == [run]
    assert "Left over" not in text(app)


def test_a_page_begins_with_one_s_own_runs(open_app, classroom, ada, make_run, engine_there):
    """With nothing chosen alone the run that trains is watched, whoever began it."""
    act_as(classroom.join(classroom.code, "Bob"))
    make_run("his", state="running", judged=False, worker="training-1")
    make_run("done")
    act_as(ada)
    app = open_app("train")
    assert "train_button" in buttons(app)
    assert "done" not in text(app)
    act_as(ada)
    make_run("mine", state="running", judged=False, worker="training-2")
    assert "train_button" not in buttons(open_app("train"))


def test_another_s_run_is_no_finished_run_of_one_s_own(
    open_app, classroom, ada, make_run, engine_there
):
    act_as(bob := classroom.join(classroom.code, "Bob"))
    run = make_run("his")
    act_as(ada)
    app = open_app("evaluate")
    assert "No finished run of your own yet" in text(app)
    assert any("by Bob" in option for option in app.selectbox[0].options)
    assert app.session_state["evaluated_run"] != run.id
    app = open_app("runs")
    assert "Bob" in text(app) or "by Bob" in str(app.main)
    act_as(bob)
    assert "No finished run of your own yet" not in text(open_app("evaluate"))


def test_who_was_removed_sees_no_page(open_app, classroom):
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
