"""Flips that alternate, Muon, and kernels that begin whitened or as the identity."""

import tracemalloc
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from fmnist_core.config import RunConfig, override
from fmnist_core.config.presets import preset
from fmnist_core.datasets.dataset import ImageSet
from fmnist_core.errors import ConfigError, TrainingError
from fmnist_core.exchange.exporting.source_code.script import script
from fmnist_core.models.plan import scale_and_offset
from fmnist_core.remedies import Pair, remedies
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import load_settings
from fmnist_core.training.check import check_run
from fmnist_core.training.fine_tuning import fine_tuning
from tests.nets import PLAIN, RESIDUAL, crash, events, tiny, train

OPTIONS = (
    "optimizer=muon",
    "whitened_first_layer=true",
    "dirac_initialization=true",
    "alternating_flip=true",
)


@pytest.mark.parametrize("change", OPTIONS[1:])
def test_a_configuration_that_leaves_an_option_off_is_known_as_before(change):
    value = PLAIN.to_json()
    for part in (value["training"], value["training"]["augmentation"]):
        part.pop(change.partition("=")[0], None)
    assert RunConfig.from_json(value) == PLAIN
    assert override(PLAIN, [change]).fingerprint != PLAIN.fingerprint


def test_the_fingerprint_of_a_preset_is_that_of_before_the_options():
    # As version 0.2.0 was before them.
    assert preset("strong").config.fingerprint == "dc772acc0bd36837"


@pytest.mark.parametrize("change", OPTIONS)
def test_a_script_refuses_what_keras_alone_does_not_do(change):
    config = override(preset("strong").config, [change])
    with pytest.raises(ConfigError, match="A script can repeat"):
        script(config, "a run", "")


def test_a_whitened_first_layer_needs_a_convolution():
    wished = replace(PLAIN, training=replace(PLAIN.training, whitened_first_layer=True))
    check_run(wished)
    with pytest.raises(ConfigError, match="whitened_first_layer"):
        check_run(override(wished, ["blocks=[]"]))


def test_dirac_initialization_needs_a_residual_block():
    check_run(override(RESIDUAL, ["dirac_initialization=true"]))
    with pytest.raises(ConfigError, match="needs a residual block"):
        check_run(override(PLAIN, ["dirac_initialization=true"]))


KERNELS = ("whitened_first_layer", "dirac_initialization")


@pytest.mark.parametrize("option", KERNELS)
def test_kernels_of_their_own_and_initial_weights_exclude_each_other(option):
    check_run(override(RESIDUAL, ["initial_weights=shipped"]))
    with pytest.raises(ConfigError, match=f"{option} sets weights that initial_weights"):
        check_run(override(RESIDUAL, [f"{option}=true", "initial_weights=shipped"]))


def test_who_goes_on_from_weights_leaves_out_what_these_replace():
    options = [f"{option}=true" for option in KERNELS]
    base = override(RESIDUAL, [*options, "flip=true", "alternating_flip=true"])
    check_run(base)
    run = RunFolder.create(load_settings().runs_dir, base)
    check_run(fine_tuning(run.id, "mine", load_settings()))
    for remedy in remedies(base, Pair(6, 0), initial_weights=run.id, suspects=3):
        assert not remedy.obstacle


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ([], "needs flip"),
        (["flip=true", "style_augmentation.textures=0.1"], "photographs alone"),
        (["flip=true", "negatives=0.1"], "photographs alone"),
        (["flip=true", 'collections=["mine"]'], "photographs alone"),
    ],
)
def test_flips_alternate_where_each_photograph_has_its_turn(changes, says):
    check_run(override(PLAIN, ["flip=true", "alternating_flip=true"]))
    check_run(override(PLAIN, ["alternating_flip=false", *changes]))
    with pytest.raises(ConfigError, match=says):
        check_run(override(PLAIN, ["alternating_flip=true", *changes]))


