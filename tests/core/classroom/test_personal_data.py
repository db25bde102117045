"""What is personal goes: of one, of all, after some days, and after `kill -9` in the middle."""

import json
import os
import signal
import zipfile

import numpy as np
import pytest

from fmnist_core.atomic_files import write_bytes, write_json
from fmnist_core.classwork import personal_data
from fmnist_core.classwork.deletion_steps import Step
from fmnist_core.classwork.personal_data import (
    carry_out,
    delete_after,
    delete_all,
    delete_mine,
    deleted_at,
    found_of,
    found_of_all,
)
from fmnist_core.cli.main import main
from fmnist_core.collections import CollectionStore
from fmnist_core.collections.loading import PackedCollections
from fmnist_core.config import override
from fmnist_core.datasets.label_issues import LabelIssueStore
from fmnist_core.errors import ClassError, NotAllowedError
from fmnist_core.permissions import set_actor
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.pinned_images import PinnedImage, PinnedImageStore, keep_pinned_images
from fmnist_core.runs.trace import TraceWriter, read_trace
from fmnist_core.settings import load_settings
from tests.conftest import act_as
from tests.nets import PLAIN

# Pixels and words that are found in a file only if somebody's own got into it.
PIXEL, WORD = 173, "zebra"


def leaves(person, fill=PIXEL, word=WORD):
    """What somebody in a class leaves behind, everywhere; returns their run."""
    settings = load_settings()
    act_as(person)
    store, name = CollectionStore(settings), f"{word}-{person.id[:4]}"
    store.add_picture(name, np.full((28, 28, 3), fill, np.uint8), 3)
    PinnedImageStore(settings).pin(PinnedImage(np.full((28, 28), fill, np.uint8), word, 3, "drawn"))
    LabelIssueStore(settings).tick("f" * 64, (), (1, 2))
    write_json(settings.home / "lessons" / "answers" / f"{person.id}-lesson.json", {"0": word})
    config = override(PLAIN, (f'collections=["{name}"]',))
    folder = RunFolder.create(settings.runs_dir, config, name=f"{word} run")
    write_json(folder.path / "provenance.json", {"seed": 0, "collections": {name: "f" * 16}})
    folder.change_status(state="finished")
    packed = PackedCollections(settings).keep(name)
    write_json(folder.path / "collections.json", {name: packed})
    write_json(settings.home / "class" / "answers" / f"{person.id}.json", {"answers": word})
    gives(person, f"{fill:016x}", fill)
    (settings.home / "exports" / folder.id / "report").mkdir(parents=True)
    (settings.home / "exports" / folder.id / "report" / "report.html").write_text(word)
    set_actor(lambda: None)
    TraceWriter(folder.trace_path).begin(
        attempt=1,
        epoch=0,
        epochs=1,
        steps_per_epoch=1,
        watched="validation",
        layers=(),
        pinned_images=keep_pinned_images(folder, settings),
    )
    return folder


def gives(person, item, fill):
    """What they gave to the collection of the class, accepted, and the code of a run."""
    settings = load_settings()
    place, codes = settings.home / "class", settings.home / "class" / "exchange.json"
    card = {"maker": person.id, "label": 3, "added": 1.0, "state": "accepted"}
    write_json(place / "items" / f"{item}.json", card)
    write_json(place / "collection.json", {"name": "class-20260101", "open": True, "named": False})
    write_bytes(settings.collections_dir / "class-20260101" / "3" / f"{item}.png", bytes([fill]))
    packed = PackedCollections(settings).path(item)
    packed.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(f"3/{item}.png", bytes([fill]))
    known = json.loads(codes.read_text()) if codes.exists() else []
    write_json(codes, [*known, {"code": "c", "run": "r", "owner": person.id, "until": 1.0}])


def remains(home, *words):
    """Files that tell of one of the words, in their content or name."""
    sought = [word.encode() for word in words]
    return [
        str(path.relative_to(home))
        for path in home.rglob("*")
        if path.is_file()
        and any(word in path.read_bytes() or word in str(path).encode() for word in sought)
    ]


def drawing():
    import base64

    return base64.b64encode(np.full((28, 28), PIXEL, np.uint8).tobytes()).decode()[:64]


@pytest.fixture
def bob(classroom):
    return classroom.join(classroom.code, "Bob")


