"""What a person collects is there whole, once, under one label, whatever happens."""

import io
import os
import zipfile

import numpy as np
import pytest

from fmnist_core.classes import OTHER_CLOTHING
from fmnist_core.collections import NO_CLOTHING, CollectionStore, load_items
from fmnist_core.collections import store as store_module
from fmnist_core.collections.content import picture_content
from fmnist_core.collections.loading import load_packed, packed_fingerprint
from fmnist_core.errors import CollectionError, InputError, StorageError
from tests.conftest import add_strokes
from tests.core.collections.conftest import picture, png
from tests.core.conftest import killed

STROKES = [[[0, 100, 255], [0, 30.26, 255]], [[7], [8]]]


def labels(store: CollectionStore, name: str) -> dict[str, int | None]:
    return {item.id: item.label for item in store.items(name)}


def test_what_was_added_is_read_again(store, settings):
    boot = store.add("mine", png(1), 9)
    thing = store.add_picture("mine", picture(2), None)
    shoe = add_strokes(store, "mine", STROKES, 7)
    assert labels(store, "mine") == {boot: 9, thing: None, shoe: 7}
    summary = store.summary("mine")
    assert (summary.items, summary.counts[9], summary.counts[None], summary.counts[0]) == (
        (3, 1, 1, 0)
    )
    assert summary.size == sum(item.path.stat().st_size for item in store.items("mine"))
    items = load_items(settings, "mine")
    assert sorted(items.picture_labels) == [NO_CLOTHING, 9]
    there = items.pictures[list(items.picture_labels).index(9)]
    np.testing.assert_array_equal(there, picture(1))
    assert list(items.stroke_labels) == [7]
    np.testing.assert_allclose(items.strokes[0][0], [[0, 100, 255], [0, 30.3, 255]], atol=1e-4)
    assert items.strokes[0][1].shape == (2, 1)


def test_no_collections_are_no_error(store):
    assert store.names() == ()
    store.create("first")
    assert store.names() == ("first",)
    assert store.items("first") == ()


def test_the_same_picture_again_only_takes_the_new_label(store):
    before = store.add("mine", png(1), 0)
    assert store.add("mine", png(1), 0) == before
    assert store.add("mine", png(1), 6) == before
    assert labels(store, "mine") == {before: 6}


def test_relabelling_and_removing(store):
    item = store.add("mine", png(1), 0)
    other = add_strokes(store, "mine", STROKES, 1)
    first = store.fingerprint("mine")
    store.add("mine", png(1), None)
    assert labels(store, "mine")[item] is None
    assert store.fingerprint("mine") != first
    store.add("mine", png(1), 0)
    assert store.fingerprint("mine") == first
    store.remove("mine", item)
    store.remove("mine", item)
    assert labels(store, "mine") == {other: 1}
    store.remove("mine", "../../secret")


def test_the_archive_holds_everything_and_is_read_alike(store, settings, tmp_path):
    for shade in range(3):
        store.add("mine", png(shade), shade)
    add_strokes(store, "mine", STROKES, None)
    packed = store.pack("mine")
    assert packed.fingerprint == store.fingerprint("mine")
    names = zipfile.ZipFile(io.BytesIO(packed.content)).namelist()
    assert sorted(name.split("/")[0] for name in names) == ["0", "1", "2", "other"]
    (tmp_path / "c.zip").write_bytes(store.archive("mine"))
    one, other = load_items(settings, "mine"), load_packed(tmp_path / "c.zip")
    assert list(one.picture_labels) == list(other.picture_labels)
    for here, there in zip(one.pictures + one.strokes, other.pictures + other.strokes, strict=True):
        for a, b in zip(here, there, strict=True):
            np.testing.assert_array_equal(a, b)


def test_other_clothing_has_a_folder_of_its_own(store, settings, tmp_path):
    item = store.add("mine", png(1), OTHER_CLOTHING)
    add_strokes(store, "mine", STROKES, OTHER_CLOTHING)
    store.add("mine", png(2), None)
    assert store.labels("mine") == {OTHER_CLOTHING, None}
    assert store.summary("mine").counts[OTHER_CLOTHING] == 2
    assert labels(store, "mine")[item] == OTHER_CLOTHING
    (tmp_path / "c.zip").write_bytes(store.archive("mine"))
    for found in (load_items(settings, "mine"), load_packed(tmp_path / "c.zip")):
        assert sorted(found.picture_labels) == [NO_CLOTHING, OTHER_CLOTHING]
        assert list(found.stroke_labels) == [OTHER_CLOTHING]
    assert packed_fingerprint(tmp_path / "c.zip") == store.fingerprint("mine")


