"""All checks of an imported Keras file that need no Keras, from the cheapest to the dearest.

    python -m fmnist_core.exchange.importing.vetting FILE FOLDER

runs in a small process of its own (`vetted`): a file may be made to crash what reads it. The
description may hold known layers with numbers and words alone, the weights (HDF5) numbers of a
size that a network may have, and no links. Whether the layers fit is for Keras to say (`loading`).
"""

from __future__ import annotations

import json
import math
import sys
import zipfile
from pathlib import Path
from typing import Any

from fmnist_core.errors import ImportedFileError, LabError, StorageError
from fmnist_core.exchange.importing.archive import MOST_CONFIG, check_archive, opened
from fmnist_core.exchange.importing.confined_process import Limits, confined, report_error
from fmnist_core.models.cost import MOST_PARAMETERS
from fmnist_core.safe_zip import UnsafeZipError, read_member, unpack

_MOST_LAYERS = 400

_DESCRIPTION_MOST_DEPTH = 40

_MOST_TEXT = 2_000

_DESCRIPTION_LAYERS = frozenset(
    (
        *("InputLayer", "Rescaling", "Resizing", "Reshape", "Flatten", "ZeroPadding2D"),
        *("Cropping2D", "Conv2D", "DepthwiseConv2D", "SeparableConv2D", "Dense"),
        *("BatchNormalization", "LayerNormalization", "Activation", "ReLU", "LeakyReLU", "ELU"),
        *("Softmax", "MaxPooling2D", "AveragePooling2D", "GlobalAveragePooling2D"),
        *("GlobalMaxPooling2D", "Dropout", "SpatialDropout2D", "GaussianNoise", "Add", "Multiply"),
        *("Average", "Maximum", "Concatenate"),
        # Asleep when a network is asked; left away when it is rebuilt.
        *("RandomFlip", "RandomRotation", "RandomZoom", "RandomTranslation", "RandomContrast"),
        *("RandomBrightness", "GaussianDropout", "ActivityRegularization"),
    )
)

_MODULES = {"Functional": "keras.src.models.functional", "Sequential": "keras"}

_NETWORKS = frozenset(_MODULES)

_INITIALIZERS = (
    *("Zeros", "Ones", "Constant", "RandomNormal", "RandomUniform", "TruncatedNormal"),
    *("VarianceScaling", "GlorotNormal", "GlorotUniform", "HeNormal", "HeUniform", "LecunNormal"),
    *("LecunUniform", "Orthogonal", "OrthogonalInitializer", "Identity", "IdentityInitializer"),
)

# By module, what may stand inside of a layer.
_INSIDE: dict[str, frozenset[str]] = {
    "keras.initializers": frozenset(_INITIALIZERS),
    "keras.regularizers": frozenset({"L1", "L2", "L1L2", "OrthogonalRegularizer"}),
    "keras.constraints": frozenset({"MaxNorm", "NonNeg", "UnitNorm", "MinMaxNorm"}),
    "keras": frozenset({"DTypePolicy"}),
    "builtins": frozenset({"int", "float", "str", "tuple"}),
}

_LAYER_MODULES = ("keras.layers", "keras.src.layers")

# Of a layer: shapes to build it with in advance, layers that stand for others, and what makes one
# compute otherwise. Keras finds out by itself what it needs of them.
_LEFT_AWAY = ("build_config", "shared_object_id")

_LEFT_AWAY_WITHIN = ("lora_rank", "lora_alpha", "quantization_config", "gptq_unquantized_kernel")

# Keras has more of them; these can do nothing but bend a number.
_BENDS = frozenset(
    (
        *("linear", "relu", "relu6", "leaky_relu", "elu", "selu", "gelu", "silu", "swish", "mish"),
        *("tanh", "sigmoid", "hard_sigmoid", "softplus", "softsign", "softmax", "exponential"),
    )
)

_TENSOR = "__keras_tensor__"


_MOST_OBJECTS = 4_000

