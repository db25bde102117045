"""Filters, feature maps and what excites them."""

import gc
import weakref
from typing import Any

import numpy as np
import pytest

from fmnist_core.config import override
from fmnist_core.errors import ConfigError
from fmnist_core.explain.top_activations import Ranking, load_ranking, save_ranking
from tests.nets import PLAIN, seeded, tiny


def network(*changes: str) -> Any:
    return seeded(override(PLAIN, changes), 3)


@pytest.mark.training
def test_maps_are_the_layers_own_numbers(garments):
    import keras

    from fmnist_core.explain.feature_maps import feature_maps

    model, image = network(), garments.test.images[3]
    every = {one.layer: one for one in feature_maps(model, image, count=3)}
    own = np.asarray(
        keras.Model(model.input, model.get_layer("block1_conv1").output)(
            image[None, ..., None].astype(np.float32)
        )
    )[0]
    found = every["block1_conv1"]
    assert found.shape == own.shape
    loudest = own.max(axis=(0, 1))
    assert len(set(found.channels.tolist())) == 3
    np.testing.assert_allclose(loudest[found.channels], -np.sort(-loudest)[:3], atol=1e-5)
    for place, channel in enumerate(found.channels):
        values = own[..., channel]
        assert found.least[place] == pytest.approx(values.min(), abs=1e-5)
        assert found.most[place] == pytest.approx(values.max(), abs=1e-5)
        step = (found.most[place] - found.least[place]) / 255
        back = found.least[place] + found.maps[place] * step
        np.testing.assert_allclose(back, values, atol=0.51 * step + 1e-5)
    assert not found.ends_stage
    assert every["block1_conv1_relu"].ends_stage
    assert every["block1_max_pool"].ends_stage


@pytest.mark.training
def test_all_maps_of_one_layer_by_their_numbers(garments):
    from fmnist_core.explain.feature_maps import feature_maps

    model, image = network(), garments.test.images[0]
    (found,) = feature_maps(model, image, layer="block2_conv1", count=1024, strongest=False)
    assert found.channels.tolist() == list(range(16))
    (units,) = feature_maps(model, image, layer="answer", strongest=False)
    assert units.maps.shape == (10, 1, 1)
    # One scale for all units: exactly the extremes are black and white.
    assert (units.maps.min(), units.maps.max()) == (0, 255)
    assert units.maps[units.most.argmax(), 0, 0] == 255


@pytest.mark.training
def test_a_silent_map_is_black():
    from fmnist_core.explain.feature_maps import feature_maps

    model = network()
    layer = model.get_layer("block1_conv1")
    layer.set_weights([np.zeros_like(part) for part in layer.get_weights()])
    (found,) = feature_maps(model, np.full((28, 28), 9, np.uint8), layer="block1_conv1")
    assert not found.maps.any()
    assert np.array_equal(found.least, found.most)


@pytest.mark.training
@pytest.mark.parametrize(("layer", "count"), [("nowhere", 8), ("", 0), ("", 5000)])
def test_maps_that_there_are_not(layer, count):
    from fmnist_core.explain.feature_maps import feature_maps

    with pytest.raises(ConfigError):
        feature_maps(network(), np.zeros((28, 28), np.uint8), layer=layer, count=count)


@pytest.mark.training
@pytest.mark.parametrize(
    ("changes", "shape"),
    [
        ((), (8, 3, 3)),
        (("model.blocks=[]", "model.head=flatten"), (10, 28, 28)),
        (("model.blocks=[]", "model.head=flatten", "model.dense=[7]"), (7, 28, 28)),
    ],
)
def test_the_first_filters_are_what_pixels_are_multiplied_with(changes, shape):
    from fmnist_core.explain.feature_maps import first_filters

    model = network(*changes)
    found = first_filters(model)
    assert found.kernels.shape == shape
    kernel = model.get_layer(found.layer).get_weights()[0]
    one = kernel[:, :, 0, 4] if kernel.ndim == 4 else kernel[:, 4].reshape(28, 28)
    assert np.array_equal(found.kernels[4], one)


@pytest.mark.training
def test_a_layer_that_reads_no_pixels_has_no_filters_to_draw():
    from fmnist_core.explain.feature_maps import first_filters

    assert first_filters(network("model.blocks=[]", "model.head=global_average")) is None


@pytest.mark.training
def test_the_filters_before_training_are_drawn_anew(tmp_path, garments):
    import keras

    from fmnist_core.explain.feature_maps import filters_before_training, first_filters
    from fmnist_core.training import train

    class Beginning(keras.callbacks.Callback):
        def on_train_begin(self, logs: Any = None) -> None:
            self.filters = first_filters(self.model)

    seen = Beginning()
    run = tiny("epochs=1", "seed=42", "record_dynamics=false")
    train(run, tmp_path / "run", data=garments, callbacks=[seen])
    again = filters_before_training(run)
    assert np.array_equal(again.kernels, seen.filters.kernels)
    other = filters_before_training(override(run, ["seed=43"]))
    assert not np.allclose(other.kernels, again.kernels)


