"""How long several runs will still take together."""

from __future__ import annotations

import pytest

from fmnist_core.runs.expected import seconds_until_done
from fmnist_core.runs.history import End, EpochPoint, History


def history(epoch: int = 0, *, epochs: int = 10, seconds: float = 2.0, ended: bool = False):
    done = tuple(EpochPoint(n + 1, 1.0, 0.5, None, None, 1e-3, seconds) for n in range(epoch))
    end = End(0.0, "finished") if ended else None
    return History(epochs_done=done, epoch=epoch, epochs=epochs, end=end)


def test_what_is_left_of_one_and_all_of_the_others() -> None:
    assert seconds_until_done([history(4)], waiting=2, slots=1) == pytest.approx(12 + 2 * 20)


def test_places_share_the_work_but_no_run_gets_shorter() -> None:
    assert seconds_until_done([history(4)], waiting=2, slots=2) == pytest.approx(26)
    assert seconds_until_done([history(4)], waiting=1, slots=8) == pytest.approx(20)


def test_what_has_ended_tells_the_pace_only() -> None:
    ended = history(10, ended=True)
    assert seconds_until_done([ended], waiting=1, slots=1) == pytest.approx(20)
    assert seconds_until_done([ended], waiting=0, slots=1) is None


def test_one_that_is_just_beginning_has_all_before_it() -> None:
    ended = history(10, ended=True)
    assert seconds_until_done([ended, History()], waiting=0, slots=1) == pytest.approx(20)


def test_without_a_pace_nothing_is_promised() -> None:
    assert seconds_until_done([History()], waiting=3, slots=1) is None
    assert seconds_until_done([], waiting=3, slots=1) is None


def test_after_the_last_epoch_only_the_others_count() -> None:
    assert seconds_until_done([history(10)], waiting=1, slots=1) == pytest.approx(20)
