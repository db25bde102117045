"""A network that reads twice as many pixels and answers as before."""

from dataclasses import replace

import numpy as np
import pytest

from bench.larger_input import enlarged, main
from fmnist_core.config import BlockConfig, ModelConfig, RunConfig, TrainConfig
from fmnist_core.errors import ConfigError
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import load_settings

BLOCKS = (
    BlockConfig(filters=6, batch_norm=True),
    BlockConfig(filters=8, convolutions=2, batch_norm=True, residual=True),
)


@pytest.fixture
def run() -> RunFolder:
    from fmnist_core.models.build import build_model

    network = ModelConfig(blocks=BLOCKS, head="global_average", dense=(), normalization="standard")
    config = RunConfig(model=network, training=TrainConfig(dataset="synthetic-garments"))
    folder = RunFolder.create(load_settings().runs_dir, config)
    model = build_model(network, seed=3)
    rng = np.random.default_rng(0)
    model.set_weights(
        [weights + rng.uniform(0, 0.3, weights.shape) for weights in model.get_weights()]
    )
    model.save(folder.model_path)
    return folder


def test_it_answers_as_before_and_can_be_trained_on_from(run, capsys):
    from fmnist_core.models.build import load_model
    from fmnist_core.preprocessing.resize import fit_to

    assert main([run.id]) == 0
    made = RunFolder.open(load_settings().runs_dir, capsys.readouterr().out.partition(":")[0])
    assert made.config.model.input_side == 56
    assert made.status.state == "finished"
    # All black but for the middle: what zero padding means at the rim makes no difference there.
    images = np.zeros((20, 28, 28), np.uint8)
    images[:, 9:19, 9:19] = np.random.default_rng(1).integers(0, 256, (20, 10, 10))
    before = load_model(run.model_path).predict(images[..., None], verbose=0)
    after = load_model(made.model_path).predict(fit_to(images, 56)[..., None], verbose=0)
    assert np.ptp(before, axis=0).max() > 0.05
    assert np.abs(after - before).max() < 0.2 * np.ptp(before, axis=0).max()


def test_a_network_that_reads_56_pixels_is_refused_with_the_sides_there_are(run, capsys):
    main([run.id])
    larger = capsys.readouterr().out.partition(":")[0]
    assert main([larger]) == 1
    assert "28, 40" in capsys.readouterr().err


def test_a_first_block_that_reads_raw_pixels_twice_is_refused():
    residual = ModelConfig(blocks=(replace(BLOCKS[0], residual=True),), normalization="standard")
    with pytest.raises(ConfigError, match="no shortcut"):
        enlarged(residual)
