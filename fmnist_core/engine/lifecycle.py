"""Is an engine there? Found by its lock and its address file; its supervisor, by another lock."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from fmnist_core.atomic_files import read_json, storage_errors, write_json
from fmnist_core.errors import EngineError, LabError
from fmnist_core.locks import is_locked, lock_for_child, locked
from fmnist_core.settings import Settings
from fmnist_core.subprocess_env import QUIET_DASK, child_environment, is_for_dask

# A process that only looks whether somebody holds the lock has it itself for a moment.
_LOCK_SECONDS = 0.4
_SUPERVISOR = "fmnist_core.engine.supervisor"
_ENGINE = "fmnist_core.engine.server.process"
# By so much a clock that is set may move the start of a process.
_CLOCK_SECONDS = 2.0

# Supervisors that this process started; those that ended are buried at the next start.
_begun: list[subprocess.Popen[bytes]] = []


@dataclass(frozen=True)
class EngineInfo:
    """The content of `engine.json`.

    Attributes:
        pid: The engine's process, which leads the process group of all it started.
        address: Of its Dask scheduler.
        started: Unix time.
        slots: Trainings it runs at once; of a cluster, those of its workers at the start.
        workers: Workers that train.
        port: Where it takes workers of other machines in; 0 for nowhere.
    """

    pid: int
    address: str
    started: float
    slots: int
    workers: int
    port: int = 0


def lock_path(settings: Settings) -> Path:
    return settings.engine_dir / "engine.lock"


def log_path(settings: Settings) -> Path:
    return settings.engine_dir / "engine.log"


def info_path(settings: Settings) -> Path:
    return settings.engine_dir / "engine.json"


def failure_path(settings: Settings) -> Path:
    return settings.engine_dir / "failure.json"


def supervisor_lock_path(settings: Settings) -> Path:
    return settings.engine_dir / "supervisor.lock"


def halted_path(settings: Settings) -> Path:
    """There while a person wants no engine to run; all that start one respect it."""
    return settings.engine_dir / "halted"


def held_path(settings: Settings) -> Path:
    """There while all that the engine trains is paused, and nothing is begun."""
    return settings.engine_dir / "held"


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


def presence(settings: Settings) -> str:
    """What is true of the engine now.

    Returns:
        `running`; `starting`; `restarting`: it was killed, and its supervisor starts it again;
        `failing`: its supervisor tries again after a pause; `given up`: it does not any more;
        `stopped` by a person; `off`: nobody has started it.
    """
    if is_alive(settings):
        return "running" if read_info(settings) is not None else "starting"
    if halted_path(settings).exists():
        return "stopped"
    failure = read_failure(settings)
    if failure is not None and failure.final:
        return "given up"
    if not is_supervised(settings):
        return "off"
    if failure is not None:
        return "failing"
    return "restarting" if info_path(settings).exists() else "starting"


def write_info(settings: Settings, info: EngineInfo) -> None:
    write_json(info_path(settings), asdict(info))


def is_supervised(settings: Settings) -> bool:
    """Whether a supervisor runs, which starts the engine and starts it again when it died."""
    return is_locked(supervisor_lock_path(settings))


def start_beside(settings: Settings) -> bool:
    """Starts the supervisor of an engine where there is neither, without waiting.

    Returns:
        Whether it did.

    Raises:
        StorageError: Its folder cannot be written.
    """
    return not is_alive(settings) and start_supervisor(settings)


def start_supervisor(settings: Settings) -> bool:
    """Starts a supervisor, which outlives this process, unless there is one.

    All engines are started by supervisors. One that finds an engine running watches it.

    Returns:
        Whether it did.

    Raises:
        StorageError: Its folder cannot be written.
    """
    _begun[:] = [process for process in _begun if process.poll() is None]
    with storage_errors(settings.engine_dir):
        settings.engine_dir.mkdir(parents=True, exist_ok=True)
        # Inherited, so that the supervisor has the lock from its first moment.
        with _supervisor_lock(settings) as lock:
            if lock is None:
                return False
            process = _spawn(_SUPERVISOR, settings, env=_environment(settings), pass_fds=[lock])
            _begun.append(process)
            _write_process(_supervisor_path(settings), process.pid)
    return True


@contextmanager
def _supervisor_lock(settings: Settings) -> Iterator[int | None]:
    """The lock to hand on; None where a supervisor has it."""
    deadline = time.monotonic() + _LOCK_SECONDS
    with ExitStack() as held:
        lock = None
        while lock is None and not is_supervised(settings) and time.monotonic() < deadline:
            with suppress(TimeoutError):  # somebody looks
                lock = held.enter_context(lock_for_child(supervisor_lock_path(settings)))
        yield lock


def spawn_engine(settings: Settings) -> subprocess.Popen[bytes]:
    """Starts the engine's process, for its supervisor; a second one ends by itself."""
    return _spawn(_ENGINE, settings)


