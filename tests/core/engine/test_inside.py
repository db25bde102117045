"""What is inside networks, asked through a real engine."""

from __future__ import annotations

import json

import numpy as np
import pytest

from fmnist_core.datasets.dataset import Dataset
from fmnist_core.engine import client
from fmnist_core.errors import ConfigError, RunError, TrainingError
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.pretrained import SHIPPED_EVERYDAY
from tests.core.engine.conftest import PATIENCE, Lab, wait_for

pytestmark = [pytest.mark.engine, pytest.mark.training]


def untaught(lab: Lab, *changes: str, keras_version: str = "") -> RunFolder:
    """A run whose network is as its seed made it, with a word on what it was made with."""
    import keras

    from fmnist_core.models.build import build_model

    config = lab.config(*changes)
    folder = RunFolder.create(lab.settings.runs_dir, config)
    keras.utils.set_random_seed(config.training.seed)
    build_model(config.model).save(folder.model_path)
    # Else the engine takes it for forgotten after ten seconds, and teaches it.
    folder.change_status(state="finished")
    made_with = {
        "backend": keras.backend.backend(),
        "packages": {"keras": keras_version or keras.__version__},
    }
    (folder.path / "provenance.json").write_text(json.dumps(made_with))
    return folder


@pytest.fixture(scope="module")
def run(lab: Lab) -> RunFolder:
    return untaught(lab)


def test_layers_maps_and_reasons_come_from_the_networks_file(
    lab: Lab, run: RunFolder, garments: Dataset
) -> None:
    settings, image = lab.settings, garments.test.images[2]
    layers = client.seen_layers(run.id, settings)
    kinds = [(one.name, one.kind) for one in layers]
    assert kinds[0] == ("block1_conv1", "convolution")
    assert kinds[-1] == ("answer", "answer")
    maps = client.maps_of(run.id, image, settings, layer="block2_conv1", count=5)
    assert maps[0].maps.shape == (5, 14, 14)
    heat = client.heat_of(run.id, image, 3, settings, layer="block1_conv1")
    assert heat is not None
    assert heat.shape == (28, 28)
    hidden = client.occlusion_of(run.id, image, 3, settings, patch=8)
    said = client.recognise(run.id, image[None], settings)
    assert hidden.share == pytest.approx(float(said.probabilities[0, 3]), abs=1e-4)
    shares = client.attribution_of(run.id, image, 3, settings)
    assert shares.shares.sum() == pytest.approx(shares.difference, rel=0.011, abs=1e-4)


def test_exciting_images_are_found_once_and_kept(
    lab: Lab, run: RunFolder, garments: Dataset
) -> None:
    def found(layer: str, channel: int):
        def there():
            sought = client.exciting_images(run.id, layer, channel, lab.settings)
            return None if sought.running else sought

        return wait_for(there, PATIENCE, "the most exciting images").result

    best = found("block1_conv1", 2)
    assert best.images.shape == best.heats.shape == (9, 28, 28)
    assert best.searched == len(garments.test)
    assert np.array_equal(best.images, garments.test.images[best.indices])
    assert np.array_equal(best.labels, garments.test.labels[best.indices])
    assert (np.diff(best.values) <= 0).all()
    units = found("answer", 9)
    assert units.heats is None
    said = client.recognise(run.id, garments.test.images, lab.settings).probabilities[:, 9]
    assert units.indices[0] in np.argsort(said)[-3:]
    kept = list((lab.settings.cache_dir / "exciting").glob("*.npy"))
    assert len(kept) == 1


def test_an_image_is_imagined(lab: Lab, run: RunFolder) -> None:
    def there():
        sought = client.imagined_image(run.id, "answer", 4, lab.settings, seed=1)
        return None if sought.running else sought

    sought = wait_for(there, PATIENCE, "the imagined image")
    assert sought.result.image.shape == (28, 28)
    assert sought.share == 1


def test_without_test_images_nothing_is_sought(lab: Lab) -> None:
    run = untaught(lab, "dataset=fashion-mnist")
    sought = client.exciting_images(run.id, "answer", 0, lab.settings)
    assert (sought.result, sought.running) == (None, False)
    assert "not at hand" in str(sought.error)


def test_what_a_run_began_with_is_drawn_anew_from_its_seed(lab: Lab, run: RunFolder) -> None:
    filters = client.filters_of(run.id, lab.settings)
    assert filters.now is not None
    assert filters.before is not None
    # It was saved before it learned anything.
    assert np.array_equal(filters.now.kernels, filters.before.kernels)


def test_what_a_run_began_with_is_read_from_its_folder(lab: Lab, run: RunFolder) -> None:
    later = untaught(lab, f"initial_weights={run.id}")
    assert client.filters_of(later.id, lab.settings).before is None
    later.begin_with(run.model_path.read_bytes())
    found = client.filters_of(later.id, lab.settings)
    assert found.before is not None
    assert np.array_equal(found.before.kernels, client.filters_of(run.id, lab.settings).now.kernels)


def test_what_cannot_be_known_about_the_beginning_is_said(lab: Lab) -> None:
    other = untaught(lab, keras_version="2.0")
    found = client.filters_of(other.id, lab.settings)
    assert found.now is not None
    assert found.before is None
    assert "Keras" in found.why_not
    shipped = client.filters_of(SHIPPED_EVERYDAY, lab.settings)
    assert shipped.before is None
    assert "another network" in shipped.why_not


def test_networks_without_convolutions(lab: Lab, garments: Dataset) -> None:
    settings, image = lab.settings, garments.test.images[0]
    one_layer = untaught(lab, "model.blocks=[]", "model.head=flatten")
    assert [one.kind for one in client.seen_layers(one_layer.id, settings)] == ["answer"]
    assert client.heat_of(one_layer.id, image, 0, settings) is None
    assert client.occlusion_of(one_layer.id, image, 0, settings).loss.shape == (28, 28)
    templates = client.filters_of(one_layer.id, settings).now
    assert templates is not None
    assert templates.kernels.shape == (10, 28, 28)
    pooled = untaught(lab, "model.blocks=[]", "model.head=global_average")
    assert client.filters_of(pooled.id, settings).now is None


def test_what_is_not_there_is_explained(lab: Lab, run: RunFolder, garments: Dataset) -> None:
    image = garments.test.images[0]
    with pytest.raises(ConfigError):
        client.heat_of(run.id, image, 0, lab.settings, layer="x")
    with pytest.raises(ConfigError):
        client.exciting_images(run.id, "answer", 10, lab.settings)
    with pytest.raises(ConfigError):
        client.maps_of(run.id, image, lab.settings, layer="x")
    with pytest.raises(RunError):
        client.seen_layers("20260101-000000-none-0000", lab.settings)
    damaged = untaught(lab)
    damaged.model_path.write_bytes(damaged.model_path.read_bytes()[:5000])
    with pytest.raises(TrainingError):
        client.maps_of(damaged.id, image, lab.settings)
    unsaved = RunFolder.create(lab.settings.runs_dir, lab.config())
    with pytest.raises(RunError, match="saved no network"):
        client.filters_of(unsaved.id, lab.settings)
