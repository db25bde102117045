"""In a class, what is somebody's own is theirs and the teacher's: refused in the core, logged."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from fmnist_core.classroom import Classroom, Limits
from fmnist_core.collections import CollectionStore
from fmnist_core.config import override
from fmnist_core.datasets.array_cache import save_arrays
from fmnist_core.datasets.synthetic import synthetic_folder
from fmnist_core.engine import client
from fmnist_core.engine.deletion import delete_run
from fmnist_core.engine.lifecycle import only_engine
from fmnist_core.engine.server.recovery import adopt_orphans
from fmnist_core.engine.server.sweep_driver import SweepDriver
from fmnist_core.engine.submission import enqueue, queue_of
from fmnist_core.errors import ClassError, NotAllowedError, RunError
from fmnist_core.exchange.importing import import_file
from fmnist_core.permissions import NOBODY, Person, carried, set_actor, the_lab_acts
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.library import list_runs
from fmnist_core.settings import load_settings
from fmnist_core.sweeps import (
    DimensionConfig,
    SweepConfig,
    SweepFolder,
    list_sweeps,
    parse_dimension,
)
from fmnist_core.training.check import check_trainable
from tests.core.engine.conftest import age
from tests.nets import PLAIN

ADA, BOB = Person("a" * 12, "Ada"), Person("b" * 12, "Bob")
TEACHER = Person("c" * 12, "Teacher", "teacher")


class Actor:
    def __init__(self) -> None:
        self.person = ADA

    def __call__(self) -> Person:
        return self.person


@pytest.fixture
def actor():
    actor = Actor()
    set_actor(actor)
    yield actor
    set_actor(lambda: None)


@pytest.fixture
def settings(home, garments):
    save_arrays(synthetic_folder(load_settings()), garments)
    Classroom(load_settings()).begin()
    return load_settings()


@pytest.fixture
def run(actor, settings):
    """Ada's, ended."""
    folder = RunFolder.create(settings.runs_dir, PLAIN, name="mine", owner=BOB.id)
    folder.change_status(state="stopped")
    return folder


@pytest.fixture
def sweep(actor, settings):
    config = SweepConfig(PLAIN, (parse_dimension("learning_rate=0.1,0.2"),))
    return SweepFolder.create(settings.sweeps_dir, config, owner=BOB.id)


DEEDS = {
    "stop": lambda run, settings: client.request(run.id, settings, stop=True),
    "pause": lambda run, settings: client.request(run.id, settings, pause=True),
    "continue": lambda run, settings: client.resume(run.id, settings),
    "leave": lambda run, settings: client.leave_interrupted(run.id, settings),
    "unqueue": lambda run, settings: client.stop_waiting([run.id], settings),
    "delete": lambda run, settings: delete_run(run.id, settings),
    "rename": lambda run, settings: run.describe(name="Bob was here"),
    "tag": lambda run, settings: run.describe(tags=("bob",)),
}


@pytest.mark.parametrize("deed", DEEDS)
def test_another_student_changes_nothing_of_a_run(deed, run, settings, actor, caplog):
    before = {path.name: path.read_bytes() for path in run.path.iterdir() if path.is_file()}
    actor.person = BOB
    with pytest.raises(NotAllowedError, match="Only its owner or the teacher"):
        DEEDS[deed](run, settings)
    assert {path.name: path.read_bytes() for path in run.path.iterdir() if path.is_file()} == before
    assert "Bob" in caplog.text


@pytest.mark.parametrize("person", [ADA, TEACHER])
def test_owner_and_teacher_rename_and_delete(person, run, settings, actor):
    actor.person = person
    run.describe(name="better")
    assert run.name == "better"
    delete_run(run.id, settings)
    assert list_runs(settings) == []


def test_what_somebody_makes_is_theirs_whatever_a_request_says(run):
    assert run.owner == ADA.id


