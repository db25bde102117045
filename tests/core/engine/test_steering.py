"""What a teacher does with all that trains and waits, and what was left over before a class."""

import os
import time

import pytest

from fmnist_core.classroom import Classroom, left_over
from fmnist_core.config import override
from fmnist_core.engine import client, lifecycle, steering
from fmnist_core.engine.server.sweep_driver import SweepDriver
from fmnist_core.engine.submission import queue_of
from fmnist_core.errors import NotAllowedError, RunError, StorageError
from fmnist_core.permissions import Person, set_actor
from fmnist_core.runs.folder import RunFolder
from fmnist_core.sweeps import SweepConfig, parse_dimension
from tests.conftest import act_as
from tests.core.engine.conftest import age

STUDENT = Person("a" * 12, "Ada")
_LAST_WEEK = 7 * 86_400.0


@pytest.fixture(autouse=True)
def none_is_started(monkeypatch):
    """Where a test says that the engine is gone, the queue would start a real one."""
    monkeypatch.setattr(lifecycle, "start_beside", lambda settings: False)


@pytest.fixture
def line(settings, config):
    """Three runs of nobody in the class, the first in training on an engine."""
    folders = []
    for number in range(3):
        run = client.submit(override(config, [f"seed={number}"]), settings=settings)
        folders.append(RunFolder(settings.runs_dir / run.run_id))
    queue_of(settings).claim(folders[0].id, "training-1")
    folders[0].change_status(state="running", worker="training-1", attempt=1)
    yield folders
    set_actor(lambda: None)


DEEDS = {
    "first": lambda run, settings: steering.put_first(run.id, settings),
    "pause": lambda run, settings: steering.pause_all(settings),
    "resume": lambda run, settings: steering.resume_all(settings),
    "stop": lambda run, settings: steering.stop_all(settings),
    "continue": lambda run, settings: steering.continue_left_over(settings),
    "leave": lambda run, settings: steering.leave_left_over(settings),
}


@pytest.mark.parametrize("deed", DEEDS)
def test_a_student_steers_nothing(deed, line, settings):
    before = queue_of(settings).waiting(), lifecycle.held_path(settings).exists()
    act_as(STUDENT)
    with pytest.raises(NotAllowedError, match="Only the teacher can"):
        DEEDS[deed](line[2], settings)
    assert before == (queue_of(settings).waiting(), lifecycle.held_path(settings).exists())


def test_one_is_put_first_and_all_are_stopped(line, settings, config):
    training, *waiting = line
    steering.put_first(waiting[1].id, settings)
    assert queue_of(settings).waiting() == [waiting[1].id, waiting[0].id]
    with pytest.raises(RunError, match="that waits"):
        steering.put_first(training.id, settings)
    sweep = client.start_sweep(
        SweepConfig(config, (parse_dimension("batch_size=16,32"),)), settings=settings
    )
    steering.pause_all(settings)
    assert steering.stop_all(settings) == 3
    assert [folder.status.state for folder in waiting] == ["stopped", "stopped"]
    assert training.control.read().stop, "its training stops by itself, and keeps its weights"
    assert sweep.control.read().stop
    assert not lifecycle.held_path(settings).exists()