_MOST_DEPTH = 12


# The least that NumPy and HDF5 need, with room for the largest description.
_LIMITS = Limits(seconds=20, memory=1 * 2**30)


def vetted(path: Path, folder: Path) -> Path:
    """A copy of the file that holds only what was checked, in `folder`.

    Raises:
        ImportedFileError: A check failed, or the checks themselves broke down.
    """
    check_archive(path)
    places = [str(place.resolve()) for place in (path, folder)]
    confined(["fmnist_core.exchange.importing.vetting", *places], _LIMITS)
    return folder / "vetted.keras"


def vet(path: Path, folder: Path) -> None:
    """The same, in this process.

    Raises:
        ImportedFileError: A check failed.
    """
    check_archive(path)
    with path.open("rb") as file, opened(file) as archive:
        description = _read_description(_member(archive, "config.json"))
        weights = folder / "model.weights.h5"
        _unpack(archive, weights)
    _check_weights(weights)
    with zipfile.ZipFile(folder / "vetted.keras", "w") as whole:
        whole.writestr("metadata.json", json.dumps({"keras_version": "3", "date_saved": ""}))
        whole.writestr("config.json", json.dumps(description))
        whole.write(weights, "model.weights.h5")


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        return read_member(archive, archive.getinfo(name), MOST_CONFIG)
    except UnsafeZipError as error:
        raise ImportedFileError("The file is damaged.", received=name) from error


def _unpack(archive: zipfile.ZipFile, path: Path) -> None:
    try:
        with path.open("wb") as file:
            file.writelines(unpack(archive, archive.getinfo("model.weights.h5")))
    except UnsafeZipError as error:
        raise ImportedFileError("The file is damaged.", received="model.weights.h5") from error


def main(arguments: list[str]) -> int:
    path, folder = arguments
    try:
        vet(Path(path), Path(folder))
    except LabError as error:
        return report_error(error)
    except OSError as error:
        return report_error(
            StorageError("The disk does not take the file.", received=error.strerror)
        )
    return 0


def _check_weights(path: Path) -> None:
    """Checks the file without following links.

    Raises:
        ImportedFileError: It is damaged, links to other places, or holds other things than numbers.
    """
    import h5py

    try:
        with h5py.File(path, "r") as file:
            _check_parts(file)
    except ImportedFileError:
        raise
    except Exception as error:
        raise ImportedFileError(
            "The file of the weights is damaged.", received=str(error)[:120]
        ) from error


def _check_parts(file: Any) -> None:
    import h5py

    seen = 0
    # All of it is looked at, also what Keras would leave alone.
    open_groups = [(name, file, 0) for name in file]
    while open_groups:
        name, group, depth = open_groups.pop()
        seen += 1
        if seen > _MOST_OBJECTS or depth > _MOST_DEPTH:
            raise ImportedFileError("The file of the weights holds too many parts.")
        if type(group.get(name, getlink=True)) is not h5py.HardLink:
            raise ImportedFileError(
                "The weight file refers to another file, which is not allowed.",
                received=name[:80],
            )
        found = group[name]
        if isinstance(found, h5py.Group):
            open_groups += [(inside, found, depth + 1) for inside in found]
        elif isinstance(found, h5py.Dataset):
            _check_dataset(found)
        else:
            raise ImportedFileError("The file of the weights holds an unknown part.")


def _check_dataset(found: Any) -> None:
    if found.external or found.is_virtual:
        raise ImportedFileError(
            "The weights lie in another file, which is not read.", received=found.name[:80]
        )
    if math.prod(found.shape) > MOST_PARAMETERS:
        raise ImportedFileError(
            f"The file holds more weights than the {MOST_PARAMETERS:,} of the largest network.",
            received=f"one array of shape {found.shape}"[:120],
        )
    if found.dtype.kind not in "fiu" or found.dtype.itemsize > 8:
        raise ImportedFileError("Weights must be numbers.", received=str(found.dtype)[:40])


