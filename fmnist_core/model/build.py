"""A configuration or a file becomes a Keras model. Only worker processes import this module."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from fmnist_core.config import ModelConfig
from fmnist_core.config.imported import no_recipe
from fmnist_core.errors import TrainingError
from fmnist_core.lab_keras import keras
from fmnist_core.model.backbone_layers import MOMENTUM, backbone_output
from fmnist_core.model.backbones import BACKBONES
from fmnist_core.model.fused_norm import BatchNormalization as FusedBatchNormalization
from fmnist_core.model.halved import HALVES, HalvedModel
from fmnist_core.model.normalisation import scale_and_offset
from fmnist_core.model.plan import Layer, plan

USUAL_MOMENTUM = 0.99  # Keras' own.
Makers = dict[str, Callable[[Layer, list[Any]], Any]]


def build_model(config: ModelConfig) -> keras.Model:
    """The network with fresh random weights; takes (n, 28, 28) or (n, 28, 28, 1), 0 to 255.

    Raises:
        ArchitectureError: The configuration cannot be built.
    """
    return _built(config, _MAKERS)


def load_model(path: Path) -> keras.Model:
    """A saved network, without its optimizer.

    Raises:
        TrainingError: The file is missing or damaged.
    """
    try:
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:
        raise TrainingError(
            f"The network in {path.name} cannot be read.", received=type(error).__name__
        ) from error


def training_model(
    config: ModelConfig, precision: str = "float32", norm_momentum: float = USUAL_MOMENTUM
) -> keras.Model:
    """The same network, made to be trained fast: its weights fit those of `build_model`.

    Args:
        precision: `"mixed_bfloat16"` computes in bfloat16 and keeps weights in float32
            (Micikevicius et al., arXiv 1710.03740, there with float16), and so the answer.
        norm_momentum: What batch normalisation keeps of its statistics at each step, 0 to 1. A
            backbone's keeps less, unless more than usual is asked for.

    Raises:
        ArchitectureError: The configuration cannot be built.
    """
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(precision)
    try:
        # Each of the halves of a step moves the statistics on.
        halves = HALVES if keras.backend.backend() == "tensorflow" else 1
        of_backbone = MOMENTUM if norm_momentum <= USUAL_MOMENTUM else norm_momentum
        own = {
            "norm": partial(_fused_norm, norm_momentum ** (1 / halves)),
            "backbone": partial(_backbone, of_backbone ** (1 / halves)),
        }
        return _built(config, _MAKERS | own, HalvedModel if halves > 1 else keras.Model)
    finally:
        keras.config.set_dtype_policy(before)


def _built(
    config: ModelConfig, makers: Makers, kind: type[keras.Model] = keras.Model
) -> keras.Model:
    tensors: dict[str, Any] = {}
    layers = plan(config)
    for layer in layers:
        reads = [tensors[name] for name in layer.inputs]
        tensors[layer.name] = makers[layer.kind](layer, reads)
    return kind(tensors["pixels"], tensors[layers[-1].name], name="classifier")


def _input(layer: Layer, reads: list[Any]) -> Any:
    return keras.Input(layer.shape, name=layer.name, dtype="float32")


def _scale(layer: Layer, reads: list[Any]) -> Any:
    scale, offset = scale_and_offset(layer.options["normalisation"])
    return keras.layers.Rescaling(scale, offset, name=layer.name)(reads[0])


def _conv(layer: Layer, reads: list[Any]) -> Any:
    return keras.layers.Conv2D(
        layer.shape[-1],
        layer.options["kernel"],
        strides=layer.options["stride"],
        padding=layer.options["padding"],
        use_bias=layer.options["bias"],
        name=layer.name,
    )(reads[0])


def _depthwise(layer: Layer, reads: list[Any]) -> Any:
    return keras.layers.DepthwiseConv2D(
        layer.options["kernel"],
        strides=layer.options["stride"],
        padding=layer.options["padding"],
        use_bias=False,
        name=layer.name,
    )(reads[0])


def _pool(layer: Layer, reads: list[Any]) -> Any:
    kinds = {"max": keras.layers.MaxPooling2D, "average": keras.layers.AveragePooling2D}
    return kinds[layer.options["kind_"]](2, name=layer.name)(reads[0])


def _global_pool(layer: Layer, reads: list[Any]) -> Any:
    kinds = {
        "global_average": keras.layers.GlobalAveragePooling2D,
        "global_max": keras.layers.GlobalMaxPooling2D,
    }
    return kinds[layer.options["kind_"]](name=layer.name)(reads[0])


def _dense(layer: Layer, reads: list[Any]) -> Any:
    # Bfloat16 has two to three digits: too few for the scores that are compared in the end.
    dtype = "float32" if layer.name == "answer" else None
    return keras.layers.Dense(
        layer.shape[0], activation=layer.options["activation"], name=layer.name, dtype=dtype
    )(reads[0])


def _norm(layer: Layer, reads: list[Any]) -> Any:
    return keras.layers.BatchNormalization(name=layer.name)(reads[0])


def _fused_norm(momentum: float, layer: Layer, reads: list[Any]) -> Any:
    return FusedBatchNormalization(momentum=momentum, name=layer.name)(reads[0])


def _backbone(momentum: float, layer: Layer, reads: list[Any]) -> Any:
    return backbone_output(layer.options["backbone"], reads[0], momentum)


def _resize(layer: Layer, reads: list[Any]) -> Any:
    height, width = layer.shape[:2]
    return keras.layers.Resizing(height, width, name=layer.name)(reads[0])


def _prepare(layer: Layer, reads: list[Any]) -> Any:
    scaling = BACKBONES[layer.options["backbone"]].scaling
    return keras.layers.Rescaling(list(scaling.scale), list(scaling.offset), name=layer.name)(
        reads[0]
    )


def _imported(layer: Layer, reads: list[Any]) -> Any:
    raise no_recipe()


_MAKERS: Makers = {
    "input": _input,
    "scale": _scale,
    "conv": _conv,
    "depthwise": _depthwise,
    "norm": _norm,
    "activation": lambda layer, reads: keras.layers.Activation(
        layer.options["kind_"], name=layer.name
    )(reads[0]),
    "pool": _pool,
    "dropout": lambda layer, reads: keras.layers.Dropout(layer.options["rate"], name=layer.name)(
        reads[0]
    ),
    "add": lambda layer, reads: keras.layers.Add(name=layer.name)(reads),
    "flatten": lambda layer, reads: keras.layers.Flatten(name=layer.name)(reads[0]),
    "global_pool": _global_pool,
    "dense": _dense,
    "resize": _resize,
    "channels": lambda layer, reads: keras.layers.Concatenate(name=layer.name)(reads * 3),
    "prepare": _prepare,
    "backbone": partial(_backbone, MOMENTUM),
    "imported": _imported,
}
