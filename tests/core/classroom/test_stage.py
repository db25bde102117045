"""The teacher freezes pages and puts runs in the spotlight; nobody else does."""

import pytest

from fmnist_core.classroom import Classroom
from fmnist_core.classroom.stage import Stage, freeze, is_damaged, put_in_spotlight, stage_of
from fmnist_core.config import override
from fmnist_core.datasets.array_cache import save_arrays
from fmnist_core.datasets.synthetic import synthetic_folder
from fmnist_core.engine import client
from fmnist_core.engine.submission import enqueue
from fmnist_core.errors import ClassError, NotAllowedError
from fmnist_core.permissions import NOBODY, Person, set_actor
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import load_settings
from fmnist_core.sweeps import SweepConfig, parse_dimension
from tests.conftest import act_as
from tests.nets import PLAIN

ADA = Person("a" * 12, "Ada")
TEACHER = Person("c" * 12, "Teacher", "teacher")
CONFIG = override(PLAIN, ("dataset=synthetic-garments", "epochs=1"))


@pytest.fixture
def settings(home, garments):
    save_arrays(synthetic_folder(load_settings()), garments)
    Classroom(load_settings()).begin()
    yield load_settings()
    set_actor(lambda: None)


@pytest.fixture
def path(settings):
    return settings.home / "class" / "stage.json"


def test_what_the_teacher_sets_holds_until_it_is_changed(settings):
    act_as(TEACHER)
    assert stage_of(settings) == Stage()
    freeze(settings, True)
    put_in_spotlight(settings, "20261129-quick-1a2b")
    assert stage_of(settings) == Stage(True, "20261129-quick-1a2b")
    freeze(settings, False)
    put_in_spotlight(settings, "")
    assert stage_of(settings) == Stage()


@pytest.mark.parametrize("person", [ADA, NOBODY])
def test_a_student_s_forged_deeds_are_refused_and_logged(person, settings, path, caplog):
    act_as(person)
    for deed in (
        lambda: freeze(settings, True),
        lambda: freeze(settings, False),
        lambda: put_in_spotlight(settings, "a-run"),
    ):
        with pytest.raises(NotAllowedError, match="Only the teacher can"):
            deed()
    assert not path.exists()
    assert "Refused" in caplog.text


@pytest.mark.parametrize("name", ["../../class", "A run", "x" * 81])
def test_only_a_run_s_identifier_is_taken(name, settings):
    with pytest.raises(ClassError, match="no such run"):
        put_in_spotlight(settings, name)


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{", '{"frozen": 1}', '{"frozen": true, "spotlight": "../x"}', '{"more": 0}'],
)
def test_a_damaged_file_freezes_nobody_is_told_and_written_anew(content, settings, path):
    path.write_text(content)
    assert (stage_of(settings), is_damaged(settings)) == (Stage(), True)
    freeze(settings, True)
    assert (stage_of(settings), is_damaged(settings)) == (Stage(True), False)


def test_an_unchanged_file_is_not_read_again(settings, path, monkeypatch):
    freeze(settings, True)
    assert stage_of(settings).frozen
    monkeypatch.setattr("fmnist_core.classroom.stage.read_json", lambda path: pytest.fail("read"))
    assert stage_of(settings).frozen


def test_while_the_pages_are_frozen_no_student_begins_a_training(settings):
    act_as(ADA)
    stopped = RunFolder.create(settings.runs_dir, PLAIN)
    stopped.change_status(state="stopped")
    sweep = SweepConfig(CONFIG, (parse_dimension("learning_rate=0.1,0.2"),))
    act_as(TEACHER)
    freeze(settings, True)
    deeds = (
        lambda: enqueue(CONFIG, settings=settings),
        lambda: client.resume(stopped.id, settings),
        lambda: client.start_sweep(sweep, settings=settings),
    )
    act_as(ADA)
    for deed in deeds:
        with pytest.raises(ClassError, match="frozen the pages"):
            deed()
    act_as(TEACHER)
    assert not enqueue(CONFIG, settings=settings).already
    freeze(settings, False)
    act_as(ADA)
    assert not enqueue(CONFIG, settings=settings).already
