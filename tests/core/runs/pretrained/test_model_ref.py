"""What is known about a network by its name: a run's, and a shipped one's."""

import hashlib
from pathlib import Path

import pytest

from fmnist_core.config import RunConfig, override
from fmnist_core.errors import RunError
from fmnist_core.models.calibration import Calibration
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.pretrained import (
    SHIPPED_NETWORKS,
    ModelRef,
    shipped_calibration,
    shipped_card,
    shipped_model_path,
)
from fmnist_core.settings import load_settings


@pytest.fixture
def folder(home: Path) -> RunFolder:
    changes = ["dataset=synthetic-garments", "test_time_flip=true"]
    return RunFolder.create(load_settings().runs_dir, override(RunConfig(), changes))


def test_a_run_is_known_by_its_folder(folder):
    folder.model_path.write_bytes(b"network")
    ref = ModelRef.open(folder.id, load_settings())
    assert (ref.name, ref.path, ref.shipped) == (folder.id, folder.model_path, False)
    assert (ref.dataset, ref.test_time_flip) == ("synthetic-garments", True)
    assert ref.calibration == Calibration()


def test_its_digest_is_that_of_the_file_as_it_is_now(folder):
    for content in (b"network", b"another one"):
        folder.model_path.unlink(missing_ok=True)
        folder.model_path.write_bytes(content)
        ref = ModelRef.open(folder.id, load_settings())
        assert ref.digest == hashlib.sha256(content).hexdigest()


def test_a_run_without_a_network_and_no_run_are_refused(folder):
    with pytest.raises(RunError, match="saved no network"):
        ModelRef.open(folder.id, load_settings())
    with pytest.raises(RunError, match="no such run"):
        ModelRef.open("20200101-000000-none-0000", load_settings())


@pytest.mark.parametrize("name", SHIPPED_NETWORKS)
def test_a_shipped_network_is_known_by_its_card(name, home):
    ref, recipe = ModelRef.open(name, load_settings()), shipped_card(name)["recipe"]
    assert (ref.path, ref.digest) == (shipped_model_path(name), recipe["sha256"])
    assert ref.calibration == shipped_calibration(name)
    assert ref.dataset == "fashion-mnist"
    assert ref.test_time_flip == recipe["config"]["training"].get("test_time_flip", False)
