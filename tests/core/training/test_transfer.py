"""Transfer: what was learned before rests at first, then all learns; killed runs go on."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fmnist_core.config import RunConfig, override
from fmnist_core.config.presets import preset
from fmnist_core.datasets.dataset import Dataset
from fmnist_core.engine import client
from fmnist_core.errors import NoWeightsError, TrainingError
from fmnist_core.models.backbones import WeightFile
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.library import list_runs
from fmnist_core.settings import load_settings
from tests import nets
from tests.nets import events, figures, train

pytestmark = pytest.mark.training

NAME = "mobilenetv2"


def small(*changes: str) -> RunConfig:
    base = ["blocks=[]", f"backbone={NAME}", "image_size=32", "head=global_average", "dense=[]"]
    few = ["dataset=synthetic-garments", "train_images=120", "validation_share=0.25"]
    rest = ["batch_size=30", "epochs=2", "learning_rate=0.004", "schedule=constant"]
    rest += ["keep_weights=last", "record_dynamics=false"]
    return override(preset("quick").config, ["precision=float32", *base, *few, *rest, *changes])


def blocks(*changes: str) -> RunConfig:
    few = ("train_images=120", "validation_share=0.25", "batch_size=30")
    return nets.small(*few, "keep_weights=last", "record_dynamics=false", *changes)


@pytest.fixture
def source(home, garments) -> RunFolder:
    """A run of blocks that has learned for an epoch."""
    folder = RunFolder.create(load_settings().runs_dir, blocks("epochs=1"))
    train(folder.config, folder.path, data=garments)
    return folder


def bare_backbone() -> Any:
    import keras

    image = keras.Input((32, 32, 3))
    return keras.applications.MobileNetV2(include_top=False, weights=None, input_tensor=image)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, WeightFile]]:
    """A weight file as `keras.applications` publishes them, with weights of no photo."""
    import h5py
    from keras.src.legacy.saving.legacy_h5_format import save_weights_to_hdf5_group

    path = tmp_path_factory.mktemp("published") / "mobile.h5"
    with h5py.File(path, "w") as file:
        save_weights_to_hdf5_group(file, drawn_backbone())
    content = path.read_bytes()
    file = WeightFile(path.name, NAME, hashlib.md5(content).hexdigest(), len(content))
    return path, {NAME: file}


@pytest.fixture
def online(published, serve, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("FMNIST_OFFLINE")
    mirror = serve(published[0].parent)
    monkeypatch.setenv("FMNIST_WEIGHTS_MIRRORS", mirror.url)
    return mirror


def of_backbone(path: Path) -> dict[str, list[np.ndarray]]:
    from fmnist_core.models.backbone_layers import backbone_layers
    from fmnist_core.models.build import load_model

    model, config = load_model(path / "model.keras"), RunFolder(path).config.model
    return {one.name: one.get_weights() for one in backbone_layers(model, config) if one.weights}


@cache
def drawn_backbone() -> Any:
    """Drawn once: threads that other tests left behind take random numbers of the process, too."""
    return bare_backbone()


def first() -> dict[str, list[np.ndarray]]:
    return {one.name: one.get_weights() for one in drawn_backbone().layers if one.weights}


def alike(one: list[np.ndarray], other: list[np.ndarray]) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def said(path: Path, kind: str = "note") -> list[str]:
    return [event["text"] for event in events(path, kind)]


def test_imagenet_weights_are_fetched_rest_and_learn_but_for_their_averages(
    online, published, tmp_path, garments
):
    import keras

    class Seen(keras.callbacks.Callback):
        """Weights of the backbone after the first epoch."""

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            if epoch == 0:
                self.kernel = np.array(self.model.get_layer("Conv_1").kernel)

    run, seen = tmp_path / "run", Seen()
    config = small("frozen_epochs=1")
    train(config, run, data=garments, weight_files=published[1], callbacks=[seen])
    given, kept = first(), of_backbone(run)
    np.testing.assert_array_equal(seen.kernel, given["Conv_1"][0])
    assert len(online.requests) == 1
    moved = {name for name in given if not alike(given[name], kept[name])}
    norms = {name for name in given if name.endswith(("_BN", "bn_Conv1", "_bn"))}
    assert len(norms) > 40
    assert "Conv_1" in moved
    assert not moved & norms
    assert figures(run, "learning_rate") == pytest.approx([4e-3, 4e-4])
    words = "fetching the ImageNet weights of MobileNetV2"
    assert any(words in text for text in said(run, "phase"))
    assert said(run) == [
        "Initialized with ImageNet weights, mobile.h5.",
        "Pretrained layers are frozen up to epoch 1; only new layers train.",
        "All layers train now, at 0.1 of the learning rate. The batch statistics of the ImageNet "
        "weights stay.",
    ]
    _goes_on_with_another_head(run, tmp_path / "on", garments)


def _goes_on_with_another_head(source: Path, run: Path, garments: Dataset) -> None:
    """Without any weight file: what is taken over holds them."""
    settings = load_settings()
    lab = RunFolder.create(settings.runs_dir, RunFolder(source).config)
    lab.model_path.write_bytes((source / "model.keras").read_bytes())
    config = small("epochs=1", "frozen_epochs=1", "dense=[8]", f"initial_weights={lab.id}")
    train(config, run, data=garments)
    before, after = of_backbone(source), of_backbone(run)
    assert all(alike(before[name], after[name]) for name in before)
    assert any(f"1 of 3 layers of {lab.id}: {NAME}." in text for text in said(run))


def test_random_weights_learn_whole_and_are_watched(tmp_path, garments):
    from fmnist_core.models.build import load_model

    config = small("epochs=1", "backbone.weights=random", "record_dynamics=true")
    train(config, tmp_path / "run", data=garments)
    model = load_model(tmp_path / "run" / "model.keras")
    assert np.abs(np.asarray(model.get_layer("bn_Conv1").moving_mean)).max() > 0
    assert (tmp_path / "run" / "trace.jsonl").stat().st_size > 1000


@pytest.mark.parametrize("epoch", [1, 2, 3])
def test_a_killed_run_goes_on_in_either_phase_as_if_nothing_had_been(
    source, tmp_path, garments, epoch
):
    """Adam's memory included: it is of the head while the rest sleeps, and of all after that."""
    import keras

    from fmnist_core.models.build import load_model

    class Crash(keras.callbacks.Callback):
        """As if the machine went away within the epoch, counted from 0."""

        def on_epoch_begin(self, now: int, logs: Any = None) -> None:
            self.now = now

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            if self.now == epoch:
                raise SystemError("gone")

    config = blocks("epochs=4", "frozen_epochs=2", f"initial_weights={source.id}")
    train(config, tmp_path / "whole", data=garments)
    with pytest.raises(TrainingError):
        train(config, tmp_path / "parts", data=garments, callbacks=[Crash()])
    train(config, tmp_path / "parts", data=garments)
    whole, parts = (load_model(tmp_path / one / "model.keras") for one in ("whole", "parts"))
    for one, other in zip(whole.get_weights(), parts.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=2e-4)


