"""What a training writes down about itself, and that it learns the same as without."""

from pathlib import Path

import numpy as np
import pytest

from fmnist_core.config import RunConfig
from fmnist_core.datasets.dataset import Dataset
from fmnist_core.errors import TrainingError
from fmnist_core.preprocessing.resize import fit_to
from fmnist_core.runs.feature_maps import read_feature_maps, scaled
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.pinned_images import PinnedImage, PinnedImageStore
from fmnist_core.runs.trace import Trace, read_trace
from fmnist_core.settings import load_settings
from tests import nets
from tests.nets import Stops, events, figures, train

pytestmark = pytest.mark.training


def small(*changes: str) -> RunConfig:
    return nets.small("batch_size=10", "epochs=2", *changes)


def traced(place: Path, garments: Dataset, *changes: str) -> Trace:
    train(small(*changes), place, data=garments)
    return read_trace(RunFolder(place))


def test_a_trace_holds_the_beginning_the_first_epoch_and_each_later_one(tmp_path, garments):
    trace = traced(tmp_path / "run", garments, "epochs=3", "batch_size=2")
    places = [one.epochs for one in trace.snapshots]
    assert places[0] == 0
    assert places[-3:] == [1, 2, 3]
    inside = places[1:-3]
    assert len(inside) >= 3
    assert all(0 < place < 1 for place in inside)
    assert trace.missing == ()
    last = trace.snapshots[-1]
    assert (last.step, last.images_seen, last.images) == (810, 1620, 60)
    accuracies = figures(tmp_path / "run", "val_accuracy")
    assert last.accuracy == pytest.approx(accuracies[-1], abs=1e-5)
    assert last.filters.shape == (5, 5, 1, 6)
    assert trace.beginning.filters is not None
    assert np.abs(last.filters - trace.beginning.filters).max() > 0.01
    names = [layer.name for layer in trace.layers]
    assert names == ["block1_conv1", "block2_conv1", "dense1", "answer"]
    for state in last.layers:
        assert state.weight_norm is not None
        assert state.gradient_norm is not None
        assert state.update_ratio is not None
        assert 1e-6 < state.update_ratio < 1
    assert last.layers[-1].dead_share is None
    assert last.layers[0].dead_share is not None
    assert trace.beginning.layers[0].update_ratio is None


def test_the_last_snapshot_is_of_the_saved_network(tmp_path, garments):
    from fmnist_core.datasets.split import stratified_split
    from fmnist_core.models.build import load_model
    from fmnist_core.training.evaluate import predict

    trace = traced(tmp_path / "run", garments)
    model = load_model(tmp_path / "run" / "model.keras")
    last = trace.snapshots[-1]
    images = np.stack([pinned_image.image for pinned_image in trace.pinned_images])
    np.testing.assert_allclose(last.probabilities, predict(model, images), atol=1e-3)
    kernel = np.asarray(model.get_layer("block1_conv1").kernel)
    np.testing.assert_array_equal(last.filters, kernel)
    held = garments.train.take(stratified_split(garments.train.labels, 0.1, 0)[1])
    said = predict(model, held.images).argmax(axis=1)
    counts = np.zeros((10, 10), int)
    np.add.at(counts, (held.labels, said), 1)
    np.testing.assert_array_equal(last.confusion.sum(axis=1), counts.sum(axis=1))
    # One image may be so close that the last digit decides.
    assert np.abs(last.confusion - counts).sum() <= 2


def test_writing_it_down_changes_nothing_that_is_learned(tmp_path, garments):
    for name in ("true", "false"):
        train(small(f"record_dynamics={name}", "head_dropout=0.2"), tmp_path / name, data=garments)
    with_trace, without = (events(tmp_path / name, "epoch") for name in ("true", "false"))
    for one, other in zip(with_trace, without, strict=True):
        for figure in ("loss", "accuracy", "val_loss", "val_accuracy"):
            assert one[figure] == pytest.approx(other[figure], abs=2e-4)
    assert not (tmp_path / "false" / "trace.jsonl").exists()


def test_validation_gives_the_figures_that_keras_gives(garments):
    from fmnist_core.training.compile import compiled_model
    from fmnist_core.training.loop import validate

    config = small("label_smoothing=0.1", "style_augmentation.negatives=0.1")
    model = compiled_model(config, 54)
    figures, said = validate(model, garments.test.images, garments.test.labels)
    loss, accuracy = model.evaluate(garments.test.images, garments.test.labels, verbose=0)
    assert figures["val_loss"] == pytest.approx(loss, rel=1e-5)
    assert figures["val_accuracy"] == pytest.approx(accuracy, abs=1e-6)
    assert said.shape == (200, 10)


def test_pinned_probes_are_what_is_watched(tmp_path, garments):
    image = garments.test.images[3]
    PinnedImageStore(load_settings()).pin(PinnedImage(image, "my shoe", 7, "test image"))
    trace = traced(tmp_path / "run", garments, "epochs=1")
    assert [(one.title, one.label, one.source) for one in trace.pinned_images] == [
        ("my shoe", 7, "test image")
    ]
    assert trace.snapshots[-1].probabilities.shape == (1, 10)
    assert trace.snapshots[-1].probabilities.sum() == pytest.approx(1, abs=1e-3)


