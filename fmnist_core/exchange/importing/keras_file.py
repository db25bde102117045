"""A Keras file from elsewhere becomes a run: evaluated, explained and drawn to as any other."""

from __future__ import annotations

import json
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fmnist_core.atomic_files import remove_leftovers, storage_errors, write_bytes, write_json
from fmnist_core.classes import CLASS_COUNT
from fmnist_core.config import ModelConfig, RunConfig, TrainConfig
from fmnist_core.config.model import IMPORTED, ImportedConfig
from fmnist_core.datasets import load_dataset
from fmnist_core.datasets.dataset import Dataset
from fmnist_core.datasets.load import choose_dataset
from fmnist_core.exchange.importing.confined_process import Limits, confined
from fmnist_core.exchange.importing.vetting import vetted
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import Settings

# TensorFlow reserves far more addresses than it uses.
_LIMITS = Limits(seconds=120, memory=12 * 2**30)
_EXAMPLES = 500
_one_at_a_time = threading.Lock()
OnProgress = Callable[[float, str], None]


@dataclass(frozen=True)
class Imported:
    """The result of an import.

    Attributes:
        run_id: The new run.
        pixels: Which gray values the network expects, as tried out on training images.
        accuracy: On those images, 0 to 1; `examples` of them.
        ending: How it ended in its file: `linear`, `softmax`, `log_softmax` or `sigmoid`.
    """

    run_id: str
    pixels: str
    accuracy: float
    examples: int
    ending: str


def import_keras(
    path: Path,
    settings: Settings,
    *,
    name: str = "",
    owner: str = "",
    on_progress: OnProgress = lambda share, what: None,
) -> Imported:
    """A new run in state `finished`, not evaluated yet.

    Which gray values the network expects is found by trying: the file does not say it.

    Raises:
        ImportedFileError: A check failed; nothing is left behind.
        ConfigError: A name that is not one line of at most 80 characters.
        StorageError: The disk is full or cannot be written.
    """
    home = settings.home / "imports"
    with storage_errors(home):
        home.mkdir(parents=True, exist_ok=True)
        remove_leftovers(home, ".part-*")
        with tempfile.TemporaryDirectory(dir=home, prefix=".part-") as part:
            on_progress(0.05, "checking the file")
            checked = vetted(path, Path(part))
            on_progress(0.2, "waiting for other imports")
            data = load_dataset(choose_dataset(settings), settings)
            on_progress(0.3, "reading the network")
            facts, network = _loaded(checked, Path(part), data)
            on_progress(0.9, "keeping it")
            run, accuracy = _run(Path(part), network, facts, data, name, owner)
            settings.runs_dir.mkdir(parents=True, exist_ok=True)
            # Atomically: a list of waiting runs must not include half of this one.
            run.path.rename(settings.runs_dir / run.id)
            return Imported(run.id, facts["pixels"], accuracy, facts["examples"], facts["ending"])


def _loaded(checked: Path, part: Path, data: Dataset) -> tuple[dict[str, Any], bytes]:
    examples, out = part / "examples.npz", part / "network.keras"
    some = slice(None, None, max(1, len(data.train) // _EXAMPLES))
    np.savez(examples, images=data.train.images[some], labels=data.train.labels[some])
    facts = read_by_keras("load", checked, examples, out)
    return facts, out.read_bytes()


def _run(
    part: Path, network: bytes, facts: dict[str, Any], data: Dataset, name: str, owner: str
) -> tuple[RunFolder, float]:
    imported = ImportedConfig(
        parameters=facts["parameters"],
        layers=facts["layers"],
        values=facts["values"],
        multiply_adds=facts["multiply_adds"],
    )
    other_clothing = facts["outputs"] > CLASS_COUNT
    model = ModelConfig(blocks=(), dense=(), imported=imported, other_clothing=other_clothing)
    # Nobody here knows what it learned from: no images of ours count as held back.
    training = TrainConfig(
        dataset=data.identity.name, epochs=1, validation_share=0.0, keep_weights="last"
    )
    config = RunConfig(model=model, training=training, preset=IMPORTED)
    folder = RunFolder.create(part / "runs", config, name=name, owner=owner, initial=network)
    write_bytes(folder.model_path, network)
    write_json(
        folder.path / "provenance.json",
        {"imported": True, "pixels": facts["pixels"], "data": data.identity.to_json()},
    )
    folder.change_status(state="finished", epochs=0)
    return folder, float(facts["accuracy"])


def read_by_keras(what: str, *places: Path) -> dict[str, Any]:
    """The output of the confined process (see `loading`): one at a time, since each is large.

    Raises:
        ImportedFileError: It refused the file, or broke a limit or down.
    """
    command = [
        "fmnist_core.exchange.importing.loading",
        what,
        *(str(place.resolve()) for place in places),
    ]
    with _one_at_a_time:
        found: dict[str, Any] = json.loads(confined(command, _LIMITS).strip().splitlines()[-1])
    return found
