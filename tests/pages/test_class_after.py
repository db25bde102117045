"""Page Class after the lesson: results, and the deletion of what is personal; privacy."""

import numpy as np
import pytest
import streamlit as st

from fmnist_core.classwork.personal_data import deleted_at, found_of
from fmnist_core.collections import CollectionStore
from fmnist_core.permissions import NOBODY, set_actor
from fmnist_core.settings import load_settings
from fmnist_ui.classroom import after_class
from fmnist_ui.lessons.place import pupil
from fmnist_ui.tryit import my_collection
from tests.conftest import act_as
from tests.pages.reading import text


@pytest.fixture
def kept(ada):
    """A drawing of Ada's."""
    act_as(ada)
    CollectionStore(load_settings()).add_picture("hers", np.zeros((28, 28, 3), np.uint8), 3)
    return ada


def test_the_teacher_deletes_everything_personal(open_app, classroom, kept, make_run):
    run = make_run("mine")
    act_as(classroom.teach(classroom.pin))
    app = open_app("class", {"class_section": "After class"})
    assert "Drawings and photos in collections: **1**" in text(app)
    assert [frame.value["Student"][0] for frame in app.dataframe] == ["Ada"]
    app.button(key="delete_all").click().run()
    app.button(key="delete_all_confirm").click().run()
    assert [member.nickname for member in classroom.members()] == ["Teacher"]
    set_actor(lambda: None)
    assert (CollectionStore(load_settings()).names(), run.owner) == ((), "")


def test_the_page_says_when_it_is_deleted_by_itself(open_app, classroom, kept):
    act_as(classroom.teach(classroom.pin))
    app = open_app("class", {"class_section": "After class"})
    app.number_input(key="delete_days").set_value(14).run()
    assert "Everything personal is deleted on **" in text(app)
    act_as(kept)
    assert "at the latest" in text(open_app("class", {"class_section": "Privacy"}))
    act_as(classroom.teach(classroom.pin))
    app.number_input(key="delete_days").set_value(0).run()
    assert deleted_at(load_settings()) is None


def test_a_student_deletes_all_of_theirs_and_is_out(open_app, classroom, kept):
    app = open_app("class", {"class_section": "Privacy"})
    assert "Nothing is sent anywhere else" in text(app)
    app.button(key="delete_mine").click().run()
    app.button(key="delete_mine_confirm").click().run()
    assert classroom.members() == ()
    set_actor(lambda: None)
    assert found_of(load_settings(), kept.id) == ()


def test_the_address_makes_nobody_another_pupil(open_app, ada):
    act_as(ada)
    open_app("lessons", pupil="0123abcd")
    assert pupil() == ada.id


def test_what_is_due_goes_when_the_server_starts(kept, monkeypatch):
    class StopError(Exception):
        pass

    def sleep(_):
        raise StopError

    set_actor(lambda: None)
    after_class.delete_after(load_settings(), 1)
    at = deleted_at(load_settings())
    monkeypatch.setattr("fmnist_core.classwork.personal_data.time.time", lambda: at + 1)
    monkeypatch.setattr(after_class.time, "sleep", sleep)
    # As in a thread of the server, where nobody acts.
    act_as(kept)
    with pytest.raises(StopError):
        after_class._delete_what_is_due()
    set_actor(lambda: None)
    assert CollectionStore(load_settings()).names() == ()


@pytest.fixture
def downloads(monkeypatch):
    """What the server calls as a file is fetched, by the button's key."""
    found = {}
    monkeypatch.setattr(
        st, "download_button", lambda _label, data, *_, key="", **__: found.update({key: data})
    )
    return found


def test_what_is_made_as_it_is_fetched_is_made_for_who_saw_the_button(
    open_app, classroom, kept, make_run, downloads
):
    run = make_run("mine", saved=True)
    open_app("export", run=run.id)
    my_collection._show_next_steps(CollectionStore(load_settings()), "hers", ())
    act_as(classroom.teach(classroom.pin))
    open_app("class", {"class_section": "After class"})
    # The server's thread is nobody's.
    act_as(NOBODY)
    assert b"Ada" in downloads["results_csv"]()
    assert downloads["pack_run"]().startswith(b"PK")
    assert downloads["try_download"]().startswith(b"PK")