def mirrored_in(config: RunConfig, epoch: int) -> dict[int, bool]:
    """Which of 40 images an epoch shows mirrored: their number is in the first row."""
    from fmnist_core.training.dataloader import epoch_loader

    images = np.zeros((40, 28, 28), np.uint8)
    images[:, 0] = np.arange(40)[:, None]
    images[:, 1] = np.arange(28)
    part = ImageSet(images, np.zeros(40, np.uint8))
    with epoch_loader(part, config.training, ()) as loader:
        shown = np.concatenate([np.asarray(x) for x, _ in loader.epoch(epoch, last=True)])
    return {int(image[0, 0]): bool(image[1, 0]) for image in shown}


@pytest.mark.training
def test_each_image_is_mirrored_in_every_other_epoch():
    flips = override(PLAIN, ["flip=true", "alternating_flip=true", "batch_size=16"])
    first, second, third = (mirrored_in(flips, epoch) for epoch in range(3))
    assert set(first) == set(range(40))
    assert 8 < sum(first.values()) < 32
    assert second == {number: not mirrored for number, mirrored in first.items()}
    assert third == first
    at_random = override(flips, ["alternating_flip=false"])
    assert mirrored_in(at_random, 1) != second
    assert not any(mirrored_in(override(flips, ["flip=false"]), 0).values())


def compiled(config: RunConfig) -> Any:
    from fmnist_core.training.compile import compiled_model

    return compiled_model(config, steps_per_epoch=4)


@pytest.mark.training
def test_muon_makes_the_step_of_a_convolution_orthogonal():
    model = compiled(override(PLAIN, ["optimizer=muon", "learning_rate=0.01"]))
    variables = model.trainable_variables
    before = [np.array(one) for one in variables]
    random = np.random.default_rng(0)
    model.optimizer.apply([random.normal(size=one.shape).astype("float32") for one in variables])
    steps = {one.path: old - np.array(one) for one, old in zip(variables, before, strict=True)}
    for number, shape in enumerate(((9, 8), (72, 16), (144, 32)), start=1):
        step = steps[f"block{number}_conv1/kernel"].reshape(shape)
        strengths = np.linalg.svd(step / (0.01 * 0.2 * np.sqrt(max(shape))), compute_uv=False)
        # Five rounds of Newton and Schulz come that near to 1.
        assert 0.6 < strengths.min() <= strengths.max() < 1.3
    # What is no matrix of a convolution goes by AdamW, whose first step is as long as its rate: a
    # tenth of that of the matrices.
    for path in ("answer/kernel", "block1_conv1_norm/gamma"):
        np.testing.assert_allclose(np.abs(steps[path]), 0.001, rtol=1e-3)


@pytest.mark.training
def test_muon_decays_all_weights_by_the_rate_of_their_own_part():
    rates = "optimizer=muon", "learning_rate=0.01", "weight_decay=0.5"
    model = compiled(override(PLAIN, list(rates)))
    variables = model.trainable_variables
    before = {one.path: np.array(one) for one in variables}
    model.optimizer.apply([np.zeros(one.shape, "float32") for one in variables])
    after = {one.path: np.array(one) for one in variables}
    for path, decay in (("block1_conv1/kernel", 0.005), ("answer/kernel", 0.0005)):
        np.testing.assert_allclose(after[path], before[path] * (1 - decay), rtol=1e-4, atol=1e-6)


@pytest.mark.training
def test_a_run_with_muon_learns_and_goes_on(tmp_path, garments):
    config = tiny("optimizer=muon", "learning_rate=0.02", "epochs=15", "weight_decay=0.01")
    result = train(config, tmp_path / "run", data=garments)
    assert result.test_accuracy > 0.4
    with pytest.raises(TrainingError):
        train(config, tmp_path / "broken", data=garments, callbacks=[crash(2)])
    again = train(config, tmp_path / "broken", data=garments)
    assert again.test_accuracy == pytest.approx(result.test_accuracy, abs=0.03)


def first_kernel(folder: RunFolder) -> Any:
    from fmnist_core.models.build import load_model

    return load_model(folder.model_path).get_layer("block1_conv1").get_weights()[0]


