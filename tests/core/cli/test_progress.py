"""The progress bar, in a terminal and in a log file."""

from __future__ import annotations

import io
import sys

import pytest

from fmnist_core.cli.progress import ProgressBar, spell_seconds


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock(monkeypatch):
    class Clock:
        now = 100.0

    monkeypatch.setattr("fmnist_core.cli.progress.time.monotonic", lambda: Clock.now)
    return Clock


@pytest.fixture
def terminal(monkeypatch):
    def open_terminal() -> Terminal:
        monkeypatch.setattr(sys, "stderr", Terminal())
        return sys.stderr

    return open_terminal


def test_in_a_terminal_it_shows_share_time_left_and_note(terminal, clock):
    screen = terminal()
    bar = ProgressBar(10, "Training")
    bar.update(2)
    clock.now += 20
    bar.update(4, "loss 0.5")
    last = screen.getvalue().split("\r")[-1]
    assert "Training" in last
    assert "40%" in last
    # Two of the missing six came in twenty seconds.
    assert "1:00 left" in last
    assert "loss 0.5" in last


def test_in_a_terminal_a_shorter_text_wipes_out_the_longer(terminal, clock):
    screen = terminal()
    bar = ProgressBar(10, "Training")
    bar.update(0)
    for note in ("a very long note", ""):
        clock.now += 1
        bar.update(5, note)
    before, after = screen.getvalue().split("\r")[-2:]
    assert len(after) == len(before)
    assert "note" not in after


def test_in_a_log_it_writes_a_line_only_now_and_then(capsys, clock):
    bar = ProgressBar(100, "Fetching")
    for done in range(100):
        bar.update(done)
        clock.now += 0.3
    bar.close()
    lines = capsys.readouterr().err.splitlines()
    assert 2 <= len(lines) <= 3
    assert all("\r" not in line and "left" in line for line in lines)


@pytest.mark.parametrize(("seconds", "text"), [(7.2, "0:07"), (750, "12:30"), (3723, "1:02:03")])
def test_seconds_are_spelled_as_on_a_clock(seconds, text):
    assert spell_seconds(seconds) == text
