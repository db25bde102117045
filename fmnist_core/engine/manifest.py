"""Which files of a run travel between the lab's disk and the worker's, and how."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from fmnist_core.errors import EngineError

APPENDED = ("trace.jsonl", "events.jsonl", "worker.log")
STATUS = "status.json"
# Replaced as a whole whenever they change. Those further down speak about those further up, so
# they are read first on the worker and stored last in the lab.
REPLACED = (
    "teacher.npz",
    "provenance.json",
    "model.keras",
    "calibration.json",
    "validation.npz",
    "predictions.npz",
    "evaluation.json",
    "checkpoint.json",
    STATUS,
)
CHECKPOINTS = "checkpoints"
SENT = (
    "initial.keras",
    "teacher.keras",
    "teacher.npz",
    "collections.json",
    "dropped.json",
    "probes.json",
    "provenance.json",
    "config.json",
    "meta.json",
    "status.json",
    "control.json",
    "checkpoint.json",
)

# A line of 1 Mbit/s takes half of the time in which a worker must answer (`link.py`) for it.
CHUNK = 512 * 2**10
SMALL = 64 * 2**10

_CHECKPOINT = re.compile(CHECKPOINTS + r"/[A-Za-z0-9][A-Za-z0-9._-]{0,100}")


@dataclass(frozen=True)
class Report:
    """What has changed in a scratch folder.

    Attributes:
        appended: New bytes of `APPENDED` files; whole lines only of the diary.
        present: Every other file of the run by name, with its stamp.
        small: Content of those that changed and are no larger than `SMALL`.
    """

    appended: dict[str, bytes] = field(default_factory=dict)
    present: dict[str, str] = field(default_factory=dict)
    small: dict[str, bytes] = field(default_factory=dict)


def checked_name(name: str) -> str:
    """The name, if a file of that name may travel.

    Raises:
        EngineError: Any other name, such as one that leads out of the run's folder.
    """
    if name in APPENDED or name in REPLACED or name in SENT or _CHECKPOINT.fullmatch(name):
        return name
    raise EngineError("A worker named a file that no run has.", received=repr(name[:80]))
