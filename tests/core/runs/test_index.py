"""The queue: whose turn it is, one run for one configuration, and never lost."""

import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from fmnist_core.config import RunConfig, TrainConfig
from fmnist_core.errors import RunError, StorageError
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.index import RunIndex


@pytest.fixture
def index(tmp_path: Path) -> RunIndex:
    return RunIndex(tmp_path / "lab.sqlite")


def _turns(index: RunIndex) -> list[str]:
    order = []
    while (row := index.next_queued()) is not None:
        index.claim(row.id, "worker")
        order.append(row.id)
    return order


def _of_three(index: RunIndex) -> None:
    """Two runs of one person, then one each of two others."""
    for number, run in enumerate(("a1", "a2", "b1", "c1")):
        index.add(run, fingerprint=run, owner=run[0], submitted=number)


def test_who_runs_least_comes_first_then_who_waits_longest(index):
    _of_three(index)
    assert _turns(index) == ["a1", "b1", "c1", "a2"]


def test_an_interrupted_run_goes_before_all_others(index):
    index.add("old", fingerprint="1", owner="a")
    index.add("lost", fingerprint="2", owner="b")
    index.claim("lost", "worker")
    index.requeue("lost")
    assert _turns(index) == ["lost", "old"]


def test_those_who_wait_are_listed_in_their_order(index):
    _of_three(index)
    assert index.waiting() == ["a1", "b1", "c1", "a2"]
    index.claim("a1", "worker")
    assert index.waiting() == ["b1", "c1", "a2"]
    index.claim("c1", "worker")
    index.requeue("c1")
    assert index.waiting() == ["c1", "b1", "a2"]
    turn = index.next_queued()
    assert turn.id == "c1"


def test_with_one_slot_too_each_person_has_a_turn_before_anybody_s_second(index):
    for number, run in enumerate(("a1", "a2", "a3", "b1", "b2", "c1")):
        index.add(run, fingerprint=run, owner=run[0], submitted=number)
    said, order = index.waiting(), []
    while (row := index.next_queued()) is not None:
        index.claim(row.id, "worker")
        index.set_state(row.id, "finished")
        order.append(row.id)
    assert order == said == ["a1", "b1", "c1", "a2", "b2", "a3"]


def test_a_run_that_gave_way_stands_behind_all_that_wait_and_can_be_put_first(index):
    for number, run in enumerate(("a1", "b1", "c1")):
        index.add(run, fingerprint=run, owner=run[0], submitted=number)
    index.claim("a1", "worker")
    assert index.give_way("a1")
    assert index.waiting() == ["b1", "c1", "a1"]
    assert index.put_first("c1")
    assert index.put_first("a1")
    assert index.waiting() == ["a1", "c1", "b1"]
    index.claim("a1", "worker")
    assert not index.put_first("a1")


_FULL = """
import pathlib, resource, sys
from fmnist_core.errors import StorageError
from fmnist_core.runs.index import RunIndex
index = RunIndex(pathlib.Path(sys.argv[1]))
# No file can grow, as on a full disk; and root may do no more than others.
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
print(index.waiting(), index.counts())
try:
    index.add("new", fingerprint="new")
except StorageError as error:
    print(error.advice)
"""