def test_a_larger_network_is_asked_about_all_pixels_of_a_pinned_drawing(tmp_path, garments):
    from fmnist_core.models.build import load_model
    from fmnist_core.training.evaluate import predict

    sheet = np.random.default_rng(0).integers(0, 256, (112, 112), np.uint8)
    drawing = PinnedImage(np.zeros((28, 28), np.uint8), "blot", source="drawn", sheet=sheet)
    PinnedImageStore(load_settings()).pin(drawing)
    trace = traced(tmp_path / "run", garments, "epochs=1", "model.input_side=56")
    model = load_model(tmp_path / "run" / "model.keras")
    said = trace.snapshots[-1].probabilities
    np.testing.assert_allclose(said, predict(model, fit_to(sheet, 56)[None]), atol=1e-3)
    assert np.abs(said - predict(model, drawing.image[None])).max() > 0.02


def test_with_nothing_pinned_one_held_back_image_a_class_is_watched(tmp_path, garments):
    trace = traced(tmp_path / "run", garments, "epochs=1")
    assert [pinned_image.label for pinned_image in trace.pinned_images] == list(range(10))
    learned = {image.tobytes() for image in garments.train.images}
    assert all(pinned_image.image.tobytes() in learned for pinned_image in trace.pinned_images)
    tested = {image.tobytes() for image in garments.test.images}
    assert not any(pinned_image.image.tobytes() in tested for pinned_image in trace.pinned_images)


def test_probes_are_asked_between_snapshots(tmp_path, garments, monkeypatch):
    # No time between two questions but what the work itself takes.
    monkeypatch.setattr("fmnist_core.training.snapshot_callback._PREDICTION_SECONDS", 0.0)
    train(small("epochs=1", "batch_size=2"), tmp_path / "run", data=garments)
    trace = read_trace(RunFolder(tmp_path / "run"))
    assert len(trace.predictions) > len(trace.snapshots)


def test_a_run_that_was_killed_goes_on_with_its_trace(tmp_path, garments):
    import keras

    class Crash(keras.callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: object = None) -> None:
            if read_trace(RunFolder(tmp_path / "run")).snapshots[-1].epochs == 1 and batch > 20:
                raise SystemError("as if the machine went away")

    with pytest.raises(TrainingError):
        train(small("epochs=3"), tmp_path / "run", data=garments, callbacks=[Crash()])
    before = read_trace(RunFolder(tmp_path / "run"))
    train(small("epochs=3"), tmp_path / "run", data=garments)
    after = read_trace(RunFolder(tmp_path / "run"))
    places = [one.epochs for one in after.snapshots]
    assert places == sorted(set(places))
    assert places[-1] == 3
    assert after.missing == ()
    first = before.snapshots[0].filters
    assert first is not None
    np.testing.assert_array_equal(after.snapshots[0].filters, first)


def test_a_run_stopped_in_its_first_epoch_has_what_it_saw(tmp_path, garments):
    train(small(), tmp_path / "run", data=garments, **Stops(0.1).arguments)
    trace = read_trace(RunFolder(tmp_path / "run"))
    assert trace.beginning is not None
    assert 0 < trace.snapshots[-1].epochs < 1


@pytest.mark.parametrize(
    ("changes", "shape"),
    [
        (["model.blocks=[]", "validation_share=0", "keep_weights=last"], (28, 28, 1, 16)),
        (["model.blocks=[]", "dense=[]"], (28, 28, 1, 10)),
        (["output=softmax", "batch_size=600"], (5, 5, 1, 6)),
    ],
)
def test_other_networks_are_traced_too(tmp_path, garments, changes, shape):
    trace = traced(tmp_path / "run", garments, "epochs=1", *changes)
    last = trace.snapshots[-1]
    assert last.filters.shape == shape
    assert last.epochs == 1
    assert last.images > 0
    assert (trace.watched == "training") == ("validation_share=0" in changes)


def test_the_feature_maps_are_what_the_blocks_of_the_saved_network_put_out(tmp_path, garments):
    from fmnist_core.lab_keras import keras
    from fmnist_core.models.build import load_model

    trace = traced(tmp_path / "run", garments, "precision=float32")
    found = read_feature_maps(RunFolder(tmp_path / "run"))
    model = load_model(tmp_path / "run" / "model.keras")
    images = np.stack([pinned_image.image for pinned_image in trace.pinned_images])
    ends = [
        [layer.name for layer in model.layers if layer.name.startswith(f"block{number}_")][-1]
        for number in (1, 2)
    ]
    tapped = keras.Model(model.inputs, [model.get_layer(name).output for name in ends])
    assert found.epochs == 2
    for maps, outputs in zip(found.blocks, tapped.predict(images[..., None]), strict=True):
        assert maps.shape == (10, *outputs.shape[1:3], 4)
        difference = maps.astype(int) - scaled(outputs[..., :4])
        assert np.abs(difference).max() <= 1
