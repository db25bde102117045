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
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_COUNT, OUTPUT_NAMES
from fmnist_core.errors import ImportedFileError, LabError, StorageError
from fmnist_core.exchange.importing.confined_process import report_error
from fmnist_core.exchange.importing.vetting import said_by
from fmnist_core.models.calibration import of_classes, softmax
from fmnist_core.models.cost import MOST_MULTIPLY_ADDS, MOST_PARAMETERS
from fmnist_core.models.plan import scale_and_offset

if TYPE_CHECKING:
    from fmnist_core.exchange.importing.rebuilding import Rebuilt

# What gray values people train with; which ones a network expects, its file does not say.
_SCALES = {
    "as they are, 0 to 255": (1.0, 0.0),
    "0 to 1": scale_and_offset("unit"),
    "mean 0, deviation 1": scale_and_offset("standard"),
    "-1 to 1": (1 / 127.5, -1.0),
    "-0.5 to 0.5": (1 / 255, -0.5),
}
_INVERTED = "inverted, "
_TURNED = {"as they are, 0 to 255": 255.0, "0 to 1": 1.0}
PIXELS = _SCALES | {
    # Black on white: the largest value is the background.
    f"{_INVERTED}{name}": (-scale, _TURNED.get(name, -offset))
    for name, (scale, offset) in _SCALES.items()
}
_USUAL = ("as they are, 0 to 255", "0 to 1")
# Accuracies of 500 images differ by chance by some 2 points.
_SAME_ACCURACY = 0.02
_AT_ONCE = 250
# 1 GB: several of a network's maps are there at once.
_MOST_VALUES_AT_ONCE = 250_000_000
_MOST_VALUES = 200_000_000
_MOST_VALUES_A_LAYER = 2**22
# A row of pixels, an image without a channel, or one with it.
_SHAPES = ((28, 28, 1), (28, 28), (784,), (784, 1))
# Images that both networks are asked about, and how far a share may differ.
_COMPARED = 32
_CLOSE = 1e-3


def load(vetted: Path, examples: Path, out: Path) -> dict[str, Any]:
    """Writes `out`; returns what `ImportedConfig` wants to know, and `ending`, `pixels`, `loss`
    and `accuracy`.

    Raises:
        ImportedFileError: Keras cannot read it, or it does not end as a classifier does.
    """
    from fmnist_core.exchange.importing.rebuilding import rebuilt

    model = _read(vetted)
    with np.load(examples, allow_pickle=False) as arrays:
        images, labels = arrays["images"], arrays["labels"]
    few = images[:_COMPARED].astype(np.float32) / np.float32(255)
    theirs = np.asarray(model(few.reshape(len(few), *model.inputs[0].shape[1:])), np.float64)
    made = rebuilt(model)
    facts = _facts(made.model)
    _check_limits(facts)
    made.reads(*PIXELS["0 to 1"])
    _check_same(made, images[:_COMPARED], theirs)
    evaluated = {}
    for name, scaling in PIXELS.items():
        made.reads(*scaling)
        evaluated[name] = _evaluated(made, images, labels)
    best = _best(evaluated)
    made.reads(*PIXELS[best])
    made.model.save(out)
    loss, accuracy = evaluated[best]
    measured = {"ending": made.ending, "pixels": best, "loss": loss, "accuracy": accuracy}
    return facts | measured | {"examples": len(images)}


def copy(vetted: Path, out: Path) -> dict[str, Any]:
    """Keras' own copy of a network of the lab's own making.

    Raises:
        ImportedFileError: Keras cannot read it.
    """
    _read(vetted).save(out)
    return {}


def _read(vetted: Path) -> Any:
    from fmnist_core.lab_keras import keras

    with zipfile.ZipFile(vetted) as archive:
        description = json.loads(archive.read("config.json"))
        version = str(json.loads(archive.read("metadata.json"))["keras_version"])
    try:
        _check_sizes(_shaped(description))
        # Variables without values would be filled by the next who builds something.
        keras.utils.clear_session()
        model = keras.saving.load_model(vetted, compile=False, safe_mode=True)
    except ImportedFileError as error:
        raise said_by(version, error) from error
    except Exception as error:
        raise said_by(version, _refused_by_keras(error)) from error
    for array in model.get_weights():
        if not np.isfinite(array).all():
            raise ImportedFileError(
                "Some weights are no numbers (NaN or infinite).",
                advice="The training that made the network broke; train it again.",
            )
    return model


def _refused_by_keras(error: Exception) -> ImportedFileError:
    from fmnist_core.lab_keras import keras

    # The root cause comes last, in bold terminal letters.
    message = re.sub(r"\x1b\[\d+m", "", str(error)).rpartition("Exception encountered: ")[2]
    unknown = re.search(r"keyword arguments? passed to (\w+): \{?'?(\w+)", message)
    if unknown:
        return ImportedFileError(
            f"Keras {keras.__version__}, which the lab reads with, does not know a setting.",
            received=f"{unknown[2][:40]} of {unknown[1][:40]}",
            advice="Save the network again without it, or with that version of Keras.",
        )
    return ImportedFileError(
        "The network's layers and weights do not fit each other.",
        received=message.strip()[:300],
    )


def _shaped(description: dict[str, Any]) -> Any:
    """The network with all its shapes, but without weights: a description may claim any size."""
    from fmnist_core.lab_keras import keras

    # In this scope Keras knows a variable's shape and fills none.
    with keras.StatelessScope(initialize_variables=False):
        return keras.saving.deserialize_keras_object(description, safe_mode=True)


