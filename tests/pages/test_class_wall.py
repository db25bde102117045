"""The wall, freezing, the spotlight and raised hands on the pages."""

import pytest

from fmnist_core.classroom import ClassLesson
from fmnist_core.classroom.stage import freeze, put_in_spotlight, stage_of
from fmnist_core.settings import load_settings
from fmnist_ui.classroom.presence import Whereabouts, presence
from tests.conftest import act_as
from tests.pages.reading import text


@pytest.fixture(autouse=True)
def nobody_there():
    yield
    presence._sessions.clear()
    presence._hands.clear()


@pytest.fixture
def teacher(classroom):
    return classroom.teach(classroom.pin)


@pytest.fixture
def run(ada, make_run):
    act_as(ada)
    return make_run("hers", state="running", worker="training-1", judged=False)


def has_notice(app):
    return any("class-frozen" in block.body for block in app.get("html"))


def keys(app):
    return {button.key for button in app.button}


def test_before_anybody_has_joined_the_wall_shows_the_way_in(open_app, classroom, teacher):
    act_as(teacher)
    app = open_app("class")
    assert "Nobody has joined yet" in text(app)
    assert any(f"code={classroom.code}" in block.value for block in app.code)
    assert app.title[0].value.endswith("7b \\<script\\>")


def test_the_teacher_shows_a_run_to_all_and_lowers_a_hand(open_app, ada, teacher, run):
    app = open_app("train", run="new")
    app.button(key="raise_hand").click().run()
    assert app.button(key="raise_hand").label == "Hand is up"
    # All of a test's sessions have one name: this is another browser.
    presence.note(ada.id, "her browser", Whereabouts("Train"))
    act_as(teacher)
    wall = open_app("class", {"wall/picked": ada.id})
    assert {"wall_shine", "wall_lower"} <= keys(wall)
    wall.button(key="wall_shine").click().run()
    assert stage_of(load_settings()).spotlight == run.id
    assert "9,338 parameters" in text(wall)
    wall.button(key="wall_lower").click().run()
    assert "wall_lower" not in keys(wall)
    act_as(ada)
    app.run()
    assert app.button(key="raise_hand").label == "Raise hand"
    assert "Your run is on the projector" in text(app)


def test_frozen_pages_are_covered_and_come_back(open_app, classroom, ada, teacher):
    act_as(teacher)
    wall = open_app("class")
    wall.toggle(key="wall_freeze").set_value(True).run()
    assert stage_of(load_settings()).frozen
    assert not has_notice(wall)
    act_as(ada)
    app = open_app("glossary")
    assert has_notice(app)
    act_as(teacher)
    wall.toggle(key="wall_freeze").set_value(False).run()
    act_as(ada)
    assert not has_notice(app.run())


def test_a_lesson_that_cannot_be_read_keeps_no_page_from_being_frozen(open_app, ada, teacher):
    act_as(teacher)
    ClassLesson(load_settings()).hand_out("gone", 4)
    freeze(load_settings(), True)
    act_as(ada)
    app = open_app("home")
    assert has_notice(app)
    # The teacher is told, on page Class.
    assert not app.error


def test_the_form_that_was_drawn_while_frozen_trains_again(
    open_app, ada, teacher, engine_there, make_run
):
    make_run("data")
    act_as(teacher)
    freeze(load_settings(), True)
    act_as(ada)
    app = open_app("train", run="new")
    assert app.button(key="train_button").disabled
    act_as(teacher)
    freeze(load_settings(), False)
    act_as(ada)
    assert not app.run().button(key="train_button").disabled


def test_the_projector_is_in_the_address_and_left_by_a_button(open_app, ada, teacher):
    act_as(teacher)
    app = open_app("class", projector="on")
    button = app.button(key="wall_projector_button")
    assert button.label == "Back to the page"
    button.click().run()
    assert "projector" not in app.query_params
    assert app.button(key="wall_projector_button").label == "Projector"


def test_a_run_in_the_spotlight_that_is_gone_and_a_damaged_file_are_said(
    open_app, ada, teacher, home
):
    act_as(teacher)
    put_in_spotlight(load_settings(), "gone")
    assert "no longer there" in text(open_app("class"))
    (home / "class" / "stage.json").write_text("{")
    app = open_app("class")
    assert any("stage.json is damaged" in box.value for box in app.warning)


def test_outside_a_class_nothing_is_noted_or_drawn(open_app):
    app = open_app("glossary")
    assert "raise_hand" not in keys(app)
    assert not presence._sessions
