"""A saved network becomes a file for other programs. Only workers import this module.

All of them take pixels as they are, 0 to 255, and give ten probabilities: the network scales its
input itself, and where it gives raw scores, the step to probabilities is put behind it.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.classes import IMAGE_SIDE
from fmnist_core.errors import ExportError
from fmnist_core.export.formats import ONNX_OPSET, TFLITE_DYNAMIC, TFLITE_INT8
from fmnist_core.export.subject import Subject
from fmnist_core.lab_keras import keras
from fmnist_core.model.build import load_model

# So many training images tell the range of each number inside; more change nothing.
CALIBRATION_IMAGES = 500


def answering_model(subject: Subject) -> keras.Model:
    """The network with probabilities as its answer: float32 (n, 28, 28, 1) to (n, classes).

    Raises:
        TrainingError: The saved network is damaged.
    """
    model = load_model(subject.model_path)
    if subject.config.model.output != "logits":
        return model
    said = keras.layers.Softmax(name="probabilities")(model.output)
    return keras.Model(model.inputs, said, name="classifier")


def to_tflite(
    model: keras.Model, path: Path, kind: str, examples: NDArray[np.uint8] | None = None
) -> None:
    """Writes a TFLite file.

    Args:
        model: See `answering_model`.
        kind: `"tflite"`, `"tflite-dynamic"` (weights of 8 bits) or `"tflite-int8"` (whole numbers
            throughout, pixels and probabilities as uint8).
        examples: Training images uint8 (n, 28, 28); needed for `"tflite-int8"`.

    Raises:
        ExportError: A layer has no counterpart.
    """
    import tensorflow as tf

    options: dict[str, Any] = {"target_spec": {"supported_ops": [tf.lite.OpsSet.TFLITE_BUILTINS]}}
    if kind in (TFLITE_DYNAMIC, TFLITE_INT8):
        options["optimizations"] = [tf.lite.Optimize.DEFAULT]
    if kind == TFLITE_INT8:
        options |= {
            "representative_dataset": lambda: _calibration(examples),
            "target_spec": {"supported_ops": [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]},
            "inference_input_type": tf.uint8,
            "inference_output_type": tf.uint8,
        }
    _exported(model, path, format="litert", **options)


def to_onnx(model: keras.Model, path: Path) -> None:
    """Writes an ONNX file with a free batch size.

    Raises:
        ExportError: A layer has no counterpart.
    """
    shape = (None, IMAGE_SIDE, IMAGE_SIDE, 1)
    pixels = keras.InputSpec(dtype="float32", shape=shape, name="pixels")
    _exported(model, path, format="onnx", opset_version=ONNX_OPSET, input_signature=[pixels])


def _exported(model: keras.Model, path: Path, **options: Any) -> None:
    try:
        # tf2onnx warns of what NumPy will do one day.
        with warnings.catch_warnings(action="ignore", category=FutureWarning):
            model.export(str(path), verbose=False, **options)
    except OSError:
        # A full disk, say: no fault of the network.
        raise
    except Exception as error:
        raise ExportError(
            "This network cannot be written in this format.",
            received=f"{type(error).__name__}: {str(error)[:200]}",
            advice="Export it as .keras, which holds every network of the lab.",
        ) from error


def _calibration(examples: NDArray[np.uint8] | None) -> Iterator[list[NDArray[np.float32]]]:
    if examples is None:
        raise ExportError("Whole numbers need training images to find their range by.")
    for image in examples[:CALIBRATION_IMAGES]:
        yield [image[None, ..., None].astype(np.float32)]
