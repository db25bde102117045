"""Pins outlast everything, and a run keeps those that it began with."""

import numpy as np
import pytest

from fmnist_core.config import RunConfig
from fmnist_core.errors import InputError
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.pinned_images import MOST_PROBES, Probe, ProbeStore, keep_probes, probes_of
from fmnist_core.settings import load_settings
from tests.core.conftest import killed


def probe(number: int, **facts: object) -> Probe:
    image = np.full((28, 28), number, np.uint8)
    return Probe(image, **{"name": f"Probe {number}", **facts})  # type: ignore[arg-type]


def test_pins_are_listed_in_their_order_with_all_they_are():
    store = ProbeStore(load_settings())
    assert store.list() == ()
    store.pin(probe(1, label=7, source="test image"))
    store.pin(probe(2, source="drawn"))
    first, second = ProbeStore(load_settings()).list()
    assert (first.name, first.label, first.source) == ("Probe 1", 7, "test image")
    assert (second.label, second.source) == (None, "drawn")
    np.testing.assert_array_equal(first.image, probe(1).image)
    store.unpin(first.id)
    store.unpin(first.id)
    assert [one.name for one in store.list()] == ["Probe 2"]


def test_the_same_image_is_pinned_once_and_takes_the_new_name():
    store = ProbeStore(load_settings())
    store.pin(probe(1))
    store.pin(probe(2))
    store.pin(probe(1, name="  My\n shoe  " + "x" * 100))
    names = [one.name for one in store.list()]
    assert len(names) == 2
    assert names[0].startswith("My shoe x")
    assert len(names[0]) == 60


def test_one_too_many_is_refused_with_advice():
    store = ProbeStore(load_settings())
    for number in range(MOST_PROBES):
        store.pin(probe(number))
    with pytest.raises(InputError, match="24"):
        store.pin(probe(200))
    store.pin(probe(3, name="still there"))
    assert len(store.list()) == MOST_PROBES


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
        Probe(image, "wrong", label)


def test_a_damaged_file_hides_no_other(home):
    store = ProbeStore(load_settings())
    store.pin(probe(1))
    for name, content in (("a", "{"), ("b", "[]"), ("c", '{"pinned": 1, "image": "?"}')):
        (home / "probes" / f"{name}.json").write_text(content)
    assert [one.name for one in store.list()] == ["Probe 1"]


_PINS = """
import numpy as np
from fmnist_core.runs.pinned_images import Probe, ProbeStore
from fmnist_core.settings import load_settings
store = ProbeStore(load_settings())
number = 0
while True:
    store.pin(Probe(np.full((28, 28), number % 20, np.uint8), f"Probe {number}"))
    if number == 20:
        print("on", flush=True)
    number += 1
"""


def test_killing_who_pins_leaves_only_whole_pins():
    killed(_PINS, 1)
    assert len(ProbeStore(load_settings()).list()) == 20


def test_a_run_keeps_what_was_pinned_when_it_began(tmp_path):
    settings = load_settings()
    folder = RunFolder.at(tmp_path / "run", RunConfig())
    store = ProbeStore(settings)
    store.pin(probe(1, label=3))
    assert [one.label for one in keep_probes(folder, settings)] == [3]
    store.pin(probe(2))
    store.unpin(probe(1).id)
    assert [one.name for one in keep_probes(folder, settings)] == ["Probe 1"]
    (folder.path / "probes.json").write_text("{}")
    assert probes_of(folder) == ()
