"""Keras reads a vetted file, in a process with limits, and saves what it made of it anew.

    python -m fmnist_core.exchange.importing.loading load VETTED EXAMPLES.npz OUT.keras
    python -m fmnist_core.exchange.importing.loading copy VETTED OUT.keras

Prints facts as one line of JSON. What is kept is our own copy: flat, from 28x28x1 gray values as
they are to a dense layer called `answer`, as all of the lab's networks are.
"""

from __future__ import annotations

import json
import math
import re
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_COUNT
from fmnist_core.errors import ImportedFileError, LabError, StorageError
from fmnist_core.exchange.importing.confined_process import report_error
from fmnist_core.models.calibration import softmax
from fmnist_core.models.cost import MOST_MULTIPLY_ADDS, MOST_PARAMETERS
from fmnist_core.models.plan import scale_and_offset

# What gray values people train with; which ones a network expects, its file does not say.
PIXELS = {
    "as they are, 0 to 255": (1.0, 0.0),
    "0 to 1": scale_and_offset("unit"),
    "mean 0, deviation 1": scale_and_offset("standard"),
    "-1 to 1": (1 / 127.5, -1.0),
}
_AT_ONCE = 250
# 1 GB: several of a network's maps are there at once.
_MOST_VALUES_AT_ONCE = 250_000_000
# What our own layers around theirs are called.
_OURS = ("pixels", "scale", "without_channel", "answer")
_MOST_VALUES = 200_000_000
_MOST_VALUES_A_LAYER = 2**22
# Layers that do nothing while a network is asked.
_ASLEEP = (
    *("Dropout", "SpatialDropout2D", "GaussianDropout", "GaussianNoise"),
    "ActivityRegularization",
)


def load(vetted: Path, examples: Path, out: Path) -> dict[str, Any]:
    """Writes `out`; returns what `ImportedConfig` wants to know, and `output`, `pixels`, `loss`
    and `accuracy`.

    Raises:
        ImportedFileError: Keras cannot read it, or it does not end as a classifier does.
    """
    model = _read(vetted)
    last, output = _ending(model)
    facts = _facts(model)
    _check_limits(facts)
    with np.load(examples, allow_pickle=False) as arrays:
        images, labels = arrays["images"], arrays["labels"]
    # By the loss: the classes named first may be the same for pixels that are 255 times too large.
    evaluated = {
        name: _evaluated(model, images, labels, scale, output) for name, scale in PIXELS.items()
    }
    best = min(evaluated, key=lambda name: evaluated[name][0])
    made = _made_ours(model, last, output, *PIXELS[best])
    made.save(out)
    loss, accuracy = evaluated[best]
    measured = {"output": output, "pixels": best, "loss": loss, "accuracy": accuracy}
    return _facts(made) | measured | {"examples": len(images)}


def copy(vetted: Path, out: Path) -> dict[str, Any]:
    """Keras' own copy of a network of the lab's own making.

    Raises:
        ImportedFileError: Keras cannot read it.
    """
    _read(vetted).save(out)
    return {}


def _read(vetted: Path) -> Any:
    from fmnist_core.lab_keras import keras

    try:
        _check_sizes(_shaped(vetted))
        # Variables without values would be filled by the next who builds something.
        keras.utils.clear_session()
        model = keras.saving.load_model(vetted, compile=False, safe_mode=True)
    except ImportedFileError:
        raise
    except Exception as error:
        # The root cause comes last, in bold terminal letters.
        message = re.sub(r"\x1b\[\d+m", "", str(error)).rpartition("Exception encountered: ")[2]
        raise ImportedFileError(
            "The network's layers and weights do not fit each other.",
            received=message.strip()[:300],
        ) from error
    for array in model.get_weights():
        if not np.isfinite(array).all():
            raise ImportedFileError(
                "Some weights are no numbers (NaN or infinite).",
                advice="The training that made the network broke; train it again.",
            )
    return model


def _shaped(vetted: Path) -> Any:
    """The network with all its shapes, but without weights: a description may claim any size."""
    from fmnist_core.lab_keras import keras

    with zipfile.ZipFile(vetted) as archive:
        description = json.loads(archive.read("config.json"))
    # In this scope Keras knows a variable's shape and fills none.
    with keras.StatelessScope(initialize_variables=False):
        return keras.saving.deserialize_keras_object(description, safe_mode=True)


def _check_sizes(model: Any) -> None:
    # A row of layers without an input is not built.
    taken = [tuple(tensor.shape) for tensor in model.inputs] if model.built else []
    if taken not in ([(None, 28, 28, 1)], [(None, 28, 28)]):
        raise ImportedFileError(
            "The network must take gray images of 28 x 28 pixels: (28, 28, 1) or (28, 28).",
            received=str(taken)[:80],
            advice="In Keras: give it a `keras.Input((28, 28, 1))` first.",
        )
    for layer in model.layers:
        values, weights = _values(layer), _weights(layer)
        if not 0 < values <= _MOST_VALUES_A_LAYER or weights > MOST_PARAMETERS:
            raise ImportedFileError(
                f"A layer has at most {MOST_PARAMETERS:,} weights and {_MOST_VALUES_A_LAYER:,} "
                "values here.",
                received=f"{layer.name[:60]}: {weights:,} weights, {values:,} values",
            )
    if not 0 < (count := sum(map(_weights, model.layers))) <= MOST_PARAMETERS:
        raise ImportedFileError(
            f"A network has 1 to {MOST_PARAMETERS:,} weights here.", received=f"{count:,}"
        )
    answers = [tuple(tensor.shape) for tensor in model.outputs]
    if answers != [(None, CLASS_COUNT)]:
        raise ImportedFileError(
            "The network must give ten numbers for an image, one for each class.",
            received=str(answers)[:80],
            advice="A network for another task cannot be evaluated here.",
        )


