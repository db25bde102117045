"""Locks on files: one process has one, and the kernel frees it however that process ends."""

import fcntl
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from fmnist_core.locks import is_locked, lock_for_child, locked

_HOLD = """
import os, sys, time
from pathlib import Path
from fmnist_core.locks import locked
with locked(Path(sys.argv[1])):
    reads, writes = os.pipe()
    if sys.argv[2:]:
        if not os.fork():
            os.write(writes, b".")
            time.sleep(60)
        os.read(reads, 1)
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "made" / ".lock"


def holder(path: Path, *more: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", _HOLD, str(path), *more]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert process.stdout.readline() == "held\n"
    return process


def test_one_has_it_and_the_file_stays_when_it_is_free(path):
    assert not is_locked(path)
    with locked(path):
        assert is_locked(path)
        with pytest.raises(TimeoutError), locked(path, patience=0):
            pytest.fail("Two have it.")
    assert not is_locked(path)
    assert path.exists()


@pytest.mark.parametrize("more", [(), ("fork",)], ids=["alone", "with a forked child"])
def test_killing_its_holder_frees_it(path, more):
    process = holder(path, *more)
    try:
        assert is_locked(path)
        process.kill()
        process.wait()
        assert not is_locked(path)
        with locked(path, patience=0):
            assert is_locked(path)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def test_who_waits_is_told_once_and_gets_it(path):
    told: list[str] = []
    looks: list[str] = []
    with locked(path):
        waiting = threading.Thread(target=_take, args=(path, told, lambda: looks.append("look")))
        waiting.start()
        while len(looks) < 3:
            assert waiting.is_alive()
    waiting.join(10)
    assert told == ["waits", "has it"]


def _take(path: Path, told: list[str], check: Callable[[], None]) -> None:
    with locked(path, notice=lambda: told.append("waits"), check=check):
        told.append("has it")


def test_what_a_look_raises_ends_the_wait(path):
    def stop() -> None:
        raise KeyError("stop")

    with locked(path):
        with pytest.raises(KeyError), locked(path, patience=10, check=stop):
            pytest.fail("Two have it.")
        assert is_locked(path)
    assert not is_locked(path)


def test_who_only_looks_is_no_holder_to_others_who_look(path):
    with locked(path):
        pass
    with path.open() as looking:
        fcntl.flock(looking, fcntl.LOCK_SH)
        assert not is_locked(path)


def test_it_is_the_lock_that_earlier_versions_take(path):
    with locked(path):
        pass
    with path.open("a") as earlier:
        fcntl.flock(earlier, fcntl.LOCK_EX)
        assert is_locked(path)
        with pytest.raises(TimeoutError), locked(path, patience=0):
            pytest.fail("Two have it.")
    with locked(path), path.open("a") as earlier, pytest.raises(BlockingIOError):
        fcntl.flock(earlier, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_child_that_is_to_have_it_keeps_it_until_it_ends(path):
    path.parent.mkdir()
    with lock_for_child(path) as held:
        child = subprocess.Popen(["sleep", "60"], pass_fds=(held,))
        with pytest.raises(TimeoutError), lock_for_child(path):
            pytest.fail("Two have it.")
    assert is_locked(path)
    child.kill()
    child.wait()
    assert not is_locked(path)