@pytest.mark.parametrize("there", [True, False])
def test_a_full_disk_refuses_changes_but_not_questions(tmp_path, there):
    index = RunIndex(tmp_path / "lab.sqlite")
    config = RunConfig(training=TrainConfig(epochs=1))
    folder = RunFolder.create(tmp_path / "runs", config)
    if there:
        assert index.waiting() == [folder.id]
    done = subprocess.run(
        [sys.executable, "-c", _FULL, str(tmp_path / "lab.sqlite")],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert f"['{folder.id}'] {{'queued': 1}}" in done.stdout
    assert "Free some space" in done.stdout


def test_a_list_in_use_is_not_called_a_full_disk(index, tmp_path, monkeypatch):
    index.add("run", fingerprint="1")
    connect = sqlite3.connect
    with closing(connect(tmp_path / "lab.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        at_once = lambda path, **options: connect(path, **{**options, "timeout": 0})  # noqa: E731
        monkeypatch.setattr(sqlite3, "connect", at_once)
        with pytest.raises(StorageError, match="locked") as caught:
            index.set_state("run", "stopped")
    assert "try again" in caught.value.advice
    assert "space" not in caught.value.advice


def test_a_run_put_back_with_a_wait_is_not_taken_at_once(index):
    index.add("busy", fingerprint="1")
    index.requeue("busy", wait=60)
    assert index.next_queued() is None


def test_the_same_configuration_is_queued_once_until_its_end(index):
    assert index.add("first", fingerprint="same") == "first"
    assert index.add("second", fingerprint="same") == "first"
    index.claim("first", "worker")
    assert index.add("third", fingerprint="same") == "first"
    index.set_state("first", "finished")
    assert index.add("fourth", fingerprint="same") == "fourth"


def test_a_run_cannot_go_on_while_its_like_is_waiting(index):
    index.add("first", fingerprint="same")
    index.set_state("first", "stopped")
    index.add("second", fingerprint="same")
    with pytest.raises(RunError, match="same configuration"):
        index.requeue("first")


def test_of_many_that_press_at_once_one_wins(index):
    chosen: list[str] = []
    barrier = threading.Barrier(8)

    def press(number: int) -> None:
        barrier.wait()
        chosen.append(index.add(f"run-{number}", fingerprint="same"))

    threads = [threading.Thread(target=press, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(chosen) == 8
    assert len(set(chosen)) == 1


def test_a_run_is_claimed_once(index):
    index.add("run", fingerprint="1")
    first, second = index.claim("run", "one"), index.claim("run", "two")
    assert (first.attempt, first.claimed_by) == (1, "one")
    assert second is None


def test_losses_count_only_without_progress(index):
    index.add("run", fingerprint="1")
    assert [index.count_loss("run", epoch) for epoch in (0, 0, 1, 1, 1)] == [1, 2, 1, 2, 3]


def test_only_a_waiting_run_is_stopped_without_its_process(index):
    index.add("run", fingerprint="1")
    index.claim("run", "worker")
    assert not index.stop_waiting("run")
    index.requeue("run")
    assert index.stop_waiting("run")
    assert index.counts() == {"stopped": 1}


def _runs(runs_dir: Path) -> tuple[RunFolder, RunFolder]:
    waiting, done = (
        RunFolder.create(runs_dir, RunConfig(training=TrainConfig(seed=seed)), owner="me")
        for seed in (1, 2)
    )
    done.change_status(state="finished", attempt=2)
    return waiting, done


def test_a_missing_index_is_made_from_the_folders(tmp_path):
    waiting, done = _runs(tmp_path / "runs")
    index = RunIndex(tmp_path / "lab.sqlite")
    turn = index.next_queued()
    expected = (waiting.id, "me", waiting.config.fingerprint)
    assert (turn.id, turn.owner, turn.fingerprint) == expected
    assert {row.id: row.attempt for row in index.in_state("finished")} == {done.id: 2}


@pytest.mark.parametrize(
    "damage", [b"not a database at all" * 400, b"SQLite format 3\0" + b"x" * 99]
)
def test_a_damaged_index_is_moved_aside_and_made_anew(tmp_path, damage):
    waiting, _ = _runs(tmp_path / "runs")
    path = tmp_path / "lab.sqlite"
    path.write_bytes(damage)
    index = RunIndex(path)
    assert index.active_with(waiting.config.fingerprint) == waiting.id
    assert [part.read_bytes() for part in tmp_path.glob("lab.sqlite.damaged-*")] == [damage]


def test_two_active_runs_of_one_configuration_both_survive_a_rebuild(tmp_path):
    config = RunConfig()
    runs = {RunFolder.create(tmp_path / "runs", config).id for _ in range(2)}
    index = RunIndex(tmp_path / "lab.sqlite")
    assert set(_turns(index)) == runs


@pytest.mark.parametrize(
    ("file", "content"),
    [("meta.json", "[1]"), ("meta.json", '{"created": NaN}'), ("status.json", '{"sta')],
)
def test_a_lost_list_is_made_anew_beside_a_damaged_run(tmp_path, file, content):
    runs = tmp_path / "runs"
    good, bad = (RunFolder.create(runs, RunConfig(training=TrainConfig(seed=n))) for n in (1, 2))
    (bad.path / file).write_text(content)
    index = RunIndex(tmp_path / "lab.sqlite", runs)
    assert good.id in index.waiting()
    assert index.get(bad.id) is not None
    if file == "status.json":
        assert index.waiting() == [good.id]


def test_a_folder_in_place_of_a_file_does_not_keep_the_list_from_being_made(tmp_path):
    runs = tmp_path / "runs"
    good, bad = (RunFolder.create(runs, RunConfig(training=TrainConfig(seed=n))) for n in (1, 2))
    for name in ("meta.json", "status.json", "config.json"):
        (bad.path / name).unlink()
        (bad.path / name).mkdir()
    assert RunIndex(tmp_path / "lab.sqlite", runs).waiting() == [good.id]
