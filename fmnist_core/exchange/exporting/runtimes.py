"""Exported files as other programs read them: asked through the runtime of their format.

A Keras file has no other runtime; it is read anew from the disk.

Each runtime takes images uint8 (n, 28, 28), hands them over at the side that the file asks for, and
gives probabilities float32 (n, classes).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.exchange.exporting.formats import KERAS, ONNX, TFLITE, TFLITE_DYNAMIC, TFLITE_INT8
from fmnist_core.preprocessing.resize import fit_to

Images = NDArray[np.uint8]
Probabilities = NDArray[np.float32]
Runtime = Callable[[Images], Probabilities]


def runtime_of(path: Path, kind: str, threads: int = 2) -> Runtime:
    """Opens an exported file of the format `kind` with a program that is not Keras."""
    return _RUNTIMES[kind](path, threads)


def _onnx(path: Path, threads: int) -> Runtime:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    given = session.get_inputs()[0]

    def ask(images: Images) -> Probabilities:
        pixels = fit_to(images, given.shape[1])[..., None].astype(np.float32)
        return np.asarray(session.run(None, {given.name: pixels})[0], np.float32)

    return ask


def _litert(path: Path, threads: int) -> Runtime:
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_path=str(path), num_threads=threads)

    def ask(images: Images) -> Probabilities:
        given, found = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
        wanted = (len(images), *given["shape"][1:])
        if tuple(given["shape"]) != wanted:
            interpreter.resize_tensor_input(given["index"], wanted)
            interpreter.allocate_tensors()
        interpreter.set_tensor(given["index"], _as_wanted(fit_to(images, wanted[1]), given))
        interpreter.invoke()
        return _as_shares(interpreter.get_tensor(found["index"]), found)

    interpreter.allocate_tensors()
    return ask


def _as_wanted(images: Images, given: dict[str, Any]) -> NDArray[Any]:
    pixels = images[..., None]
    if given["dtype"] == np.float32:
        return pixels.astype(np.float32)
    scale, zero = given["quantization"]
    whole = np.round(pixels / scale + zero)
    return np.clip(whole, 0, 255).astype(given["dtype"])


def _as_shares(said: NDArray[Any], found: dict[str, Any]) -> Probabilities:
    if said.dtype == np.float32:
        return said
    scale, zero = found["quantization"]
    return ((said.astype(np.float32) - zero) * scale).astype(np.float32)


def _keras(path: Path, threads: int) -> Runtime:
    # The format has no other reader; Keras takes as many threads as it likes.
    from fmnist_core.models.build import load_model
    from fmnist_core.models.features import as_read

    model = load_model(path)

    def ask(images: Images) -> Probabilities:
        said = model.predict_on_batch(as_read(model, images)[..., None].astype(np.float32))
        return np.asarray(said, np.float32)

    return ask


_RUNTIMES: dict[str, Callable[[Path, int], Runtime]] = {
    KERAS: _keras,
    ONNX: _onnx,
    TFLITE: _litert,
    TFLITE_DYNAMIC: _litert,
    TFLITE_INT8: _litert,
}