@pytest.mark.training
@pytest.mark.parametrize("output", ["softmax", "logits"])
def test_the_nine_most_exciting_images_are_found(output, garments):
    from fmnist_core.explain.max_activations import column, max_activations, rank
    from fmnist_core.models.features import scores

    model, images = network(f"model.output={output}", "model.dense=[6]"), garments.test.images
    told: list[float] = []
    found = rank(model, images, report=told.append)
    values = max_activations(model, images)
    assert found.indices.shape == (values.shape[1], 9)
    # Sums of other batches are other in their last digits, so that ties may fall either way: the
    # values are the nine largest, and those of the images that are named.
    largest = -np.sort(-values.T, axis=1)[:, :9]
    np.testing.assert_allclose(found.values, largest, rtol=1e-4, atol=1e-4)
    named = np.take_along_axis(values.T, found.indices, axis=1)
    np.testing.assert_allclose(found.values, named, rtol=1e-4, atol=1e-4)
    assert (np.diff(found.values) <= 0).all()
    assert all(len(set(row)) == 9 for row in found.indices.tolist())
    assert told[-1] == 1
    assert told == sorted(told)
    # Of the answer, the scores count: after a softmax, sure ones would all be alike.
    place = column(model, "answer", 3)
    np.testing.assert_allclose(values[:, place], scores(model, images)[:, 3], atol=1e-4)
    assert column(model, "dense1", 0) == 8 + 16 + 32


@pytest.mark.training
def test_where_a_map_fires_is_the_map(garments):
    import keras

    from fmnist_core.explain.max_activations import channel_maps, column, max_activations

    model, images = network(), garments.test.images[:4]
    maps = channel_maps(model, images, "block2_conv1", 5)
    own = keras.Model(model.input, model.get_layer("block2_conv1_relu").output)(images[..., None])
    np.testing.assert_allclose(maps, np.asarray(own)[..., 5], atol=1e-5)
    loudest = max_activations(model, images)[:, column(model, "block2_conv1", 5)]
    np.testing.assert_allclose(maps.max(axis=(1, 2)), loudest, atol=1e-5)
    assert channel_maps(model, images, "answer", 0) is None


@pytest.mark.training
@pytest.mark.parametrize(("layer", "channel"), [("block1_conv1", 8), ("answer", -1), ("x", 0)])
def test_channels_that_there_are_not(layer, channel):
    from fmnist_core.explain.activation_maximization import maximize_activation

    with pytest.raises(ConfigError):
        maximize_activation(network(), layer, channel)


@pytest.mark.training
@pytest.mark.parametrize(("layer", "channel"), [("block2_conv1", 2), ("dense1", 5), ("answer", 7)])
def test_an_imagined_image_excites_more_than_any_found_one(layer, channel, garments):
    from fmnist_core.explain.activation_maximization import maximize_activation
    from fmnist_core.explain.max_activations import column, max_activations

    model = network("model.dense=[6]", "model.output=softmax")
    told: list[float] = []
    found = maximize_activation(model, layer, channel, report=told.append)
    place = column(model, layer, channel)
    assert found.image.shape == (28, 28)
    assert found.value == pytest.approx(
        max_activations(model, found.image[None])[0, place], abs=1e-5
    )
    assert found.value > max_activations(model, garments.test.images)[:, place].max()
    assert told[-1] == 1
    assert np.array_equal(maximize_activation(model, layer, channel).image, found.image)
    assert not np.array_equal(maximize_activation(model, layer, channel, seed=1).image, found.image)


def test_rankings_are_merged_as_if_made_at_once():
    values = np.random.default_rng(0).normal(size=(50, 4)).astype(np.float32)
    whole = Ranking.of(values)
    parts = Ranking.of(values[:20]).merged(Ranking.of(values[20:], 20))
    assert np.array_equal(whole.indices, parts.indices)
    assert np.array_equal(whole.values, parts.values)
    assert Ranking.of(values[:3]).indices.shape == (4, 3)


def test_a_ranking_is_kept_on_disk_and_made_anew_where_it_does_not_fit(tmp_path):
    values = np.random.default_rng(0).normal(size=(50, 4)).astype(np.float32)
    path, ranking = tmp_path / "some.npy", Ranking.of(values)
    assert load_ranking(path, 50) is None
    save_ranking(path, ranking)
    kept = load_ranking(path, 50)
    assert np.array_equal(kept.indices, ranking.indices)
    assert np.array_equal(kept.values, ranking.values)
    # Of fewer images than it speaks of, it is not.
    assert load_ranking(path, 10) is None
    np.save(path, values)
    assert load_ranking(path, 50) is None
    path.write_bytes(b"broken")
    assert load_ranking(path, 50) is None


@pytest.mark.training
def test_a_network_that_is_forgotten_is_not_kept_by_what_was_seen_in_it():
    from fmnist_core.explain.activation_maximization import maximize_activation
    from fmnist_core.explain.feature_maps import feature_maps
    from fmnist_core.explain.gradcam import class_activation_map
    from fmnist_core.explain.integrated_gradients import attribute
    from fmnist_core.explain.max_activations import channel_maps, max_activations
    from fmnist_core.models.features import before_answer

    model, image = network(), np.zeros((28, 28), np.uint8)
    before_answer(model)
    class_activation_map(model, image, 0)
    feature_maps(model, image)
    class_activation_map(model, image, 0, "block1_conv1")
    attribute(model, image, 0)
    max_activations(model, image[None])
    channel_maps(model, image[None], "block1_conv1", 0)
    maximize_activation(model, "answer", 0)
    gone = weakref.ref(model)
    del model
    gc.collect()
    assert gone() is None
