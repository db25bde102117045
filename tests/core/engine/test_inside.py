"""What is inside networks, stepped through, broken and laid out, asked through a real engine."""

from pathlib import Path

import numpy as np
import pytest

from fmnist_core.background_job import JobState
from fmnist_core.datasets.split import subset
from fmnist_core.engine import client
from fmnist_core.errors import ConfigError, NoDataError, RunError, TrainingError
from fmnist_core.explain.ablation import Ablation
from fmnist_core.explain.convolution_step import Place
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.pretrained import SHIPPED_EVERYDAY
from tests.core.engine.conftest import Lab, ended, over, untaught

pytestmark = [pytest.mark.engine, pytest.mark.training]


def test_layers_maps_and_reasons_come_from_the_networks_file(lab, run, garments):
    settings, image = lab.settings, garments.test.images[2]
    layers = client.tapped_layers(run.id, settings)
    kinds = [(one.name, one.kind) for one in layers]
    assert kinds[0] == ("block1_conv1", "convolution")
    assert kinds[-1] == ("answer", "answer")
    maps = client.feature_maps_of(run.id, image, settings, layer="block2_conv1", count=5)
    assert maps[0].maps.shape == (5, 14, 14)
    heat = client.grad_cam_of(run.id, image, 3, settings, layer="block1_conv1")
    assert heat.shape == (28, 28)
    hidden = client.occlusion_of(run.id, image, 3, settings, patch=8)
    said = client.predict_calibrated(run.id, image[None], settings)
    assert hidden.share == pytest.approx(float(said.probabilities[0, 3]), abs=1e-4)
    shares = client.attribution_of(run.id, image, 3, settings)
    assert shares.shares.sum() == pytest.approx(shares.difference, rel=0.011, abs=1e-4)


def test_exciting_images_are_found_once_and_kept(lab, run, garments):
    def found(layer: str, channel: int):
        def ask():
            return client.top_activations(run.id, layer, channel, lab.settings)

        return over(ask, "the most exciting images").result

    best = found("block1_conv1", 2)
    assert best.images.shape == best.heats.shape == (9, 28, 28)
    assert best.searched == len(garments.test)
    assert np.array_equal(best.images, garments.test.images[best.indices])
    assert np.array_equal(best.labels, garments.test.labels[best.indices])
    assert (np.diff(best.values) <= 0).all()
    units = found("answer", 9)
    assert units.heats is None
    said = client.predict_calibrated(run.id, garments.test.images, lab.settings).probabilities[:, 9]
    assert units.indices[0] in np.argsort(said)[-3:]
    kept = list((lab.settings.cache_dir / "exciting").glob("*.npy"))
    assert len(kept) == 1


def test_an_image_is_imagined(lab, run):
    def ask():
        return client.activation_maximization_of(run.id, "answer", 4, lab.settings, seed=1)

    sought = over(ask, "the imagined image")
    assert sought.result.image.shape == (28, 28)
    assert sought.share == 1


def test_what_a_run_began_with_is_drawn_anew_from_its_seed(lab, run):
    filters = client.filters_of(run.id, lab.settings)
    # It was saved before it learned anything.
    assert np.array_equal(filters.now.kernels, filters.before.kernels)


def test_what_a_run_began_with_is_read_from_its_folder(lab, run):
    later = untaught(lab, f"initial_weights={run.id}")
    assert client.filters_of(later.id, lab.settings).before is None
    later.begin_with(run.model_path.read_bytes())
    found = client.filters_of(later.id, lab.settings)
    assert np.array_equal(found.before.kernels, client.filters_of(run.id, lab.settings).now.kernels)


def test_what_cannot_be_known_about_the_beginning_is_said(lab):
    other = untaught(lab, keras_version="2.0")
    found = client.filters_of(other.id, lab.settings)
    assert found.now is not None
    assert found.before is None
    assert "Keras" in found.why_not
    shipped = client.filters_of(SHIPPED_EVERYDAY, lab.settings)
    assert shipped.before is None
    assert "another network" in shipped.why_not