def test_students_see_what_others_train_where_the_teacher_lets_them(run, sweep, settings, actor):
    actor.person = BOB
    assert [summary.id for summary in list_runs(settings)] == [run.id]
    assert [found.id for found in list_sweeps(settings)] == [sweep.id]
    actor.person = Person(BOB.id, "Bob", sees_others=False)
    assert (list_runs(settings), list_sweeps(settings)) == ([], [])
    for kind, place, number in (
        (RunFolder, settings.runs_dir, run.id),
        (SweepFolder, settings.sweeps_dir, sweep.id),
    ):
        with pytest.raises(NotAllowedError):
            kind.open(place, number)
        actor.person = TEACHER
        assert kind.open(place, number).id == number
        actor.person = Person(BOB.id, "Bob", sees_others=False)


def test_drawings_are_seen_by_their_owner_and_the_teacher_alone(settings, actor):
    store = CollectionStore(settings)
    store.add_picture("ada", np.zeros((28, 28, 3), np.uint8), 3)
    deeds = (store.items, store.archive, store.delete, store.summary, store.create)
    actor.person = BOB
    assert store.names() == ()
    for deed in deeds:
        with pytest.raises(NotAllowedError):
            deed("ada")
    with pytest.raises(NotAllowedError):
        store.add_picture("ada", np.ones((28, 28, 3), np.uint8), 3)
    for person in (ADA, TEACHER):
        actor.person = person
        assert (store.names(), len(store.items("ada"))) == (("ada",), 1)


def test_another_student_stops_and_deletes_no_sweep(sweep, settings, actor):
    actor.person = BOB
    for deed in (client.stop_sweep, client.delete_sweep):
        with pytest.raises(NotAllowedError):
            deed(sweep.id, settings)
    assert sweep.path.is_dir()
    assert not sweep.control.read().stop


def test_two_students_train_the_same_and_each_gets_a_run(settings, actor):
    config = override(PLAIN, ("dataset=synthetic-garments",))
    mine, again = enqueue(config, settings=settings), enqueue(config, settings=settings)
    actor.person = BOB
    theirs = enqueue(config, settings=settings)
    assert (again.run_id, again.already) == (mine.run_id, True)
    assert not theirs.already
    assert {run.owner for run in list_runs(settings)} == {ADA.id, BOB.id}


@pytest.fixture
def joined(settings, actor):
    """Ada, who acts."""
    actor.person = Classroom(settings).join(Classroom(settings).code, "Ada")
    return actor.person


GARMENTS = override(PLAIN, ("dataset=synthetic-garments",))


@pytest.mark.parametrize("person", [TEACHER, None])
def test_whoever_continues_a_run_is_told_of_its_owner_s_own_twin(person, settings, actor, joined):
    before = enqueue(GARMENTS, settings=settings).run_id
    client.stop_waiting([before], settings)
    twin = enqueue(GARMENTS, settings=settings).run_id
    actor.person = person
    with pytest.raises(RunError, match="already waiting or running"):
        client.resume(before, settings)
    assert RunFolder(settings.runs_dir / before).status.state == "stopped"
    assert queue_of(settings).waiting() == [twin]


def test_a_twin_that_was_faster_is_told_and_the_run_stays_as_it_was(
    settings, actor, joined, monkeypatch
):
    before = enqueue(GARMENTS, settings=settings).run_id
    client.stop_waiting([before], settings)
    enqueue(GARMENTS, settings=settings)
    # As if it had come just after the look.
    monkeypatch.setattr(client, "active_run", lambda *_: None)
    with pytest.raises(RunError, match="already waiting or running"):
        client.resume(before, settings)
    assert RunFolder(settings.runs_dir / before).status.state == "stopped"


def test_a_new_list_of_runs_knows_whose_is_whose(settings, actor, joined):
    mine = enqueue(GARMENTS, settings=settings)
    settings.index_path.unlink()
    assert enqueue(GARMENTS, settings=settings).run_id == mine.run_id
    queue_of(settings).remove(mine.run_id)
    age(RunFolder(settings.runs_dir / mine.run_id))
    adopt_orphans(queue_of(settings), settings)
    assert enqueue(GARMENTS, settings=settings).run_id == mine.run_id


