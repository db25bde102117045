"""Damaged and hostile model files, each with the rule that it breaks."""

import copy
import json
import os
import pickle
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np

CONV: dict[str, Any] = {
    "name": "conv",
    "filters": 4,
    "kernel_size": [3, 3],
    "strides": [1, 1],
    "padding": "same",
    "activation": "relu",
}
DENSE: dict[str, Any] = {"name": "answer", "units": 10, "activation": "softmax"}


def layer(kind: str, config: dict[str, Any], module: str = "keras.layers") -> dict[str, Any]:
    return {"module": module, "class_name": kind, "config": config, "registered_name": None}


def network(*layers: dict[str, Any], shape: tuple[int, ...] = (28, 28, 1)) -> dict[str, Any]:
    begin = layer("InputLayer", {"batch_shape": [None, *shape], "name": "pixels"})
    return {
        "module": "keras",
        "class_name": "Sequential",
        "config": {"name": "network", "layers": [begin, *layers]},
        "registered_name": None,
        "compile_config": None,
    }


def functional(*layers: dict[str, Any]) -> dict[str, Any]:
    """A row of layers as a functional network; what a layer reads is kept where it says so."""
    begin = layer("InputLayer", {"batch_shape": [None, 28, 28, 1], "name": "pixels"})
    row: list[dict[str, Any]] = [begin | {"name": "pixels", "inbound_nodes": []}]
    for one in layers:
        reads = {"args": [tensor(row[-1]["name"])], "kwargs": {}}
        row.append({"inbound_nodes": [reads], **one, "name": one["config"]["name"]})
    ends = {"input_layers": ["pixels", 0, 0], "output_layers": [row[-1]["name"], 0, 0]}
    found = network() | {"module": "keras.src.models.functional", "class_name": "Functional"}
    return found | {"config": {"name": "network", "layers": row, **ends}}


def tensor(name: str) -> dict[str, Any]:
    config = {"shape": [None, 28, 28, 1], "dtype": "float32", "keras_history": [name, 0, 0]}
    return {"class_name": "__keras_tensor__", "config": config}


GOOD = network(layer("Conv2D", CONV), layer("Flatten", {"name": "flatten"}), layer("Dense", DENSE))
_REST = GOOD["config"]["layers"][1:]


def write_weights(path: Path, spoil: Callable[[h5py.File], None] = lambda file: None) -> None:
    with h5py.File(path, "w") as file:
        for name, arrays in {
            "conv2d": [np.zeros((3, 3, 1, 4), "f4"), np.zeros(4, "f4")],
            "dense": [np.zeros((3136, 10), "f4"), np.zeros(10, "f4")],
        }.items():
            for number, array in enumerate(arrays):
                file[f"layers/{name}/vars/{number}"] = array
        spoil(file)


def write(
    path: Path,
    description: Any = GOOD,
    spoil: Callable[[h5py.File], None] = lambda file: None,
    more: dict[str, bytes] | None = None,
) -> Path:
    weights = path.with_suffix(".weights")
    write_weights(weights, spoil)
    text = description if isinstance(description, bytes) else json.dumps(description).encode()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("metadata.json", "{}")
        archive.writestr("config.json", text)
        archive.write(weights, "model.weights.h5")
        for name, content in (more or {}).items():
            archive.writestr(name, content)
    return path


def changed(place: int, **config: Any) -> dict[str, Any]:
    found = copy.deepcopy(GOOD)
    found["config"]["layers"][place]["config"] |= config
    return found


class Evil:
    """What a pickle runs when it is read."""

    def __reduce__(self) -> Any:
        return os.system, ("touch executed",)


LAMBDA = layer(
    "Lambda",
    {"name": "evil", "function": {"class_name": "__lambda__", "config": {"code": "4wEAAAA="}}},
)


def _external(file: h5py.File) -> None:
    file["layers/dense/vars/2"] = h5py.ExternalLink("/etc/passwd", "/")


