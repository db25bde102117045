"""The shipped model: found with its card, made from a run, refused where it cannot be."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from fmnist_core.cli.main import main
from fmnist_core.config import RunConfig
from fmnist_core.durable import write_json
from fmnist_core.errors import RunError
from fmnist_core.recognition.verdict import Calibration
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import load_settings
from fmnist_core.shipped import ASSETS, shipped_calibration, shipped_card, shipped_model_path
from fmnist_core.shipped.publish import MOST_BYTES, publish

CONTENT = b"weights" * 100
FITTED = Calibration(1.5, -1.0, 0.7, images=60, source="made up")


@pytest.fixture
def finished() -> RunFolder:
    folder = RunFolder.create(load_settings().runs_dir, RunConfig(), name="mine")
    folder.model_path.write_bytes(CONTENT)
    data = {"name": "fashion-mnist", "official": True, "source": "folder /somebody/secret"}
    write_json(folder.path / "provenance.json", {"lab": "0.1.0", "data": data})
    write_json(folder.calibration_path, FITTED.to_json())
    folder.change_status(state="finished", epoch=10, test_accuracy=0.9)
    return folder


def test_a_run_is_shipped_with_its_calibration_hash_and_recipe(
    tmp_path: Path, finished: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    assets = tmp_path / "assets"
    assert main(["ship", "mine", "--into", str(assets)]) == 0
    digest = hashlib.sha256(CONTENT).hexdigest()
    assert digest in capsys.readouterr().out
    assert shipped_model_path(assets).read_bytes() == CONTENT
    assert shipped_calibration(assets) == FITTED
    recipe = shipped_card(assets)["recipe"]
    assert (recipe["sha256"], recipe["run"], recipe["epochs"]) == (digest, finished.id, 10)
    assert RunConfig.from_json(recipe["config"]) == finished.config
    assert "secret" not in json.dumps(recipe)


def test_figures_stay_with_the_network_they_were_measured_with(
    tmp_path: Path, finished: RunFolder
) -> None:
    card = publish(finished, tmp_path)
    write_json(tmp_path / "everyday.json", {**card, "measured": [{"kind": "drawings"}]})
    assert publish(finished, tmp_path)["measured"] == [{"kind": "drawings"}]
    finished.model_path.write_bytes(b"other weights")
    assert publish(finished, tmp_path)["measured"] == []


def test_an_unfinished_an_uncalibrated_and_a_huge_run_are_not_shipped(
    tmp_path: Path, finished: RunFolder
) -> None:
    finished.model_path.write_bytes(bytes(MOST_BYTES + 1))
    with pytest.raises(RunError, match="at most 10 MB"):
        publish(finished, tmp_path)
    finished.calibration_path.unlink()
    with pytest.raises(RunError, match="calibrated"):
        publish(finished, tmp_path)
    finished.change_status(state="failed")
    with pytest.raises(RunError, match="ended well"):
        publish(finished, tmp_path)
    assert list(tmp_path.glob("*.keras")) == []


def test_a_folder_that_cannot_be_written_is_named_and_not_the_labs_home(
    tmp_path: Path, finished: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert main(["ship", "mine", "--into", f"{tmp_path}/file"]) == 1
    error = capsys.readouterr().err
    assert f"let {tmp_path}/file be written" in error
    assert "FMNIST_HOME" not in error


def test_a_lab_without_its_model_says_so(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"everyday\.keras is missing.*Install"):
        shipped_model_path(tmp_path)
    (tmp_path / "everyday.json").write_text("{")
    with pytest.raises(RunError, match=r"everyday\.json is missing or damaged"):
        shipped_calibration(tmp_path)


def test_the_card_is_that_of_the_model_beside_it() -> None:
    content = shipped_model_path().read_bytes()
    recipe = shipped_card()["recipe"]
    assert recipe["sha256"] == hashlib.sha256(content).hexdigest()
    assert len(content) == recipe["bytes"] <= MOST_BYTES
    assert shipped_calibration().images > 0
    assert (ASSETS / "MODEL_CARD.md").is_file()
