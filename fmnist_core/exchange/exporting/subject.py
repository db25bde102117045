"""The network to export: what is known about it, and the metadata that goes into its file."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fmnist_core.atomic_files import read_json
from fmnist_core.classes import IMAGE_SIDE, OTHER_CLOTHING, OUTPUT_NAMES
from fmnist_core.config import RunConfig
from fmnist_core.errors import RunError
from fmnist_core.models.calibration import Calibration
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.pretrained import (
    SHIPPED,
    SHIPPED_CATALOGUE,
    SHIPPED_NETWORKS,
    ModelRef,
    folder_of,
    networks_of,
)
from fmnist_core.settings import Settings

# A file of another program finds our words under this name.
KEY = "fashion_mnist_lab"


@dataclass(frozen=True)
class Subject:
    """A network that has learned.

    Attributes:
        model: What was asked for, a run's folder as its path; `"shipped"` means two networks where
            a format can hold both.
        id: The run's identifier, or the shipped network's name; safe as a file's name.
        name: What people call it.
        folder: Its run folder, or that of a shipped network's evaluation.
        model_path: Its saved network.
        config: How it was trained.
        calibration: Of its probabilities.
        sha256: Of the saved network: its identity.
    """

    model: str | Path
    id: str
    name: str
    folder: RunFolder
    model_path: Path
    config: RunConfig
    calibration: Calibration
    sha256: str

    @property
    def outputs(self) -> int:
        return self.config.model.outputs

    @property
    def side(self) -> int:
        """Pixels a side of the image that it reads."""
        return self.config.model.input_side

    @property
    def evaluation(self) -> dict[str, Any]:
        """Its evaluation on test images; may be empty."""
        value = read_json(self.folder.evaluation_path)
        return value if isinstance(value, dict) else {}


def parts_of(subject: Subject, settings: Settings) -> list[Subject]:
    """The networks that answer for it: itself, or both shipped ones."""
    if isinstance(subject.model, Path):
        return [subject]
    return [subject_of(name, settings) for name in networks_of(subject.model)]


def subject_of(model: str | Path, settings: Settings) -> Subject:
    """The network `model`: a run's identifier or folder, a shipped network, or `"shipped"`.

    `"shipped"` is the network that answers for the data set's own images, since by those exports
    are checked; the page that runs anywhere takes both.

    Raises:
        RunError: There is no such run, it has not ended, failed, or saved no network.
        ConfigError: Its configuration is damaged or of another version.
    """
    name = SHIPPED_CATALOGUE if model == SHIPPED else model
    folder = folder_of(name, settings)
    if name not in SHIPPED_NETWORKS:
        _check_ended(folder)
    ref = ModelRef.open(name, settings)
    return Subject(
        model=model,
        id=folder.id,
        name=folder.name,
        folder=folder,
        model_path=ref.path,
        config=folder.trained_config,
        calibration=ref.calibration,
        sha256=ref.digest,
    )


def _check_ended(folder: RunFolder) -> None:
    state = folder.status.state
    if folder.status.active:
        raise RunError(
            "A run can be exported when it has ended.",
            received=f"{folder.id} is {state}",
            advice="Wait until it ends, or stop it: its weights are kept.",
        )
    if state not in ("finished", "stopped"):
        raise RunError(
            "A failed run cannot be exported: its network was not evaluated.",
            received=f"{folder.id} has {state}",
            advice="Continue it, or train again.",
        )


def output_names(subject: Subject) -> list[str]:
    """What the network's outputs stand for, in their order."""
    return list(OUTPUT_NAMES[: subject.outputs])


def identity(subject: Subject) -> dict[str, Any]:
    """JSON values: classes, preprocessing, and which network this is."""
    return {
        "run": subject.id,
        "name": subject.name,
        "network_sha256": subject.sha256,
        "classes": output_names(subject),
        "input": {
            "size": [subject.side, subject.side, 1],
            "values": "gray values 0 to 255, as they are: the network scales them itself",
            "content": "one item of clothing, light on black (0), filling "
            f"{round(24 * subject.side / IMAGE_SIDE)} to {subject.side} of the pixels "
            "on its longer side, centred",
        },
        "output": _output(subject),
        # What the lab divides scores by before it says how sure it is.
        "temperature": subject.calibration.temperature,
        **_thresholds(subject),
        "config": subject.config.to_json(),
        "evaluation": stored_evaluation(subject),
        "versions": {name: version(name) for name in ("keras", "tensorflow", "numpy")},
    }


def _thresholds(subject: Subject) -> dict[str, float]:
    if subject.outputs <= OTHER_CLOTHING:
        return {}
    # Above this probability, calibrated, the lab names none of the ten classes.
    return {"other_clothing_threshold": subject.calibration.other_clothing_threshold}


def _output(subject: Subject) -> str:
    words = "one probability for each class, in the order of `classes`"
    if subject.outputs <= OTHER_CLOTHING:
        return words
    return (
        f"{words}; the last one, `{OUTPUT_NAMES[OTHER_CLOTHING]}`, is that of clothing which is "
        "none of the ten classes before it"
    )


def stored_evaluation(subject: Subject) -> dict[str, Any] | None:
    """The run's accuracy and its test images; None without an evaluation."""
    found = subject.evaluation
    if not found:
        return None
    return {
        "accuracy": found.get("accuracy"),
        "images": found.get("images"),
        "split": found.get("split"),
        "data": (found.get("data") or {}).get("name"),
        "mirrored_too": subject.config.training.test_time_flip,
    }