def _soft(file: h5py.File) -> None:
    del file["layers/dense/vars/0"]
    file["layers/dense/vars/0"] = h5py.SoftLink("/layers/conv2d/vars/0")


def _elsewhere(file: h5py.File) -> None:
    del file["layers/dense/vars/0"]
    file.create_dataset(
        "layers/dense/vars/0", (3136, 10), "f4", external=[("/etc/passwd", 0, 125_440)]
    )


def _virtual(file: h5py.File) -> None:
    del file["layers/dense/vars/0"]
    layout = h5py.VirtualLayout((3136, 10), "f4")
    layout[:] = h5py.VirtualSource("/tmp/other.h5", "x", (3136, 10))
    file.create_virtual_dataset("layers/dense/vars/0", layout)


def _objects(file: h5py.File) -> None:
    del file["layers/dense/vars/1"]
    file.create_dataset("layers/dense/vars/1", (10,), h5py.string_dtype())


def _huge(file: h5py.File) -> None:
    del file["layers/dense/vars/0"]
    file.create_dataset("layers/dense/vars/0", (2**20, 2**20), "f4", chunks=(1024, 1024))


def _missing(file: h5py.File) -> None:
    del file["layers/dense"]


def _turned(file: h5py.File) -> None:
    del file["layers/dense/vars/0"]
    file["layers/dense/vars/0"] = np.zeros((10, 3136), "f4")


def _counted(file: h5py.File) -> None:
    """Names as Keras 2.13 has them, of which one would take the place of another."""
    file.move("layers", "_layer_checkpoint_dependencies")
    file["_layer_checkpoint_dependencies/dense_0"] = np.zeros(1)
    file["_layer_checkpoint_dependencies/dense_1"] = np.zeros(1)


def _row(layers: list[dict[str, Any]]) -> dict[str, Any]:
    return GOOD | {"config": {"name": "network", "layers": layers}}


def _before(**config: Any) -> dict[str, Any]:
    return network(layer("ZeroPadding2D", {"name": "edge", **config}), *_REST)


