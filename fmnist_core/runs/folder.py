"""The run folder: everything about one run, and the truth about it.

config.json        the configuration, never changed
meta.json          name, tags, owner, time of creation: what a person may edit
status.json        state, epochs done, seconds, error
initial.keras      the network it began with, where it did not begin with random weights
teacher.keras      the network that it learns from beside the labels, where it has one
teacher.npz        what that network said of its training images
collections.json   the own collections it began with, by their contents
dropped.json       the training images it leaves out, as ticked when it began
probes.json        the images it watches while it learns, pinned when it began
control.json       pause, stop, learning rate: requests to the training
events.jsonl       the diary (see `events.py`)
trace.jsonl        snapshots of what it knows as it learns (see `trace.py`)
feature_maps.npz   the latest feature maps of its blocks (see `feature_maps.py`)
worker.log         what the training process printed
provenance.json    versions, machine, identity of the data
checkpoint.json    which of checkpoints/* to go on from, and the state of the training
checkpoints/       weights with the optimizer's memory
model.keras        the trained network that was evaluated
calibration.json   the temperature of its scores, fitted on its validation images
evaluation.json    figures on the test images
predictions.npz    its probabilities for every test image
validation.npz     the same for the images it held back, to choose by
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from fmnist_core.atomic_files import read_json, stamp, storage_errors, write_bytes, write_json
from fmnist_core.config import RunConfig
from fmnist_core.config.rules import Text
from fmnist_core.config.training import AUTO, COMPUTED_PRECISIONS
from fmnist_core.errors import ConfigError, LabError, RunBusyError, RunError
from fmnist_core.locks import is_locked, locked
from fmnist_core.models.calibration import Calibration
from fmnist_core.permissions import acting, check_change, check_see, owner_of_new
from fmnist_core.runs.naming import run_name
from fmnist_core.runs.status import ControlFile, RunStatus, is_moment

_RUN_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")
_NAME, _TAG = Text(80), Text(30)


@dataclass(frozen=True)
class Origin:
    """The run that a run is a copy of.

    Attributes:
        run: Its identifier.
        name: What it was called.
        owner: Whose it was: the number of a person, not their nickname, which may be deleted.
    """

    run: str
    name: str
    owner: str


@dataclass(frozen=True)
class RunMeta:
    """Editable names of a run, its owner, and its creation (Unix time).

    Attributes:
        name: As given; empty where nobody gave one (see `RunFolder.name`).
        origin: What it is a copy of; None where it was trained here, or imported from elsewhere.
    """

    name: str
    tags: tuple[str, ...] = ()
    owner: str = ""
    created: float = 0.0
    origin: Origin | None = None

    @classmethod
    def from_json(cls, value: Any) -> RunMeta:
        """Reads what is known and drops extras.

        Raises:
            ConfigError: It is damaged.
        """
        found: dict[str, Any] = value if isinstance(value, dict) else {"tags": None}
        name, tags, owner = found.get("name", ""), found.get("tags", []), found.get("owner", "")
        created = found.get("created", 0.0)
        texts = [name, owner, *tags] if isinstance(tags, list) else [None]
        if not all(isinstance(text, str) for text in texts) or not is_moment(created):
            raise ConfigError("The run's meta.json is damaged.", received=repr(value)[:80])
        return cls(name, tuple(tags), owner, float(created), _origin(found.get("origin")))

    def to_json(self) -> dict[str, Any]:
        """What `from_json` reads."""
        origin = {"origin": asdict(self.origin)} if self.origin else {}
        about = {"name": self.name, "tags": list(self.tags), "owner": self.owner}
        return {**about, **origin, "created": self.created}


def _origin(value: Any) -> Origin | None:
    """None where it is damaged: it only tells where a copy is from."""
    try:
        found = Origin(**value)
    except TypeError:
        return None
    texts = (found.run, found.name, found.owner)
    return found if all(isinstance(text, str) for text in texts) else None


# A page asks a dozen times for what hardly ever changes, and a class has thirty pages open.
@lru_cache(maxsize=4096)
def _config_in(path: Path, _now: tuple[int, int, int]) -> RunConfig:
    value = read_json(path)
    if value is None:
        raise ConfigError("The run's config.json is missing or damaged.", received=path.parent.name)
    return RunConfig.from_json(value)


@lru_cache(maxsize=4096)
def _meta_in(path: Path, _now: tuple[int, int, int]) -> RunMeta:
    value = read_json(path)
    if value is None and not path.exists():
        return RunMeta("")
    return RunMeta.from_json(value)


class RunFolder:
    """Reads and writes the parts of one run folder; makes nothing up where a part is missing."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.id = path.name

    @classmethod
    def create(
        cls,
        runs_dir: Path,
        config: RunConfig,
        *,
        name: str = "",
        owner: str = "",
        initial: bytes | None = None,
        teacher: bytes | None = None,
    ) -> RunFolder:
        """A new folder with its configuration, in state `queued`.

        Args:
            initial: The saved network to begin with; None: random weights.
            teacher: The saved network to learn from; None: from the labels alone.

        Raises:
            ConfigError: A name that is not one line of at most 80 characters.
            StorageError: The disk is full or cannot be written.
        """
        label = _NAME.check("The name", name)
        folder = cls(new_folder(runs_dir, config.preset or "own"))
        if initial is not None:
            folder.begin_with(initial)
        if teacher is not None:
            write_bytes(folder.teacher_path, teacher)
        return folder._fill(config, RunMeta(label, owner=owner_of_new(owner), created=time.time()))

    @classmethod
    def at(cls, path: Path, config: RunConfig) -> RunFolder:
        """The run folder at `path`, made if it is not there: for notebooks and tests.

        Raises:
            RunError: The folder holds a run of another configuration.
            StorageError: The disk is full or cannot be written.
        """
        folder = cls(path)
        if read_json(path / "config.json") is None:
            return folder._fill(config, RunMeta(name=path.name, created=time.time()))
        if folder.config != config:
            raise RunError(
                "The folder holds a run of another configuration.",
                received=path.name,
                advice="Choose an empty folder.",
            )
        return folder

    def _fill(self, config: RunConfig, meta: RunMeta) -> RunFolder:
        with storage_errors(self.path):
            self.path.mkdir(parents=True, exist_ok=True)
        self._write_meta(meta)
        self.set_status(RunStatus(epochs=config.training.epochs))
        # Last: a folder counts as a run from the moment it has a configuration.
        write_json(self.path / "config.json", config.to_json())
        return self

    @classmethod
    def open(cls, runs_dir: Path, run_id: str) -> RunFolder:
        """The folder of an existing run.

        Raises:
            RunError: The identifier is malformed or names no run.
            NotAllowedError: Who acts may not see it.
        """
        folder = cls(runs_dir / run_id)
        if not is_run_id(run_id) or not (folder.path / "config.json").is_file():
            raise RunError(
                "There is no such run.", received=repr(run_id[:80]), advice="See `runs list`."
            )
        if acting() is not None:
            check_see(folder.owner, "this run")
        return folder

    @property
    def config(self) -> RunConfig:
        """Raises ConfigError where `config.json` is damaged or of another version."""
        path = self.path / "config.json"
        return _config_in(path, stamp(path))

    @property
    def meta(self) -> RunMeta:
        """Names, owner and time; those of nobody where there is no such file.

        Raises:
            ConfigError: `meta.json` is damaged.
        """
        path = self.path / "meta.json"
        return _meta_in(path, stamp(path))

    @property
    def name(self) -> str:
        """The given name, else the automatic one; the identifier where there is neither."""
        given = self.meta.name
        try:
            return run_name(given, self.config)
        except ConfigError:
            return given or self.id

    @property
    def owner(self) -> str:
        """Who began it; nobody where `meta.json` is damaged."""
        with suppress(LabError):
            return self.meta.owner
        return ""

    def describe(self, *, name: str | None = None, tags: tuple[str, ...] | None = None) -> None:
        """Gives the run a name, tags, or both; where one of them is refused, neither is changed.

        Args:
            name: Empty: the automatic name again.
            tags: In place of those it has.

        Raises:
            ConfigError: The name is not one line of at most 80 characters, there are more than 10
                tags, or one is not one line of at most 30 characters.
            StorageError: The disk is full or cannot be written.
        """
        meta = self.meta
        check_change(meta.owner, "rename this run")
        if name is not None:
            meta = replace(meta, name=_NAME.check("The name", name.strip()))
        if tags is not None:
            if len(tags) > 10:
                raise ConfigError("A run has at most 10 tags.", received=len(tags))
            checked = tuple(_TAG.check("A tag", tag.strip()) for tag in tags if tag.strip())
            meta = replace(meta, tags=checked)
        self._write_meta(meta)

    def disown(self, ids: Collection[str]) -> None:
        """Takes away what tells of these people: owner, given name, tags; of a copy, its origin.

        Raises:
            StorageError: The disk is full or cannot be written.
        """
        value = read_json(self.path / "meta.json")
        meta = value if isinstance(value, dict) else {}
        if isinstance(origin := meta.get("origin"), dict) and origin.get("owner") in ids:
            meta = {**meta, "name": "", "origin": None}
        if meta.get("owner") in ids:
            meta = {**meta, "name": "", "tags": [], "owner": ""}
        write_json(self.path / "meta.json", meta)

    def _write_meta(self, meta: RunMeta) -> None:
        write_json(self.path / "meta.json", meta.to_json())

    @property
    def status(self) -> RunStatus:
        return RunStatus.from_json(read_json(self.path / "status.json"))

    def set_status(self, status: RunStatus) -> RunStatus:
        stamped = replace(status, updated=time.time())
        write_json(self.path / "status.json", stamped.to_json())
        return stamped

    def change_status(self, **changes: Any) -> RunStatus:
        """Replaces the named parts of the status and keeps the others."""
        return self.set_status(replace(self.status, **changes))

    @property
    def control(self) -> ControlFile:
        return ControlFile(self.path / "control.json")

    @property
    def events_path(self) -> Path:
        return self.path / "events.jsonl"

    @property
    def trace_path(self) -> Path:
        return self.path / "trace.jsonl"

    @property
    def feature_maps_path(self) -> Path:
        return self.path / "feature_maps.npz"

    @property
    def log_path(self) -> Path:
        return self.path / "worker.log"

    @property
    def model_path(self) -> Path:
        return self.path / "model.keras"

    @property
    def calibration_path(self) -> Path:
        return self.path / "calibration.json"

    @property
    def calibration(self) -> Calibration:
        """One fitted on no images where the run has none (yet).

        Raises:
            CalibrationError: The file is of another version.
        """
        value = read_json(self.calibration_path)
        return Calibration() if value is None else Calibration.from_json(value)

    @property
    def initial_path(self) -> Path:
        return self.path / "initial.keras"

    def begin_with(self, network: bytes) -> None:
        """Keeps the saved network whose weights the run begins with.

        Raises:
            StorageError: The disk is full or cannot be written.
        """
        write_bytes(self.initial_path, network)

    @property
    def teacher_path(self) -> Path:
        return self.path / "teacher.keras"

    @property
    def distillation_targets_path(self) -> Path:
        return self.path / "teacher.npz"

    @property
    def evaluation_path(self) -> Path:
        return self.path / "evaluation.json"

    @property
    def predictions_path(self) -> Path:
        return self.path / "predictions.npz"

    @property
    def validation_path(self) -> Path:
        return self.path / "validation.npz"

    @property
    def provenance(self) -> dict[str, Any]:
        value = read_json(self.path / "provenance.json")
        return value if isinstance(value, dict) else {}

    @property
    def trained_config(self) -> RunConfig:
        """The configuration, with the precision that was computed in where that was measured."""
        config, used = self.config, self.provenance.get("precision")
        if config.training.precision != AUTO or used not in COMPUTED_PRECISIONS:
            return config
        return replace(config, training=replace(config.training, precision=used))

    @property
    def resumable(self) -> bool:
        return (self.path / "checkpoint.json").is_file()

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Keeps every other process from training in this folder; freed even by `kill -9`.

        Raises:
            RunBusyError: Somebody else holds it.
        """
        # Not made again where it was deleted in the meantime.
        self.path.stat()
        try:
            with storage_errors(self.path):
                # Who only looks whether it is held takes it for an instant.
                lock = locked(self.path / ".lock", patience=0.5)
        except TimeoutError:
            raise RunBusyError(
                "Another process is training this run.",
                received=self.id,
                advice="Wait for it, or stop it first.",
            ) from None
        with lock:
            yield

    @property
    def held(self) -> bool:
        """Whether some process holds the folder now."""
        return is_locked(self.path / ".lock")


def is_run_id(text: object) -> bool:
    """Whether a run may be called so: nothing that leads to another folder."""
    return isinstance(text, str) and _RUN_ID.fullmatch(text) is not None


def new_folder(place: Path, label: str) -> Path:
    """A new, empty folder that nobody else has, in whatever moment they ask for theirs.

    Raises:
        StorageError: The disk is full or cannot be written.
    """
    while True:
        path = place / new_id(label)
        with storage_errors(path), suppress(FileExistsError):
            path.mkdir(parents=True)
            return path


def new_id(label: str) -> str:
    """A name for a folder: the time, a part of `label`, and something that no other has."""
    slug = re.sub(r"[^a-z0-9]+", "-", label.lower()).strip("-")[:30] or "run"
    return f"{time.strftime('%Y%m%d-%H%M%S')}-{slug}-{secrets.token_hex(2)}"
