"""In a class trainings make room for others: who, when, and that nothing of them is lost."""

import time

import pytest

from fmnist_core.classroom import Classroom, Limits
from fmnist_core.engine import client, steering
from fmnist_core.engine.server import recovery
from fmnist_core.engine.server.turns import Holder, giving_way
from fmnist_core.engine.submission import queue_of
from fmnist_core.runs.events import EventWriter
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.history import follow
from tests.core.engine.conftest import PATIENCE, make_lab, wait_for

STUDENT = Limits(training=1, minutes=10)
OVER, WITHIN = 601.0, 599.0


def chosen(holders, waiting, limits=STUDENT):
    found = [Holder(run, run[0], seconds) for run, seconds in holders]
    return giving_way(found, list(waiting), lambda owner: None if owner == "t" else limits)


def test_a_run_over_its_time_makes_room_where_others_wait_and_only_there():
    assert chosen([("a1", OVER)], "b") == {"a1"}
    assert chosen([("a1", WITHIN)], "b") == set()
    assert chosen([("a1", OVER)], "") == set()
    assert chosen([("a1", OVER)], "a") == set(), "its own person's next run is no other"
    assert chosen([("t1", OVER)], "b") == set(), "the teacher has no limits"


def test_no_more_make_room_than_wait_and_the_longest_is_first():
    holders = [("a1", OVER), ("b1", 2 * OVER), ("c1", OVER)]
    assert chosen(holders, "d") == {"b1"}
    assert chosen(holders, "dd") == {"b1"}, "a person has one turn at once"
    assert len(chosen(holders, "dt")) == 2
    assert chosen([("a1", OVER), ("b1", WITHIN)], "bb") == set(), "who waits trains already"


def test_more_at_once_than_a_persons_share_is_lent_until_somebody_waits():
    holders = [("a1", 50.0), ("a2", 5.0)]
    assert chosen(holders, "") == set()
    assert chosen(holders, "b") == {"a2"}, "the newest"
    assert chosen(holders, "b", Limits(training=2)) == set()


def begun(settings, config, *, pause=False):
    folder = RunFolder.open(settings.runs_dir, client.submit(config, settings=settings).run_id)
    queue_of(settings).claim(folder.id, "training-1")
    folder.change_status(worker="training-1", attempt=1, epoch=1)
    folder.control.change(pause=pause)
    writer = EventWriter(folder.events_path)
    writer.write("start", attempt=1, epoch=0, epochs=9, steps_per_epoch=9)
    writer.write("gave_way", seconds=605.0)
    writer.close()
    return folder


def test_an_engine_killed_as_a_run_gave_way_has_it_wait_behind_the_others(settings, config):
    """Between the last word of its training and the list of those who wait."""
    folder = begun(settings, config, pause=True)
    queue_of(settings).add("other", fingerprint="other", owner="b")
    recovery.reconcile(queue_of(settings), folder)
    assert queue_of(settings).waiting() == ["other", folder.id]
    assert not folder.control.read().pause, "it would begin paused, and hold the slot"
    history = follow(folder.events_path).history
    assert history.gave_way == "Gave way after 10 minutes; goes on when a slot is free."
    assert [note.text for note in history.notes] == [history.gave_way], "nothing was lost"


def test_who_stops_a_run_that_just_gave_way_ends_it(settings, config):
    folder = begun(settings, config)
    folder.control.change(stop=True)
    recovery.wait_again(queue_of(settings), folder)
    assert (folder.status.state, queue_of(settings).waiting()) == ("stopped", [])


@pytest.mark.engine
def test_a_lent_slot_is_given_back_after_the_epoch_and_the_run_goes_on_by_itself(
    tmp_path, garments
):
    """Also where the engine is killed while the run waits."""
    lab = make_lab(tmp_path / "lab", garments, slots=2)
    classroom = Classroom(lab.settings)
    classroom.begin()
    ada, bob = (classroom.join(classroom.code, name).id for name in ("Ada", "Bob"))

    def submit(owner, epochs):
        config = lab.config(f"epochs={epochs}", "batch_size=4")
        run = client.submit(config, owner=owner, settings=lab.settings)
        return RunFolder.open(lab.settings.runs_dir, run.run_id)

    try:
        first, lent = submit(ada, 45), submit(ada, 5)
        lab.wait_for_event(lent, "batch")
        theirs = submit(bob, 30)
        lab.wait_for_event(lent, "gave_way")
        wait_for(lambda: lent.status.state == "queued", PATIENCE, "its place in the queue")
        lab.wait_until(theirs, "running")
        assert first.status.state == "running"
        lab.processes()[0].kill()
        for folder in (first, theirs):
            lab.wait_until(folder, "running")
            client.request(folder.id, lab.settings, stop=True)
        lab.wait_until(lent, "finished")
    finally:
        client.stop_engine(lab.settings)
    assert [event["epoch"] for event in lab.events(lent, "epoch")] == [1, 2, 3, 4, 5]
    done = lab.events(lent, "start")[-1]["epoch"]
    assert 0 < done < 5
    assert "The engine was lost" not in lab.notes(lent), "it waited, and lost nothing"


@pytest.mark.engine
def test_while_all_is_paused_nobody_goes_on_and_nothing_begins(lab):
    training, waiting = lab.submit("epochs=4"), lab.submit("epochs=1")
    lab.wait_for_event(training, "batch")
    steering.pause_all(lab.settings)
    lab.wait_until(training, "paused")
    client.request(training.id, lab.settings, pause=False)
    client.request(training.id, lab.settings, stop=True)
    lab.wait_until(training, "stopped")
    time.sleep(1.0)
    assert waiting.status.state == "queued"
    steering.resume_all(lab.settings)
    lab.wait_until(waiting, "finished")