def _facts(model: Any) -> dict[str, int]:
    return {
        "parameters": int(model.count_params()),
        "layers": len(model.layers),
        "values": sum(_values(layer) for layer in model.layers),
        "multiply_adds": sum(_multiply_adds(layer) for layer in model.layers),
    }


def _check_limits(facts: dict[str, int]) -> None:
    for name, most in (("values", _MOST_VALUES), ("multiply_adds", MOST_MULTIPLY_ADDS)):
        if facts[name] > most:
            raise ImportedFileError(
                f"A network has at most {most:,} {name.replace('_', '-')} an image here.",
                received=f"{facts[name]:,}",
            )


def _values(layer: Any) -> int:
    return math.prod(layer.output.shape[1:])


def _weights(layer: Any) -> int:
    return sum(math.prod(weight.shape) for weight in layer.weights)


def _multiply_adds(layer: Any) -> int:
    """Of kernels alone: each is used once at every place of the map that it makes."""
    kernels = [weight for weight in layer.get_weights() if weight.ndim > 1]
    return math.prod(layer.output.shape[1:-1]) * sum(int(kernel.size) for kernel in kernels)


def _evaluated(
    model: Any,
    images: NDArray[np.uint8],
    labels: NDArray[np.uint8],
    scale: tuple[float, float],
    output: str,
) -> tuple[float, float]:
    """Mean cross-entropy in nats, and accuracy."""
    pixels = images.astype(np.float32) * scale[0] + scale[1]
    shaped = pixels.reshape(len(images), *model.inputs[0].shape[1:])
    values = sum(_values(layer) for layer in model.layers)
    at_once = max(1, min(_AT_ONCE, _MOST_VALUES_AT_ONCE // max(1, values)))
    parts = range(0, len(images), at_once)
    said = np.concatenate([np.asarray(model(shaped[at : at + at_once])) for at in parts])
    shares = softmax(said.astype(np.float64)) if output == "scores" else said
    truth = np.clip(shares[np.arange(len(labels)), labels], 1e-7, 1)
    return float(-np.log(truth).mean()), float((said.argmax(axis=1) == labels).mean())


def _ending(model: Any) -> tuple[Any, str]:
    """The last dense layer, and what the network answers with: `scores` or `shares`."""
    from fmnist_core.lab_keras import keras

    layers = [one for one in model.layers if type(one).__name__ not in _ASLEEP]
    last, output = layers[-1], "scores"
    if isinstance(last, keras.layers.Softmax) or _bend(last, keras.layers.Activation) == "softmax":
        # Probabilities behind a layer of scores: the scores are what the lab works with.
        last, output = layers[-2], "shares"
        good = _bend(last, keras.layers.Dense) == "linear"
    else:
        output = "shares" if _bend(last, keras.layers.Dense) == "softmax" else "scores"
        good = _bend(last, keras.layers.Dense) in ("linear", "softmax")
    if not good:
        raise ImportedFileError(
            "The network must end with a dense layer of scores or of probabilities (softmax).",
            received=f"{type(layers[-1]).__name__} {layers[-1].name!r}"[:120],
            advice="The lab explains a network by the input of that layer.",
        )
    return last, output


def _bend(layer: Any, kind: Any) -> str:
    return layer.activation.__name__ if isinstance(layer, kind) else ""


def _made_ours(model: Any, last: Any, output: str, scale: float, offset: float) -> Any:
    """Scores come from a layer of ours without a bend, in float32."""
    from fmnist_core.lab_keras import keras

    for layer in model.layers:
        if layer.name in _OURS:
            layer.name = f"their_{layer.name}"
    pixels = keras.Input((28, 28, 1), name="pixels")
    value = keras.layers.Rescaling(scale, offset, name="scale")(pixels)
    if len(model.inputs[0].shape) == 3:
        value = keras.layers.Reshape((28, 28), name="without_channel")(value)
    value = _through(model, value, last)
    answer = keras.layers.Dense(last.units, name="answer", dtype="float32")
    made = keras.Model(pixels, answer(value), name="classifier")
    kernel, *bias = last.get_weights()
    answer.set_weights([kernel, bias[0] if bias else np.zeros(last.units, np.float32)])
    return made


def _through(model: Any, value: Any, last: Any) -> Any:
    """The output of the layers before `last` for another input."""
    from fmnist_core.lab_keras import keras

    if isinstance(model, keras.Sequential):
        for layer in model.layers[: model.layers.index(last)]:
            value = value if _is_asleep(layer) else layer(value)
        return value
    made = {id(model.inputs[0]): value}
    for layer in model.layers:
        if layer is last:
            break
        if id(layer.output) in made:
            continue
        reads = layer.input
        several = isinstance(reads, (list, tuple))
        given = [made[id(one)] for one in reads] if several else made[id(reads)]
        made[id(layer.output)] = given if _is_asleep(layer) else layer(given)
    return made[id(last.input)]


def _is_asleep(layer: Any) -> bool:
    name = type(layer).__name__
    return name in _ASLEEP or name.startswith("Random")


_FULL = "The disk does not take the file."
_TODO: dict[str, Callable[..., dict[str, Any]]] = {"load": load, "copy": copy}


def main(arguments: list[str]) -> int:
    what, *places = arguments
    try:
        print(json.dumps(_TODO[what](*map(Path, places))))
    except LabError as error:
        return report_error(error)
    except OSError as error:
        advice = "Free some space and try again; nothing was left behind."
        return report_error(StorageError(_FULL, received=error.strerror, advice=advice))
    except Exception as error:
        received = f"{type(error).__name__}: {error}"[:300]
        return report_error(
            ImportedFileError("The network does not fit the lab.", received=received)
        )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