def test_networks_without_convolutions(lab, garments):
    settings, image = lab.settings, garments.test.images[0]
    one_layer = untaught(lab, "model.blocks=[]", "model.head=flatten")
    assert [one.kind for one in client.tapped_layers(one_layer.id, settings)] == ["answer"]
    assert client.grad_cam_of(one_layer.id, image, 0, settings) is None
    assert client.occlusion_of(one_layer.id, image, 0, settings).loss.shape == (28, 28)
    assert client.convolutions(one_layer.id, settings) == ()
    assert client.ablatable_layers(one_layer.id, settings)[-1].name == "answer"
    plain = untaught(lab, "blocks=[]", "dense=[]")
    assert client.data_map(plain.id, settings).plane.shape == (200, 2)
    templates = client.filters_of(one_layer.id, settings).now
    assert templates.kernels.shape == (10, 28, 28)
    pooled = untaught(lab, "model.blocks=[]", "model.head=global_average")
    assert client.filters_of(pooled.id, settings).now is None


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda *on: client.grad_cam_of(*on[:2], 0, on[2], layer="x"), None),
        (lambda *on: client.top_activations(on[0], "answer", 10, on[2]), None),
        (lambda *on: client.feature_maps_of(*on, layer="x"), None),
        (
            lambda *on: client.step_through(*on[:2], Place("x", 0, 0, 0), on[2]),
            "no convolution of this name",
        ),
        (
            lambda *on: client.ablate(*on[:2], Ablation("layer", layer="x"), on[2]),
            "no layer of this name",
        ),
    ],
)
def test_layers_that_are_not_there_are_explained(lab, run, garments, ask, said):
    with pytest.raises(ConfigError, match=said):
        ask(run.id, garments.test.images[0], lab.settings)


@pytest.mark.parametrize(
    "ask",
    [
        client.tapped_layers,
        client.filters_of,
        client.convolutions,
        client.ablatable_layers,
        client.data_map,
    ],
)
def test_networks_that_are_not_there_are_explained(lab, ask):
    with pytest.raises(RunError):
        ask("20260101-000000-none-0000", lab.settings)
    nothing = ended(lab)
    with pytest.raises(RunError, match="saved no network"):
        ask(nothing.id, lab.settings)
    nothing.model_path.write_bytes(untaught(lab).model_path.read_bytes()[:5000])
    with pytest.raises(TrainingError, match="cannot be read"):
        ask(nothing.id, lab.settings)


def test_numbers_come_from_the_networks_file(lab, run, garments):
    layers = client.convolutions(run.id, lab.settings)
    assert [layer.gives for layer in layers] == [(28, 28, 8), (14, 14, 16), (7, 7, 32)]
    place = Place(layers[1].name, 3, 4, 5)
    step = client.step_through(run.id, garments.test.images[0], place, lab.settings)
    assert step.place == place
    assert step.patch.shape == step.kernel.shape == (3, 3, 8)
    assert step.changes[-1].value == pytest.approx(step.results[4, 5], abs=1e-5)


def test_a_broken_copy_is_judged_on_the_same_images_as_the_whole(lab, run, garments):
    test, image = garments.test, garments.test.images[3]
    before = client.classify(run.id, test.images, lab.settings)
    ablation = Ablation("layer", layer="block2_conv1")
    result = client.ablate(run.id, image, ablation, lab.settings)
    accuracy = result.accuracy
    assert (accuracy.dataset, accuracy.images) == ("synthetic-garments", 200)
    order = subset(test.labels, 200, seed=0)
    assert np.array_equal(accuracy.labels, test.labels[order])
    # One image may be so close that the last digit decides.
    assert (accuracy.before == before[order].argmax(axis=1)).mean() > 0.99
    # With nothing to go by, all images are alike to it.
    assert len(set(accuracy.after.tolist())) == 1
    np.testing.assert_allclose(result.before.probabilities[0], before[3], atol=1e-4)
    assert not np.allclose(result.after.probabilities[0], before[3], atol=1e-4)
    # Others who ask the same network get it whole.
    whole = client.classify(run.id, test.images, lab.settings)
    np.testing.assert_allclose(whole, before, atol=1e-6)


