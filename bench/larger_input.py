"""Doubles the input side of a run's network and keeps its answers: initial weights to train from.

    python -m bench.larger_input RUN
    python -m fmnist_core train --preset everyday --set initial_weights=LARGER …

RUN is one of the lab's home; its network reads 28 pixels, and its first convolution is normalized.
MODEL_CARD.md, "How they were trained". The new network begins with a convolution of stride 2. Its
first channel is the mean of four pixels, which is what the given network reads; the other channels
are random, and nothing reads them yet: so the function is kept, and what was added can learn
(Net2Net, Chen et al., arXiv 1511.05641, section 2). Prints the new run, and how many of the last
training images get the same answer: at the rim zero padding now means another gray.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fmnist_core.config import BlockConfig, ModelConfig
from fmnist_core.datasets.load import load_dataset
from fmnist_core.errors import ConfigError, LabError
from fmnist_core.models.build import build_model, load_model
from fmnist_core.models.plan import scale_and_offset
from fmnist_core.preprocessing.resize import fit_to
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import load_settings

if TYPE_CHECKING:
    import keras

STEM = BlockConfig(filters=16, kernel=5, batch_norm=True, pooling="stride")
_IMAGES = 2000


class Pixels(NamedTuple):
    """The values that a network of the given normalization reads."""

    least: float
    mean: float
    spread: float


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.larger_input", description=__doc__)
    parser.add_argument("run", metavar="RUN")
    options, settings = parser.parse_args(arguments), load_settings()
    try:
        source = RunFolder.open(settings.runs_dir, options.run)
        config, given = source.config, load_model(source.model_path)
        larger = enlarged(config.model)
        images = load_dataset(config.training.dataset, settings).train.images[-_IMAGES:]
    except LabError as error:
        print(error, file=sys.stderr)
        return 1
    scale, offset = scale_and_offset(config.model.normalization)
    read = images * scale + offset
    network = build_model(larger, seed=0)
    take_over(network, given, Pixels(read.min(), read.mean(), read.std()))
    before = given.predict(images[..., None], verbose=0)
    after = network.predict(fit_to(images, larger.input_side)[..., None], verbose=0)
    same = np.mean(before.argmax(axis=1) == after.argmax(axis=1))
    folder = RunFolder.create(settings.runs_dir, replace(config, model=larger), name="Larger input")
    network.save(folder.model_path)
    folder.change_status(state="finished")
    print(f"{folder.id}: the same answer for {same:.2%} of {len(images)} images")
    return 0


def enlarged(config: ModelConfig) -> ModelConfig:
    """The architecture with twice the input side, halved by its first block.

    Raises:
        ConfigError: It cannot keep its answers, or there is no such side.
    """
    first = config.blocks[0] if config.blocks else None
    if first is None or not first.batch_norm or first.residual:
        raise ConfigError(
            "The first block must have batch normalization and no shortcut past it.",
            received="no block" if first is None else str(first),
            advice="Choose a run of another architecture, such as the preset everyday's.",
        )
    return replace(config, input_side=2 * config.input_side, blocks=(STEM, *config.blocks))


def take_over(network: "keras.Model", given: "keras.Model", pixels: Pixels) -> None:
    """Sets the weights of a network of the `enlarged` architecture."""
    _set_stem(network, pixels)
    for layer in given.layers:
        weights = layer.get_weights()
        if weights:
            name = _one_block_later(layer.name)
            _adapt_to_stem(name, weights, network, pixels)
            network.get_layer(name).set_weights(weights)


def _set_stem(network: "keras.Model", pixels: Pixels) -> None:
    """The first channel: the mean of 2 x 2 pixels, lifted so that no value is below zero."""
    stem, norm = network.get_layer("block1_conv1"), network.get_layer("block1_conv1_norm")
    (kernel,) = stem.get_weights()
    kernel[..., 0] = 0
    kernel[1:3, 1:3, 0, 0] = 0.25
    stem.set_weights([kernel])
    gamma, beta, mean, variance = norm.get_weights()
    gamma[0], beta[0] = pixels.spread, pixels.mean - pixels.least
    mean[0], variance[0] = pixels.mean, pixels.spread**2 - norm.epsilon
    norm.set_weights([gamma, beta, mean, variance])


def _one_block_later(name: str) -> str:
    block, _, rest = name.partition("_")
    number = block.removeprefix("block")
    return f"block{int(number) + 1}_{rest}" if number.isdigit() else name


def _adapt_to_stem(
    name: str, weights: list[NDArray[np.float32]], network: "keras.Model", pixels: Pixels
) -> None:
    """What read the pixels reads the first channel alone, and takes off what that was lifted by."""
    if name == "block2_conv1":
        kernel = np.zeros(network.get_layer(name).kernel.shape, np.float32)
        kernel[:, :, :1] = weights[0]
        weights[0] = kernel
    elif name == "block2_conv1_norm":
        kernel = network.get_layer("block2_conv1").get_weights()[0]
        weights[2] = weights[2] - pixels.least * kernel.sum(axis=(0, 1, 2))


if __name__ == "__main__":
    sys.exit(main())