def _spawn(program: str, settings: Settings, **options: Any) -> subprocess.Popen[bytes]:
    with log_path(settings).open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", program],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            cwd=settings.engine_dir,
            **options,
        )


@dataclass(frozen=True)
class Failure:
    """The content of `failure.json`: why there is no engine although one is wanted.

    Attributes:
        reason, advice: For people.
        failures: How many engines in a row failed at once or soon; 0 as the engine itself notes
            it, before its supervisor has seen it.
        retry: When the next one is started, Unix time; None: the supervisor gave up.
    """

    reason: str
    advice: str = ""
    failures: int = 0
    retry: float | None = 0.0

    @property
    def final(self) -> bool:
        """Whether only a person starts the next engine."""
        return self.retry is None


def write_failure(settings: Settings, error: LabError) -> None:
    """Notes why the engine ends; its supervisor adds when it starts the next one."""
    write_json(failure_path(settings), {"reason": error.fact, "advice": error.advice})


def note_failure(settings: Settings, failure: Failure) -> None:
    write_json(failure_path(settings), asdict(failure))


def read_failure(settings: Settings) -> Failure | None:
    value = read_json(failure_path(settings))
    if not isinstance(value, dict):
        return None
    known = {item.name for item in fields(Failure)}
    return Failure(**{"reason": "", **{key: value[key] for key in known & value.keys()}})


def forget_failure(settings: Settings) -> None:
    """The engine works, or somebody wants another try at once."""
    with storage_errors(settings.engine_dir):
        failure_path(settings).unlink(missing_ok=True)


def start_failure(settings: Settings) -> str:
    """Why there is no engine, and what to do, for people; empty where it is there or may be."""
    return str(_not_started(settings)) if failure_path(settings).exists() else ""


def start_now(settings: Settings) -> bool:
    """As `start_beside`, for a person: also where it was stopped, or failed again and again.

    Raises:
        StorageError: Its folder cannot be written.
    """
    with storage_errors(settings.engine_dir):
        halted_path(settings).unlink(missing_ok=True)
    if failure_path(settings).exists() and not is_alive(settings):
        # It waits, and perhaps with settings that the person has changed since.
        _end_supervisor(settings)
    forget_failure(settings)
    return start_beside(settings)


def ensure_engine(settings: Settings, timeout: float = 30.0) -> EngineInfo:
    """The running engine; one is started where there is none, and waited for.

    Raises:
        EngineError: It does not get ready within `timeout` seconds.
        StorageError: Its folder cannot be written.
    """
    if (info := read_info(settings)) is not None:
        return info
    start_now(settings)
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        if (info := read_info(settings)) is not None:
            return info
        if not is_alive(settings) and (
            failure_path(settings).exists() or not is_supervised(settings)
        ):
            break
        time.sleep(0.02)
    raise _not_started(settings)


