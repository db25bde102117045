"""Who a file is: what goes with it as metadata, so that it can be understood without the lab."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.exchange.exporting.subject import Subject

# A file of another program finds our words under this name.
KEY = "fashion_mnist_lab"
NO_CLOTHING = "no clothing"


def class_names(classes: int) -> list[str]:
    """What the network's outputs mean, in their order."""
    return [*CLASS_NAMES, NO_CLOTHING][:classes]


def identity(subject: Subject) -> dict[str, Any]:
    """JSON values: classes, preprocessing, and which network this is."""
    return {
        "run": subject.id,
        "name": subject.name,
        "network_sha256": subject.sha256,
        "classes": class_names(subject.classes),
        "input": {
            "size": [28, 28, 1],
            "values": "gray values 0 to 255, as they are: the network scales them itself",
            "content": "one item of clothing, light on black (0), filling 24 to 28 of the pixels "
            "on its longer side, centred",
        },
        "output": "one probability for each class, in the order of `classes`",
        # What the lab divides scores by before it says how sure it is.
        "temperature": subject.calibration.temperature,
        "config": subject.config.to_json(),
        "evaluation": judged(subject),
        "versions": {name: version(name) for name in ("keras", "tensorflow", "numpy")},
    }


def judged(subject: Subject) -> dict[str, Any] | None:
    """How well the run does, on which images; None where nobody has judged it."""
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