def test_nobody_of_the_class_begins_nothing(settings, actor):
    actor.person = NOBODY
    config = SweepConfig(GARMENTS, (parse_dimension("learning_rate=0.1,0.2"),))
    for deed in (
        lambda: enqueue(GARMENTS, settings=settings),
        lambda: client.start_sweep(config, settings=settings),
    ):
        with pytest.raises(NotAllowedError, match="Only somebody in the class can train"):
            deed()
    actor.person = None
    assert (list_runs(settings), list_sweeps(settings)) == ([], [])


def test_a_student_changes_no_rule_of_the_class_and_removes_nobody(settings, actor, joined):
    here = Classroom(settings)
    before = here.limits, here.sees_others
    for deed in (
        lambda: here.allow_looking(False),
        lambda: here.limit(Limits(waiting=20)),
        lambda: here.remove(joined.id),
    ):
        with pytest.raises(NotAllowedError, match="Only the teacher can"):
            deed()
    assert (here.limits, here.sees_others) == before
    assert here.known(joined.id)


def test_work_in_a_thread_is_done_in_the_name_of_who_began_it(run, actor):
    said = []

    def rename() -> None:
        try:
            run.describe(name="from a thread")
        except NotAllowedError as error:
            said.append(error)

    thread = threading.Thread(target=carried(rename))
    actor.person = BOB
    thread.start()
    thread.join()
    assert (run.name, said) == ("from a thread", [])


@pytest.fixture
def limited(settings):
    """What a student may train in this class."""
    limits = Limits(waiting=2, epochs=3, parameters=60_000, minutes=1)
    with the_lab_acts():
        Classroom(settings).limit(limits)
    return override(PLAIN, ("dataset=synthetic-garments", "epochs=1"))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (("epochs=4",), "at most 3 epochs"),
        (("model.dense=[2000]",), "at most 60,000 parameters"),
    ],
)
def test_a_run_over_a_limit_is_refused_to_students_alone(changes, said, limited, settings, actor):
    asked = override(limited, changes)
    with pytest.raises(ClassError, match=said):
        check_trainable(asked, settings)
    for person in (TEACHER, None):
        actor.person = person
        check_trainable(asked, settings)


def test_a_run_that_would_take_too_long_is_refused(limited, settings, actor):
    with the_lab_acts():
        Classroom(settings).limit(Limits(epochs=200, minutes=1))
    with pytest.raises(ClassError, match="at most 1 minutes for a run"):
        check_trainable(override(limited, ("epochs=200", "batch_size=1")), settings)


def test_a_student_has_so_many_runs_waiting_and_others_as_many(limited, settings, actor):
    seeds = [override(limited, (f"seed={number}",)) for number in range(3)]
    for config in seeds[:2]:
        enqueue(config, settings=settings)
    with pytest.raises(ClassError, match="at most 2 runs waiting"):
        enqueue(seeds[2], settings=settings)
    assert enqueue(seeds[1], settings=settings).already
    actor.person = BOB
    assert not enqueue(seeds[2], settings=settings).already


def test_seeds_that_may_not_all_wait_are_not_queued_at_all(limited, settings, actor):
    with only_engine(settings):
        with pytest.raises(ClassError, match=r"0 waiting and 3 more\. 2 more can wait now\."):
            client.repeat(limited, 3, settings=settings)
        assert list_runs(settings) == []
        first, _ = client.repeat(limited, 2, settings=settings)
        assert all(again.already for again in client.repeat(limited, 2, settings=settings))
        actor.person = BOB
        RunFolder.open(settings.runs_dir, first.run_id).change_status(state="finished")
        with pytest.raises(ClassError, match=r"2 more can wait now\."):
            client.repeat_run(first.run_id, 3, settings=settings)
        assert len(list_runs(settings)) == 2
        actor.person = TEACHER
        assert len(client.repeat(limited, 3, settings=settings)) == 3


