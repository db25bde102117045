"""The shipped networks: found with their cards, made from runs, refused where they cannot be."""

import hashlib
import json

import pytest

from fmnist_core.atomic_files import write_json
from fmnist_core.cli.main import main
from fmnist_core.config import RunConfig
from fmnist_core.errors import RunError
from fmnist_core.models.calibration import Calibration
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.pretrained import (
    ASSETS,
    SHIPPED_CATALOGUE,
    SHIPPED_EVERYDAY,
    SHIPPED_NETWORKS,
    shipped_calibration,
    shipped_card,
    shipped_model_path,
)
from fmnist_core.runs.pretrained.publish import MOST_BYTES, publish, write_card
from fmnist_core.settings import load_settings

CONTENT = b"weights" * 100
FITTED = Calibration(1.5, -1.0, 0.7, images=60, source="made up")


@pytest.fixture
def finished() -> RunFolder:
    folder = RunFolder.create(load_settings().runs_dir, RunConfig(), name="mine")
    folder.model_path.write_bytes(CONTENT)
    data = {"name": "fashion-mnist", "official": True, "source": "folder /somebody/secret"}
    write_json(folder.path / "provenance.json", {"lab": "0.1.0", "data": data})
    write_json(folder.calibration_path, FITTED.to_json())
    write_json(folder.evaluation_path, {"data": data, "images": 3})
    folder.predictions_path.write_bytes(b"probabilities")
    folder.change_status(state="finished", epoch=10, test_accuracy=0.9)
    return folder


def test_a_run_is_shipped_with_its_calibration_hash_and_recipe(tmp_path, finished, capsys):
    assets = tmp_path / "assets"
    assert main(["ship", "mine", "--into", str(assets)]) == 0
    digest = hashlib.sha256(CONTENT).hexdigest()
    assert digest in capsys.readouterr().out
    assert shipped_model_path(SHIPPED_EVERYDAY, assets).read_bytes() == CONTENT
    assert shipped_calibration(SHIPPED_EVERYDAY, assets) == FITTED
    recipe = shipped_card(SHIPPED_EVERYDAY, assets)["recipe"]
    assert (recipe["sha256"], recipe["run"], recipe["epochs"]) == (digest, finished.id, 10)
    assert RunConfig.from_json(recipe["config"]) == finished.config
    assert "secret" not in json.dumps(recipe)


def test_figures_stay_with_the_network_they_were_measured_with(tmp_path, finished):
    figures = [{"kind": "drawings"}]

    def publish_as(network: str) -> list[dict[str, str]]:
        publish(finished, network, tmp_path)
        return shipped_card(SHIPPED_EVERYDAY, tmp_path)["measured"]

    def measure() -> None:
        card = {**shipped_card(SHIPPED_EVERYDAY, tmp_path), "measured": figures}
        write_card(SHIPPED_EVERYDAY, card, tmp_path)

    for network in SHIPPED_NETWORKS:
        publish(finished, network, tmp_path)
    measure()
    assert publish_as(SHIPPED_EVERYDAY) == publish_as(SHIPPED_CATALOGUE) == figures
    finished.model_path.write_bytes(b"other weights")
    assert publish_as(SHIPPED_CATALOGUE) == []
    measure()
    assert publish_as(SHIPPED_EVERYDAY) == []


def test_the_catalogue_network_is_shipped_beside_the_other(tmp_path, finished):
    assert main(["ship", "mine", "--as", "catalogue", "--into", str(tmp_path)]) == 0
    assert shipped_model_path(SHIPPED_CATALOGUE, tmp_path).read_bytes() == CONTENT
    assert shipped_calibration(SHIPPED_CATALOGUE, tmp_path) == FITTED
    assert {path.name for path in tmp_path.glob("*.*")} == {"catalogue.keras", "catalogue.json"}
    assert {path.stat().st_mode & 0o777 for path in tmp_path.glob("*.*")} == {0o644}


def test_a_huge_an_unjudged_an_uncalibrated_and_an_unfinished_run_are_not_shipped(
    tmp_path, finished
):
    finished.model_path.write_bytes(bytes(MOST_BYTES + 1))
    with pytest.raises(RunError, match="at most 10 MB"):
        publish(finished, assets=tmp_path)
    finished.model_path.write_bytes(CONTENT)
    finished.predictions_path.unlink()
    with pytest.raises(RunError, match=f"evaluated.*evaluate {finished.id}"):
        publish(finished, assets=tmp_path)
    finished.calibration_path.unlink()
    with pytest.raises(RunError, match="calibrated"):
        publish(finished, assets=tmp_path)
    finished.change_status(state="failed")
    with pytest.raises(RunError, match="finished or stopped"):
        publish(finished, assets=tmp_path)
    assert list(tmp_path.glob("*.keras")) == []


def test_a_folder_that_cannot_be_written_is_named_and_not_the_labs_home(tmp_path, finished, capsys):
    (tmp_path / "file").write_bytes(b"")
    assert main(["ship", "mine", "--into", f"{tmp_path}/file"]) == 1
    error = capsys.readouterr().err
    assert f"let {tmp_path}/file be written" in error
    assert "FMNIST_HOME" not in error


@pytest.mark.parametrize(("network", "file"), SHIPPED_NETWORKS.items())
def test_a_lab_without_one_of_its_networks_says_so(tmp_path, network, file):
    with pytest.raises(RunError, match=rf"{file}\.keras is missing.*Install.*--as {file}"):
        shipped_model_path(network, tmp_path)
    (tmp_path / f"{file}.json").write_text("{")
    with pytest.raises(RunError, match=rf"{file}\.json is missing or damaged"):
        shipped_calibration(network, tmp_path)


@pytest.mark.parametrize("network", SHIPPED_NETWORKS)
def test_the_card_is_that_of_the_network_beside_it(network):
    content = shipped_model_path(network).read_bytes()
    recipe = shipped_card(network)["recipe"]
    assert recipe["sha256"] == hashlib.sha256(content).hexdigest()
    assert len(content) == recipe["bytes"] <= MOST_BYTES
    assert shipped_calibration(network).images > 0
    assert (ASSETS / "MODEL_CARD.md").is_file()
