"""Is an engine there? Found by its lock and its address file, started where it is missing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from fmnist_core.atomic_files import read_json, storage_errors, write_json
from fmnist_core.errors import EngineError, LabError
from fmnist_core.locks import is_locked, locked
from fmnist_core.settings import Settings
from fmnist_core.subprocess_env import QUIET_DASK, child_environment, is_for_dask

# A process that only looks whether somebody holds the lock has it itself for a moment.
_LOCK_SECONDS = 0.4
# From its start to its lock, an engine takes a fraction of a second.
_START_SECONDS = 10.0
# After an engine that could not start, the next one waits: most reasons stay for a while.
_BACK_OFF_SECONDS = 30.0
# Of the log of an engine that could not start, the end is enough to find the reason in.
_LOG_TAIL_BYTES = 20_000
_PROGRAM = "fmnist_core.engine.server.process"
# By so much a clock that is set may move the start of a process.
_CLOCK_SECONDS = 2.0
# Signals that end an engine because somebody wants it; others are a failure.
_WANTED_ENDS = (-signal.SIGTERM, -signal.SIGKILL, -signal.SIGINT)


@dataclass(frozen=True)
class _Start:
    """A start that this process began: its process, how long it may take, where its log begins."""

    process: subprocess.Popen[bytes]
    deadline: float
    log_begin: int


_starting: dict[Path, _Start] = {}


@dataclass(frozen=True)
class EngineInfo:
    """The content of `engine.json`.

    Attributes:
        pid: The engine's process, which leads the process group of all it started.
        address: Of its Dask scheduler.
        started: Unix time.
        slots: Trainings it runs at once; of a cluster, those of its workers at the start.
        workers: Workers that train.
    """

    pid: int
    address: str
    started: float
    slots: int
    workers: int


def lock_path(settings: Settings) -> Path:
    return settings.engine_dir / "engine.lock"


def log_path(settings: Settings) -> Path:
    return settings.engine_dir / "engine.log"


def info_path(settings: Settings) -> Path:
    return settings.engine_dir / "engine.json"


def failure_path(settings: Settings) -> Path:
    return settings.engine_dir / "failure.json"


def halted_path(settings: Settings) -> Path:
    """There while a person wants no engine to run; `recover_engine` respects it."""
    return settings.engine_dir / "halted"


@contextmanager
def only_engine(settings: Settings) -> Iterator[bool]:
    """Holds the engine's lock; gives False where another process has it."""
    path = lock_path(settings)
    try:
        with storage_errors(path):
            lock = locked(path, patience=_LOCK_SECONDS)
    except TimeoutError:
        yield False
        return
    with lock:
        yield True


def is_alive(settings: Settings) -> bool:
    """Whether an engine's process runs, ready or still starting."""
    return is_locked(lock_path(settings))


def read_info(settings: Settings) -> EngineInfo | None:
    """The running engine, or None where there is none or it is not ready yet."""
    value = read_json(info_path(settings))
    if not isinstance(value, dict) or not is_alive(settings):
        return None
    return EngineInfo(**value)


def write_info(settings: Settings, info: EngineInfo) -> None:
    write_json(info_path(settings), asdict(info))


def spawn(settings: Settings) -> subprocess.Popen[bytes]:
    """Starts an engine that outlives this process; a second one ends by itself."""
    with storage_errors(settings.engine_dir):
        settings.engine_dir.mkdir(parents=True, exist_ok=True)
        halted_path(settings).unlink(missing_ok=True)
        log = log_path(settings).open("ab")
    with log:
        return subprocess.Popen(
            [sys.executable, "-m", _PROGRAM],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            cwd=settings.engine_dir,
            env=_environment(settings),
        )


def start_beside(settings: Settings) -> bool:
    """Starts an engine where there is none, without waiting; returns whether it did.

    A start that this process began a moment ago is given its time, and after one that failed
    some time passes.

    Raises:
        StorageError: Its folder cannot be written.
    """
    if is_alive(settings) or _is_starting(settings) or _failed_lately(settings):
        return False
    log_begin = _log_size(settings)
    process = spawn(settings)
    _starting[settings.engine_dir] = _Start(process, time.monotonic() + _START_SECONDS, log_begin)
    return True


def _is_starting(settings: Settings) -> bool:
    start = _starting.get(settings.engine_dir)
    if start is None:
        return False
    if (status := start.process.poll()) is None:
        return time.monotonic() < start.deadline
    del _starting[settings.engine_dir]
    if status and status not in _WANTED_ENDS and not failure_path(settings).exists():
        # It did not get so far as to say why; what Python said is in the log.
        ended = f"status {status}" if status > 0 else f"signal {-status}"
        words = _last_words(settings, start.log_begin)
        said = f" Its last words: {words}" if words else ""
        write_failure(settings, EngineError(f"Its process ended with {ended}.{said}"))
    return False


def _log_size(settings: Settings) -> int:
    try:
        return log_path(settings).stat().st_size
    except OSError:
        return 0


