"""The words that go into an exported file, where its format has a place for them."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fmnist_core.export.formats import KERAS, ONNX, TFLITE, TFLITE_DYNAMIC, TFLITE_INT8
from fmnist_core.export.identity import KEY

Words = dict[str, Any]


def stamp(path: Path, kind: str, words: Words) -> None:
    """Writes `words` into a file of the format `kind`.

    Keras: in the archive's `metadata.json`. TFLite: a metadata buffer. ONNX: a metadata property.
    """
    _STAMPS[kind](path, words)


def read_stamp(path: Path, kind: str) -> Words | None:
    """What `stamp` wrote; None where there is nothing."""
    return _READERS[kind](path)


def _stamp_keras(path: Path, words: Words) -> None:
    with zipfile.ZipFile(path) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    known = json.loads(members["metadata.json"])
    members["metadata.json"] = json.dumps({**known, KEY: words}).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def _read_keras(path: Path) -> Words | None:
    with zipfile.ZipFile(path) as archive:
        found: Words | None = json.loads(archive.read("metadata.json")).get(KEY)
    return found


def _stamp_onnx(path: Path, words: Words) -> None:
    import onnx

    model = onnx.load(str(path))
    onnx.helper.set_model_props(model, {KEY: json.dumps(words)})
    model.doc_string = f"{words['name']}: an image classifier for Fashion-MNIST"
    onnx.save(model, str(path))


def _read_onnx(path: Path) -> Words | None:
    import onnx

    properties = onnx.load(str(path)).metadata_props
    return next((json.loads(each.value) for each in properties if each.key == KEY), None)


def _stamp_tflite(path: Path, words: Words) -> None:
    from tensorflow.lite.python import schema_py_generated as schema
    from tensorflow.lite.tools import flatbuffer_utils

    model = flatbuffer_utils.read_model(str(path))
    buffer, entry = schema.BufferT(), schema.MetadataT()
    buffer.data = list(json.dumps(words).encode())
    model.buffers.append(buffer)
    entry.name, entry.buffer = KEY, len(model.buffers) - 1
    model.metadata = [*(model.metadata or []), entry]
    flatbuffer_utils.write_model(model, str(path))


def _read_tflite(path: Path) -> Words | None:
    from tensorflow.lite.tools import flatbuffer_utils

    model = flatbuffer_utils.read_model(str(path))
    for entry in model.metadata or []:
        if entry.name in (KEY, KEY.encode()):
            found: Words = json.loads(bytes(model.buffers[entry.buffer].data))
            return found
    return None


_STAMPS: dict[str, Callable[[Path, Words], None]] = {
    KERAS: _stamp_keras,
    ONNX: _stamp_onnx,
    **dict.fromkeys((TFLITE, TFLITE_DYNAMIC, TFLITE_INT8), _stamp_tflite),
}
_READERS: dict[str, Callable[[Path], Words | None]] = {
    KERAS: _read_keras,
    ONNX: _read_onnx,
    **dict.fromkeys((TFLITE, TFLITE_DYNAMIC, TFLITE_INT8), _read_tflite),
}
