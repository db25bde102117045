"""The trace of a run: what the network knew at moments of its training, from `trace.jsonl`."""

from fmnist_core.runs.traces.reading import read_trace
from fmnist_core.runs.traces.trace import (
    LayerFacts,
    LayerState,
    Moment,
    Snapshot,
    Trace,
    TraceWriter,
)

__all__ = [
    "LayerFacts",
    "LayerState",
    "Moment",
    "Snapshot",
    "Trace",
    "TraceWriter",
    "read_trace",
]
