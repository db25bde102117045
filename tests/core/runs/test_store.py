"""Pins outlast everything, and a run keeps those that it began with."""

import numpy as np
import pytest

from fmnist_core.config import RunConfig
from fmnist_core.errors import InputError
from fmnist_core.preprocessing.resize import fit_to
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.pinned_images import (
    MOST_PINNED,
    PinnedImage,
    PinnedImageStore,
    keep_pinned_images,
    pinned_images_of,
)
from fmnist_core.settings import load_settings
from tests.core.conftest import killed


def pinned_image(number: int, **facts: object) -> PinnedImage:
    image = np.full((28, 28), number, np.uint8)
    return PinnedImage(image, **{"name": f"Probe {number}", **facts})  # type: ignore[arg-type]


def test_pins_are_listed_in_their_order_with_all_they_are():
    store = PinnedImageStore(load_settings())
    assert store.list() == ()
    store.pin(pinned_image(1, label=7, source="test image"))
    store.pin(pinned_image(2, source="drawn"))
    first, second = PinnedImageStore(load_settings()).list()
    assert (first.name, first.label, first.source) == ("Probe 1", 7, "test image")
    assert (second.label, second.source) == (None, "drawn")
    np.testing.assert_array_equal(first.image, pinned_image(1).image)
    store.unpin(first.id)
    store.unpin(first.id)
    assert [one.name for one in store.list()] == ["Probe 2"]


def test_a_pinned_drawing_keeps_all_pixels_that_a_larger_network_reads():
    sheet = np.random.default_rng(0).integers(0, 256, (112, 112), np.uint8)
    image = fit_to(sheet, 28)
    store = PinnedImageStore(load_settings())
    store.pin(PinnedImage(image, "shoe", source="drawn", sheet=sheet))
    (kept,) = store.list()
    for side in (28, 56):
        np.testing.assert_array_equal(kept.at_side(side), fit_to(sheet, side))
    assert not kept.hidden.at_side(56).any()
    with pytest.raises(InputError, match="sheet"):
        PinnedImage(image, "shoe", sheet=image)


def test_the_same_image_is_pinned_once_and_takes_the_new_name():
    store = PinnedImageStore(load_settings())
    store.pin(pinned_image(1))
    store.pin(pinned_image(2))
    store.pin(pinned_image(1, name="  My\n shoe  " + "x" * 100))
    names = [one.name for one in store.list()]
    assert len(names) == 2
    assert names[0].startswith("My shoe x")
    assert len(names[0]) == 60


def test_one_too_many_is_refused_with_advice():
    store = PinnedImageStore(load_settings())
    for number in range(MOST_PINNED):
        store.pin(pinned_image(number))
    with pytest.raises(InputError, match="24"):
        store.pin(pinned_image(200))
    store.pin(pinned_image(3, name="still there"))
    assert len(store.list()) == MOST_PINNED


@pytest.mark.parametrize(
    ("image", "label"),
    [
        (np.zeros((28, 28), np.float32), None),
        (np.zeros((20, 28), np.uint8), None),
        (np.zeros((28, 28), np.uint8), 10),
    ],
)
def test_what_is_no_probe_is_refused(image, label):
    with pytest.raises(InputError):
        PinnedImage(image, "wrong", label)


def test_a_damaged_file_hides_no_other(home):
    store = PinnedImageStore(load_settings())
    store.pin(pinned_image(1))
    for name, content in (("a", "{"), ("b", "[]"), ("c", '{"pinned": 1, "image": "?"}')):
        (home / "probes" / f"{name}.json").write_text(content)
    assert [one.name for one in store.list()] == ["Probe 1"]


_PINS = """
import numpy as np
from fmnist_core.runs.pinned_images import PinnedImage, PinnedImageStore
from fmnist_core.settings import load_settings
store = PinnedImageStore(load_settings())
number = 0
while True:
    store.pin(PinnedImage(np.full((28, 28), number % 20, np.uint8), f"Probe {number}"))
    if number == 20:
        print("on", flush=True)
    number += 1
"""


def test_killing_who_pins_leaves_only_whole_pins():
    killed(_PINS, 1)
    assert len(PinnedImageStore(load_settings()).list()) == 20


def test_a_run_keeps_what_was_pinned_when_it_began(tmp_path):
    settings = load_settings()
    folder = RunFolder.at(tmp_path / "run", RunConfig())
    store = PinnedImageStore(settings)
    store.pin(pinned_image(1, label=3))
    assert [one.label for one in keep_pinned_images(folder, settings)] == [3]
    store.pin(pinned_image(2))
    store.unpin(pinned_image(1).id)
    assert [one.name for one in keep_pinned_images(folder, settings)] == ["Probe 1"]
    (folder.path / "probes.json").write_text("{}")
    assert pinned_images_of(folder) == ()
