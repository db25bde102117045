"""Settings from the environment: folders and limits of the lab."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from fmnist_core.errors import ConfigError

BACKENDS = ("tensorflow", "jax")


@dataclass(frozen=True)
class Settings:
    """The lab's surroundings.

    Attributes:
        home: Folder for runs, cached data and the engine's files (`FMNIST_HOME`).
        data_dir: Folder to look for the four official files in first (`FMNIST_DATA_DIR`).
        weights_dir: Folder to look for ImageNet weights in first (`FMNIST_WEIGHTS_DIR`).
        scheduler: Address of a Dask scheduler to use in place of a local engine
            (`FMNIST_SCHEDULER`, such as `tls://10.0.0.5:8786`).
        credentials: File that `engine credentials` made for that scheduler (`FMNIST_CREDENTIALS`).
        workers_port: Where a local engine takes workers of other machines in
            (`FMNIST_WORKERS_PORT`); 0 for nowhere.
        slots: Trainings that a local engine runs at once (`FMNIST_SLOTS`).
        mlflow: Where runs are tracked that ask for MLflow: a server's address, or a folder
            (`FMNIST_MLFLOW`; by default below home).
        offline: Never ask the network for data (`FMNIST_OFFLINE=1`).
        hosts: More names by which the pages may be opened, `*.school.example` for all below
            (`FMNIST_HOSTS`, comma separated).
        in_class: Whether a class shares the lab: everybody joins it first (`FMNIST_CLASS=1`).
        teachers: E-mail addresses of who teaches, where a school's accounts sign in
            (`FMNIST_TEACHERS`, comma separated).
        backend: What Keras computes with (`FMNIST_BACKEND`): `tensorflow` or `jax`.
    """

    home: Path
    data_dir: Path | None = None
    scheduler: str | None = None
    slots: int = 1
    offline: bool = False
    weights_dir: Path | None = None
    mlflow: str = ""
    backend: str = "tensorflow"
    credentials: Path | None = None
    hosts: tuple[str, ...] = ()
    in_class: bool = False
    workers_port: int = 0
    teachers: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 1 <= self.slots <= 64:
            raise ConfigError(
                "FMNIST_SLOTS must be a whole number from 1 to 64.", received=self.slots
            )
        if not 0 <= self.workers_port <= 65_535:
            raise ConfigError(
                "FMNIST_WORKERS_PORT must be the number of a port, such as 8786.",
                received=self.workers_port,
            )
        if self.backend not in BACKENDS:
            raise ConfigError(
                f"FMNIST_BACKEND must be {' or '.join(BACKENDS)}.",
                received=self.backend,
                advice=f"Unset it for {BACKENDS[0]}.",
            )
        if self.credentials and self.scheduler and not self.scheduler.startswith("tls://"):
            raise ConfigError(
                "With FMNIST_CREDENTIALS, FMNIST_SCHEDULER must begin with tls://.",
                received=self.scheduler,
            )
        if not self.mlflow:
            object.__setattr__(self, "mlflow", (self.home / "mlflow").absolute().as_uri())

    @property
    def runs_dir(self) -> Path:
        return self.home / "runs"

    @property
    def sweeps_dir(self) -> Path:
        return self.home / "sweeps"

    @property
    def collections_dir(self) -> Path:
        return self.home / "collections"

    @property
    def cache_dir(self) -> Path:
        return self.home / "data"

    @property
    def weights_cache_dir(self) -> Path:
        return self.home / "weights"

    @property
    def engine_dir(self) -> Path:
        return self.home / "engine"

    @property
    def index_path(self) -> Path:
        return self.home / "lab.sqlite"


def load_settings() -> Settings:
    """Reads the environment anew, so that a test or a notebook may change it between calls.

    Raises:
        ConfigError: A variable holds a value that cannot be used.
    """
    data_dir = os.environ.get("FMNIST_DATA_DIR")
    weights_dir = os.environ.get("FMNIST_WEIGHTS_DIR")
    credentials = os.environ.get("FMNIST_CREDENTIALS")
    return Settings(
        home=Path(os.environ.get("FMNIST_HOME") or "~/.fmnist-lab").expanduser(),
        data_dir=Path(data_dir).expanduser() if data_dir else None,
        scheduler=os.environ.get("FMNIST_SCHEDULER") or None,
        slots=_slots(),
        workers_port=_workers_port(),
        offline=os.environ.get("FMNIST_OFFLINE", "") not in ("", "0"),
        in_class=os.environ.get("FMNIST_CLASS", "") not in ("", "0"),
        weights_dir=Path(weights_dir).expanduser() if weights_dir else None,
        mlflow=_mlflow(os.environ.get("FMNIST_MLFLOW", "")),
        backend=_backend(),
        credentials=Path(credentials).expanduser() if credentials else None,
        hosts=_list("FMNIST_HOSTS"),
        teachers=_list("FMNIST_TEACHERS"),
    )


def keep_private(settings: Settings) -> None:
    """Lets only this account read what the lab writes, such as drawings, photos and runs.

    For the beginning of a program: it changes the mask of the process (files 0600, folders 0700),
    and takes the rights of others from a home that is there already.
    """
    os.umask(0o077)
    # A home that belongs to somebody else is theirs to open or close.
    with suppress(OSError):
        if stat.S_IMODE(settings.home.stat().st_mode) & 0o077:
            settings.home.chmod(0o700)


def _list(name: str) -> tuple[str, ...]:
    return tuple(filter(None, os.environ.get(name, "").replace(" ", "").split(",")))


def _backend() -> str:
    chosen = os.environ.get("FMNIST_BACKEND") or BACKENDS[0]
    if chosen == "jax" and find_spec(chosen) is None:
        raise ConfigError(
            "FMNIST_BACKEND names a library that is not installed here.",
            received=chosen,
            advice=f"Install it with `pip install jax`, or unset FMNIST_BACKEND for {BACKENDS[0]}.",
        )
    return chosen


def _mlflow(text: str) -> str:
    """A server's address as it is; a folder as an address, too."""
    if not text or "://" in text:
        return text
    return Path(text).expanduser().absolute().as_uri()


def _workers_port() -> int:
    text = os.environ.get("FMNIST_WORKERS_PORT") or "0"
    try:
        return int(text)
    except ValueError:
        raise ConfigError(
            "FMNIST_WORKERS_PORT must be the number of a port, such as 8786.", received=text
        ) from None


def _slots() -> int:
    # One training uses two cores well (a second thread still helps, a third hardly).
    text = os.environ.get("FMNIST_SLOTS") or str(min(64, max(1, (os.cpu_count() or 2) // 2)))
    try:
        return int(text)
    except ValueError:
        raise ConfigError(
            "FMNIST_SLOTS must be a whole number from 1 to 64.", received=text
        ) from None
