"""The time left that a page says: near the truth after a tenth, and never suddenly much longer."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest

from fmnist_core.runs.history import History, fold

EPOCHS, STEPS, GROUP = 6, 100, 5
BETWEEN = 1.5


def diary(
    factor: Callable[[float], float] = lambda share: 1.0,
    noise: float = 0.0,
    pause_at: float | None = None,
    crash_at: float | None = None,
):
    """Events of a run whose step takes 0.1 s times `factor(share done)`, and when it ends."""
    random = np.random.default_rng(0)
    now, events = 1000.0, []

    def start(epoch: int) -> None:
        told = {"epochs": EPOCHS, "steps_per_epoch": STEPS, "attempt": 1, "epoch": epoch}
        images = {"train_images": 3200, "validation_images": 320, "worker": "here"}
        events.append({"t": now, "kind": "start", **told, **images})

    start(0)
    now += 3.0  # Compiling.
    for epoch in range(EPOCHS):
        for step in range(GROUP, STEPS + 1, GROUP):
            share = (epoch + step / STEPS) / EPOCHS
            spread = random.uniform(1 - noise, 1 + noise)
            now += 0.1 * GROUP * factor(share) * spread
            numbers = {"loss": 1.0, "accuracy": 0.5, "images_per_second": 320 / spread}
            events.append({"t": now, "kind": "batch", "epoch": epoch, "step": step, **numbers})
            if pause_at and abs(share - pause_at) < 1e-9:
                events.append({"t": now, "kind": "note", "text": "Paused."})
                now += 500.0
                events.append({"t": now, "kind": "note", "text": "Resumed."})
        now += BETWEEN * factor((epoch + 1) / EPOCHS)
        figures = {"loss": 1.0, "accuracy": 0.5, "seconds": 11.0}
        events.append({"t": now, "kind": "epoch", "epoch": epoch + 1, **figures})
        if crash_at and abs((epoch + 1) / EPOCHS - crash_at) < 1e-9:
            now += 300.0
            start(epoch + 1)
            now += 3.0
    return events, now


def said(events):
    """(share done, time, seconds said to be left) after each event that tells of progress."""
    history, found = History(), []
    for event in events:
        history = fold(history, [event])
        if history.seconds_left is not None and event["kind"] in ("batch", "epoch"):
            found.append((history.progress, event["t"], history.seconds_left))
    return found


def near_the_truth(found, end: float, last: float = 3) -> int:
    """All but what is said of the last seconds is within a fifth of it; how often it was said."""
    judged = [(end - t, left) for _, t, left in found if end - t > last]
    assert all(abs(left - truth) <= 0.2 * truth for truth, left in judged)
    return len(judged)


def never_leaps(found) -> bool:
    pairs = pairwise(found)
    return all(later <= max(2.001 * earlier, 2.001) for (_, _, earlier), (_, _, later) in pairs)


@pytest.mark.parametrize("noise", [0.0, 0.3])
def test_after_a_tenth_it_is_right_within_a_fifth(noise):
    events, end = diary(noise=noise)
    found = said(events)
    assert near_the_truth([one for one in found if one[0] >= 0.1], end) > 80
    assert never_leaps(found)


def test_load_that_doubles_is_followed_within_an_epoch():
    events, end = diary(lambda share: 1.0 if share < 0.4 else 2.0)
    found = said(events)
    assert near_the_truth([one for one in found if one[0] >= 0.6], end, last=6)
    assert never_leaps(found)


def test_a_standstill_of_the_machine_does_not_make_it_leap():
    events, _ = diary(lambda share: 60.0 if 0.5 < share < 0.51 else 1.0)
    assert never_leaps(said(events))


def test_a_pause_is_no_time_of_training():
    events, end = diary(pause_at=0.5)
    near_the_truth([one for one in said(events) if one[0] > 0.5], end)


def test_what_lies_between_two_attempts_is_no_time_of_training():
    events, end = diary(crash_at=0.5)
    assert near_the_truth([one for one in said(events) if one[0] > 0.52], end)


def test_it_is_the_same_read_at_once_or_line_by_line():
    events, _ = diary(noise=0.3)
    part = events[: len(events) // 2]
    line_by_line = History()
    for event in part:
        line_by_line = fold(line_by_line, [event])
    assert fold(History(), part).seconds_left == line_by_line.seconds_left
