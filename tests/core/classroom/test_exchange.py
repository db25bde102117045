"""A run goes to somebody else by a code: a copy, with its origin, and never by guessing."""

import json
import time
from types import SimpleNamespace

import pytest

from fmnist_core.classroom import Exchange
from fmnist_core.errors import ClassError, NotAllowedError, RunError
from fmnist_core.exchange import copying
from fmnist_core.exchange.copying import give, take
from fmnist_core.exchange.exporting import exporting
from fmnist_core.permissions import NOBODY, Person, the_lab_acts
from fmnist_core.runs.folder import Origin, RunFolder
from fmnist_core.runs.library import list_runs
from fmnist_core.settings import load_settings
from tests.conftest import act_as
from tests.nets import PLAIN


@pytest.fixture
def bob(classroom):
    with the_lab_acts():
        classroom.allow_looking(False)
    person = classroom.join(classroom.code, "Bob")
    assert not person.sees_others
    return person


@pytest.fixture
def run(ada):
    """Ada's, ended, with a network."""
    act_as(ada)
    folder = RunFolder.create(load_settings().runs_dir, PLAIN, name="deep")
    folder.model_path.write_bytes(b"weights")
    folder.change_status(state="finished", epoch=1)
    return folder


@pytest.fixture
def exchange(home):
    return Exchange(load_settings())


def test_who_has_the_code_gets_a_copy_that_is_theirs(run, bob, ada, exchange, caplog):
    settings = load_settings()
    code = give(run.id, exchange, settings).code
    assert give(run.id, exchange, settings).code == code
    act_as(bob)
    # Bob may not look at the runs of others: the code is the permission.
    assert list_runs(settings) == []
    copy = take(f" {code[:3]} {code[3:].upper()}", Exchange(settings), settings)
    [seen] = list_runs(settings)
    assert (seen.id, seen.owner, seen.name) == (copy.id, bob.id, "deep")
    assert seen.origin == Origin(run.id, "deep", ada.id)
    assert copy.model_path.read_bytes() == b"weights"
    copy.describe(name="mine")
    assert (copy.meta.origin, run.name) == (seen.origin, "deep")
    # Typed once more it is the same copy.
    assert take(code, exchange, settings).id == copy.id


def test_a_student_gives_no_run_of_somebody_else_away(run, bob, exchange):
    other = Person(bob.id, "Bob")
    act_as(other)
    with pytest.raises(NotAllowedError):
        give(run.id, exchange, load_settings())
    with pytest.raises(NotAllowedError):
        exchange.remove_codes_of(run.owner)


def test_nobody_takes_and_nobody_takes_their_own(run, exchange):
    code = give(run.id, exchange, load_settings()).code
    with pytest.raises(RunError, match="of your own"):
        take(code, exchange, load_settings())
    act_as(NOBODY)
    with pytest.raises(NotAllowedError):
        take(code, exchange, load_settings())


def test_wrong_codes_are_counted_and_logged(run, bob, exchange, caplog):
    code = give(run.id, exchange, load_settings()).code
    act_as(bob)
    for _ in range(10):
        with pytest.raises(ClassError, match="does not work"):
            take("zzzzzz", exchange, load_settings())
    with pytest.raises(ClassError, match="Too many wrong codes"):
        take(code, exchange, load_settings())
    assert bob.id in caplog.text


def test_a_code_ends_with_its_hour_its_run_and_its_giver(run, bob, ada, exchange, monkeypatch):
    settings = load_settings()
    code = give(run.id, exchange, settings).code
    path = settings.home / "class" / "exchange.json"
    good = path.read_text()
    act_as(bob)
    path.write_text(json.dumps([{**json.loads(good)[0], "until": time.time() - 1}]))
    with pytest.raises(ClassError, match="does not work"):
        take(code, exchange, settings)
    path.write_text(good)
    run.model_path.unlink()
    with pytest.raises(RunError, match="saved its network"):
        take(code, exchange, settings)
    act_as(ada)
    exchange.remove_codes_of(ada.id)
    assert json.loads(path.read_text()) == []


def test_a_copy_that_is_cut_short_leaves_no_run(run, bob, exchange, monkeypatch):
    settings = load_settings()
    code = give(run.id, exchange, settings).code
    act_as(bob)
    copied = copying._copy

    def killed(source, target):
        copied(source, target)
        if source.name == "model.keras":
            raise KeyboardInterrupt

    monkeypatch.setattr(copying, "_copy", killed)
    with pytest.raises(KeyboardInterrupt):
        take(code, exchange, settings)
    assert list_runs(settings) == []
    monkeypatch.setattr(copying, "_copy", copied)
    assert take(code, exchange, settings).model_path.is_file()


def test_the_card_of_a_copy_names_the_run_and_no_person(run, bob, exchange):
    code = give(run.id, exchange, load_settings()).code
    act_as(bob)
    copy = take(code, exchange, load_settings())
    about = exporting._origin(SimpleNamespace(folder=copy))
    assert about == {"Copy of": f"`{run.id}` (deep), taken in a class"}
    assert exporting._origin(SimpleNamespace(folder=run)) == {}
