"""A cluster elsewhere: a scheduler's address, credentials, and workers that see another disk."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
import pytest

from fmnist_core.cli.main import main
from fmnist_core.collections import CollectionStore
from fmnist_core.datasets.dataset import Dataset
from fmnist_core.datasets.label_issues import LabelIssueStore
from fmnist_core.engine import client
from fmnist_core.engine.credentials import write_credentials
from fmnist_core.errors import EngineError
from fmnist_core.evaluation import load_evaluation, load_validation_predictions
from fmnist_core.settings import Settings
from fmnist_core.training.splits import split_indices
from tests.conftest import add_strokes
from tests.core.engine.conftest import Lab, make_lab, wait_for

pytestmark = pytest.mark.engine

_LOOPBACK = ["--host", "127.0.0.1", "--no-dashboard", "--dashboard-address", "127.0.0.1:0"]


def free_port() -> int:
    with socket.socket() as pinned_image:
        pinned_image.bind(("127.0.0.1", 0))
        return int(pinned_image.getsockname()[1])


def _dask(arguments: list[str], home: Path) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        "FMNIST_HOME": str(home),
        "FMNIST_OFFLINE": "1",
        "DASK_DISTRIBUTED__WORKER__DAEMON": "False",
        "PYTHONPATH": str(Path(client.__file__).parents[2]),
    }
    environment.pop("FMNIST_DATA_DIR", None)
    home.mkdir(exist_ok=True)
    with (home / "dask.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "dask", *arguments],
            env=environment,
            cwd=home,
            stdout=log,
            stderr=log,
        )


def _worker(address: str, home: Path, encrypted: list[str]) -> subprocess.Popen[bytes]:
    options = {
        "--nthreads": "1",
        "--resources": "train=1",
        "--name": "far",
        "--preload": "fmnist_core.engine.worker.preload",
        "--local-directory": str(home),
        "--memory-limit": "0",
        "--host": "127.0.0.1",
    }
    pairs = [part for pair in options.items() for part in pair]
    quiet = ["--no-dashboard", "--dashboard-address", "127.0.0.1:0"]
    return _dask(["worker", address, *quiet, *encrypted, *pairs], home)


@dataclass
class Cluster:
    """A Dask scheduler and a worker, as somebody would start them on other machines."""

    place: Path
    port: int

    @property
    def address(self) -> str:
        return f"tls://127.0.0.1:{self.port}"

    @property
    def credentials(self) -> Path:
        return self.place / "cluster.pem"

    def start(self) -> None:
        encrypted = ["--tls-ca-file", str(self.credentials), "--tls-cert", str(self.credentials)]
        at = ["--port", str(self.port), *_LOOPBACK]
        scheduler = _dask(["scheduler", *at, *encrypted], self.place / "top")
        self.processes = [scheduler, _worker(self.address, self.place / "worker", encrypted)]

    def kill(self) -> None:
        for process in self.processes:
            for each in [*psutil.Process(process.pid).children(recursive=True), process]:
                each.kill()
            process.wait(10)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    cluster = Cluster(tmp_path_factory.mktemp("cluster"), free_port())
    assert main(["engine", "credentials", str(cluster.credentials)]) == 0
    cluster.start()
    yield cluster
    cluster.kill()


@pytest.fixture(scope="module")
def far(
    tmp_path_factory: pytest.TempPathFactory, garments: Dataset, cluster: Cluster
) -> Iterator[Lab]:
    place = {"scheduler": cluster.address, "credentials": cluster.credentials}
    lab = make_lab(tmp_path_factory.mktemp("lab"), garments, **place)
    client.ensure_engine(lab.settings)
    yield lab
    client.stop_engine(lab.settings)


def test_a_run_is_trained_elsewhere_and_comes_home_whole(far):
    folder = far.submit("epochs=2")
    far.wait_until(folder, "finished")
    assert folder.status.worker == "far"
    assert [event["epoch"] for event in far.events(folder, "epoch")] == [1, 2]
    assert load_evaluation(folder) is not None
    assert folder.model_path.is_file()
    assert folder.calibration.images == 60
    # It learned from the lab's images, which its own disk did not have.
    assert far.events(folder, "start")[0]["train_images"] == 540


def test_weights_teacher_and_collections_travel_to_a_worker_elsewhere(far, cluster):
    first = far.submit("epochs=6", "batch_size=32", "keep_weights=last")
    far.wait_until(first, "finished")
    store = CollectionStore(far.settings)
    for corner in range(4):
        add_strokes(store, "bags", [[[20, 230, 20 + corner], [40, 40, 210]]], 8)
    more = [f"initial_weights={first.id}", 'collections=["bags"]', "collection_share=0.2"]
    teacher = [f"teacher={first.id}", "distillation.weight=0.01"]
    folder = far.submit("epochs=1", "batch_size=32", "learning_rate=1e-7", *more, *teacher)
    far.wait_until(folder, "finished")
    # Who goes on with it, on whatever machine, need not ask again.
    with np.load(folder.distillation_targets_path) as kept:
        assert kept["softened"].shape == (540, 10)
    assert folder.provenance["collections"] == {"bags": store.fingerprint("bags")}
    assert far.events(folder, "start")[0]["train_images"] > 600
    # It begins where the other run ended, not anew; the steps are too small to learn anything.
    from_anew = far.events(first, "epoch")[0]["loss"]
    assert far.events(folder, "epoch")[0]["loss"] < 0.8 * from_anew
    # The worker's own collections are nobody's business.
    assert not (cluster.place / "worker" / "collections").exists()


def test_what_was_ticked_here_is_left_out_elsewhere(far, cluster, garments):
    fingerprint, away = garments.identity.fingerprint, Settings(home=cluster.place / "worker")
    LabelIssueStore(far.settings).tick(fingerprint, (), range(100))
    LabelIssueStore(away).tick(fingerprint, (), range(7))
    folder = far.submit("epochs=1", "batch_size=32", "exclude_label_issues=true")
    learned = split_indices(garments.train.labels, folder.config.training)[0]
    far.wait_until(folder, "finished")
    assert far.events(folder, "start")[0]["train_images"] == (learned >= 100).sum()
    held = load_validation_predictions(folder)
    assert held is not None
    assert len(held) == 60


def test_a_worker_never_learns_from_collections_of_its_own(far, cluster):
    for home, label in ((far.settings.home, 8), (cluster.place / "worker", 0)):
        store = CollectionStore(Settings(home=home))
        add_strokes(store, "boxes", [[[20, 230, 20], [40, 40, 210 + label]]], label)
    blocked = cluster.place / "worker" / "data" / "collections"
    if blocked.is_dir():
        blocked.rename(blocked.with_name("away"))
    blocked.parent.mkdir(exist_ok=True)
    blocked.write_text("a file where a folder should be")
    folder = far.submit("epochs=1", "batch_size=32", 'collections=["boxes"]')
    far.wait_until(folder, "failed")
    assert "could not be sent to far" in folder.status.error
    assert folder.provenance == {}
    blocked.unlink()
    client.resume(folder.id, far.settings)
    far.wait_until(folder, "finished")
    expected = CollectionStore(far.settings).fingerprint("boxes")
    assert folder.provenance["collections"] == {"boxes": expected}
    shutil.rmtree(cluster.place / "worker" / "collections")


def test_without_a_worker_for_questions_the_person_is_told(far):
    folder = far.submit("epochs=1", "batch_size=32")
    far.wait_until(folder, "finished")
    with pytest.raises(EngineError, match="no worker for questions"):
        client.evaluate_run(folder.id, far.settings)


def test_a_lost_engine_comes_back_and_takes_the_run_up_again(far):
    folder = far.submit("epochs=3")
    far.wait_for_middle_of_epoch(folder, 1)
    psutil.Process(client.ensure_engine(far.settings).pid).kill()
    far.wait_until(folder, "finished")
    assert "The engine was lost" in far.notes(folder)
    assert [event["epoch"] for event in far.events(folder, "epoch")] == [1, 2, 3]


def test_a_cluster_that_was_lost_and_comes_back_goes_on(far, cluster):
    folder = far.submit("epochs=3")
    far.wait_for_middle_of_epoch(folder, 1)
    cluster.kill()
    wait_for(lambda: "was lost after epoch 1" in far.notes(folder), 10, "the gap in the diary")
    cluster.start()
    far.wait_until(folder, "finished")
    assert [event["epoch"] for event in far.events(folder, "epoch")] == [1, 2, 3]


@pytest.mark.parametrize(
    ("scheme", "known", "told"),
    [
        ("tls", "nothing", "tls:// needs credentials"),
        ("tls", "others", "No Dask scheduler answers"),
        ("tcp", "nothing", "No Dask scheduler answers"),
    ],
)
def test_a_cluster_with_credentials_talks_to_nobody_without(cluster, tmp_path, scheme, known, told):
    others = tmp_path / "others.pem"
    write_credentials(others)
    address = cluster.address.replace("tls", scheme)
    credentials = others if known == "others" else None
    settings = Settings(tmp_path / "stranger", scheduler=address, credentials=credentials)
    with pytest.raises(EngineError, match=told):
        client.ensure_engine(settings, timeout=60)


def test_a_cluster_without_credentials_is_the_persons_choice(tmp_path):
    port = free_port()
    scheduler = _dask(["scheduler", "--port", str(port), *_LOOPBACK], tmp_path / "top")
    settings = Settings(tmp_path / "plain", scheduler=f"tcp://127.0.0.1:{port}")
    try:
        assert client.ensure_engine(settings, timeout=60).address == settings.scheduler
    finally:
        client.stop_engine(settings)
        scheduler.kill()
        scheduler.wait()


def test_a_scheduler_that_does_not_answer_is_named(tmp_path):
    settings = Settings(home=tmp_path / "lonely", scheduler=f"tcp://127.0.0.1:{free_port()}")
    with pytest.raises(EngineError, match="No Dask scheduler answers"):
        client.ensure_engine(settings, timeout=30)
    assert client.stop_engine(settings), "its supervisor would try again and again"
