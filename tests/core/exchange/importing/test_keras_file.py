"""Networks that others have trained with Keras: taken in, judged, and asked."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fmnist_core.config import override
from fmnist_core.datasets.array_cache import save_arrays
from fmnist_core.datasets.dataset import Dataset, ImageSet
from fmnist_core.datasets.synthetic import synthetic_folder
from fmnist_core.errors import ArchitectureError, ConfigError, ExportError, ImportedFileError
from fmnist_core.exchange.exporting.exporting import export
from fmnist_core.exchange.exporting.formats import FORMATS
from fmnist_core.exchange.exporting.subject import subject_of
from fmnist_core.exchange.importing import import_file
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import Settings, load_settings

pytestmark = pytest.mark.training


@pytest.fixture
def lab(home: Path, garments: Dataset) -> Settings:
    save_arrays(synthetic_folder(load_settings()), garments)
    return load_settings()


def functional(scale: float | None, flat_input: bool = False) -> Any:
    """As people write them."""
    import keras

    inputs = x = keras.Input((28, 28) if flat_input else (28, 28, 1))
    if scale:
        x = keras.layers.Rescaling(scale)(x)
    if flat_input:
        x = keras.layers.Reshape((28, 28, 1))(x)
    x = keras.layers.Conv2D(8, 3, strides=2, activation="relu", padding="same")(x)
    skip = x = keras.layers.BatchNormalization(momentum=0.8)(x)
    x = keras.layers.Conv2D(8, 3, padding="same")(x)
    x = keras.layers.ReLU()(keras.layers.Add()([x, skip]))
    x = keras.layers.GlobalAveragePooling2D()(x)
    x = keras.layers.Dropout(0.1)(x)
    return keras.Model(inputs, keras.layers.Dense(10, activation="softmax")(x))


def sequential() -> Any:
    import keras

    dense = keras.layers.Dense(32, activation="relu"), keras.layers.Dense(10, use_bias=False)
    inputs = keras.Input((28, 28)), keras.layers.Flatten()
    return keras.Sequential([*inputs, *dense, keras.layers.Softmax()])


def taught(model: Any, data: Dataset, scale: float) -> Any:
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(data.train.images * np.float32(scale), data.train.labels, epochs=6, verbose=0)
    return model


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory, garments: Dataset) -> Path:
    path = tmp_path_factory.mktemp("theirs") / "theirs.keras"
    taught(functional(None), garments, 1 / 255).save(path)
    return path


@pytest.mark.parametrize(
    ("make", "scale", "pixels"),
    [
        (lambda: functional(None), 1 / 255, "0 to 1"),
        (lambda: functional(1 / 255), 1.0, "as they are, 0 to 255"),
        (lambda: functional(None, flat_input=True), 1 / 255, "0 to 1"),
        (sequential, 1 / 255, "0 to 1"),
    ],
)
def test_it_answers_as_it_did_where_it_was_trained(make, scale, pixels, lab, garments, tmp_path):
    from fmnist_core.training.network import load_classifier

    model = taught(make(), garments, scale)
    path = tmp_path / "theirs.keras"
    model.save(path)
    taken = import_file(path, lab, name="Theirs")
    assert pixels in taken.note
    images = garments.test.images[:50]
    found = load_classifier(taken.run_id, lab).answers(images).probabilities
    expected = model.predict(images * np.float32(scale), verbose=0)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_it_is_judged_like_any_run_and_cannot_be_trained_anew(lab, theirs, garments, tmp_path):
    from fmnist_core.training import evaluate_run_folder, train

    taken = import_file(theirs, lab)
    folder = RunFolder.open(lab.runs_dir, taken.run_id)
    evaluation = evaluate_run_folder(folder, data=garments)
    assert evaluation.images == len(garments.test)
    assert folder.status.test_accuracy == evaluation.accuracy
    assert folder.meta.name == "theirs"
    with pytest.raises(ArchitectureError, match="cannot be trained again"):
        train(override(folder.config, ["seed=3"]), tmp_path / "again", data=garments)


def test_it_goes_on_to_other_programs_that_can_hold_it(lab, theirs, garments, tmp_path):
    subject = subject_of(import_file(theirs, lab).run_id, lab)
    check = export(subject, FORMATS["onnx"], tmp_path / "out", lab).check
    assert check.labels_equal == check.images == len(garments.test)
    with pytest.raises(ExportError, match="page"):
        export(subject, FORMATS["page"], tmp_path / "out", lab)
    with pytest.raises(ConfigError):
        export(subject, FORMATS["script"], tmp_path / "out", lab)
    assert {each.suffix for each in (tmp_path / "out").iterdir()} == {".onnx", ".md"}


def test_a_network_that_does_not_end_as_a_classifier_is_refused(lab, tmp_path):
    import keras

    last = keras.layers.Dense(10, activation="tanh", name="last")
    keras.Sequential([keras.Input((28, 28)), keras.layers.Flatten(), last]).save(
        tmp_path / "net.keras"
    )
    with pytest.raises(ImportedFileError, match="tanh of Dense 'last'"):
        import_file(tmp_path / "net.keras", lab)
    assert not list(lab.runs_dir.glob("*"))


def test_a_network_that_only_guesses_here_is_taken_with_a_warning(lab, garments, tmp_path):
    """It learned the classes in another order."""
    moved = ImageSet(garments.train.images, (garments.train.labels + 1) % 10)
    taught(sequential(), Dataset(moved, moved, garments.identity), 1 / 255).save(
        tmp_path / "net.keras"
    )
    found = import_file(tmp_path / "net.keras", lab)
    assert "guessing is right in 10" in found.warning
    assert RunFolder.open(lab.runs_dir, found.run_id).status.state == "finished"


def test_sigmoids_are_read_and_said_to_be(lab, garments, tmp_path):
    import keras

    last = keras.layers.Dense(10, activation="sigmoid")
    model = keras.Sequential([keras.Input((28, 28)), keras.layers.Flatten(), last])
    taught(model, garments, 1 / 255).save(tmp_path / "net.keras")
    found = import_file(tmp_path / "net.keras", lab)
    assert "ten sigmoids" in found.note
    assert found.warning == ""


def test_weights_that_are_no_numbers_are_refused(lab, tmp_path):
    model = functional(None)
    model.set_weights([np.full_like(weight, np.nan) for weight in model.get_weights()])
    model.save(tmp_path / "net.keras")
    with pytest.raises(ImportedFileError, match="no numbers"):
        import_file(tmp_path / "net.keras", lab)