def _last_words(settings: Settings, begin: int) -> str:
    """The last line of the log from byte `begin` on: of a traceback, the error."""
    try:
        with log_path(settings).open("rb") as file:
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


def _failed_lately(settings: Settings) -> bool:
    try:
        age = time.time() - failure_path(settings).stat().st_mtime
    except (FileNotFoundError, NotADirectoryError):
        return False
    return 0 <= age < _BACK_OFF_SECONDS


def write_failure(settings: Settings, error: LabError) -> None:
    write_json(failure_path(settings), {"reason": error.fact, "advice": error.advice})


def forget_failure(settings: Settings) -> None:
    """The engine works, or somebody wants another try at once."""
    with storage_errors(settings.engine_dir):
        failure_path(settings).unlink(missing_ok=True)


def start_failure(settings: Settings) -> str:
    """Why the engine cannot start, and what to do, for people; empty where it can or may."""
    return str(_not_started(settings)) if read_json(failure_path(settings)) else ""


def ensure_engine(settings: Settings, timeout: float = 30.0) -> EngineInfo:
    """The running engine; one is started where there is none, and waited for.

    Raises:
        EngineError: It does not get ready within `timeout` seconds.
        StorageError: Its folder cannot be written.
    """
    if (info := read_info(settings)) is not None:
        return info
    forget_failure(settings)
    start_beside(settings)
    start = _starting.get(settings.engine_dir)
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        if (info := read_info(settings)) is not None:
            return info
        if start is not None and start.process.poll() and not is_alive(settings):
            _is_starting(settings)  # which notes why it ended
            break
        time.sleep(0.02)
    raise _not_started(settings)


def stop_engine(settings: Settings, timeout: float = 15.0) -> bool:
    """Stops the engine and all it started; runs go on at its next start.

    Returns:
        Whether there was one.
    """
    with storage_errors(settings.engine_dir):
        settings.engine_dir.mkdir(parents=True, exist_ok=True)
        halted_path(settings).touch()
        failure_path(settings).unlink(missing_ok=True)
    engine = _engine_process(settings)
    if not is_alive(settings) or engine is None:
        return False
    with suppress(ProcessLookupError):
        os.kill(engine, signal.SIGTERM)
    deadline = time.monotonic() + timeout
    while is_alive(settings) and time.monotonic() < deadline:
        time.sleep(0.02)
    _kill_group(settings, engine)
    info_path(settings).unlink(missing_ok=True)
    return True


def write_process(settings: Settings) -> None:
    """Notes this process as the engine, with its start: numbers of processes are given again."""
    own = psutil.Process()
    write_json(_process_path(settings), {"pid": own.pid, "began": own.create_time()})


def _engine_process(settings: Settings) -> int | None:
    """The engine's process; None where what has its number now is another one."""
    value = read_json(_process_path(settings))
    try:
        if isinstance(value, int):
            # Noted by version 0.1.
            process = psutil.Process(value)
            return value if _PROGRAM in process.cmdline() else None
        process = psutil.Process(int(value["pid"]))
        same = abs(process.create_time() - float(value["began"])) < _CLOCK_SECONDS
    except (psutil.Error, KeyError, TypeError, ValueError, OverflowError):
        return None
    return process.pid if same else None


def _process_path(settings: Settings) -> Path:
    return settings.engine_dir / "engine.pid"


def _kill_group(settings: Settings, leader: int) -> None:
    """Kills what is left of the engine and all it started, and waits for its end."""
    # Short: who adopted the dead may take seconds to bury them, and they look alive until then.
    deadline = time.monotonic() + 0.5
    with suppress(ProcessLookupError):
        while time.monotonic() < deadline:
            os.killpg(leader, signal.SIGKILL)
            if settings.engine_dir in _starting:
                _starting[settings.engine_dir].process.poll()  # else it stays behind as a zombie
            time.sleep(0.01)


def _environment(settings: Settings) -> dict[str, str]:
    given = child_environment()
    if not settings.scheduler:
        given = {name: text for name, text in given.items() if not is_for_dask(name)}
    return given | {
        **QUIET_DASK,
        "TF_CPP_MIN_LOG_LEVEL": "2",
        "FMNIST_HOME": str(settings.home.absolute()),
        "FMNIST_DATA_DIR": str(settings.data_dir.absolute()) if settings.data_dir else "",
        "FMNIST_SCHEDULER": settings.scheduler or "",
        "FMNIST_CREDENTIALS": str(settings.credentials.absolute()) if settings.credentials else "",
        "FMNIST_SLOTS": str(settings.slots),
        "FMNIST_OFFLINE": "1" if settings.offline else "",
        "FMNIST_BACKEND": settings.backend,
    }


def _not_started(settings: Settings) -> EngineError:
    value = read_json(failure_path(settings))
    failure = value if isinstance(value, dict) else {}
    advice = failure.get("advice") or "Try `python -m fmnist_core engine start`."
    return EngineError(
        f"The engine did not start. {failure.get('reason', '')}".strip(),
        advice=f"{advice} Its log: {log_path(settings)}",
    )