def test_a_code_that_brings_somebody_in_is_made_by_them_and_the_teacher_alone(settings, actor):
    actor.person = None
    here = Classroom(settings)
    ada = here.join(here.code, "Ada")
    for person in (BOB, NOBODY):
        actor.person = person
        with pytest.raises(NotAllowedError, match="make a code for this person"):
            here.move_code(ada)
    for person in (ada, TEACHER):
        actor.person = person
        assert here.move(here.move_code(ada)) == ada


def test_who_presses_in_many_tabs_at_once_has_no_more_waiting(limited, settings, actor):
    def press(seed):
        try:
            return enqueue(override(limited, (f"seed={seed}",)), settings=settings)
        except ClassError:
            return None

    with ThreadPoolExecutor(8) as pool:
        found = [done for done in pool.map(carried(press), range(8)) if done]
    assert len(found) == len(list_runs(settings)) == 2


def test_a_sweep_waits_as_one_and_each_trial_is_within_the_limits(limited, settings, actor):
    """The engine begins the trials, in the name of whose sweep it is."""
    ada = actor.person = Classroom(settings).join(Classroom(settings).code, "Ada")
    base = override(limited, ("epochs=1",))
    config = SweepConfig(
        base, (DimensionConfig("model.dense", choices=((8,), (2000,))),), method="grid"
    )
    with only_engine(settings):
        sweep = client.start_sweep(config, owner=BOB.id, settings=settings)
        enqueue(override(limited, ("seed=7",)), settings=settings)
        for more in (
            lambda: enqueue(override(limited, ("seed=8",)), settings=settings),
            lambda: client.start_sweep(config, settings=settings),
        ):
            with pytest.raises(ClassError, match="at most 2 runs waiting"):
                more()
        with pytest.raises(ClassError, match="at most 3 epochs"):
            client.start_sweep(
                SweepConfig(override(base, ("epochs=4",)), config.dimensions), settings=settings
            )
        actor.person = None
        driver = SweepDriver(replace(settings, slots=2))
        driver.turn()
    small, large = client.open_sweep(sweep.id, settings).trials
    assert (small.state, large.state) == ("waiting", "refused")
    assert "at most 60,000 parameters" in large.error
    assert queue_of(settings).get(small.run_id).owner == ada.id


def test_a_student_keeps_no_more_on_the_disk_than_the_teacher_allows(limited, settings, actor):
    with the_lab_acts():
        Classroom(settings).limit(Limits(disk=10))
    mine = enqueue(limited, name="the large one", settings=settings).run_id
    (settings.runs_dir / mine / "model.keras").write_bytes(bytes(10**7))
    store, more = CollectionStore(settings), override(limited, ("seed=9",))
    for deed in (
        lambda: enqueue(more, settings=settings),
        lambda: store.add_picture("photos", np.zeros((28, 28, 3), np.uint8), 3),
        lambda: import_file(settings.runs_dir / mine / "model.keras", settings, owner=BOB.id),
    ):
        with pytest.raises(ClassError, match="at most 10 MB on the lab's disk") as refused:
            deed()
        assert "most is taken by the large one (10 MB)" in refused.value.advice
    actor.person = BOB
    assert not enqueue(more, settings=settings).already
    actor.person = ADA
    (settings.runs_dir / mine / "model.keras").unlink()
    assert not enqueue(more, settings=settings).already


@pytest.mark.parametrize("wrong", [{"waiting": 0}, {"epochs": 201}, {"minutes": True}])
def test_a_limit_out_of_its_range_is_refused(wrong):
    with pytest.raises(ClassError, match="must be a whole number from"):
        Limits(**wrong)


def test_damaged_names_keep_the_lab_s_own_account_from_nothing(settings, actor):
    actor.person = None
    run_id = enqueue(override(PLAIN, ("dataset=synthetic-garments",)), settings=settings).run_id
    (settings.runs_dir / run_id / "meta.json").write_text("[1]")
    assert client.stop_waiting([run_id], settings) == (run_id,)
