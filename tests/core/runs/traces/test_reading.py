"""A trace is read as far as it is there, and says what is not."""

from pathlib import Path

import numpy as np
import pytest

from fmnist_core.config import override
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.pinned_images import PinnedImage
from fmnist_core.runs.trace import (
    LayerFacts,
    LayerState,
    PinnedPredictions,
    Snapshot,
    TraceWriter,
    read_trace,
)
from tests.nets import PLAIN

LAYERS = (LayerFacts("conv", 72, 8), LayerFacts("answer", 80, 10))
PROBES = tuple(
    PinnedImage(np.full((28, 28), n, np.uint8), f"Probe {n}", n, "drawn") for n in range(2)
)


def snapshot(epochs: float, *, seed: int = 0) -> Snapshot:
    random = np.random.default_rng(seed)
    return Snapshot(
        epochs=epochs,
        step=int(epochs * 9),
        images_seen=int(epochs * 540),
        confusion=random.integers(0, 9, (10, 10), dtype=np.int32),
        filters=random.normal(size=(3, 3, 1, 8)).astype(np.float32),
        probabilities=random.dirichlet(np.ones(10), len(PROBES)).astype(np.float32),
        layers=(LayerState(1.5, 0.25, 1e-3, 0.125), LayerState(2.0, float("nan"), None, None)),
    )


def begin(writer: TraceWriter, epoch: int = 0, attempt: int = 1, **changes: object) -> None:
    facts = {"watched": "validation", "layers": LAYERS, "pinned_images": PROBES, **changes}
    writer.begin(attempt=attempt, epoch=epoch, epochs=5, steps_per_epoch=9, **facts)  # type: ignore[arg-type]


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return RunFolder.at(tmp_path / "run", PLAIN)


@pytest.fixture
def writer(folder: RunFolder) -> TraceWriter:
    return TraceWriter(folder.trace_path)


def test_what_is_written_is_read(folder, writer):
    begin(writer)
    written = snapshot(0.0)
    writer.snapshot(written)
    writer.predictions(PinnedPredictions(0.4, written.probabilities[::-1]))
    writer.snapshot(snapshot(1.0, seed=1))
    trace = read_trace(folder)
    first = trace.snapshots[0]
    np.testing.assert_array_equal(first.confusion, written.confusion)
    assert first.filters is not None
    assert written.filters is not None
    np.testing.assert_array_equal(first.filters, written.filters)
    np.testing.assert_allclose(first.probabilities, written.probabilities, atol=1e-4)
    assert first.layers[0] == LayerState(1.5, 0.25, 1e-3, 0.125)
    assert first.layers[1].gradient_norm is None
    assert [one.epochs for one in trace.predictions] == [0.0, 0.4, 1.0]
    assert (trace.layers, trace.epochs, trace.watched) == (LAYERS, 5, "validation")
    assert [one.title for one in trace.pinned_images] == ["Probe 0", "Probe 1"]
    assert trace.missing == ()
    assert trace.beginning is first
    assert trace.at(0.99) is first
    assert trace.at(1) is trace.snapshots[1]


def test_a_run_that_goes_on_has_no_moment_twice(folder, writer):
    begin(writer)
    for epochs in (0.0, 0.3, 1.0, 2.0):
        writer.snapshot(snapshot(epochs))
    writer.predictions(PinnedPredictions(2.4, snapshot(0).probabilities))
    begin(writer, epoch=1, attempt=2)
    for epochs in (1.0, 2.0, 3.0):
        writer.snapshot(snapshot(epochs, seed=5))
    trace = read_trace(folder)
    assert [one.epochs for one in trace.snapshots] == [0.0, 0.3, 1.0, 2.0, 3.0]
    assert [one.epochs for one in trace.predictions] == [0.0, 0.3, 1.0, 2.0, 3.0]
    same = trace.snapshots[3].confusion == snapshot(2.0, seed=5).confusion
    assert same.all()


def test_only_what_is_new_is_read(folder, writer):
    begin(writer)
    writer.snapshot(snapshot(0.0))
    early = read_trace(folder)
    assert read_trace(folder, early) is early
    writer.snapshot(snapshot(1.0))
    later = read_trace(folder, early)
    assert later.snapshots[0] is early.snapshots[0]
    assert len(later.snapshots) == 2
    folder.trace_path.write_text("")
    assert read_trace(folder, later).snapshots == ()


def test_torn_and_foreign_lines_cost_only_themselves(folder):
    writer = TraceWriter(folder.trace_path)
    begin(writer)
    writer.snapshot(snapshot(0.0))
    writer.close()
    with folder.trace_path.open("ab") as file:
        file.write(b'{"kind": "snapshot", "epochs": 1.0, "confu')
    writer = TraceWriter(folder.trace_path)
    with folder.trace_path.open("ab") as file:
        file.write(b'{"kind": "snapshot", "epochs": "x"}\n\xff\n{"kind": "later"}\n')
    writer.snapshot(snapshot(2.0))
    trace = read_trace(folder)
    assert [one.epochs for one in trace.snapshots] == [0.0, 2.0]
    assert any("cannot be read" in words and "3" in words for words in trace.missing)
    assert any("epoch 1" in words for words in trace.missing)


def test_a_snapshot_of_other_layers_or_pinned_images_is_left_out(folder, writer):
    begin(writer, pinned_images=PROBES[:1])
    writer.snapshot(snapshot(0.0))
    assert read_trace(folder).snapshots == ()
    begin(writer, layers=LAYERS[:1])
    writer.snapshot(snapshot(0.0))
    assert read_trace(folder).damaged == 2


def test_a_line_half_written_waits(folder, writer):
    begin(writer)
    writer.snapshot(snapshot(0.0))
    whole = folder.trace_path.read_bytes()
    folder.trace_path.write_bytes(whole[:-10])
    trace = read_trace(folder)
    assert trace.snapshots == ()
    assert trace.damaged == 0
    folder.trace_path.write_bytes(whole)
    assert len(read_trace(folder, trace).snapshots) == 1


def test_a_run_without_a_trace_says_why(tmp_path, folder):
    (why,) = read_trace(folder).missing
    assert "recorded nothing yet" in why
    folder.change_status(state="finished")
    (why,) = read_trace(folder).missing
    assert "took none yet" in why
    silent = RunFolder.at(tmp_path / "silent", override(PLAIN, ["record_dynamics=false"]))
    assert "does not record" in read_trace(silent).missing[0]


def test_images_that_are_learned_from_are_named_as_such(folder, writer):
    begin(writer, watched="training")
    writer.snapshot(snapshot(0.0))
    trace = read_trace(folder)
    assert trace.watched == "training"
    assert any("training images" in words for words in trace.missing)
