"""The leaderboard: who counts, on which images, and who shares a rank."""

import threading
from dataclasses import replace

import numpy as np
import pytest

from fmnist_core.atomic_files import write_bytes, write_json
from fmnist_core.classroom import Member
from fmnist_core.classwork import leaderboard as module
from fmnist_core.classwork.leaderboard import Entry, leaderboard, ranked, show_against, why_not
from fmnist_core.config import override
from fmnist_core.datasets.array_cache import save_arrays
from fmnist_core.datasets.split import TRAIN_IMAGES, class_holdout
from fmnist_core.datasets.synthetic import synthetic_folder
from fmnist_core.engine.submission import enqueue, queue_of
from fmnist_core.errors import ClassError, NotAllowedError
from fmnist_core.permissions import Person, set_actor
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.library import RunSummary
from fmnist_core.settings import load_settings
from fmnist_core.training.class_holdout import for_class, holdout_of_class
from tests.conftest import act_as
from tests.nets import PLAIN

SYNTHETIC = "synthetic-garments"


@pytest.fixture
def config(garments, classroom, monkeypatch):
    monkeypatch.setitem(TRAIN_IMAGES, SYNTHETIC, len(garments.train))
    save_arrays(synthetic_folder(load_settings()), garments)
    return override(PLAIN, (f"dataset={SYNTHETIC}",))


def finished(folder, accuracy):
    folder.change_status(state="finished", epoch=1, best_validation_accuracy=accuracy)
    write_json(folder.evaluation_path, {})
    write_bytes(folder.model_path, folder.id.encode())
    write_json(folder.path / "provenance.json", {"data": {"name": SYNTHETIC}})
    return folder


def trained(person, config, accuracy, *changes):
    """A run of theirs, as the class begins it, that ended with this accuracy."""
    act_as(person)
    asked = override(config, changes)
    run_id = enqueue(asked, settings=load_settings()).run_id
    set_actor(lambda: None)
    queue_of(load_settings()).set_state(run_id, "finished")
    return finished(RunFolder(load_settings().runs_dir / run_id), accuracy)


def entry(name, right):
    member = Member(name, name, "student", 0.0)
    return Entry(member, RunSummary(name, name, "finished"), np.asarray(right, bool))


def test_those_whom_chance_alone_could_have_ordered_share_a_rank():
    rng = np.random.default_rng(0)
    best = rng.random(2000) < 0.9
    near, far = best.copy(), best.copy()
    near[rng.permutation(2000)[:4]] ^= True
    far[np.flatnonzero(best)[:200]] = False
    found = ranked([entry("far", far), entry("near", near), entry("best", best)])
    assert [(one.member.id, one.rank, one.shared) for one in found][2] == ("far", 3, False)
    assert {one.rank for one in found[:2]} == {1}
    assert all(one.shared for one in found[:2])
    low, high = found[2].interval
    assert low < found[2].accuracy < high


def test_each_enters_with_the_best_run_and_networks_are_asked_about_the_held_back_images(
    config, garments, classroom, ada, monkeypatch
):
    bob = classroom.join(classroom.code, "Bob")
    eve = classroom.join(classroom.code, "Eve")
    best, _ = trained(ada, config, 0.9), trained(ada, config, 0.5, "seed=1")
    other = trained(bob, config, 0.7, "seed=2")
    held = garments.train.take(
        class_holdout(garments.train.labels, holdout_of_class(SYNTHETIC, load_settings()))
    )
    asked = []

    def classify(run_id, images, _):
        asked.append(run_id)
        assert np.array_equal(images, held.images)
        right = np.eye(10)[held.labels]
        return right if run_id == best.id else np.roll(right, 1, axis=1)

    monkeypatch.setattr(module, "classify", classify)
    act_as(eve)
    assert leaderboard(load_settings()).waiting == 2
    module.judge(load_settings())
    for thread in threading.enumerate():
        if thread.name == "job":
            thread.join()
    board = leaderboard(load_settings())
    assert sorted(asked) == sorted([best.id, other.id])
    assert [(one.member.nickname, one.rank, one.accuracy) for one in board.entries] == [
        ("Ada", 1, 1.0),
        ("Bob", 2, 0.0),
    ]
    assert (board.images, board.waiting, [one.nickname for one in board.without]) == (
        20,
        0,
        ["Eve"],
    )
    act_as(replace(bob, sees_others=False))
    assert [one.member.nickname for one in leaderboard(load_settings()).entries] == ["Bob"]


def test_what_may_know_the_images_does_not_count(config, ada):
    holdout = holdout_of_class(SYNTHETIC, load_settings())
    good = trained(ada, config, 0.5)
    assert why_not(good.id, holdout, load_settings()) == ""
    # From before the class, or from elsewhere with a configuration that claims to be of it.
    for claimed in (config, for_class(config, load_settings())):
        act_as(ada)
        forged = finished(RunFolder.create(load_settings().runs_dir, claimed), 0.99)
        set_actor(lambda: None)
        assert "not trained in this class" in why_not(forged.id, holdout, load_settings())
    child = trained(ada, config, 0.98, "seed=3")
    for weights, words in (
        ("shipped", "has learned from"),
        (forged.id, "not trained in this class"),
        ("gone", "not known"),
    ):
        tainted = override(child.config, (f"initial_weights={weights}",))
        write_json(child.path / "config.json", tainted.to_json())
        assert words in why_not(child.id, holdout, load_settings())
        assert leaderboard(load_settings()).waiting == 1
    taught = override(child.config, ("initial_weights=", "distillation.teacher=shipped-catalogue"))
    write_json(child.path / "config.json", taught.to_json())
    assert "has learned from" in why_not(child.id, holdout, load_settings())


def test_the_teacher_sets_what_it_is_shown_against(config, classroom, ada):
    act_as(ada)
    with pytest.raises(NotAllowedError):
        show_against(load_settings(), "minutes")
    act_as(classroom.teach(classroom.pin))
    show_against(load_settings(), "minutes")
    with pytest.raises(ClassError):
        show_against(load_settings(), "height")
    assert leaderboard(load_settings()).against == "minutes"


def test_there_is_none_without_a_class(home):
    set_actor(lambda: Person("a" * 12, "Ada"))
    with pytest.raises(ClassError):
        leaderboard(load_settings())
    set_actor(lambda: None)
