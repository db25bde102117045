"""A diary becomes a history, in one go or line by line."""

import math

import pytest

from fmnist_core.runs.events import EventWriter, read_events
from fmnist_core.runs.history import History, ReadHistory, fold, follow

START = {
    "t": 100.0,
    "kind": "start",
    "attempt": 1,
    "epoch": 0,
    "epochs": 3,
    "steps_per_epoch": 10,
    "train_images": 1000,
    "validation_images": 100,
    "worker": "here",
}


def batch(epoch, step, loss=1.0, **values):
    numbers = {"loss": loss, "accuracy": 0.5, "learning_rate": 1e-3, "images_per_second": 100.0}
    return {"t": 101.0, "kind": "batch", "epoch": epoch, "step": step, **numbers, **values}


def epoch(number, val_accuracy=0.6, seconds=8.0):
    numbers = {"loss": 0.9, "accuracy": 0.55, "val_loss": 0.8, "val_accuracy": val_accuracy}
    more = {"learning_rate": 1e-3, "seconds": seconds}
    return {"t": 110.0, "kind": "epoch", "epoch": number, **numbers, **more}


def test_an_empty_diary_is_an_empty_history():
    empty = fold(History(), [])
    assert (empty.progress, empty.learning_rate, empty.seconds_left) == (0.0, None, None)
    assert empty.best is None


def test_batches_lie_on_an_axis_of_epochs():
    found = fold(History(), [START, batch(0, 5), batch(1, 10)])
    assert [point.x for point in found.batches] == [0.5, 2.0]
    assert (found.epoch, found.step, found.phase) == (1, 10, "training")


def test_line_by_line_gives_the_same_as_in_one_go():
    events = [START, batch(0, 5), epoch(1), batch(1, 3), {"t": 1, "kind": "note", "text": "hm"}]
    bit_by_bit = History()
    for event in events:
        bit_by_bit = fold(bit_by_bit, [event])
    assert bit_by_bit == fold(History(), events)


def test_a_later_attempt_drops_what_was_lost():
    events = [START, batch(0, 5), batch(0, 10), epoch(1), batch(1, 5), epoch(2), batch(2, 2)]
    again = {**START, "attempt": 2, "epoch": 1}
    found = fold(History(), [*events, again])
    assert [point.x for point in found.batches] == [0.5, 1.0]
    assert [point.epoch for point in found.epochs_done] == [1]
    assert (found.attempt, found.epoch, found.step) == (2, 1, 0)


def test_an_epoch_that_was_stopped_in_its_middle_counts_as_none():
    found = fold(History(), [START, epoch(1), batch(1, 5), {**epoch(1), "partial": True}])
    assert [point.epoch for point in found.epochs_done] == [1]
    assert found.batches[-1].x == 1.5


def test_time_left_comes_from_the_last_epochs():
    found = fold(History(), [START, batch(0, 10), epoch(1, seconds=8.0), batch(1, 5)])
    assert found.progress == pytest.approx(0.5)
    assert found.epoch_seconds_left == pytest.approx(4.0)
    assert found.seconds_left == pytest.approx(12.0)


def test_time_left_in_the_first_epoch_comes_from_the_speed():
    found = fold(History(), [START, batch(0, 5)])
    assert found.epoch_seconds_left == pytest.approx(5.0)
    assert found.seconds_left == pytest.approx(25.0)


def test_an_end_is_kept_and_a_new_start_clears_it():
    end = {"t": 120.0, "kind": "end", "state": "failed", "error": "NaN", "advice": "smaller"}
    ended = fold(History(), [START, batch(0, 5), end])
    assert (ended.end.state, ended.end.error, ended.phase) == ("failed", "NaN", "")
    assert ended.seconds_left is None
    assert fold(ended, [{**START, "attempt": 2}]).end is None


def test_the_best_epoch_is_that_of_the_highest_validation_accuracy():
    found = fold(History(), [START, epoch(1, 0.6), epoch(2, 0.8), epoch(3, 0.7)])
    assert found.best.epoch == 2


def test_without_validation_there_is_no_best_epoch():
    bare = {k: v for k, v in epoch(1).items() if not k.startswith("val_")}
    found = fold(History(), [START, bare])
    assert found.best is None
    assert found.epochs_done[0].val_accuracy is None


def test_a_loss_that_is_no_number_is_kept_as_such():
    found = fold(History(), [START, batch(0, 1, loss=math.nan), batch(0, 2, loss=None)])
    assert [math.isnan(point.loss) for point in found.batches] == [True, True]


@pytest.mark.parametrize(
    "foreign",
    [
        {"kind": "batch"},
        {"kind": "batch", "epoch": "one", "step": 2},
        {"kind": "take", "t": 1},
        {"kind": "result"},
        {"kind": ["batch"]},
        {"kind": "note", "t": "noon", "text": "x"},
        {"kind": "epoch", "epoch": None},
        {"kind": "end"},
    ],
)
def test_foreign_lines_are_passed_over(foreign):
    good = fold(History(), [START, batch(0, 5)])
    assert fold(good, [foreign]) == good


def test_following_a_file_reads_only_what_is_new(tmp_path):
    path = tmp_path / "events.jsonl"
    writer = EventWriter(path)
    writer.write(**{k: v for k, v in START.items() if k != "t"})
    first = follow(path)
    assert follow(path, first) is first
    writer.write(**{k: v for k, v in batch(0, 5).items() if k != "t"})
    writer.close()
    second = follow(path, first)
    assert len(second.history.batches) == 1
    assert second.history == fold(History(), read_events(path)[0])


def test_following_begins_anew_where_the_file_was_replaced(tmp_path):
    path = tmp_path / "events.jsonl"
    writer = EventWriter(path)
    writer.write("note", text="short")
    writer.close()
    found = follow(path, ReadHistory(fold(History(), [START]), 10_000))
    assert [note.text for note in found.history.notes] == ["short"]
    assert found.history.epochs == 0


def test_following_no_file_is_an_empty_history(tmp_path):
    assert follow(tmp_path / "none.jsonl") == ReadHistory()


@pytest.mark.parametrize(
    "event",
    [
        {**batch(0, 5), "t": 1e300},
        {**batch(0, 5), "t": math.nan},
        {**batch(0, 5), "t": -1},
        {**batch(0, 5), "t": "noon"},
        batch(0, 5, images_per_second=math.inf),
        epoch(1, seconds=math.nan),
        {"t": 1e300, "kind": "note", "text": "later"},
        {"t": 1e300, "kind": "end", "state": "finished"},
    ],
)
def test_events_of_impossible_times_are_left_out(event):
    found = fold(History(), [START, event])
    assert (found.batches, found.epochs_done, found.notes, found.end) == ((), (), (), None)
    assert found.updated == 100.0
