"""How the shipped networks were judged: taken along from the run, read as any run is."""

import json

import numpy as np
import pytest

from fmnist_core.atomic_files import write_json
from fmnist_core.config import RunConfig
from fmnist_core.errors import DataError, RunError
from fmnist_core.evaluation import Evaluation, load_evaluation, load_predictions, store
from fmnist_core.models.calibration import Calibration
from fmnist_core.runs.events import EventWriter, read_events
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.library import list_runs
from fmnist_core.runs.pretrained import (
    ASSETS,
    SHIPPED_CATALOGUE,
    SHIPPED_EVERYDAY,
    SHIPPED_NETWORKS,
    folder_of,
    shipped_calibration,
    shipped_card,
    shipped_folder,
    shipped_runs,
)
from fmnist_core.runs.pretrained import publish as publishing
from fmnist_core.runs.pretrained.publish import publish
from fmnist_core.settings import load_settings

DATA = {"name": "fashion-mnist", "official": True, "fingerprint": "f" * 64}
MIB = 2**20


@pytest.fixture
def judged() -> RunFolder:
    folder = RunFolder.create(load_settings().runs_dir, RunConfig(), name="mine", owner="somebody")
    folder.model_path.write_bytes(b"weights")
    write_json(folder.calibration_path, Calibration(1.5, images=60, source="made up").to_json())
    write_json(folder.path / "provenance.json", {"data": {**DATA, "source": "/somebody/secret"}})
    said, labels = np.eye(10, dtype=np.float32)[[3, 4, 5]], np.array([3, 4, 6])
    data = {**DATA, "source": "/somebody/secret"}
    figures = Evaluation.from_probabilities(said, labels, data=data, weights="best", epoch=7)
    store(folder, figures, said, labels)
    private = {"worker": "somebody's", "pid": 77}
    folder.change_status(state="finished", epoch=7, epochs=9, test_accuracy=2 / 3, **private)
    return folder


def test_the_judgement_goes_with_the_network_and_nothing_private(tmp_path, judged):
    publish(judged, SHIPPED_CATALOGUE, tmp_path)
    (run,) = shipped_runs(tmp_path)
    folder = shipped_folder(SHIPPED_CATALOGUE, tmp_path)
    figures, said = load_evaluation(folder), load_predictions(folder)
    assert (run.id, run.name) == (SHIPPED_CATALOGUE, "Shipped: catalog images")
    assert (run.test_accuracy, run.epoch, run.fingerprint) == (2 / 3, 7, "f" * 64)
    assert (run.updated, run.created) == (judged.status.updated, judged.meta.created)
    assert not run.active
    assert not run.resumable
    assert [one.id for one in list_runs(load_settings())] == [judged.id]
    assert figures.agrees_with(said)
    assert said.probabilities.tolist() == load_predictions(judged).probabilities.tolist()
    assert folder.config == judged.config
    assert folder.calibration == judged.calibration
    written = b"".join(path.read_bytes() for path in folder.path.glob("*.json"))
    assert b"somebody" not in written
    assert {path.stat().st_mode & 0o777 for path in folder.path.iterdir()} == {0o644}


def test_its_diary_comes_epoch_by_epoch_and_its_snapshots_whole(tmp_path, judged):
    writer = EventWriter(judged.events_path)
    for kind in ("start", "batch", "batch", "epoch", "end"):
        writer.write(kind, epoch=1)
    writer.close()
    judged.trace_path.write_bytes(b"snapshots")
    publish(judged, SHIPPED_CATALOGUE, tmp_path)
    shipped = shipped_folder(SHIPPED_CATALOGUE, tmp_path)
    told = [event for event in read_events(judged.events_path)[0] if event["kind"] != "batch"]
    assert read_events(shipped.events_path)[0] == told
    assert [event["kind"] for event in told] == ["start", "epoch", "end"]
    assert shipped.trace_path.read_bytes() == b"snapshots"
    judged.trace_path.unlink()
    publish(judged, SHIPPED_CATALOGUE, tmp_path)
    assert not shipped.trace_path.exists()


def test_figures_never_stand_beside_weights_of_another_network(tmp_path, judged, monkeypatch):
    publish(judged, SHIPPED_CATALOGUE, tmp_path)
    judged.model_path.write_bytes(b"other weights")
    # The power fails when the new network is there and its judgement is not.
    monkeypatch.setattr(publishing, "_copy_evaluation", _power_fails)
    with pytest.raises(KeyboardInterrupt):
        publish(judged, SHIPPED_CATALOGUE, tmp_path)
    assert shipped_runs(tmp_path) == []


def _power_fails(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_folder_is_found_by_the_name_of_a_run_or_of_a_shipped_network(judged):
    settings = load_settings()
    assert folder_of(judged.id, settings).path == judged.path
    assert folder_of(SHIPPED_EVERYDAY, settings).path == ASSETS / SHIPPED_EVERYDAY
    for name in ("shipped", "../shipped-everyday", ""):
        with pytest.raises(RunError, match="no such run"):
            folder_of(name, settings)


def test_what_to_do_about_a_damaged_judgement(tmp_path, judged):
    publish(judged, SHIPPED_EVERYDAY, tmp_path)
    shipped = shipped_folder(SHIPPED_EVERYDAY, tmp_path)
    for folder, advice in ((shipped, "Install the lab again"), (judged, "Evaluate the run again")):
        folder.predictions_path.write_bytes(b"PK")
        folder.evaluation_path.write_text("{")
        for load in (load_predictions, load_evaluation):
            with pytest.raises(DataError, match=advice):
                load(folder)


@pytest.mark.parametrize("network", SHIPPED_NETWORKS)
def test_the_shipped_judgement_is_that_of_the_shipped_network(network):
    folder, recipe = shipped_folder(network), shipped_card(network)["recipe"]
    figures, said = load_evaluation(folder), load_predictions(folder)
    assert said is not None
    assert figures.agrees_with(said)
    assert figures.official
    assert (figures.images, figures.epoch) == (10_000, recipe["epochs"])
    assert figures.accuracy == folder.status.test_accuracy == recipe["test_accuracy"]
    assert folder.calibration == shipped_calibration(network)
    assert folder.config == RunConfig.from_json(recipe["config"])
    assert folder.provenance == recipe["provenance"]
    assert "source" not in json.dumps(figures.data)


def test_all_that_is_shipped_stays_small():
    size = {path: path.stat().st_size for path in ASSETS.rglob("*") if path.is_file()}
    assert sum(size.values()) < 10 * MIB
    assert sum(size[path] for path in size if path.parent != ASSETS) < 4 * MIB