def test_a_broken_image_comes_back(lab, run, garments):
    image = garments.test.images[3]
    ablation = Ablation("shift", strength=5.0)
    result = client.ablate(run.id, image, ablation, lab.settings)
    assert np.array_equal(result.image[:, 5:], image[:, :-5])
    shifted = client.classify(run.id, result.image[None], lab.settings)
    np.testing.assert_allclose(result.after.probabilities, shifted, atol=1e-4)


def test_without_test_images_only_the_answer_is_told(lab, garments):
    run = untaught(lab, "dataset=fashion-mnist")
    sought = client.top_activations(run.id, "answer", 0, lab.settings)
    assert (sought.result, sought.running) == (None, False)
    assert "not on this machine" in str(sought.error)
    with pytest.raises(NoDataError, match="not on this machine"):
        client.data_map(run.id, lab.settings)
    ablation = Ablation("weights", strength=1.0)
    result = client.ablate(run.id, garments.test.images[0], ablation, lab.settings)
    assert result.accuracy is None
    assert not np.allclose(result.before.probabilities, result.after.probabilities, atol=1e-4)


def until_unfolded(lab: Lab, run: RunFolder) -> JobState[np.ndarray]:
    client.tsne_map(run.id, lab.settings, begin=True)
    return over(lambda: client.tsne_map(run.id, lab.settings), "the unfolded map")


def not_begun(state: JobState[np.ndarray]) -> bool:
    return state.result is None and not state.running and not state.error


def kept(lab: Lab, kind: str) -> list[Path]:
    return list(lab.settings.cache_dir.glob(f"{kind}-*/*.npy"))


def test_the_map_is_of_the_test_images_the_network_is_judged_by(lab, run, garments):
    found = client.data_map(run.id, lab.settings)
    assert found.dataset == "synthetic-garments"
    assert found.fingerprint == garments.identity.fingerprint
    assert found.indices.tolist() == list(range(200))
    assert found.plane.shape == (200, 2)
    assert 0 < found.shares[1] <= found.shares[0] <= 1
    said = client.predict_calibrated(run.id, garments.test.images, lab.settings)
    np.testing.assert_allclose(found.answers.probabilities, said.probabilities, atol=1e-4)
    assert kept(lab, "atlas")


def test_it_is_unfolded_when_asked_to_and_then_kept(lab, run, garments):
    image = garments.test.images[5]
    assert not_begun(client.tsne_map(run.id, lab.settings))
    spot = client.place_on_map(run.id, image, lab.settings)
    assert spot.tsne is None
    state = until_unfolded(lab, run)
    assert not state.error
    assert state.result.shape == (200, 2)
    assert len(kept(lab, "tsne")) == 1
    spot = client.place_on_map(run.id, image, lab.settings)
    plane = client.data_map(run.id, lab.settings).plane
    assert spot.rows[0] == 5
    np.testing.assert_allclose(spot.plane, plane[5], atol=1e-3)
    np.testing.assert_allclose(spot.tsne, state.result[5], atol=1e-2)


def test_an_unfolding_can_be_stopped_and_begun_again(lab):
    other = untaught(lab)
    assert not client.stop_tsne(other.id, lab.settings)
    state = client.tsne_map(other.id, lab.settings, begin=True)
    assert state.running
    assert client.stop_tsne(other.id, lab.settings)
    assert not_begun(client.tsne_map(other.id, lab.settings))
    assert until_unfolded(lab, other).result is not None
