"""Looks at the test figure are counted and what was tried is kept, whatever kills the writer."""

import json

import pytest

from fmnist_core.errors import DataError, StorageError
from fmnist_core.remedies import Pair, Tried, note_tried, reveal, reveal_count, tried_from
from fmnist_core.runs.folder import RunFolder
from tests.core.conftest import killed

SHIRTS, COATS = Pair(6, 0), Pair(4, 2)


def test_every_look_is_counted(make_run):
    before, after = make_run(0.8), make_run(0.2)
    assert reveal_count(after) == 0
    found = reveal(before, after, SHIRTS)
    assert (found.split, found.images) == ("test", 200)
    reveal(before, after, SHIRTS)
    reveal(before, after, COATS)
    assert (reveal_count(after), reveal_count(after, SHIRTS), reveal_count(after, COATS)) == (
        3,
        2,
        1,
    )
    assert reveal_count(before) == 0


def test_what_could_not_be_shown_is_not_counted(make_run):
    before, after = make_run(0.8), make_run(0.2)
    after.predictions_path.unlink()
    with pytest.raises(DataError, match="no test figures"):
        reveal(before, after, SHIRTS)
    assert reveal_count(after) == 0


def test_what_cannot_be_counted_is_not_shown(make_run):
    before, after = make_run(0.8), make_run(0.2)
    (after.path / "looks.jsonl").mkdir()
    with pytest.raises((StorageError, OSError)):
        reveal(before, after, SHIRTS)


_LOOKER = """
import sys
from pathlib import Path
from fmnist_core.remedies import Pair, reveal
from fmnist_core.runs.folder import RunFolder
before, after = (RunFolder(Path(each)) for each in sys.argv[1:])
while True:
    reveal(before, after, Pair(6, 0))
    print("shown", flush=True)
"""


def test_no_look_is_lost_to_a_killed_process(make_run):
    before, after = make_run(0.8), make_run(0.2)
    shown = len(killed(_LOOKER, 3, before.path, after.path))
    assert reveal_count(after) in (shown, shown + 1)


def test_what_was_tried_is_found_again(make_run):
    base = make_run()
    first = Tried(SHIRTS, "weight", "More weight", True, "run-1")
    for tried in (first, Tried(COATS, "longer", "Longer", False, "run-2"), first):
        note_tried(base, tried)
    found = tried_from(RunFolder(base.path))
    assert [(each.pair, each.run_id) for each in found] == [(SHIRTS, "run-1"), (COATS, "run-2")]
    assert found[0].going_on
    assert found[0].started > 0
    assert tried_from(make_run()) == []


_GOOD = {"kind": "tried", "t": 1, "remedy": "a", "title": "b", "going_on": True, "run": "c"}
_BAD = ({"kind": "tried"}, *({**_GOOD, "pair": pair} for pair in ([6, 6], 6, [1, 2, 3], "ab")))


@pytest.mark.parametrize("line", ["{", "[]", *map(json.dumps, _BAD)])
def test_bad_lines_are_passed_over(make_run, line):
    base = make_run()
    (base.path / "improvements.jsonl").write_text(line + "\n")
    note_tried(base, Tried(SHIRTS, "weight", "More weight", False, "run-1"))
    assert [each.run_id for each in tried_from(base)] == ["run-1"]
