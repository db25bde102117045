"""A collection of the whole class: who may add, accept and remove, and what is held out."""

import json

import numpy as np
import pytest

from fmnist_core.collections import CollectionStore, of_class
from fmnist_core.collections.loading import PackedCollections
from fmnist_core.collections.of_class import ClassCollection
from fmnist_core.errors import CollectionError, NotAllowedError
from fmnist_core.permissions import NOBODY
from fmnist_core.runs.pretrained import SHIPPED
from fmnist_core.settings import load_settings
from fmnist_core.training.check import check_trainable
from fmnist_core.training.fine_tuning import fine_tuning
from tests.conftest import act_as


def picture(number):
    return np.full((28, 28, 3), number, np.uint8)


@pytest.fixture
def teacher(classroom):
    return classroom.teach(classroom.pin)


@pytest.fixture
def bob(classroom):
    return classroom.join(classroom.code, "Bob")


@pytest.fixture
def collection(teacher):
    act_as(teacher)
    made = ClassCollection(load_settings())
    made.begin()
    return made


@pytest.fixture
def given(collection, ada):
    """Eight items of Ada's, which wait."""
    act_as(ada)
    return [collection.add(picture(number), number) for number in range(8)]


def in_store(collection):
    rules, store = collection.rules, CollectionStore(load_settings())
    return [len(store.items(name)) for name in (rules.name, rules.held_out)]


def test_the_teacher_accepts_and_every_fourth_is_held_out(collection, given, teacher, ada, bob):
    act_as(bob)
    assert (collection.new_items(), collection.accepted()) == ([], [])
    act_as(teacher)
    assert [item.maker for item in collection.new_items()] == [ada.id] * 8
    collection.accept(given[:6])
    collection.reject(given[6:])
    assert (in_store(collection), collection.new_items()) == ([5, 1], [])
    assert [item.state for item in collection.accepted()].count("held out") == 1
    # A student sees them, and whose they are only where the teacher lets them.
    act_as(bob)
    seen = collection.accepted()
    assert ({item.maker for item in seen}, all(i.path.is_file() for i in seen)) == ({""}, True)
    act_as(teacher)
    collection.allow(names=True)
    act_as(bob)
    assert {item.maker for item in collection.accepted()} == {ada.id}
    # It stays the teacher's: as any collection of theirs.
    assert CollectionStore(load_settings()).names() == ()
    with pytest.raises(NotAllowedError):
        in_store(collection)


DEEDS = {
    "begin": lambda collection, ids: collection.begin(),
    "allow": lambda collection, ids: collection.allow(names=True),
    "accept": lambda collection, ids: collection.accept(ids),
    "reject": lambda collection, ids: collection.reject(ids),
    "end": lambda collection, ids: collection.end(),
}


@pytest.mark.parametrize("deed", DEEDS)
def test_a_student_only_adds(deed, collection, given, ada, teacher):
    with pytest.raises(NotAllowedError):
        DEEDS[deed](collection, given)
    act_as(teacher)
    assert (len(collection.new_items()), collection.rules.named) == (8, False)


def test_a_student_does_not_train_on_it(collection, given, teacher, bob):
    act_as(teacher)
    collection.accept(given)
    config = fine_tuning(SHIPPED, collection.rules.name, load_settings())
    act_as(bob)
    with pytest.raises(NotAllowedError):
        check_trainable(config, load_settings())


def test_what_somebody_gave_is_removed_by_them_or_the_teacher(
    collection, given, teacher, ada, bob, home
):
    act_as(bob)
    collection.add(picture(99), None)
    act_as(teacher)
    collection.accept(given[:5])
    packed = PackedCollections(load_settings())
    pack = packed.path(packed.keep(collection.rules.name))
    act_as(bob)
    with pytest.raises(NotAllowedError):
        collection.remove_items_of(ada.id)
    act_as(ada)
    assert collection.remove_items_of(ada.id) == 8
    act_as(teacher)
    assert (in_store(collection), len(collection.new_items())) == ([0, 0], 1)
    # Nor in the copy that a run learned from.
    assert not pack.exists()
    left = [path for path in home.rglob("*.png") if path.stem in given]
    assert left == []


def test_what_was_held_out_stays_so_whatever_kills_the_move(
    collection, given, teacher, monkeypatch
):
    act_as(teacher)
    with monkeypatch.context() as patch:

        def killed(*_):
            raise KeyboardInterrupt

        patch.setattr(of_class.CollectionStore, "put", killed)
        with pytest.raises(KeyboardInterrupt):
            collection.accept(given[:4])
    assert len(collection.accepted()) == 4
    collection.accept(given[4:5])
    assert in_store(collection) == [4, 1]
    assert [item.path.parent.parent.name for item in collection.accepted()].count(
        collection.rules.held_out
    ) == 1


def test_it_takes_only_so_much_and_only_while_it_is_open(
    collection, given, ada, teacher, monkeypatch
):
    monkeypatch.setattr(of_class, "MOST_NEW", 8)
    # The same picture once more is no news, whoever gives it.
    with pytest.raises(CollectionError, match="At most 8"):
        collection.add(picture(50), 1)
    act_as(teacher)
    collection.accept(given)
    collection.allow(adding=False)
    act_as(ada)
    with pytest.raises(CollectionError, match="nothing more"):
        collection.add(picture(50), 1)
    act_as(NOBODY)
    for deed in (collection.new_items, collection.accepted, lambda: collection.add(picture(1), 1)):
        with pytest.raises(NotAllowedError):
            deed()


def test_a_damaged_card_is_no_item_and_a_damaged_name_leads_nowhere(
    collection, given, teacher, home
):
    card = home / "class" / "items" / f"{given[0]}.json"
    card.write_text(json.dumps({"maker": 1, "label": 3, "added": 0, "state": "new"}))
    act_as(teacher)
    assert len(collection.new_items()) == 7
    path = home / "class" / "collection.json"
    path.write_text(json.dumps({"name": "../../elsewhere", "open": True, "named": False}))
    assert (collection.rules, collection.new_items()) == (None, [])


def test_it_ends_with_all_its_items(collection, given, teacher, home):
    act_as(teacher)
    collection.accept(given[:5])
    collection.end()
    assert collection.rules is None
    assert list(home.rglob("*.png")) == []
    assert collection.begin().name
