"""Copies of networks that are broken and mended; the networks themselves stay as they are."""

from typing import Any

import numpy as np
import pytest

from fmnist_core.config import RunConfig, override
from fmnist_core.config.presets import preset
from fmnist_core.errors import ConfigError
from fmnist_core.explain.ablation import IMAGE_KINDS, STRONGEST, Ablation, PairedAccuracy, corrupt
from tests.nets import PLAIN, RESIDUAL, seeded


def built(*changes: str, net: RunConfig = RESIDUAL) -> Any:
    return seeded(override(net, changes), 3)


def said(model_copy: Any, ablation: Ablation, images: np.ndarray, layer: str = "") -> np.ndarray:
    """What the broken copy answers, or one of its layers gives."""
    import keras

    with model_copy.ablated(ablation) as network:
        if layer:
            network = keras.Model(network.inputs, network.get_layer(layer).output)
        return np.asarray(network.predict_on_batch(images))


@pytest.mark.training
@pytest.mark.parametrize(
    "net", [RESIDUAL, preset("reference-b").config], ids=["residual", "reference-b"]
)
def test_the_network_stays_as_it_was_and_the_copy_is_mended(net, garments):
    from fmnist_core.explain.ablated_model import AblatableModel
    from fmnist_core.models.features import scores

    model, images = built(net=net), garments.test.images[:8]
    weights, before = model.get_weights(), scores(model, images)
    model_copy = AblatableModel(model)
    for ablation in (
        Ablation("layer", layer="block1_conv1"),
        Ablation("filters", layer="block2_conv1", channels=(1, 3)),
        Ablation("weights", strength=1.0),
    ):
        with model_copy.ablated(ablation) as network:
            assert not np.allclose(scores(network, images), before, atol=1e-3)
        with model_copy.intact() as network:
            np.testing.assert_allclose(scores(network, images), before, atol=1e-4)
    assert all(
        np.array_equal(one, other) for one, other in zip(weights, model.get_weights(), strict=True)
    )


@pytest.mark.training
def test_a_copy_that_failed_while_broken_is_mended_all_the_same(garments):
    from fmnist_core.explain.ablated_model import AblatableModel
    from fmnist_core.models.features import scores

    model_copy, images = AblatableModel(built(net=PLAIN)), garments.test.images[:4]
    with model_copy.intact() as network:
        before = scores(network, images)
    with pytest.raises(RuntimeError), model_copy.ablated(Ablation("weights", strength=2.0)):
        raise RuntimeError
    with model_copy.intact() as network:
        np.testing.assert_allclose(scores(network, images), before, atol=1e-6)


@pytest.mark.training
@pytest.mark.parametrize("activation", ["relu", "sigmoid"])
def test_what_is_off_gives_nothing_even_after_its_bend(activation, garments):
    from fmnist_core.explain.ablated_model import AblatableModel

    model = built(f"model.blocks.0.activation={activation}", net=PLAIN)
    ablation = Ablation("filters", layer="block1_conv1", channels=(2, 5))
    pooled = said(AblatableModel(model), ablation, garments.test.images[:3], "block1_max_pool")
    off = [channel for channel in range(8) if not pooled[..., channel].any()]
    assert set(off) >= {2, 5}
    assert len(off) < 8


@pytest.mark.training
def test_a_shortcut_stays_where_its_layer_is_off(garments):
    from fmnist_core.explain.ablated_model import AblatableModel

    model_copy, images = AblatableModel(built()), garments.test.images[:3]
    ablation = Ablation("layer", layer="block2_conv2")
    added = said(model_copy, ablation, images, "block2_add")
    shortcut = said(model_copy, ablation, images, "block2_shortcut")
    assert shortcut.any()
    np.testing.assert_allclose(added, shortcut, atol=1e-6)


@pytest.mark.training
def test_noise_on_one_layer_leaves_the_others(garments):
    from fmnist_core.explain.ablated_model import AblatableModel

    model = built(net=PLAIN)
    ablation = Ablation("weights", layer="block2_conv1", strength=0.5, seed=4)
    with AblatableModel(model).ablated(ablation) as network:
        changed = {
            layer.name
            for layer in model.layers
            for mine, theirs in zip(
                layer.get_weights(), network.get_layer(layer.name).get_weights(), strict=True
            )
            if not np.array_equal(mine, theirs)
        }
        kernel = model.get_layer("block2_conv1").get_weights()[0]
        moves = network.get_layer("block2_conv1").get_weights()[0] - kernel
    assert changed == {"block2_conv1"}
    assert moves.std() == pytest.approx(0.5 * kernel.std(), rel=0.1)


