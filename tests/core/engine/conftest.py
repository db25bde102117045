"""A lab with an engine of its own and a small data set, in a folder that outlives one test."""

import asyncio
import itertools
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from fmnist_core.atomic_files import read_json, write_json
from fmnist_core.config import RunConfig, override
from fmnist_core.datasets.array_cache import save_arrays
from fmnist_core.datasets.dataset import Dataset
from fmnist_core.datasets.synthetic import synthetic_folder
from fmnist_core.engine import client
from fmnist_core.engine.chunks import chunks_of
from fmnist_core.engine.inference import model_cache
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.status import ENDED_STATES
from fmnist_core.settings import Settings, load_settings
from tests.conftest import wait_for
from tests.nets import PLAIN, events, seeded, tiny

# For what takes seconds on an idle machine; a busy or a slow one takes many times as long. What
# is waited for ends the wait: nobody pays for patience but a test that fails.
PATIENCE = 180.0
_seeds = itertools.count(1)


def over(ask: Callable[[], Any], what: str) -> Any:
    """What is told of a job once it runs no more."""

    def ended() -> Any:
        state = ask()
        return None if state.running else state

    return wait_for(ended, PATIENCE, what)


def age(folder: RunFolder, seconds: float = 60.0) -> None:
    """As if its last word had been long ago."""
    path = folder.path / "status.json"
    write_json(path, {**read_json(path), "updated": time.time() - seconds})


def is_dead(pid: int) -> bool:
    """Gone, or a zombie that nobody has buried yet."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@dataclass(frozen=True)
class Lab:
    """The lab as a page sees it."""

    settings: Settings

    def config(self, *changes: str) -> RunConfig:
        """A small training of about a second an epoch, unlike any before."""
        small = ["dataset=synthetic-garments", "epochs=3", "batch_size=2", f"seed={next(_seeds)}"]
        return override(PLAIN, [*small, *changes])

    def submit(self, *changes: str) -> RunFolder:
        done = client.submit(self.config(*changes), settings=self.settings)
        return RunFolder.open(self.settings.runs_dir, done.run_id)

    def wait_until(self, folder: RunFolder, *states: str, seconds: float = PATIENCE) -> None:
        ends = (*states, *ENDED_STATES)
        wait_for(lambda: folder.status.state in ends, seconds, f"one of {states}")
        assert folder.status.state in states, folder.log_path.read_text()

    def wait_for_event(
        self, folder: RunFolder, kind: str, seconds: float = PATIENCE
    ) -> dict[str, Any]:
        found = wait_for(lambda: self.events(folder, kind), seconds, f"event {kind}")
        return found[-1]

    def wait_for_middle_of_epoch(self, folder: RunFolder, epoch: int) -> None:
        """Until a point in epoch `epoch` (from 0) was seen."""

        def there() -> bool:
            return any(event["epoch"] == epoch for event in self.events(folder, "batch"))

        wait_for(there, PATIENCE, f"a point in epoch {epoch}")

    def events(self, folder: RunFolder, kind: str) -> list[dict[str, Any]]:
        return events(folder.path, kind)

    def notes(self, folder: RunFolder) -> str:
        return "\n".join(event["text"] for event in self.events(folder, "note"))

    def processes(self) -> list[psutil.Process]:
        """The engine and all that it started."""
        engine = psutil.Process(client.ensure_engine(self.settings).pid)
        return [engine, *engine.children(recursive=True)]

    def worker_process(self, folder: RunFolder) -> psutil.Process:
        """The Dask worker that trains the run: its child's fork server's parent."""
        return psutil.Process(folder.status.pid).parent().parent()


def make_lab(home: Path, garments: Dataset, **changes: Any) -> Lab:
    settings = replace(Settings(home=home, slots=1, offline=True), **changes)
    save_arrays(synthetic_folder(settings), garments)
    return Lab(settings)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, garments: Dataset) -> Iterator[Lab]:
    """One engine for all tests of a module."""
    lab = make_lab(tmp_path_factory.mktemp("lab"), garments)
    client.ensure_engine(lab.settings)
    yield lab
    client.stop_engine(lab.settings)


@pytest.fixture
def settings(engine_there: None) -> Settings:
    return load_settings()


@pytest.fixture
def config() -> RunConfig:
    return tiny()


def ended(lab: Lab, *changes: str) -> RunFolder:
    """A run that saved nothing."""
    folder = RunFolder.create(lab.settings.runs_dir, lab.config(*changes))
    # Now: the engine takes what waits for ten seconds for forgotten, and trains it.
    folder.change_status(state="finished")
    return folder


def untaught(lab: Lab, *changes: str, keras_version: str = "") -> RunFolder:
    """A run whose network is as its seed made it, with a word on what it was made with."""
    import keras

    folder = ended(lab, *changes)
    seeded(folder.config, folder.config.training.seed).save(folder.model_path)
    packages = {"keras": keras_version or keras.__version__}
    made_with = {"backend": keras.backend.backend(), "packages": packages}
    (folder.path / "provenance.json").write_text(json.dumps(made_with))
    return folder


@pytest.fixture(scope="module")
def run(lab: Lab) -> RunFolder:
    return untaught(lab)


@pytest.fixture
def digest(tmp_path: Path, garments: Dataset) -> str:
    """A network that has learned nothing, sent to this process, with the images it lacks."""
    from fmnist_core.models.build import build_model

    save_arrays(synthetic_folder(load_settings()), garments)
    path = tmp_path / "model.keras"
    build_model(PLAIN.model).save(path)
    worker = SimpleNamespace(local_directory=str(tmp_path))
    for chunk in chunks_of(path.read_bytes()):
        asyncio.run(model_cache.take_network("untaught", chunk, worker))
    return "untaught"
