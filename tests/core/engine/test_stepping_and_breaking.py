"""Single numbers of a network, and broken copies of it, asked through a real engine."""

from __future__ import annotations

import numpy as np
import pytest

from fmnist_core.datasets.dataset import Dataset
from fmnist_core.datasets.split import subset
from fmnist_core.engine import client
from fmnist_core.errors import ConfigError, RunError, TrainingError
from fmnist_core.explain.ablation import Breakage
from fmnist_core.explain.convolution_step import Place
from fmnist_core.runs.folder import RunFolder
from tests.core.engine.conftest import Lab, untaught

pytestmark = [pytest.mark.engine, pytest.mark.training]


def test_numbers_come_from_the_networks_file(lab: Lab, run: RunFolder, garments: Dataset) -> None:
    layers = client.convolutions(run.id, lab.settings)
    assert [layer.gives for layer in layers] == [(28, 28, 8), (14, 14, 16), (7, 7, 32)]
    place = Place(layers[1].name, 3, 4, 5)
    step = client.step_through(run.id, garments.test.images[0], place, lab.settings)
    assert step.place == place
    assert step.patch.shape == step.kernel.shape == (3, 3, 8)
    assert step.changes[-1].value == pytest.approx(step.results[4, 5], abs=1e-5)


def test_a_broken_copy_is_judged_on_the_same_images_as_the_whole(
    lab: Lab, run: RunFolder, garments: Dataset
) -> None:
    test, image = garments.test, garments.test.images[3]
    before = client.classify(run.id, test.images, lab.settings)
    breakage = Breakage("layer", layer="block2_conv1")
    broken = client.break_it(run.id, image, breakage, lab.settings)
    judged = broken.judged
    assert judged is not None
    assert (judged.dataset, judged.images) == ("synthetic-garments", 200)
    order = subset(test.labels, 200, seed=0)
    assert np.array_equal(judged.labels, test.labels[order])
    # One image may be so close that the last digit decides.
    assert (judged.before == before[order].argmax(axis=1)).mean() > 0.99
    # With nothing to go by, all images are alike to it.
    assert len(set(judged.after.tolist())) == 1
    np.testing.assert_allclose(broken.before.probabilities[0], before[3], atol=1e-4)
    assert not np.allclose(broken.after.probabilities[0], before[3], atol=1e-4)
    # Others who ask the same network get it whole.
    whole = client.classify(run.id, test.images, lab.settings)
    np.testing.assert_allclose(whole, before, atol=1e-6)


def test_a_broken_image_comes_back(lab: Lab, run: RunFolder, garments: Dataset) -> None:
    image = garments.test.images[3]
    breakage = Breakage("shift", strength=5.0)
    broken = client.break_it(run.id, image, breakage, lab.settings)
    assert np.array_equal(broken.image[:, 5:], image[:, :-5])
    shifted = client.classify(run.id, broken.image[None], lab.settings)
    np.testing.assert_allclose(broken.after.probabilities, shifted, atol=1e-4)


def test_without_test_images_only_the_answer_is_told(lab: Lab, garments: Dataset) -> None:
    run = untaught(lab, "dataset=fashion-mnist")
    breakage = Breakage("weights", strength=1.0)
    broken = client.break_it(run.id, garments.test.images[0], breakage, lab.settings)
    assert broken.judged is None
    assert not np.allclose(broken.before.probabilities, broken.after.probabilities, atol=1e-4)


def test_a_network_without_convolutions(lab: Lab, garments: Dataset) -> None:
    run = untaught(lab, "model.blocks=[]")
    assert client.convolutions(run.id, lab.settings) == ()
    names = [part.name for part in client.breakable_parts(run.id, lab.settings)]
    assert names[-1] == "answer"


def test_what_is_not_there_is_explained(lab: Lab, run: RunFolder, garments: Dataset) -> None:
    image = garments.test.images[0]
    with pytest.raises(ConfigError, match="no convolution of this name"):
        client.step_through(run.id, image, Place("x", 0, 0, 0), lab.settings)
    with pytest.raises(ConfigError, match="no layer of this name"):
        client.break_it(run.id, image, Breakage("layer", layer="x"), lab.settings)
    with pytest.raises(RunError):
        client.convolutions("20260101-000000-none-0000", lab.settings)
    damaged = untaught(lab)
    damaged.model_path.write_bytes(damaged.model_path.read_bytes()[:5000])
    with pytest.raises(TrainingError):
        client.convolutions(damaged.id, lab.settings)
    unsaved = RunFolder.create(lab.settings.runs_dir, lab.config())
    with pytest.raises(RunError, match="saved no network"):
        client.breakable_parts(unsaved.id, lab.settings)