def test_deleting_takes_it_out_of_sight_at_once(store, settings):
    store.add("mine", png(1), 0)
    store.delete("mine")
    assert store.names() == ()
    assert list(settings.collections_dir.iterdir()) == []
    with pytest.raises(CollectionError, match="no such collection"):
        store.delete("mine")


@pytest.mark.parametrize("name", ["", "../up", "a/b", ".hidden", "x" * 61, "nul\0", "a b"])
def test_names_that_could_lead_elsewhere_are_refused(store, name):
    for act in (store.create, store.items, store.delete, lambda n: store.add(n, png(1), 0)):
        with pytest.raises(CollectionError, match="letters, digits"):
            act(name)


@pytest.mark.parametrize("label", [-1, 11, True, "3", 2.0, 10.0])
def test_other_labels_are_refused(store, label):
    with pytest.raises(CollectionError, match="0 to 9"):
        store.add("mine", png(1), label)  # type: ignore[arg-type]
    assert store.names() == ()


def test_what_is_no_picture_and_no_drawing_is_refused(store):
    with pytest.raises(InputError):
        store.add("mine", b"no picture", 0)
    with pytest.raises(CollectionError, match="at most 512"):
        store.add_picture("mine", np.zeros((513, 4, 3), np.uint8), 0)
    for strokes in ([], [[[1, 2], [3]]], [[[float("nan")], [1]]], "no", [[[1]]], [[[[1]], [[2]]]]):
        with pytest.raises(CollectionError):
            add_strokes(store, "mine", strokes, 0)
    for far in (1e308, -1e308, 1.1e6, 10**400, float("inf")):
        with pytest.raises(CollectionError, match="million"):
            add_strokes(store, "mine", [[[0, far], [0, 1]]], 0)
    assert store.names() == ()


def test_strokes_without_points_are_left_out(store, settings):
    with pytest.raises(CollectionError, match="0 points"):
        add_strokes(store, "mine", [[[], []], [[], []]], 0)
    one = add_strokes(store, "mine", [[[], []], *STROKES, [[], []]], 7)
    assert add_strokes(store, "mine", STROKES, 7) == one
    (drawing,) = load_items(settings, "mine").strokes
    assert [stroke.shape for stroke in drawing] == [(2, 3), (2, 1)]


def test_the_farthest_coordinates_come_out_finite(store, settings):
    add_strokes(store, "mine", [[[-1e6, 1e6], [0, 1e-9]]], 7)
    add_strokes(store, "mine", [[[-5e-320, 1e-320], [0, 0]]], 7)
    strokes = [stroke for one in load_items(settings, "mine").strokes for stroke in one]
    assert np.isfinite(np.concatenate(strokes, axis=1)).all()
    assert np.concatenate(strokes, axis=1).max() == 255


def test_a_full_collection_takes_no_more(store, monkeypatch):
    monkeypatch.setattr(store_module, "MOST_ITEMS", 2)
    first = store.add("mine", png(1), 0)
    store.add("mine", png(2), 0)
    with pytest.raises(CollectionError, match="at most 2 items"):
        store.add("mine", png(3), 0)
    store.add("mine", png(1), 5)
    assert labels(store, "mine")[first] == 5


def test_a_damaged_file_is_named(store, settings):
    store.add("mine", png(1), 0)
    path = store.items("mine")[0].path
    path.write_bytes(b"")
    with pytest.raises(CollectionError, match=f"mine.*{path}"):
        load_items(settings, "mine")
    (settings.home / "c.zip").write_bytes(store.archive("mine"))
    with pytest.raises(CollectionError, match=rf"collections/mine/0/{path.name}"):
        load_packed(settings.home / "c.zip", place="collections/mine")


def test_drawings_that_an_older_lab_took_in_are_read_or_named(store, settings):
    add_strokes(store, "mine", STROKES, 7)
    path = store.items("mine")[0].path
    path.write_text('{"strokes": [[[], []], [[1, 2], [3, 4]]]}')
    assert [stroke.shape for stroke in load_items(settings, "mine").strokes[0]] == [(2, 2)]
    path.write_text('{"strokes": [[[], []]]}')
    with pytest.raises(CollectionError, match=f"mine.*{path}"):
        load_items(settings, "mine")


