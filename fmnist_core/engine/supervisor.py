"""`python -m fmnist_core.engine.supervisor`: starts the engine, and starts it again when it died.

A small process of its own, so that work goes on while nobody has a page open: no web server, and
nothing of Keras, TensorFlow or Dask. Whoever starts it hands it its lock (`start_supervisor`), so
that a home has one. It watches the engine's lock, which the kernel frees however its holder ends,
so that an engine that runs already is watched like one of its own. A supervisor that is killed is
started again by the engine; where both are gone, by whoever looks next.

Engines that fail at once or soon are tried again after pauses that double, until it gives up and
ends. It also ends when a person stops the engine, or its folder is gone.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from fmnist_core.engine import lifecycle
from fmnist_core.engine.lifecycle import Failure
from fmnist_core.errors import LabError
from fmnist_core.settings import Settings, keep_private, load_settings

_LOOK_SECONDS = 0.2
# An engine that lived for so long had nothing to do with the failures before it.
_STEADY_SECONDS = 30.0
_MOST_FAILURES = 10
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 60.0
# Of the log of an engine that could not start, the end is enough to find the reason in.
_LOG_TAIL_BYTES = 20_000


def supervise(settings: Settings) -> int:
    """Keeps an engine running until it is not wanted any more; 1 where it gave up."""
    failures = 0
    while _wanted(settings):
        began, log_begin = time.monotonic(), _log_size(settings)
        status = _one_life(settings)
        if not _wanted(settings):
            break
        failures = 1 if time.monotonic() - began > _STEADY_SECONDS else failures + 1
        reason, advice = _reason(settings, status, log_begin)
        if failures == 1 and not reason:
            _say("The engine was killed or ended; it is started again.")
            continue
        pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** (failures - 1))
        given_up = failures >= _MOST_FAILURES
        retry = None if given_up else time.time() + pause
        reason = reason or "It was killed or ended."
        lifecycle.note_failure(settings, Failure(reason, advice, failures, retry))
        _say(f"Failure {failures}: {reason} " + ("Given up." if given_up else f"{pause:.1f} s."))
        if given_up:
            return 1
        _wait(settings, pause)
    return 0


def _wanted(settings: Settings) -> bool:
    """Whether the home is there and nobody stopped its engine."""
    return _is_at_home(settings) and not lifecycle.halted_path(settings).exists()


def _is_at_home(settings: Settings) -> bool:
    """Whether the folder is still the one it was started in, and not another of the same name."""
    try:
        return Path().samefile(settings.engine_dir)
    except OSError:
        return False


def _one_life(settings: Settings) -> int | None:
    """Waits for the engine's end, also of one that is being stopped; starts one where none is.

    Returns:
        Its exit status, negative for a signal; None where it was started by somebody else.
    """
    engine: subprocess.Popen[bytes] | None = None
    if not lifecycle.is_alive(settings):
        engine = lifecycle.spawn_engine(settings)
    while lifecycle.is_alive(settings) or (engine is not None and engine.poll() is None):
        if not _is_at_home(settings):
            break
        time.sleep(_LOOK_SECONDS)
    return engine.poll() if engine is not None else None


def _reason(settings: Settings, status: int | None, log_begin: int) -> tuple[str, str]:
    """Why the engine ended, as it said or as far as it can be told, and what to do.

    Empty where an engine that worked was killed, or a signal asked it to end.
    """
    said = lifecycle.read_failure(settings)
    # As it said itself; what was noted of the one before it has a count.
    if said is not None and said.failures == 0:
        return said.reason, said.advice
    # One that was killed leaves its address behind.
    if not status or lifecycle.info_path(settings).exists():
        return "", ""
    ended = f"status {status}" if status > 0 else f"signal {-status}"
    words = _last_words(settings, log_begin)
    return f"Its process ended with {ended}." + (f" Its last words: {words}" if words else ""), ""


def _log_size(settings: Settings) -> int:
    try:
        return lifecycle.log_path(settings).stat().st_size
    except OSError:
        return 0


def _last_words(settings: Settings, begin: int) -> str:
    """The last line of the log from byte `begin` on: of a traceback, the error."""
    try:
        with lifecycle.log_path(settings).open("rb") as file:
            file.seek(max(begin, _log_size(settings) - _LOG_TAIL_BYTES))
            lines = file.read().decode(errors="replace").splitlines()
    except OSError:
        return ""
    traces = [number for number, line in enumerate(lines) if line.startswith("Traceback (")]
    if traces:
        after = [line for line in lines[traces[-1] + 1 :] if line[:1].strip()]
        lines = after[:1] or lines
    said = [line.strip() for line in lines if line.strip()]
    return said[-1][:300] if said else ""


def _wait(settings: Settings, seconds: float) -> None:
    """Returns early where the engine is not wanted any more."""
    deadline = time.monotonic() + seconds
    while _wanted(settings) and time.monotonic() < deadline:
        time.sleep(min(_LOOK_SECONDS, seconds))


def _say(text: str) -> None:
    print(time.strftime("%Y-%m-%d %H:%M:%S"), "supervisor:", text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    _settings = load_settings()
    keep_private(_settings)
    try:
        sys.exit(supervise(_settings))
    except (LabError, OSError) as _error:
        # Its folder went away, or its disk is full: whoever looks next starts another one.
        sys.exit(f"The supervisor ended: {_error}")
