"""A network as the page's program reads it."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.config import RunConfig
from fmnist_core.errors import ExportError
from fmnist_core.lab_keras import keras
from fmnist_core.model.normalisation import scale_and_offset
from fmnist_core.model.plan import Layer, plan
from fmnist_core.recognition.verdict import Calibration


def packed(
    name: str,
    title: str,
    config: RunConfig,
    model: keras.Model,
    calibration: Calibration,
    bytes_each: int = 4,
) -> dict[str, Any]:
    """JSON values; see `page.js` for what is made of them.

    Args:
        bytes_each: Of a weight: 4 as it is, 3 rounded (see `short_floats`).

    Raises:
        ExportError: It has layers of others, which the page's program does not know.
    """
    if config.model.backbone.active or config.model.imported.active:
        raise ExportError(
            "The page's small program knows the lab's own blocks, not the layers of others.",
            received="an imported network" if config.model.imported.active else "a backbone",
            advice="Export it as .keras, TFLite or ONNX.",
        )
    layers = plan(config.model)
    arrays = [array for layer in layers for array in _weights(model, layer)]
    return {
        "name": name,
        "title": title,
        "mirrored": config.training.flip_at_test,
        "logits": config.model.output == "logits",
        "temperature": calibration.temperature,
        "clothing_threshold": calibration.clothing_threshold,
        "layers": [_layer(model, layer) for layer in layers],
        "bytes_each": bytes_each,
        "weights": base64.b64encode(_bytes(arrays, bytes_each)).decode(),
    }


def _bytes(arrays: list[NDArray[np.float32]], bytes_each: int) -> bytes:
    flat = np.concatenate([np.zeros(0, np.float32), *(array.ravel() for array in arrays)])
    return flat.astype("<f4").tobytes() if bytes_each == 4 else short_floats(flat)


def short_floats(flat: NDArray[np.float32]) -> bytes:
    """Numbers in 24 bits: a float32 rounded to 16 significant bits, its last byte left away.

    A quarter of the file is saved. The largest error is 2^-17 of a number: no probability of the
    shipped networks changed by more than 3e-5, those of a run by up to 1.5e-4.
    """
    bits = flat.astype("<f4").view("<u4").astype(np.uint64)
    rounded = ((bits + 0x7F + ((bits >> 8) & 1)) >> 8).astype("<u4")
    return rounded.view(np.uint8).reshape(-1, 4)[:, :3].tobytes()


def _layer(model: keras.Model, layer: Layer) -> dict[str, Any]:
    options = dict(layer.options)
    if layer.kind == "scale":
        scale, offset = scale_and_offset(options["normalisation"])
        options = {"scale": scale, "offset": offset}
    return {
        "name": layer.name,
        "kind": layer.kind,
        "inputs": layer.inputs,
        "shape": layer.shape,
        "options": options,
        "sizes": [int(array.size) for array in _weights(model, layer)],
    }


def _weights(model: keras.Model, layer: Layer) -> Iterator[NDArray[np.float32]]:
    """In Keras' order: kernel and bias; or gamma, beta, mean and variance."""
    for array in model.get_layer(layer.name).get_weights():
        yield np.asarray(array, np.float32)