def _check_sizes(model: Any) -> None:
    from fmnist_core.exchange.importing.rebuilding import leaves, values, weights

    # A row of layers without an input is not built.
    taken = [tuple(tensor.shape) for tensor in model.inputs] if model.built else []
    if len(taken) != 1 or taken[0][1:] not in _SHAPES:
        raise ImportedFileError(
            "The network must take gray images of 28 x 28 pixels: (28, 28, 1), (28, 28) or (784,).",
            received=", ".join(str(shape[1:]) for shape in taken)[:80] or "no input",
            advice="In Keras: give it a `keras.Input((28, 28, 1))` first.",
        )
    layers = leaves(model)
    for layer in layers:
        if not 0 < values(layer) <= _MOST_VALUES_A_LAYER or weights(layer) > MOST_PARAMETERS:
            raise ImportedFileError(
                f"A layer has at most {MOST_PARAMETERS:,} weights and {_MOST_VALUES_A_LAYER:,} "
                "values here.",
                received=f"{layer.name[:60]}: {weights(layer):,} weights, {values(layer):,} values",
            )
    if not 0 < (count := sum(map(weights, layers))) <= MOST_PARAMETERS:
        raise ImportedFileError(
            f"A network has 1 to {MOST_PARAMETERS:,} weights here.", received=f"{count:,}"
        )
    answers = [tuple(tensor.shape) for tensor in model.outputs]
    if answers not in ([(None, CLASS_COUNT)], [(None, len(OUTPUT_NAMES))]):
        raise ImportedFileError(
            "The network must give ten numbers for an image, one for each class.",
            received=str(answers)[:80],
            advice="A network for another task cannot be evaluated here. An eleventh number may be "
            "that of clothing which is none of the ten.",
        )


def _facts(model: Any) -> dict[str, int]:
    from fmnist_core.exchange.importing.rebuilding import values

    return {
        "parameters": int(model.count_params()),
        "layers": len(model.layers),
        "outputs": int(model.output_shape[-1]),
        "values": sum(values(layer) for layer in model.layers),
        "multiply_adds": sum(_multiply_adds(layer) for layer in model.layers),
    }


def _check_limits(facts: dict[str, int]) -> None:
    for name, most in (("values", _MOST_VALUES), ("multiply_adds", MOST_MULTIPLY_ADDS)):
        if facts[name] > most:
            raise ImportedFileError(
                f"A network has at most {most:,} {name.replace('_', '-')} an image here.",
                received=f"{facts[name]:,}",
            )


def _multiply_adds(layer: Any) -> int:
    """Of kernels alone: each is used once at every place of the map that it makes."""
    kernels = [weight for weight in layer.get_weights() if weight.ndim > 1]
    return math.prod(layer.output.shape[1:-1]) * sum(int(kernel.size) for kernel in kernels)


def _scores(made: Rebuilt, images: NDArray[np.uint8]) -> NDArray[np.float64]:
    from fmnist_core.exchange.importing.rebuilding import values

    shaped = images.astype(np.float32)[..., None]
    together = sum(values(layer) for layer in made.model.layers)
    at_once = max(1, min(_AT_ONCE, _MOST_VALUES_AT_ONCE // max(1, together)))
    parts = range(0, len(images), at_once)
    said = [np.asarray(made.model(shaped[at : at + at_once]), np.float64) for at in parts]
    return np.concatenate(said)


def _check_same(made: Rebuilt, images: NDArray[np.uint8], theirs: NDArray[np.float64]) -> None:
    """The network as it is kept must answer as that of the file does."""
    scores = _scores(made, images)
    if made.ending == "linear":
        if (theirs >= 0).all() and np.allclose(theirs.sum(axis=1), 1, atol=_CLOSE):
            raise ImportedFileError(
                "The network's scores are probabilities already, and cannot be explained.",
                received=made.last,
                advice="Let it end with a dense layer, or with a layer Softmax or Activation.",
            )
        ours, theirs = softmax(scores), softmax(theirs)
    elif made.ending == "sigmoid":
        ours = np.exp(-np.logaddexp(0, -scores))
    else:
        ours = softmax(scores)
        theirs = np.exp(theirs) if made.ending == "log_softmax" else theirs
    if not np.allclose(ours, theirs, atol=_CLOSE):
        raise ImportedFileError(
            "The network answers otherwise in the lab than in its file.",
            received=f"a share that differs by {np.abs(ours - theirs).max():.2g}",
        )


def _evaluated(
    made: Rebuilt, images: NDArray[np.uint8], labels: NDArray[np.uint8]
) -> tuple[float, float]:
    """Mean cross-entropy in nats, and accuracy."""
    scores = of_classes(_scores(made, images))
    truth = np.clip(softmax(scores)[np.arange(len(labels)), labels], 1e-7, 1)
    return float(-np.log(truth).mean()), float((scores.argmax(axis=1) == labels).mean())


def _best(evaluated: dict[str, tuple[float, float]]) -> str:
    """The gray values with the best accuracy; among those as good, the usual ones, by the loss.

    The classes named first may be the same for pixels that are 255 times too large. The loss
    alone would prefer values that tell a network little to those that make it too sure.
    """
    most = max(accuracy for _, accuracy in evaluated.values())
    good = [name for name in evaluated if evaluated[name][1] >= most - _SAME_ACCURACY]
    usual = [name for name in good if name.removeprefix(_INVERTED) in _USUAL]
    return min(usual or good, key=lambda name: evaluated[name][0])


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
