"""Networks as people build and save them: read as they were meant, asked all that the lab asks."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fmnist_core.datasets.dataset import Dataset
from fmnist_core.errors import ImportedFileError
from fmnist_core.exchange.importing.loading import PIXELS, load
from fmnist_core.exchange.importing.vetting import vet
from tests.core.exchange.importing.keras_2 import as_keras_2

pytestmark = pytest.mark.training


def branches() -> Any:
    """Two layers of one kind at one depth; arithmetic with numbers and with layers."""
    import keras

    layers = keras.layers
    pixels = keras.Input((28, 28, 1))
    x = 1.0 - pixels / 255.0
    left = layers.Conv2D(4, 3, strides=2, padding="same", activation="relu")(x)
    right = layers.Conv2D(4, 3, strides=2, padding="same")(x)
    left = layers.PReLU(shared_axes=[1, 2])(layers.SeparableConv2D(4, 3, padding="same")(left))
    x = layers.Add()([left, right]) + right * 2.0
    x = layers.LeakyReLU(0.3)(layers.DepthwiseConv2D(3)(layers.BatchNormalization()(x)))
    x = layers.Dense(6, activation=layers.LeakyReLU(0.2))(layers.GlobalAveragePooling2D()(x))
    return keras.Model(pixels, layers.Dense(10, activation="softmax")(layers.Dense(8)(x)))


def within() -> Any:
    """Augmentation, and layers of one name in networks within the network."""
    import keras

    layers = keras.layers

    def convolution() -> Any:
        inside = layers.Conv2D(2, 3, strides=2, name="same_name"), layers.Conv2D(2, 3)
        return keras.Sequential([keras.Input((28, 28, 1)), *inside])

    bends = [layers.RandomFlip(), layers.RandomRotation(0.1), layers.RandomZoom(0.1)]
    augmentation = keras.Sequential([keras.Input((28, 28, 1)), *bends])
    pixels = keras.Input((28, 28, 1))
    x = layers.Rescaling(1 / 255)(augmentation(pixels))
    x = layers.Concatenate()([convolution()(x), convolution()(x)])
    x = layers.Dropout(0.2)(layers.Flatten()(x))
    return keras.Model(pixels, layers.Dense(10, activation="softmax")(x))


def flat() -> Any:
    import keras
    import tensorflow as tf

    hidden = keras.layers.Dense(8, activation=tf.nn.swish)
    last = keras.layers.Dense(10, activation=tf.nn.log_softmax)
    return keras.Sequential([keras.Input((784,)), hidden, last])


def reshaped() -> Any:
    import keras

    pixels = keras.Input((28, 28))
    x = keras.ops.expand_dims(pixels, -1) - 0.5
    x = keras.ops.cast(keras.ops.relu(-x), "float32")
    x = keras.layers.Dense(10)(keras.ops.reshape(x, (-1, 784)))
    return keras.Model(pixels, keras.ops.softmax(x))


def averaged() -> Any:
    """No dense layer; brightness as the training images have it."""
    import keras

    layers = keras.layers
    normal = layers.Normalization(axis=None, mean=73.0, variance=8_100.0)
    maps = layers.Conv2D(6, 3, strides=2, activation="relu"), layers.Conv2D(10, 3)
    end = layers.GlobalAveragePooling2D(), layers.Activation("softmax")
    return keras.Sequential([keras.Input((28, 28, 1)), normal, *maps, *end])


def adapted() -> Any:
    import keras

    normal = keras.layers.Normalization(axis=-1)
    model = keras.Sequential([keras.Input((784,)), normal, keras.layers.Dense(10)])
    normal.adapt(np.random.default_rng(0).uniform(0, 255, (64, 784)))
    return model


def yes_or_no() -> Any:
    import keras

    flat_images = keras.layers.Rescaling(1 / 255), keras.layers.Flatten()
    last = keras.layers.Dense(10, activation="sigmoid")
    return keras.Sequential([keras.Input((28, 28)), *flat_images, last])


KINDS = (branches, within, flat, reshaped, averaged, adapted, yes_or_no)


def made(make: Callable[[], Any], path: Path) -> Any:
    """A network with weights by chance, saved."""
    import keras

    model = make()
    rng = np.random.default_rng(3)
    # Also a variance is among them: it is positive.
    model.set_weights(
        [
            rng.normal(0, 0.1, one.shape) if one.ndim > 1 else rng.uniform(0.1, 0.4, one.shape)
            for one in model.get_weights()
        ]
    )
    for layer in model.layers:
        if isinstance(layer, keras.layers.Normalization):
            layer.finalize_state()
    model.save(path)
    return model


def read(path: Path, data: Dataset) -> tuple[Any, dict[str, Any]]:
    """The lab's network from a file, read in this process; and what was found out about it."""
    import keras

    examples, out = path.with_suffix(".npz"), path.with_suffix(".ours.keras")
    np.savez(examples, images=data.test.images, labels=data.test.labels)
    vet(path, path.parent)
    found = load(path.parent / "vetted.keras", examples, out)
    return keras.saving.load_model(out), found