def _read_description(content: bytes) -> dict[str, Any]:
    """The network's `config.json`, without what is only needed to train it on.

    Raises:
        ImportedFileError: It is damaged, or holds anything but known layers.
    """
    try:
        value = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ImportedFileError("The network's description is damaged.") from error
    if not isinstance(value, dict) or value.get("class_name") not in _NETWORKS:
        name = value.get("class_name") if isinstance(value, dict) else type(value).__name__
        raise ImportedFileError(
            "The lab reads networks of the kinds Functional and Sequential.",
            received=repr(name)[:80],
            advice="A class of one's own is a program, which is not taken.",
        )
    # How it was trained may name functions; nobody needs them here.
    value.pop("compile_config", None)
    value.pop("registered_name", None)
    value["module"] = _MODULES[value["class_name"]]
    _check_network(value)
    return value


def _check_network(value: dict[str, Any]) -> None:
    config = value.get("config")
    layers = config.get("layers") if isinstance(config, dict) else None
    if not isinstance(layers, list) or not 1 <= len(layers) <= _MOST_LAYERS:
        raise ImportedFileError(f"A network has 1 to {_MOST_LAYERS} layers.")
    value.pop("build_config", None)
    for layer in layers:
        _check_layer(layer)


def _check_layer(layer: Any) -> None:
    if not isinstance(layer, dict) or not isinstance(layer.get("config"), dict):
        raise ImportedFileError("The network's description is damaged: a layer is no layer.")
    name = layer.get("class_name")
    if name in _NETWORKS:
        raise ImportedFileError(
            "A network within the network is not read.",
            received=str(layer["config"].get("name"))[:60],
            advice="Save a model that has its layers side by side.",
        )
    if name not in _DESCRIPTION_LAYERS or layer.get("module") not in _LAYER_MODULES:
        raise _unknown(f"{layer.get('module')}.{name}")
    if layer.get("registered_name") not in (None, name):
        raise _unknown(str(layer.get("registered_name")))
    for key in _LEFT_AWAY:
        layer.pop(key, None)
    for key in _LEFT_AWAY_WITHIN:
        layer["config"].pop(key, None)
    for key, item in layer["config"].items():
        _check_bend(key, item)
        _check(item, 1)
    nodes = layer.get("inbound_nodes") or []
    if not isinstance(nodes, list) or len(nodes) > 1:
        raise ImportedFileError("A layer that is used twice is not read.", received=name)
    _check(nodes, 1)


def _check(value: Any, depth: int) -> None:
    if depth > _DESCRIPTION_MOST_DEPTH:
        raise ImportedFileError("The network's description is nested too deeply.")
    if isinstance(value, dict):
        _check_inside(value)
        value.pop("shared_object_id", None)
        for item in value.values():
            _check(item, depth + 1)
    elif isinstance(value, list):
        for item in value:
            _check(item, depth + 1)
    elif isinstance(value, str) and len(value) > _MOST_TEXT:
        raise ImportedFileError("The network's description holds a text that is too long.")


def _check_inside(value: dict[str, Any]) -> None:
    name = value.get("class_name")
    if name is None or name == _TENSOR:
        return
    allowed = _INSIDE.get(str(value.get("module")), frozenset())
    if value.get("registered_name") not in (None, name) or name not in allowed:
        raise _unknown(f"{value.get('module')}.{name}")


def _check_bend(key: str, item: Any) -> None:
    """Allows only names of known functions as functions."""
    if (
        key.endswith("activation")
        and item is not None
        and not (isinstance(item, str) and item in _BENDS)
    ):
        raise _unknown(f"activation {str(item)[:80]!r}")


def _unknown(name: str) -> ImportedFileError:
    return ImportedFileError(
        "The network has a part that the lab does not know, and does not run.",
        received=name[:120],
        advice=f"Known layers: {', '.join(sorted(_DESCRIPTION_LAYERS))}.",
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