@pytest.mark.training
def test_a_whitened_first_layer_comes_from_the_images_and_stays(tmp_path, garments):
    from fmnist_core.training.kernel_initialization import whitening_kernel
    from fmnist_core.training.splits import split_dataset

    config = tiny("whitened_first_layer=true", "epochs=3", "ema_decay=0.9")
    folder = RunFolder.at(tmp_path / "run", config)
    with pytest.raises(TrainingError):
        train(config, folder.path, data=garments, callbacks=[crash(2)])
    assert train(config, folder.path, data=garments).status == "finished"
    scale, offset = scale_and_offset("standard")
    shown = split_dataset(garments, config.training, None).train.images
    expected = whitening_kernel(shown.astype(np.float32) * scale + offset, 3)[..., :8]
    np.testing.assert_allclose(first_kernel(folder), expected, rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(expected[..., 0::2], -expected[..., 1::2])
    notes = [event["text"] for event in events(folder.path, "note")]
    assert "The first layer is whitened and frozen; all others train." in notes
    scaled = garments.train.images[:300].astype(np.float32) / 255
    axes = whitening_kernel(scaled, 3)[..., 0::2].reshape(9, 9)
    windows = np.lib.stride_tricks.sliding_window_view(scaled, (3, 3), axis=(1, 2))
    said = windows.reshape(-1, 9) @ axes
    assert np.abs(said.T @ said / len(said) - np.eye(9)).max() < 0.5
    assert (said.T @ said / len(said))[0, 0] == pytest.approx(1, abs=0.01)


@pytest.mark.training
def test_whitening_needs_little_memory_and_leaves_further_filters_random(garments):
    from fmnist_core.training.kernel_initialization import initialize_kernels, whitening_kernel

    config = tiny("whitened_first_layer=true", "input_side=56", "model.blocks.0.filters=20")
    model = compiled(config)
    images = np.tile(garments.train.images[:540], (10, 1, 1))[:5000]
    before = model.get_layer("block1_conv1").get_weights()[0]
    tracemalloc.start()
    try:
        initialize_kernels(model, config, images)
        # 63 MB are the images themselves, enlarged and scaled; all their patches would be 525 MB.
        assert tracemalloc.get_traced_memory()[1] < 300e6
    finally:
        tracemalloc.stop()
    after = model.get_layer("block1_conv1").get_weights()[0]
    changed = (after != before).any(axis=(0, 1, 2))
    assert changed.tolist() == [True] * 18 + [False] * 2
    # In parts the moments are those of all at once.
    some = garments.train.images[:300].astype(np.float32) / 255
    windows = np.lib.stride_tricks.sliding_window_view(some, (3, 3), axis=(1, 2)).reshape(-1, 9)
    said = windows @ whitening_kernel(some, 3)[..., 0].reshape(9)
    assert (said**2).mean() == pytest.approx(1, abs=0.01)


@pytest.mark.training
def test_residual_convolutions_begin_as_the_identity(garments):
    from fmnist_core.training.kernel_initialization import initialize_kernels

    config = override(RESIDUAL, ["dirac_initialization=true"])
    model = compiled(config)
    initialize_kernels(model, config, garments.train.images)
    kernel = model.get_layer("block2_conv2").get_weights()[0]
    expected = np.zeros_like(kernel)
    expected[1, 1] = np.eye(kernel.shape[-1])
    np.testing.assert_array_equal(kernel, expected)
    # As it is computed, also where no pixel of the kernel is its middle.
    for side in (1, 2, 3, 4, 5):
        sized = override(config, [f"model.blocks.1.kernel={side}"])
        model = compiled(sized)
        initialize_kernels(model, sized, garments.train.images)
        layer = model.get_layer("block2_conv2")
        maps = np.random.default_rng(0).normal(size=(1, 6, 7, kernel.shape[2])).astype("float32")
        np.testing.assert_allclose(layer(maps), maps, atol=1e-6)
    # Channels that an input has no counterpart for stay random, and so do other blocks.
    widening = model.get_layer("block2_conv1").get_weights()[0]
    assert widening.shape[2] < widening.shape[3]
    assert widening[..., -1].std() > 0
    assert model.get_layer("block1_conv1").get_weights()[0][..., 0].std() > 0
