"""Moments of a training in words."""

from __future__ import annotations

from fmnist_core.traces import Snapshot, Trace
from fmnist_core.traces.trace import TRAINING
from fmnist_ui.words import percent, whole


def place_words(one: Snapshot) -> str:
    """Such as "beginning", "0.04 epochs" or "epoch 3"."""
    if one.epochs == 0:
        return "beginning"
    if one.epochs == int(one.epochs):
        return f"epoch {int(one.epochs)}"
    return f"{one.epochs:.2f} epochs"


def moment_words(one: Snapshot, trace: Trace) -> str:
    """What is seen at that moment, in one line of Markdown."""
    kind = "images it learns from" if trace.watched == TRAINING else "held-back images"
    place = place_words(one)
    return (
        f"**{place[0].upper()}{place[1:]}** · {whole(one.images_seen)} images seen · "
        f"{percent(one.accuracy)} of {whole(one.images)} {kind} recognised"
    )