@pytest.mark.training
def test_parts_of_networks_of_any_make():
    import keras

    from fmnist_core.explain.ablated_model import AblatableModel, ablatable_layers

    assert [part.kind for part in ablatable_layers(built("model.blocks=[]", "model.dense=[]"))] == [
        "answer"
    ]
    first = keras.layers.Conv2D(4, 3, activation="relu", name="first")
    last = keras.layers.Dense(10, name="last")
    model = keras.Sequential([keras.Input((28, 28, 1)), first, keras.layers.Flatten(), last])
    model_copy = AblatableModel(model)
    assert [(part.name, part.channels) for part in model_copy.ablatable_layers] == [
        ("first", 4),
        ("last", 10),
    ]
    images = np.full((1, 28, 28, 1), 200, np.uint8)
    bias = said(model_copy, Ablation("layer", layer="first"), images)
    np.testing.assert_allclose(bias[0], model.get_layer("last").get_weights()[1], atol=1e-6)


@pytest.mark.training
@pytest.mark.parametrize(
    "ablation",
    [
        Ablation("layer", layer="no such layer"),
        Ablation("layer", layer="answer"),
        Ablation("filters", layer="block1_conv1", channels=(8,)),
        Ablation("weights", layer="block1_max_pool", strength=1.0),
    ],
)
def test_what_is_not_there_cannot_be_broken(ablation):
    from fmnist_core.explain.ablated_model import AblatableModel

    with pytest.raises(ConfigError), AblatableModel(built(net=PLAIN)).ablated(ablation):
        pass


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "hammer"},
        {"kind": "filters"},
        {"kind": "layer"},
        {"kind": "weights", "strength": 2.1},
        {"kind": "noise", "strength": -1.0},
        {"kind": "noise", "strength": float("nan")},
        {"kind": "turn", "strength": 181.0},
        {"kind": "filters", "layer": "one", "channels": (-1,)},
        {"kind": "blur", "strength": 1.0, "seed": -1},
    ],
)
def test_a_breakage_checks_itself(fields):
    with pytest.raises(ConfigError):
        Ablation(**fields)


@pytest.mark.parametrize("kind", IMAGE_KINDS)
def test_images_are_damaged_alike_each_time_and_never_in_place(kind, garments):
    images = garments.test.images[:5]
    before = images.copy()
    ablation = Ablation(kind, strength=STRONGEST[kind] / 3)
    once, twice = corrupt(images, ablation), corrupt(images, ablation)
    assert (once.shape, once.dtype) == (images.shape, np.uint8)
    assert np.array_equal(once, twice)
    assert np.array_equal(images, before)
    assert not np.array_equal(once, images)
    assert corrupt(images, Ablation(kind)) is images


def test_damage_is_what_it_is_called(garments):
    images = garments.test.images[:50]
    shifted = corrupt(images, Ablation("shift", strength=3.0))
    assert np.array_equal(shifted[:, :, 3:], images[:, :, :-3])
    turned = corrupt(images, Ablation("turn", strength=90.0))
    assert np.abs(turned.astype(int) - np.rot90(images, -1, axes=(1, 2))).max() <= 1
    grey = np.full((50, 28, 28), 100, np.uint8)
    assert corrupt(grey, Ablation("noise", strength=20.0)).std() == pytest.approx(20, rel=0.05)
    salted = corrupt(grey, Ablation("salt", strength=0.2))
    assert set(np.unique(salted)) == {0, 100, 255}
    assert (salted != 100).mean() == pytest.approx(0.2, abs=0.01)


def test_judged_counts_what_changed_image_by_image():
    labels = np.array([0, 0, 1, 1, 2], np.uint8)
    before = np.array([0, 0, 1, 0, 2], np.uint8)
    after = np.array([0, 1, 0, 1, 0], np.uint8)
    accuracy = PairedAccuracy("fashion-mnist", labels, before, after)
    assert accuracy.accuracies == (0.8, 0.4)
    assert accuracy.changed == 4
    loss = accuracy.loss
    assert (loss.both, loss.only_first, loss.only_second, loss.neither) == (1, 3, 1, 0)
    assert loss.difference == pytest.approx(0.4)
    np.testing.assert_allclose(accuracy.recalls[:, :3], [[1, 0.5, 1], [0.5, 0.5, 0]])
    assert np.isnan(accuracy.recalls[:, 3]).all()
    assert accuracy.intervals[0][0] < 0.8 < accuracy.intervals[0][1]