def _bomb(path: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("metadata.json", "{}")
        archive.writestr("config.json", json.dumps(GOOD))
        with archive.open("model.weights.h5", "w", force_zip64=True) as packed:
            for _ in range(300):
                packed.write(bytes(2**20))
    return path


def _cut(path: Path) -> Path:
    whole = write(path).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    return path


def _flipped(path: Path) -> Path:
    content = bytearray(write(path).read_bytes())
    place = content.find(b"\x89HDF")
    content[place + 8 : place + 400] = struct.pack("392s", b"\xff" * 392)
    path.write_bytes(bytes(content))
    return path


def _encrypted(path: Path) -> Path:
    content = bytearray(write(path).read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = -1
        while (place := content.find(mark, place + 1)) >= 0:
            content[place + offset] |= 1
    path.write_bytes(bytes(content))
    return path


def _pickled(path: Path) -> Path:
    path.write_bytes(pickle.dumps(Evil()))
    return path


def _h5(path: Path) -> Path:
    write_weights(path)
    return path


def _text(path: Path) -> Path:
    path.write_text("import os; os.system('touch executed')")
    return path


def _deep() -> bytes:
    return b'{"a":' * 5_000 + b"1" + b"}" * 5_000


def _levels(count: int) -> bytes:
    """Networks within networks, written by hand: Python's own writer gives up before."""
    begin = b'{"class_name": "Sequential", "module": "keras", "config": {"layers": ['
    return begin * count + json.dumps(LAMBDA).encode() + b"]}}" * count


def described(description: Any) -> Callable[[Path], Path]:
    return lambda path: write(path, description)


def spoiled(spoil: Callable[[h5py.File], None]) -> Callable[[Path], Path]:
    return lambda path: write(path, spoil=spoil)


def beside(name: str) -> Callable[[Path], Path]:
    return lambda path: write(path, more={name: b"x"})


_SYSTEM = {"class_name": "function", "config": "system"}
_REGISTERED = {**layer("Dense", DENSE), "registered_name": "Evil>Dense"}
_POPEN = layer("Popen", {"args": ["touch", "executed"]}, "subprocess")
_ON_THE_WAY = {"args": [], "kwargs": {"x": {"module": "keras.regularizers", **_SYSTEM}}}
_CALLED_WITH = {"args": [tensor("pixels")], "kwargs": {"training": {"module": "os", **_SYSTEM}}}
_CODE = {
    "module": "keras.initializers", "class_name": "__lambda__", "config": {"value": "4wEAAAA="},
}  # fmt: skip
_FLAT = layer("Flatten", {"name": "flatten"}), layer("Dense", DENSE)
_OPERATION = layer("TrueDivide", {"name": "divided"}, "keras.src.ops.numpy")
_DIVIDED = {"args": [tensor("pixels"), 255.0], "kwargs": {}}


def _operation(**changed: Any) -> dict[str, Any]:
    return functional(_OPERATION | {"inbound_nodes": [_DIVIDED]} | changed, *_FLAT)


def _divided_by(value: Any) -> dict[str, Any]:
    node = {"args": [tensor("pixels"), value], "kwargs": {}}
    return functional(_OPERATION | {"inbound_nodes": [node]}, *_FLAT)


def _function(name: str, module: str = "keras.src.layers.core.tf_op_layer") -> dict[str, Any]:
    """As Keras 2 writes a function of TensorFlow."""
    found = layer("TFOpLambda", {"name": "function", "function": name}, module)
    return functional(found | {"inbound_nodes": [["pixels", 0, 0, {"y": 255.0}]]}, *_FLAT)


def _within(description: dict[str, Any], levels: int) -> dict[str, Any]:
    for level in range(levels):
        description = network(description) if level % 2 else functional(_named(description))
    return description


def _named(description: dict[str, Any]) -> dict[str, Any]:
    config = {**description["config"], "name": "within"}
    return description | {"config": config}


# As Keras 2 writes a Lambda layer: the program, its defaults and what it closes over.
_OLD_LAMBDA = layer(
    "Lambda",
    {
        "name": "evil",
        "batch_input_shape": [None, 28, 28, 1],
        "function": ["4wEAAAA=", None, None],
        "function_type": "lambda",
        "module": "__main__",
    },
)
_EVAL = {"module": "builtins", "class_name": "eval", "config": "relu"}
_LAMBDA_BEND = {"module": "keras.layers", "class_name": "Lambda", "config": LAMBDA["config"]}
_BESIDE_KERAS = "keras.layers.core;__import__('os').system('touch executed')"
# Descriptions of networks with a part that the lab does not know.
UNKNOWN = {
    "a Lambda layer": network(LAMBDA, *_REST),
    "a function for an activation": changed(1, activation={"module": "os", **_SYSTEM}),
    "a class of another module": network(_POPEN),
    "a registered class of one's own": network(_REGISTERED, *_REST),
    "an initializer that is none": changed(1, kernel_initializer=layer("Evil", {}, "builtins")),
    "a function for an initializer": changed(1, kernel_initializer=_CODE),
    "a function on the way between layers": functional(
        layer("Conv2D", CONV) | {"inbound_nodes": [_ON_THE_WAY]}, *_REST[1:]
    ),
    "a function for whether it trains": functional(
        layer("Conv2D", CONV) | {"inbound_nodes": [_CALLED_WITH]}, *_REST[1:]
    ),
    "a Lambda layer of Keras 2": network(_OLD_LAMBDA, *_REST),
    "a Lambda layer in a network within": network(_within(network(LAMBDA), 2), *_REST),
    "a module path with a program": network(layer("Conv2D", CONV, _BESIDE_KERAS), *_REST[1:]),
    "an operation of another module": _operation(module="os"),
    "an operation that Keras has": _operation(module="keras.src.ops.core", class_name="Map"),
    "a division by zero": _divided_by(0),
    "a division by a number without end": _divided_by(float("inf")),
    "a division by a class": _divided_by({"module": "os", **_SYSTEM}),
    "a division by an array": _divided_by(
        {"class_name": "__numpy__", "config": {"value": [1.0] * 784, "dtype": "float32"}}
    ),
    "a function of TensorFlow": _function("io.read_file"),
    "a function of another module": _function("math.truediv", "os"),
    "a class for an activation": changed(1, activation=_EVAL),
    "a Lambda layer for an activation": changed(1, activation=_LAMBDA_BEND),
}

FILES: dict[str, tuple[Callable[[Path], Path], str]] = {
    "an .h5 file": (_h5, r"\.h5 file is not taken"),
    "a pickle": (_pickled, "pickle is not taken"),
    "a program": (_text, "no archive"),
    "a file cut short": (_cut, "damaged"),
    "300 MB of zeros": (_bomb, "unpacks to too much"),
    "a locked archive": (_encrypted, "unsupported compression"),
    "a member outside": (beside("../../evil.py"), "once each, and nothing else"),
    "a vocabulary beside it": (beside("assets/vocabulary.txt"), "once each, and nothing else"),
    **{
        what: (described(description), "part that the lab does not know")
        for what, description in UNKNOWN.items()
    },
    "networks within networks": (described(_within(GOOD, 100)), "nested too deeply"),
    "more levels than any reader takes": (
        lambda path: write(path, _levels(2_000)),
        "damaged",
    ),
    "layers by the hundred in each of many networks": (
        described(network(*[network(*_REST * 40)] * 4)),
        "1 to 400 layers",
    ),
    "weights counted as two kinds": (spoiled(_counted), "damaged"),
    "5 000 levels": (described(_deep()), "damaged|nested|kinds Functional"),
    "a link to another file": (spoiled(_external), "refers to another file"),
    "a link within": (spoiled(_soft), "refers to another file"),
    "weights in another file": (spoiled(_elsewhere), "another file"),
    "weights put together from others": (spoiled(_virtual), "another"),
    "words for weights": (spoiled(_objects), "must be numbers"),
    "weights of four terabytes": (spoiled(_huge), "more weights than"),
    "a damaged HDF5 head": (_flipped, "damaged|broke"),
}

_BILLION = {"name": "vast", "units": 10**9, "activation": "relu"}
_VAST = [[2**20, 0], [0, 2**20]]
_BELOW = [[-20, -20], [-20, -20]]
# What Keras has to say: how large layers are, whether they fit each other and their weights.
NETWORKS: dict[str, tuple[Callable[[Path], Path], str]] = {
    "a billion units": (described(changed(3, units=10**9)), "at most"),
    "a map of a terabyte": (described(changed(1, filters=2**30)), "at most"),
    "a kernel of no size": (described(changed(1, kernel_size=[-3, 3])), "no size|do not fit"),
    "colour images": (described(network(shape=(32, 32, 3))), "28 x 28"),
    "a billion units in a network within": (
        described(network(network(_FLAT[0], layer("Dense", _BILLION)), layer("Dense", DENSE))),
        "at most",
    ),
    "an image cut into a million": (
        described(
            functional(
                layer("Reshape", {"name": "cut", "newshape": [-1, 2**20]}, "keras.src.ops.numpy"),
                layer("Dense", DENSE),
            )
        ),
        "do not fit",
    ),
    "seven classes": (described(changed(3, units=7)), "ten numbers"),
    "a padding of a terabyte": (described(_before(padding=_VAST)), "at most"),
    "an edge below nothing": (described(_before(padding=_BELOW)), "no size|do not fit"),
    "no input": (described(_row(_REST)), "28 x 28"),
    "colour images throughout": (described(network(*_REST, shape=(32, 32, 3))), "28 x 28"),
    "a number of any length": (described(changed(3, units=10**40)), "at most"),
    "a layer read twice": (described(network(*_REST * 2)), "do not fit"),
    "missing weights": (spoiled(_missing), "do not fit"),
    "weights of another shape": (spoiled(_turned), "do not fit"),
}
