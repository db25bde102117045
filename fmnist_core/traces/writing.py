"""The training's side of `trace.jsonl`: one line at a time, as the diary is written.

Kinds of line, each with `t` (Unix time) and `kind`:
    begin     attempt, epoch (completed before), epochs, steps_per_epoch, watched, layers, probes
    snapshot  see `form.py`
    probes    epochs, probabilities
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from fmnist_core.probes.probe import Probe
from fmnist_core.runs.events import EventWriter
from fmnist_core.traces.form import moment_line, snapshot_line
from fmnist_core.traces.trace import LayerFacts, Moment, Snapshot


class TraceWriter:
    """Appends to a trace; what a kill tore is closed off when writing starts again.

    Every method raises StorageError where the disk is full or cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._lines = EventWriter(path)

    def begin(
        self,
        *,
        attempt: int,
        epoch: int,
        epochs: int,
        steps_per_epoch: int,
        watched: str,
        layers: Sequence[LayerFacts],
        probes: Sequence[Probe],
    ) -> None:
        """An attempt begins after `epoch` whole epochs: what came later in the file is void."""
        self._lines.write(
            "begin",
            attempt=attempt,
            epoch=epoch,
            epochs=epochs,
            steps_per_epoch=steps_per_epoch,
            watched=watched,
            layers=[asdict(layer) for layer in layers],
            probes=[probe.to_json() for probe in probes],
        )

    def snapshot(self, snapshot: Snapshot) -> None:
        """The network as it is now."""
        self._lines.write("snapshot", **snapshot_line(snapshot))

    def moment(self, moment: Moment) -> None:
        """What it says about the probes now."""
        self._lines.write("probes", **moment_line(moment))

    def close(self) -> None:
        self._lines.close()