def test_an_old_file_is_packed_too_and_always_alike(store):
    store.add("mine", png(1), 0)
    before = store.archive("mine")
    os.utime(store.items("mine")[0].path, (0, 0))
    assert store.archive("mine") == before


def test_another_collection_than_the_one_asked_for_is_refused(store, tmp_path):
    store.add("mine", png(1), 0)
    packed = store.pack("mine")
    path = tmp_path / "c.zip"
    path.write_bytes(packed.content)
    assert len(load_packed(path, packed.fingerprint)) == 1
    with pytest.raises(CollectionError, match="other items"):
        load_packed(path, "0" * 16)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("0//0123456789abcdef.png", png(1))
    assert len(load_packed(path)) == 2
    path.write_bytes(packed.content[:-30])
    with pytest.raises(CollectionError, match="cannot be read"):
        load_packed(path)
    path.write_bytes(packed.content.replace(b"IDAT", b"IDOT"))
    with pytest.raises(CollectionError, match="cannot be read"):
        load_packed(path)


def test_a_deleted_collection_is_not_brought_back_by_who_still_fills_it(store):
    writer = store.writer("mine")
    assert writer.put([(picture_content(picture(1)), 0)]) == 1
    assert writer.put([(picture_content(picture(1)), 3), (picture_content(picture(2)), 3)]) == 1
    assert set(labels(store, "mine").values()) == {3}
    store.delete("mine")
    with pytest.raises(CollectionError, match="deleted"):
        writer.put([(picture_content(picture(3)), 0)])
    assert store.names() == ()


def test_filling_keeps_to_the_limit_and_heeds_other_windows(store, monkeypatch):
    monkeypatch.setattr(store_module, "MOST_ITEMS", 3)
    writer = store.writer("mine")
    writer.put([(picture_content(picture(1)), 0)])
    other = store.add("mine", png(2), 5)
    assert writer.put([(picture_content(picture(2)), 6)]) == 0
    assert labels(store, "mine")[other] == 6
    writer.put([(picture_content(picture(3)), 0)])
    with pytest.raises(CollectionError, match="at most 3 items"):
        writer.put([(picture_content(picture(4)), 0), (picture_content(picture(5)), 0)])


def test_foreign_files_are_left_alone(store, settings):
    store.add("mine", png(1), 0)
    (settings.collections_dir / "mine" / "0" / "Thumbs.db").write_text("x")
    (settings.collections_dir / "mine" / "stray.png").write_bytes(png(2))
    (settings.collections_dir / "note.txt").write_text("x")
    assert store.names() == ("mine",)
    assert len(store.items("mine")) == 1


def test_a_place_that_cannot_be_written_is_named(store, settings):
    store.create("mine")
    (settings.collections_dir / "mine" / "0").write_text("a file where a folder should be")
    with pytest.raises(StorageError, match="mine"):
        store.add("mine", png(1), 0)
    store.add("mine", png(1), 1)


def test_a_home_that_is_a_file_is_named(home, store):
    home.parent.mkdir(exist_ok=True)
    home.write_text("a file")
    assert store.names() == ()
    with pytest.raises(StorageError):
        store.add("mine", png(1), 0)


_ADDING = """
import numpy as np
from fmnist_core.collections import CollectionStore
from fmnist_core.settings import load_settings
store, rng = CollectionStore(load_settings()), np.random.default_rng()
while True:
    noise = rng.integers(0, 255, (64, 64, 3), np.uint8)
    store.add_picture("mine", noise, 1)
    store.add_picture("mine", noise, 2)
    print("one more", flush=True)
"""


def test_killed_at_any_moment_no_item_is_torn_or_twice(store, settings):
    for attempt in range(4):
        killed(_ADDING, 2, after=0.05 + 0.037 * attempt)
    items = store.items("mine")
    assert len({item.id for item in items}) == len(items) > 4
    assert len(load_items(settings, "mine")) == len(items)
    for label in (1, 2):
        store.add("mine", png(label), label)
    assert not list((settings.collections_dir / "mine").rglob(".part-*"))
