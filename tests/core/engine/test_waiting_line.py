"""Who waits: places without gaps or doubles, and starts that are told only where they are known."""

import re
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from fmnist_core.classroom import Classroom, Limits
from fmnist_core.config import override
from fmnist_core.engine import lifecycle, waiting_line
from fmnist_core.engine.submission import enqueue, queue_of
from fmnist_core.engine.waiting_line import Place, ordinal
from fmnist_core.permissions import Person, carried, set_actor
from fmnist_core.runs.events import EventWriter
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.library import list_runs


@pytest.fixture
def one_minute(monkeypatch):
    """On this machine each epoch takes a minute."""
    monkeypatch.setattr(waiting_line, "machine_is_measured", lambda: True)
    monkeypatch.setattr(waiting_line, "expected_epoch_seconds", lambda config, summary: 60.0)


def queue(settings, config, owner, *changes):
    count = len(list_runs(settings))
    wanted = override(config, [f"seed={count}", *changes])
    return enqueue(wanted, owner=owner, settings=settings).run_id


def begin(settings, run_id, *, ago, epochs, seconds_an_epoch):
    queue_of(settings).claim(run_id, "training-1")
    writer = EventWriter(RunFolder(settings.runs_dir / run_id).events_path)
    start = {"attempt": 1, "epoch": 0, "epochs": epochs, "steps_per_epoch": 9}
    writer.write("start", **start)
    figures = {"loss": 1.0, "accuracy": 0.5, "val_loss": 1.0, "learning_rate": 1e-3}
    writer.write("epoch", epoch=1, val_accuracy=0.5, seconds=seconds_an_epoch, **figures)
    writer.close()
    path = RunFolder(settings.runs_dir / run_id).events_path
    earlier = re.sub(r'"t": (\d+)', lambda found: f'"t": {int(found[1]) - ago}', path.read_text())
    path.write_text(earlier)


def minutes(settings):
    line = waiting_line.waiting_line(settings)
    return [
        None if place.starts_in is None else round(place.starts_in / 60) for place in line.places
    ]


def test_thirty_who_press_at_once_stand_in_line_once_each(settings, config):
    """Within a second each knows their place, however many press."""
    classroom = Classroom(settings)
    classroom.begin()
    people = [classroom.join(classroom.code, f"Student {number}") for number in range(30)]
    now: list[Person | None] = [None]
    set_actor(lambda: now[0])

    def press(person):
        now[0] = person
        return carried(lambda: (enqueue(config, settings=settings).run_id, time.monotonic()))

    try:
        presses = [press(person) for person in people]
        began = time.monotonic()
        with ThreadPoolExecutor(30) as pool:
            found = list(pool.map(lambda each: each(), presses))
        line = waiting_line.waiting_line(settings)
        took = time.monotonic() - began
        now[0] = None
        assert len({run for run, _ in found}) == len(list_runs(settings)) == 30
    finally:
        set_actor(lambda: None)
    places = [line.place_of(run) for run, _ in found]
    assert sorted(place.position for place in places) == list(range(1, 31))
    assert [place.owner for place in places] == [person.id for person in people]
    assert took < 30.0, "a busy machine takes many times as long as an idle one: 0.6 s"


def test_runs_that_begin_in_the_same_second_never_share_a_folder(settings, config, monkeypatch):
    tokens = iter(["aaaa", "aaaa", "bbbb"])
    monkeypatch.setattr("fmnist_core.runs.folder.secrets.token_hex", lambda size: next(tokens))
    monkeypatch.setattr("fmnist_core.runs.folder.time.strftime", lambda form: "20260101-000000")
    first, second = (RunFolder.create(settings.runs_dir, config) for _ in range(2))
    assert (first.id[-4:], second.id[-4:]) == ("aaaa", "bbbb")


def test_the_start_is_that_of_the_slot_that_falls_free_first(settings, config, one_minute):
    at_work = queue(settings, config, "a", "epochs=5")
    begin(settings, at_work, ago=0, epochs=5, seconds_an_epoch=60)
    for owner, epochs in (("b", 2), ("b", 3), ("c", 1)):
        queue(settings, config, owner, f"epochs={epochs}")
    # What is left of a; then b, c, and b's second: each person's turn before anybody's second.
    assert minutes(settings) == [4, 6, 7]


def test_in_a_class_nobody_is_waited_for_longer_than_a_turn(settings, config, one_minute):
    classroom = Classroom(settings)
    classroom.begin()
    classroom.limit(Limits(minutes=10))
    ada, bob, cleo = (classroom.join(classroom.code, name).id for name in ("Ada", "Bob", "Cleo"))
    at_work = queue(settings, config, ada, "epochs=50")
    begin(settings, at_work, ago=4 * 60, epochs=50, seconds_an_epoch=1)
    queue(settings, config, bob, "epochs=1")
    assert minutes(settings) == [1]
    path = RunFolder(settings.runs_dir / at_work).events_path
    path.write_text(path.read_text().replace('"seconds": 1,', '"seconds": 120,'))
    waiting_line._read.clear()
    queue(settings, config, cleo, "epochs=1")
    assert minutes(settings) == [8, 9], "six minutes of its turn, and what is left of the epoch"


def test_no_start_is_told_where_it_is_not_known(settings, config, one_minute, monkeypatch):
    at_work = queue(settings, config, "a", "epochs=1")
    queue(settings, config, "b", "epochs=1")
    queue_of(settings).claim(at_work, "training-1")
    assert minutes(settings) == [1]
    queue_of(settings).set_state(at_work, "paused")
    assert minutes(settings) == [None]
    queue_of(settings).set_state(at_work, "finished")
    assert minutes(settings) == [0]
    lifecycle.held_path(settings).touch()
    assert minutes(settings) == [None]
    assert waiting_line.waiting_line(settings).held
    lifecycle.held_path(settings).unlink()
    monkeypatch.setattr(waiting_line, "machine_is_measured", lambda: False)
    queue(settings, config, "c")
    assert minutes(settings) == [0, None]


@pytest.mark.parametrize(
    ("position", "seconds", "words"),
    [
        (1, 20.0, "1st in line, starts in less than a minute"),
        (3, 350.0, "3rd in line, starts in about 6 min"),
        (12, 8000.0, "12th in line, starts in about 2 h 13 min"),
        (22, None, "22nd in line, start not known yet"),
    ],
)
def test_it_is_told_in_words(position, seconds, words):
    assert Place("run", "a", position, seconds).words == words
    assert [ordinal(number) for number in (2, 11, 13, 21, 111)] == [
        "2nd",
        "11th",
        "13th",
        "21st",
        "111th",
    ]