def scores(model: Any, images: Any) -> Any:
    from fmnist_core.models.features import scores

    return scores(model, images)


def expected(model: Any, images: Any, found: dict[str, Any]) -> Any:
    """The probabilities of a network with the gray values that the lab took for its own."""
    scale, offset = PIXELS[found["pixels"]]
    given = images.reshape(len(images), *model.input_shape[1:]) * np.float32(scale)
    said = model.predict(given + np.float32(offset), verbose=0).astype(float)
    if found["ending"] == "sigmoid":
        said = np.log(said) - np.log1p(-said)
    return said if found["ending"] == "softmax" else softmax(said)


def softmax(said: Any) -> Any:
    shares = np.exp(said - said.max(axis=1, keepdims=True))
    return shares / shares.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("make", KINDS)
def test_it_answers_as_its_file_does(make, garments, tmp_path):
    model = made(make, tmp_path / "net.keras")
    ours, found = read(tmp_path / "net.keras", garments)
    images = garments.test.images[:40]
    given = softmax(scores(ours, images).astype(float))
    np.testing.assert_allclose(given, expected(model, images, found), atol=1e-4)


@pytest.mark.parametrize("version", ["2.13.1", "2.15.0"])
@pytest.mark.parametrize("make", [branches, within])
def test_files_of_keras_2_are_read_with_their_weights(make, version, garments, tmp_path):
    path = tmp_path / "net.keras"
    model = made(make, path)
    ours, found = read(as_keras_2(path, version), garments)
    images = garments.test.images[:40]
    given = softmax(scores(ours, images).astype(float))
    np.testing.assert_allclose(given, expected(model, images, found), atol=1e-4)


@pytest.mark.parametrize("make", KINDS)
def test_everything_that_the_lab_asks_a_network_is_answered(make, garments, tmp_path):
    import onnxruntime

    from fmnist_core.explain.ablated_model import AblatableModel
    from fmnist_core.explain.feature_maps import feature_maps
    from fmnist_core.explain.gradcam import class_activation_map
    from fmnist_core.explain.integrated_gradients import attribute
    from fmnist_core.explain.layer_taps import convolutions
    from fmnist_core.explain.max_activations import max_activations
    from fmnist_core.explain.occlusion import occlude
    from fmnist_core.models.features import features

    made(make, tmp_path / "net.keras")
    ours, _ = read(tmp_path / "net.keras", garments)
    image, some = garments.test.images[0], garments.test.images[:5]
    assert len(features(ours, some)) == 5
    assert np.isfinite(max_activations(ours, some)).all()
    assert feature_maps(ours, image)[-1].layer == "answer"
    assert np.isfinite(attribute(ours, image, 3).shares).all()
    assert occlude(ours, image, 3, patch=14, stride=14, temperature=1.0).loss.shape == (28, 28)
    # Networks without a convolution have no maps to weigh.
    assert (class_activation_map(ours, image, 3, "") is None) == (not convolutions(ours))
    ours.export(str(tmp_path / "net.onnx"), format="onnx", verbose=False)
    other = onnxruntime.InferenceSession(str(tmp_path / "net.onnx"))
    (only,) = other.get_inputs()
    (said,) = other.run(None, {only.name: some[..., None].astype(np.float32)})
    np.testing.assert_allclose(said, scores(ours, some), atol=1e-3)
    with AblatableModel(ours).intact() as copied:
        np.testing.assert_allclose(scores(copied, some), scores(ours, some), atol=1e-4)


