"""What a person has set for their own work with Dask and Keras does not touch the local engine."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from fmnist_core.datasets.dataset import Dataset
from fmnist_core.engine import client
from fmnist_core.engine.inference.worker_client import with_worker
from tests.core.engine.conftest import PATIENCE, Lab, make_lab

pytestmark = pytest.mark.engine


@pytest.fixture
def lab(tmp_path: Path, garments: Dataset, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    """On a machine with a cluster of the person's own, encrypted, and a broken file beside it."""
    for folder in ("dask", "keras", ".config/dask"):
        (tmp_path / folder).mkdir(parents=True)
    own = {"ca-file": "/nowhere.pem", "ciphers": "none", "min-version": 1.2, "max-version": 1.2}
    encrypted = {"distributed": {"comm": {"require-encryption": True, "tls": own}}}
    (tmp_path / "dask" / "tls.yaml").write_text(json.dumps(encrypted))
    (tmp_path / ".config" / "dask" / "broken.yaml").write_text("a: [")
    (tmp_path / "keras" / "keras.json").write_text('{"backend": "torch"}')
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("DASK_CONFIG", str(tmp_path / "dask"))
    monkeypatch.setenv("DASK_DISTRIBUTED__COMM__DEFAULT_SCHEME", "tcp")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    lab = make_lab(tmp_path / "lab", garments)
    yield lab
    client.stop_engine(lab.settings)


def test_the_engine_starts_and_trains_beside_settings_of_dask_and_keras(lab):
    assert client.ensure_engine(lab.settings).address.startswith("tls://127.0.0.1:")
    assert with_worker(lab.settings, lambda worker: worker.call(PATIENCE, os.getpid))
    lab.wait_until(lab.submit("epochs=1"), "finished")
