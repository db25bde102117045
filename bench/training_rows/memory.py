"""The most memory that a training's process holds."""

from __future__ import annotations

from bench.training_rows.row import Raw, Row, Session
from fmnist_core.config.presets import PRESETS


def _memory(session: Session, seed: int) -> Raw:
    """The largest of the presets' peaks, each in a process of its own."""
    peaks = {name: _peak(session, name, seed) for name in PRESETS}
    largest = max(peaks, key=lambda name: peaks[name])
    return {"value": peaks[largest], "note": f"The largest one is {largest}.", **peaks}


def _peak(session: Session, name: str, seed: int) -> float:
    # Without a plan that needs more epochs than the one.
    changes = ["epochs=1", "frozen_epochs=0", "early_stopping=0", f"seed={seed}"]
    return session.train(session.config(name, *changes)).peak_mb


ROWS = (
    Row(
        "memory",
        "Peak resident memory (VmHWM) of the training's process in MB, one epoch of each preset "
        "and its judging on 10 000 test images; the largest one.",
        _memory,
        unit="MB",
        goal=1200,
        beside={name: name for name in PRESETS},
        judged_by=max,
    ),
)