def test_all_of_one_goes_and_nothing_of_another(home, classroom, ada, bob):
    mine, theirs = leaves(ada), leaves(bob, 40, "tiger")
    act_as(ada)
    titles = {found.title for found in found_of(load_settings(), ada.id)}
    assert titles == {step.title for step in personal_data.STEPS} - {"Sweeps with a name"}
    assert delete_mine(load_settings(), ada.id)
    assert remains(home, WORD, drawing(), "Ada", ada.id, f"{PIXEL:016x}") == []
    assert (mine.owner, theirs.owner, theirs.meta.name) == ("", bob.id, "tiger run")
    assert [one.title for one in read_trace(mine).pinned_images] == ["Not shown"]
    assert (mine.config.training.collections, mine.provenance["seed"]) == (("deleted-1",), 0)
    assert [member.nickname for member in classroom.members()] == ["Bob"]
    assert len(remains(home, f"{40:016x}")) == 3
    act_as(bob)
    assert len(found_of(load_settings(), bob.id)) == len(titles)


def test_everything_personal_goes_and_what_was_made_alone_stays(home, classroom, ada, bob):
    alone = CollectionStore(load_settings())
    alone.add_picture("alone", np.zeros((28, 28, 3), np.uint8), 1)
    kept = RunFolder.create(load_settings().runs_dir, PLAIN, name="kept", owner="0123456789ab")
    runs = [leaves(ada), leaves(bob, 40, "tiger")]
    gone = leaves(classroom.join(classroom.code, "Eve"), 60, "lion")
    classroom.remove(gone.owner)
    teacher = classroom.teach(classroom.pin)
    taught = leaves(teacher, 90, "wolf")
    act_as(teacher)
    assert delete_all(load_settings(), runs=True)
    assert remains(home, WORD, "tiger", "lion", "Ada", "Bob", "Eve", ada.id, bob.id) == []
    assert not any(run.path.exists() for run in [*runs, gone])
    # Of the teacher, drawings go and the runs stay.
    assert (taught.name, [p.title for p in read_trace(taught).pinned_images]) == (
        "wolf run",
        ["Not shown"],
    )
    set_actor(lambda: None)
    assert (alone.names(), kept.meta.name) == (("alone",), "kept")
    assert [found.title for found in found_of_all(load_settings())] == []


def test_a_student_deletes_nothing_of_others(classroom, ada, bob):
    leaves(ada)
    act_as(bob)
    for deed in (
        lambda: delete_mine(load_settings(), ada.id),
        lambda: found_of(load_settings(), ada.id),
        lambda: delete_all(load_settings()),
        lambda: found_of_all(load_settings()),
        lambda: delete_after(load_settings(), 1),
        lambda: delete_after(load_settings(), 0),
    ):
        with pytest.raises(NotAllowedError):
            deed()
    set_actor(lambda: None)
    assert carry_out(load_settings())
    assert found_of(load_settings(), ada.id)


@pytest.mark.parametrize("after", range(len(personal_data.STEPS) + 1))
def test_killed_in_the_middle_the_rest_goes_at_the_next_start(
    after, home, classroom, ada, monkeypatch
):
    leaves(ada)
    killer = Step("", lambda *_: 0, lambda *_: os.kill(os.getpid(), signal.SIGKILL))
    steps = personal_data.STEPS
    monkeypatch.setattr(personal_data, "STEPS", (*steps[:after], killer, *steps[after:]))
    if (child := os.fork()) == 0:
        delete_all(load_settings())
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    monkeypatch.setattr(personal_data, "STEPS", steps)
    assert carry_out(load_settings())
    assert remains(home, WORD, drawing(), "Ada", ada.id) == []


def test_what_trains_is_stopped_and_goes_when_it_has_ended(home, classroom, ada):
    run = leaves(ada)
    run.change_status(state="running")
    with run.hold():
        assert not delete_all(load_settings())
        assert run.control.read().stop
        assert run.owner == ada.id
    run.change_status(state="stopped")
    assert carry_out(load_settings())
    assert remains(home, WORD, ada.id) == []


def test_it_goes_by_itself_after_so_many_days(home, classroom, ada, monkeypatch):
    leaves(ada)
    with pytest.raises(ClassError):
        delete_after(load_settings(), 366)
    delete_after(load_settings(), 3)
    at = deleted_at(load_settings())
    assert carry_out(load_settings())
    assert remains(home, WORD)
    monkeypatch.setattr(personal_data.time, "time", lambda: at + 1)
    assert carry_out(load_settings())
    assert remains(home, WORD) == []
    assert deleted_at(load_settings()) is None


def test_the_command_says_how_much_and_asks(home, classroom, ada, monkeypatch, capsys):
    leaves(ada)
    monkeypatch.setattr("builtins.input", lambda _: "n")
    assert main(["class", "delete-personal"]) == 1
    assert "1  Drawings and photos in collections" in capsys.readouterr().out
    assert remains(home, WORD)
    assert main(["class", "delete-personal", "--yes"]) == 0
    assert remains(home, WORD) == []