def test_what_was_taken_over_rests_but_never_the_answer(source, tmp_path, garments):
    from fmnist_core.models.build import load_model

    config = blocks("epochs=1", "frozen_epochs=1", f"initial_weights={source.id}")
    train(config, tmp_path / "on", data=garments)
    before, after = (load_model(one / "model.keras") for one in (source.path, tmp_path / "on"))
    for layer in after.layers:
        rests = alike(layer.get_weights(), before.get_layer(layer.name).get_weights())
        assert rests == (layer.name != "answer")


def test_the_average_of_what_learned_is_kept_in_either_phase(source, tmp_path, garments):
    from fmnist_core.models.build import build_model, load_model
    from fmnist_core.training.checkpoint import load_weights

    for frozen in (1, 2):
        run = tmp_path / str(frozen)
        start = (f"frozen_epochs={frozen}", f"initial_weights={source.id}")
        train(blocks("epochs=2", "ema_decay=0.99", *start), run, data=garments)
        last = build_model(RunFolder(run).config.model)
        load_weights(RunFolder(run), last)
        kept = load_model(run / "model.keras")
        one, other = (np.asarray(each.get_layer("answer").kernel) for each in (last, kept))
        assert np.abs(one - other).max() > 1e-4


def test_a_stop_while_weights_are_fetched_ends_the_run_as_stopped(
    online, published, tmp_path, garments
):
    folder = RunFolder.at(tmp_path / "run", small())
    folder.control.change(stop=True)
    with pytest.raises(Exception, match="Stopped as asked"):
        train(small(), folder.path, data=garments, weight_files=published[1])
    assert folder.status.state == "stopped"


def test_a_file_of_other_weights_fails_and_is_named(tmp_path, garments, monkeypatch):
    (tmp_path / "mobile.h5").write_bytes(b"no HDF5 at all")
    monkeypatch.setenv("FMNIST_WEIGHTS_DIR", str(tmp_path))
    files = {NAME: WeightFile("mobile.h5", NAME, "", 14)}
    with pytest.raises(TrainingError, match=r"mobile\.h5 does not hold the weights of MobileNetV2"):
        train(small(), tmp_path / "run", data=garments, weight_files=files)
    assert RunFolder(tmp_path / "run").status.state == "failed"


def test_offline_it_is_said_when_the_run_is_submitted(home):
    with pytest.raises(NoWeightsError, match="MobileNetV2 are not on this machine"):
        client.submit(small(), settings=load_settings())
    assert list_runs(load_settings()) == []


def test_the_training_never_begins_with_random_weights_in_their_place(tmp_path, garments):
    with pytest.raises(NoWeightsError):
        train(small(), tmp_path / "run", data=garments)
    assert not RunFolder(tmp_path / "run").resumable
    assert "set backbone.weights to random" in RunFolder(tmp_path / "run").status.advice
