"""Converts a saved network to Keras, ONNX or TensorFlow Lite and writes its metadata into the file.

Only workers import Keras for this. All files take pixels as they are, 0 to 255, and give ten
probabilities: the network scales its input itself, and where it gives logits, softmax is added.
"""

from __future__ import annotations

import json
import warnings
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.datasets.dataset import Dataset
from fmnist_core.errors import ExportError
from fmnist_core.exchange.exporting.checking import Check, OnProgress, check_agreement, compare
from fmnist_core.exchange.exporting.formats import (
    KERAS,
    ONNX,
    ONNX_OPSET,
    TFLITE,
    TFLITE_DYNAMIC,
    TFLITE_INT8,
    Format,
)
from fmnist_core.exchange.exporting.runtimes import Images, Probabilities, runtime_of
from fmnist_core.exchange.exporting.subject import KEY, Subject, identity
from fmnist_core.lab_keras import keras
from fmnist_core.models.build import load_model
from fmnist_core.models.features import as_read

# So many training images tell the range of each number inside; more change nothing.
_CALIBRATION_IMAGES = 500

_Words = dict[str, Any]

_AT_ONCE = 500
# Shares of the time that the parts take.
_ASKED, _CONVERTED = 0.4, 0.6


def export_network(
    subject: Subject, wanted: Format, path: Path, data: Dataset, on_progress: OnProgress
) -> Check:
    """Writes the network to `path`, and asks the file about all test images.

    Raises:
        ExportError: The format cannot hold this network, or the file answers otherwise.
    """
    on_progress(0.0, "asking the network itself")
    model = _answering_model(subject)
    expected = _said(model, data.test.images)
    on_progress(_ASKED, f"writing {wanted.title}")
    _write(model, path, wanted, data)
    _stamp(path, wanted.name, identity(subject))
    check = compare(
        data.test.images,
        data.test.labels,
        expected,
        runtime_of(path, wanted.name),
        runtime_of(path, wanted.name, threads=1),
        lambda share: on_progress(_CONVERTED + (1 - _CONVERTED) * share, "asking the file"),
    )
    if wanted.name not in (TFLITE_DYNAMIC, TFLITE_INT8):
        check_agreement(check, wanted.title)
    return check


def _said(model: keras.Model, images: Images) -> Probabilities:
    parts = range(0, len(images), _AT_ONCE)
    asked = (as_read(model, images[start : start + _AT_ONCE])[..., None] for start in parts)
    return np.concatenate([model.predict_on_batch(part.astype(np.float32)) for part in asked])


def _write(model: keras.Model, path: Path, wanted: Format, data: Dataset) -> None:
    if wanted.name == KERAS:
        model.save(path)
    elif wanted.name == ONNX:
        _to_onnx(model, path)
    else:
        _to_tflite(model, path, wanted.name, _examples(data))


def _examples(data: Dataset) -> Images:
    """Training images of all classes, evenly through the data set."""
    step = max(1, len(data.train) // _CALIBRATION_IMAGES)
    return data.train.images[::step][:_CALIBRATION_IMAGES]


def _stamp_keras(path: Path, words: _Words) -> None:
    with zipfile.ZipFile(path) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    known = json.loads(members["metadata.json"])
    members["metadata.json"] = json.dumps({**known, KEY: words}).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def _stamp_onnx(path: Path, words: _Words) -> None:
    import onnx

    model = onnx.load(str(path))
    onnx.helper.set_model_props(model, {KEY: json.dumps(words)})
    model.doc_string = f"{words['name']}: an image classifier for Fashion-MNIST"
    onnx.save(model, str(path))


def _stamp_tflite(path: Path, words: _Words) -> None:
    from tensorflow.lite.python import schema_py_generated as schema
    from tensorflow.lite.tools import flatbuffer_utils

    model = flatbuffer_utils.read_model(str(path))
    buffer, entry = schema.BufferT(), schema.MetadataT()
    buffer.data = list(json.dumps(words).encode())
    model.buffers.append(buffer)
    entry.name, entry.buffer = KEY, len(model.buffers) - 1
    model.metadata = [*(model.metadata or []), entry]
    flatbuffer_utils.write_model(model, str(path))


_STAMPS: dict[str, Callable[[Path, _Words], None]] = {
    KERAS: _stamp_keras,
    ONNX: _stamp_onnx,
    **dict.fromkeys((TFLITE, TFLITE_DYNAMIC, TFLITE_INT8), _stamp_tflite),
}


def _stamp(path: Path, kind: str, words: _Words) -> None:
    """Writes `words` into a file of the format `kind`.

    Keras: in the archive's `metadata.json`. TFLite: a metadata buffer. ONNX: a metadata property.
    """
    _STAMPS[kind](path, words)


def _answering_model(subject: Subject) -> keras.Model:
    """The network with probabilities as its answer: float32 (n, side, side, 1) to (n, classes).

    Raises:
        TrainingError: The saved network is damaged.
    """
    model = load_model(subject.model_path)
    if subject.config.model.output != "logits":
        return model
    said = keras.layers.Softmax(name="probabilities")(model.output)
    return keras.Model(model.inputs, said, name="classifier")


def _to_tflite(
    model: keras.Model, path: Path, kind: str, examples: NDArray[np.uint8] | None = None
) -> None:
    """Writes a TFLite file.

    Args:
        model: See `_answering_model`.
        kind: `"tflite"`, `"tflite-dynamic"` (weights of 8 bits) or `"tflite-int8"` (integers
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
            "representative_dataset": lambda: _calibration(model, examples),
            "target_spec": {"supported_ops": [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]},
            "inference_input_type": tf.uint8,
            "inference_output_type": tf.uint8,
        }
    _exported(model, path, format="litert", **options)


def _to_onnx(model: keras.Model, path: Path) -> None:
    """Writes an ONNX file with a free batch size.

    Raises:
        ExportError: A layer has no counterpart.
    """
    pixels = keras.InputSpec(dtype="float32", shape=model.input_shape, name="pixels")
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


def _calibration(
    model: keras.Model, examples: NDArray[np.uint8] | None
) -> Iterator[list[NDArray[np.float32]]]:
    if examples is None:
        raise ExportError("int8 quantization needs training images to find the range of values by.")
    for image in as_read(model, examples[:_CALIBRATION_IMAGES]):
        yield [image[None, ..., None].astype(np.float32)]