def test_what_is_left_over_takes_no_slot_of_the_class_until_the_teacher_is_asked(
    settings, config, monkeypatch
):
    classroom = Classroom(settings)
    classroom.begin()
    ada = classroom.join(classroom.code, "Ada").id
    monkeypatch.setattr(lifecycle, "is_alive", lambda settings: False)

    def submit(seed, owner):
        run = client.submit(override(config, [f"seed={seed}"]), owner=owner, settings=settings)
        return RunFolder(settings.runs_dir / run.run_id)

    commands, old, now = submit(1, ""), submit(2, ada), submit(3, ada)
    sweep = client.start_sweep(
        SweepConfig(config, (parse_dimension("batch_size=16,32"),)), settings=settings
    )
    killed = submit(4, "")
    queue_of(settings).claim(killed.id, "training-1")
    killed.change_status(state="running", worker="training-1", epoch=2)
    age(old, _LAST_WEEK)
    queue_of(settings)._change("submitted = ?", "id = ?", time.time() - _LAST_WEEK, old.id)
    steering.set_aside(settings)
    assert queue_of(settings).waiting() == [now.id], "what the lesson itself had waiting goes on"
    assert set(left_over(settings).runs) == {commands.id, old.id, killed.id}
    SweepDriver(settings).turn()
    assert client.open_sweep(sweep.id, settings).trials == ()
    assert steering.set_aside(settings) == left_over(settings), "a restart forgets nothing"

    steering.continue_left_over(settings)
    assert set(queue_of(settings).waiting()) == {now.id, commands.id, old.id, killed.id}
    assert left_over(settings).runs == ()
    SweepDriver(settings).turn()
    assert len(client.open_sweep(sweep.id, settings).trials) == 1


def test_what_is_left_stays_as_it_is(line, settings, config, monkeypatch):
    Classroom(settings).begin()
    monkeypatch.setattr(lifecycle, "is_alive", lambda settings: False)
    sweep = client.start_sweep(
        SweepConfig(config, (parse_dimension("batch_size=16,32"),)), settings=settings
    )
    os.utime(sweep.path, (0, 0))
    steering.set_aside(settings)
    steering.leave_left_over(settings)
    assert {folder.status.state for folder in line} == {"stopped"}
    SweepDriver(settings).turn()
    assert client.open_sweep(sweep.id, settings).state == "stopped"
    assert left_over(settings).runs == left_over(settings).sweeps == ()


@pytest.fixture
def aside(line, settings, config, monkeypatch):
    """The runs and a sweep, set aside for a class."""
    Classroom(settings).begin()
    monkeypatch.setattr(lifecycle, "is_alive", lambda settings: False)
    sweep = client.start_sweep(
        SweepConfig(config, (parse_dimension("batch_size=16,32"),)), settings=settings
    )
    os.utime(sweep.path, (0, 0))
    return steering.set_aside(settings)


def test_who_is_killed_while_they_continue_is_asked_about_the_rest(aside, settings, monkeypatch):
    done, resume = [], client.resume

    def killed(run_id, settings):
        if done:
            raise KeyboardInterrupt
        done.append(resume(run_id, settings).run_id)

    monkeypatch.setattr(steering, "resume", killed)
    with pytest.raises(KeyboardInterrupt):
        steering.continue_left_over(settings)
    rest = left_over(settings)
    assert set(rest.runs) == set(aside.runs) - set(done)
    assert rest.sweeps == aside.sweeps


def test_a_sweep_that_cannot_be_stopped_does_not_go_on_unasked(aside, settings, monkeypatch):
    def full(sweep_id, settings):
        raise StorageError("The disk is full.")

    monkeypatch.setattr(steering, "stop_sweep", full)
    with pytest.raises(StorageError):
        steering.leave_left_over(settings)
    assert left_over(settings) == aside
    SweepDriver(settings).turn()
    assert client.open_sweep(aside.sweeps[0], settings).trials == ()


def test_alone_again_sweeps_go_on_and_runs_can_be_continued(aside, settings):
    steering.release_sweeps(settings)
    SweepDriver(settings).turn()
    assert len(client.open_sweep(aside.sweeps[0], settings).trials) == 1
    for run_id in aside.runs:
        client.resume(run_id, settings)
    assert set(aside.runs) < set(queue_of(settings).waiting())


def test_what_an_engine_trains_as_the_class_begins_is_stopped_with_its_weights(line, settings):
    Classroom(settings).begin()
    steering.set_aside(settings)
    assert line[0].control.read().stop
    assert [folder.status.state for folder in line] == ["running", "stopped", "stopped"]