def stop_engine(settings: Settings, timeout: float = 15.0) -> bool:
    """Stops the engine, its supervisor and all they started; runs go on at its next start.

    Returns:
        Whether there was one.
    """
    with storage_errors(settings.engine_dir):
        settings.engine_dir.mkdir(parents=True, exist_ok=True)
        halted_path(settings).touch()
        failure_path(settings).unlink(missing_ok=True)
    engine = _noted_process(_engine_path(settings))
    there = is_alive(settings) and engine is not None
    if there and engine is not None:
        with suppress(ProcessLookupError):
            os.kill(engine, signal.SIGTERM)
        deadline = time.monotonic() + timeout
        while is_alive(settings) and time.monotonic() < deadline:
            time.sleep(0.02)
        _kill_group(engine)
        info_path(settings).unlink(missing_ok=True)
    # Last: it buries the engine, and starts no other. An engine on its way to its lock finds that
    # it is not wanted any more.
    return _end_supervisor(settings) or there


def _end_supervisor(settings: Settings) -> bool:
    """Returns whether there was one."""
    supervisor = _noted_process(_supervisor_path(settings))
    if not is_supervised(settings) or supervisor is None:
        return False
    # It keeps nothing in memory that anybody would miss.
    with suppress(ProcessLookupError):
        os.kill(supervisor, signal.SIGKILL)
    deadline = time.monotonic() + _LOCK_SECONDS
    while is_supervised(settings) and time.monotonic() < deadline:
        time.sleep(0.005)
    return True


def write_process(settings: Settings) -> None:
    """Notes this process as the engine, with its start: numbers of processes are given again."""
    _write_process(_engine_path(settings), os.getpid())


def is_own(settings: Settings) -> bool:
    """Whether this process is the engine of the home: not of one that was deleted since."""
    value = read_json(_engine_path(settings))
    return isinstance(value, dict) and value.get("pid") == os.getpid()


def _write_process(path: Path, pid: int) -> None:
    import psutil  # not in the supervisor, which stays small

    write_json(path, {"pid": pid, "began": psutil.Process(pid).create_time()})


def _noted_process(path: Path) -> int | None:
    """The process of a note; None where what has its number now is another one."""
    import psutil

    value = read_json(path)
    try:
        if isinstance(value, int):
            # Noted by version 0.1.
            process = psutil.Process(value)
            return value if _ENGINE in process.cmdline() else None
        process = psutil.Process(int(value["pid"]))
        same = abs(process.create_time() - float(value["began"])) < _CLOCK_SECONDS
    except (psutil.Error, KeyError, TypeError, ValueError, OverflowError):
        return None
    return process.pid if same else None


def _engine_path(settings: Settings) -> Path:
    return settings.engine_dir / "engine.pid"


def _supervisor_path(settings: Settings) -> Path:
    return settings.engine_dir / "supervisor.pid"


def _kill_group(leader: int) -> None:
    """Kills what is left of the engine and all it started, and waits for its end."""
    # Short: who adopted the dead may take seconds to bury them, and they look alive until then.
    deadline = time.monotonic() + 0.5
    with suppress(ProcessLookupError):
        while time.monotonic() < deadline:
            os.killpg(leader, signal.SIGKILL)
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
        "FMNIST_WORKERS_PORT": str(settings.workers_port),
        "FMNIST_OFFLINE": "1" if settings.offline else "",
        "FMNIST_BACKEND": settings.backend,
    }


def _not_started(settings: Settings) -> EngineError:
    failure = read_failure(settings) or Failure("")
    advice = failure.advice or "Try `python -m fmnist_core engine start`."
    return EngineError(
        f"{_how_often(failure)} {failure.reason}".strip(),
        advice=f"{advice} Its log: {log_path(settings)}",
    )


def _how_often(failure: Failure) -> str:
    if failure.final:
        return f"The engine failed {failure.failures} times in a row and is not started again."
    if failure.failures <= 1:
        return "The engine did not start."
    again = max(0.0, (failure.retry or 0.0) - time.time())
    next_try = f"in {again:.0f} s" if again >= 1 else "now"
    return f"The engine failed {failure.failures} times in a row; the next try is {next_try}."
