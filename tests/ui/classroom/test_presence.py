"""Who is where, whose hand is up, and who may lower it."""

from types import SimpleNamespace

import pytest
from streamlit import config

from fmnist_core.errors import NotAllowedError
from fmnist_core.permissions import NOBODY
from fmnist_ui.classroom import presence as module
from fmnist_ui.classroom.presence import PageView, Presence
from tests.conftest import act_as

TRAIN, STEP = PageView("Train"), PageView("Train", "Overfitting", 3, 7)


@pytest.fixture
def clock(monkeypatch):
    now = SimpleNamespace(at=1_000.0)
    monkeypatch.setattr(module.time, "time", lambda: now.at)
    monkeypatch.setattr(module.time, "monotonic", lambda: now.at)
    return now


@pytest.fixture
def open_sessions():
    return {"one", "two"}


@pytest.fixture
def present(clock, open_sessions):
    return Presence(open_sessions.__contains__)


def test_of_several_windows_the_one_that_moved_last_counts(present, clock):
    present.note("ada", "one", TRAIN)
    clock.at += 10
    present.note("ada", "two", STEP)
    present.note("ada", "one", TRAIN)
    assert present.here() == {"ada": PageView("Train", "Overfitting", 3, 7, since=1_010.0)}


def test_a_rerun_of_the_same_page_is_no_news_and_another_step_is(present, clock):
    present.note("ada", "one", TRAIN)
    clock.at += 10
    present.note("ada", "one", TRAIN)
    assert present.here()["ada"].since == 1_000.0
    present.note("ada", "one", STEP)
    assert present.here()["ada"].since == 1_010.0


def test_whose_browser_is_closed_is_gone_and_comes_back_after_a_moment(
    present, clock, open_sessions
):
    present.note("ada", "one", TRAIN)
    open_sessions.remove("one")
    assert present.here() == {}
    clock.at += 20
    open_sessions.add("one")
    assert present.here()["ada"].page == "Train"
    open_sessions.remove("one")
    assert present.here() == {}
    clock.at += 600
    assert present.here() == {}
    assert not present._sessions


def test_a_browser_may_stay_away_for_as_long_as_its_session_is_kept(
    present, clock, open_sessions, monkeypatch
):
    monkeypatch.setattr(config, "is_manually_set", lambda key: True)
    monkeypatch.setattr(config, "get_option", {"server.disconnectedSessionTTL": 600}.get)
    present.note("ada", "one", TRAIN)
    open_sessions.remove("one")
    for seconds in (0, 590):
        clock.at += seconds
        assert present.here() == {}
    open_sessions.add("one")
    assert present.here()["ada"].page == "Train"


def test_a_hand_is_lowered_by_its_owner_and_the_teacher_alone(present, classroom, ada):
    bob = classroom.join(classroom.code, "Bob")
    for lowers in (ada, classroom.teach(classroom.pin)):
        act_as(ada)
        present.raise_hand()
        present.raise_hand()
        for person in (bob, NOBODY):
            act_as(person)
            with pytest.raises(NotAllowedError, match="Only its owner or the teacher"):
                present.lower_hand(ada.id)
        assert list(present.hands()) == [ada.id]
        act_as(lowers)
        present.lower_hand(ada.id)
        assert present.hands() == {}


def test_nobody_raises_no_hand(present):
    for person in (NOBODY, None):
        act_as(person)
        present.raise_hand()
    assert present.hands() == {}
