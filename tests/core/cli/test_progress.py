"""The progress bar, in a terminal and in a log file."""

import io
import sys

import pytest

from fmnist_core.cli.progress import ProgressBar


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock(monkeypatch):
    class Clock:
        now = 100.0

    monkeypatch.setattr("tqdm.std.time", lambda: Clock.now)
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
    bar.reach(2)
    clock.now += 20
    bar.reach(4, "loss 0.5")
    last = screen.getvalue().split("\r")[-1]
    bar.close()
    assert "Training" in last
    assert "40%" in last
    # Two of the missing six came in twenty seconds.
    assert "01:00 left" in last
    assert "loss 0.5" in last
    assert screen.getvalue().endswith("\n")


def test_waiting_at_the_start_counts_as_time(terminal, clock):
    screen = terminal()
    bar = ProgressBar(2, "Trials")
    for done in (0, 0, 1):
        bar.reach(done)
        clock.now += 30
    bar.close()
    assert "01:30 left" in screen.getvalue().split("\r")[-1]


def test_in_a_log_it_writes_a_line_only_now_and_then(capsys, clock):
    bar = ProgressBar(100, "Downloading")
    for done in range(100):
        bar.reach(done)
        clock.now += 0.3
    bar.close()
    said = capsys.readouterr()
    lines = said.err.split("\n")
    assert not said.out
    assert 2 <= len(lines) <= 4
    assert lines.pop() == ""
    assert all("\r" not in line and "left" in line for line in lines)