@pytest.mark.parametrize(
    "pixels", ["0 to 1", "-1 to 1", "mean 0, deviation 1", "inverted, 0 to 1", "inverted, -1 to 1"]
)
def test_the_gray_values_that_it_learned_from_are_found(pixels, garments, tmp_path):
    import keras

    keras.utils.set_random_seed(1)
    scale, offset = PIXELS[pixels]
    first = keras.Input((28, 28)), keras.layers.Flatten(), keras.layers.Dense(32, activation="relu")
    model = keras.Sequential([*first, keras.layers.Dense(10, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    taught = garments.train.images * np.float32(scale) + np.float32(offset)
    model.fit(taught, garments.train.labels, epochs=12, verbose=0)
    model.save(tmp_path / "net.keras")
    _, found = read(tmp_path / "net.keras", garments)
    given = garments.test.images * np.float32(scale) + np.float32(offset)
    right = (model.predict(given, verbose=0).argmax(axis=1) == garments.test.labels).mean()
    assert found["pixels"].startswith("inverted") == pixels.startswith("inverted")
    # Values as good as its own are taken for its own where most people use them.
    assert found["accuracy"] >= right - 0.02


@pytest.mark.parametrize("bend", ["tanh", "relu"])
def test_an_ending_that_gives_no_probabilities_is_named(bend, garments, tmp_path):
    import keras

    layers = keras.layers.Flatten(), keras.layers.Dense(10, activation=bend, name="last")
    keras.Sequential([keras.Input((28, 28, 1)), *layers]).save(tmp_path / "net.keras")
    with pytest.raises(ImportedFileError, match=f"the activation {bend} of Dense 'last'"):
        read(tmp_path / "net.keras", garments)


def test_probabilities_that_are_averaged_are_no_scores(garments, tmp_path):
    import keras

    maps = keras.layers.Conv2D(10, 3, activation="softmax"), keras.layers.GlobalAveragePooling2D()
    keras.Sequential([keras.Input((28, 28, 1)), *maps]).save(tmp_path / "net.keras")
    with pytest.raises(ImportedFileError, match=r"probabilities already.*GlobalAveragePooling2D"):
        read(tmp_path / "net.keras", garments)


def test_a_refusal_says_what_is_meant_which_keras_saved_it_and_what_to_do(garments, tmp_path):
    path = tmp_path / "net.keras"
    made(yes_or_no, path)
    with zipfile.ZipFile(as_keras_2(path, "2.15.0")) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    description = json.loads(parts["config.json"])
    description["config"]["layers"].insert(
        1, {"module": "keras.layers", "class_name": "Permute", "config": {"name": "turned"}}
    )
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in (parts | {"config.json": json.dumps(description)}).items():
            archive.writestr(name, content)
    with pytest.raises(ImportedFileError) as refused:
        read(path, garments)
    assert refused.value.received == "Permute 'turned'"
    assert "Replace it" in refused.value.advice
    assert "Keras 2.15.0 saved it" in refused.value.advice


def test_a_curve_that_keras_has_changed_since_is_not_taken_for_the_new_one(garments, tmp_path):
    import keras

    path = tmp_path / "net.keras"
    hidden = keras.layers.Flatten(), keras.layers.Dense(4, activation="hard_sigmoid")
    made(lambda: keras.Sequential([keras.Input((28, 28)), *hidden, keras.layers.Dense(10)]), path)
    read(path, garments)
    with pytest.raises(ImportedFileError, match="another curve"):
        read(as_keras_2(path, "2.15.0"), garments)
