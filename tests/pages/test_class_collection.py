"""The class's collection: given on Try it, moderated and compared on page Class."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.collections.of_class import ClassCollection
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.pretrained import SHIPPED, SHIPPED_EVERYDAY, shipped_model_path
from fmnist_core.settings import load_settings
from fmnist_core.training.fine_tuning import fine_tuning
from fmnist_ui.components import predictions
from tests.conftest import act_as
from tests.pages.played import answers
from tests.pages.reading import text

pytestmark = pytest.mark.usefixtures("engine_there")


@pytest.fixture
def teacher(classroom):
    return classroom.teach(classroom.pin)


@pytest.fixture
def collection(teacher):
    act_as(teacher)
    made = ClassCollection(load_settings())
    made.begin()
    return made


def shirt(number):
    """Something that preprocessing finds."""
    picture = np.full((64, 64, 3), 255, np.uint8)
    picture[10:50, 20 : 40 + number] = 40
    return picture


def keys(app):
    return {button.key for button in app.button}


def sheet(picture):
    """The line below a prediction, as page Try it draws it."""

    def draw(picture) -> None:
        from fmnist_ui.tryit.by_hand import Item
        from fmnist_ui.tryit.correct import show_correction

        show_correction(Item("one", "one", picture))

    return AppTest.from_function(draw, args=(picture,), default_timeout=30)


def test_nothing_goes_to_the_class_without_a_press(collection, ada, teacher):
    act_as(ada)
    app = sheet(shirt(0)).run()
    assert app.button(key="try_for_class").disabled
    app.selectbox(key="try_really").set_value("Shirt").run()
    assert collection.new_items() == []
    app.button(key="try_for_class").click().run()
    [item] = collection.new_items()
    assert (item.maker, item.label) == (ada.id, 6)
    act_as(teacher)
    collection.allow(adding=False)
    act_as(ada)
    assert "try_for_class" not in keys(sheet(shirt(0)).run())


def test_alone_there_is_no_class_to_give_to(home):
    assert "try_for_class" not in keys(sheet(shirt(0)).run())


def test_the_teacher_moderates_and_students_see_what_came_in(
    open_app, classroom, collection, ada, teacher
):
    act_as(ada)
    ids = [collection.add(shirt(number), 6) for number in range(3)]
    act_as(teacher)
    app = open_app("class", {"class_section": "Collection"})
    assert "3 new" in text(app)
    app.button(key=f"class_reject_{ids[0]}").click().run()
    app.button(key="class_accept_all").click().run()
    assert [item.id for item in collection.accepted()] == [ids[2], ids[1]]
    act_as(classroom.join(classroom.code, "Bob"))
    seen = text(open_app("class", {"class_section": "Collection"}))
    assert "2 items of the class" in seen
    assert "Ada" not in seen
    act_as(ada)
    app = open_app("class", {"class_section": "Collection"})
    assert "Yours: 2 accepted, 0 waiting" in text(app)
    app.button(key="class_remove_mine").click().run()
    assert collection.accepted() == []


def test_before_and_after_are_counted_on_what_was_held_out(
    open_app, collection, ada, teacher, monkeypatch
):
    act_as(ada)
    ids = [collection.add(shirt(number), 6) for number in range(8)]
    act_as(teacher)
    collection.accept(ids)
    settings = load_settings()
    config = fine_tuning(SHIPPED, collection.rules.name, settings)
    began_with = shipped_model_path(SHIPPED_EVERYDAY).read_bytes()
    run = RunFolder.create(settings.runs_dir, config, name="tuned", initial=began_with)
    run.change_status(state="finished", epoch=3)
    asked = []

    def said(model, images, settings):
        asked.append((model, len(images)))
        label = 8 if model == SHIPPED_EVERYDAY else 6
        return answers([label] * len(images), share=1.0, network=model)

    monkeypatch.setattr(predictions, "predict_calibrated", said)
    app = open_app("class", {"class_section": "Collection"})
    assert {metric.label: metric.value for metric in app.metric} == {
        "Before": "0 of 2",
        "After": "2 of 2",
        "Difference, points": "+100",
    }
    assert "not significant" in text(app)
    assert asked == [(SHIPPED_EVERYDAY, 2), (run.id, 2)]
