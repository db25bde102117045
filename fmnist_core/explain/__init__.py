"""Why a network answered as it did: arrays only. The Streamlit process never imports the networks.

The functions here are for notebooks: they take a run and a picture, load the network into the
calling process, and compute one map over the pixels of its input. Their names end in `_map`, so
that none is the name of a module: importing one would replace the function.

In all of them `model` is a run's folder (a `pathlib.Path`) or identifier, or a shipped network, of
which `"shipped"` takes the one that is made for such a picture; `picture` is uint8 (28, 28), 0 is
black, a sheet (112, 112), or the path of a picture file; `label` is the class asked about, 0 to 9,
by default the one that is predicted. Maps have the side of the image that the network reads.
"""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from fmnist_core.explain.views import Attribution, Occlusion
    from fmnist_core.lab_keras import keras

    Picture = NDArray[np.uint8] | str | os.PathLike[str]

__all__ = ["grad_cam_map", "integrated_gradients_map", "occlusion_map"]


def grad_cam_map(
    model: str | Path, picture: Picture, label: int | None = None, *, layer: str = ""
) -> NDArray[np.float32]:
    """Which parts of a picture speak for a class (Grad-CAM: Selvaraju et al., arXiv 1610.02391).

    Args:
        layer: The convolution whose feature maps are weighted; by default the last one.

    Returns:
        float32 (side, side), 0 to 1 with 1 at the strongest place; all 0 where nothing
        speaks for it.

    Raises:
        RunError: There is no such run or network, or it saved no weights.
        ConfigError: The network has no convolution, or none of this name; no such class.
        DataError, InputError: The picture is of another shape, or cannot be read.
    """
    from fmnist_core.errors import ConfigError
    from fmnist_core.explain.gradcam import class_activation_map

    network, image, chosen, _ = _asked(model, picture, label)
    heat = class_activation_map(network, image, chosen, layer)
    if heat is None:
        raise ConfigError(
            "Grad-CAM needs a network with a convolution.", advice="Use `occlusion_map`."
        )
    return heat


def occlusion_map(
    model: str | Path,
    picture: Picture,
    label: int | None = None,
    *,
    patch: int = 6,
    stride: int = 2,
) -> Occlusion:
    """Occlusion sensitivity of a class's score with a black patch (Zeiler and Fergus 2014).

    Args:
        patch: The patch's side in pixels of an image of 28x28, 1 to 27.
        stride: Such pixels from one place to the next, 1 to `patch`.

    Returns:
        `loss` float32 (side, side), how much the score falls on average where a pixel is hidden;
        the class's calibrated probability `share` (0 to 1), and the `least` that a patch at `row`,
        `column` leaves of it.

    Raises:
        RunError, DataError, InputError: As `grad_cam_map`.
        ConfigError: The patch or its steps are too small or too large, or there is no such class.
    """
    from fmnist_core.explain.occlusion import occlude

    network, image, chosen, temperature = _asked(model, picture, label)
    return occlude(network, image, chosen, patch=patch, stride=stride, temperature=temperature)


def integrated_gradients_map(
    model: str | Path, picture: Picture, label: int | None = None
) -> Attribution:
    """How much each pixel adds to a class's score, from a black image on (arXiv 1703.01365).

    Returns:
        `shares` float32 (side, side), positive for the class and negative against it, which add up
        to `difference`, the picture's score less that of a black image, up to the relative `gap`.

    Raises:
        RunError, DataError, InputError: As `grad_cam_map`.
        ConfigError: There is no such class.
    """
    from fmnist_core.explain.integrated_gradients import attribute

    network, image, chosen, _ = _asked(model, picture, label)
    return attribute(network, image, chosen)


def _asked(
    model: str | Path, picture: Picture, label: int | None
) -> tuple[keras.Model, NDArray[np.uint8], int, float]:
    """The network, its input uint8 (s, s), the class, and the temperature of the calibration."""
    from fmnist_core.classes import CLASS_COUNT
    from fmnist_core.errors import ConfigError, DataError
    from fmnist_core.preprocessing.files import network_inputs
    from fmnist_core.runs.pretrained import ModelRef, split
    from fmnist_core.settings import load_settings

    images = network_inputs(picture)
    if len(images) != 1:
        raise DataError("One picture is explained at a time.", received=f"{len(images)} pictures")
    if label is not None and not 0 <= label < CLASS_COUNT:
        raise ConfigError(f"A class is a number from 0 to {CLASS_COUNT - 1}.", received=label)
    name = split(model, images)[0][0] if isinstance(model, str) else model
    ref = ModelRef.open(name, load_settings())
    network = _loaded(ref.path, ref.digest)
    if label is None:
        from fmnist_core.models.calibration import of_classes
        from fmnist_core.models.features import scores

        label = int(of_classes(scores(network, images))[0].argmax())
    return network, images[0], label, ref.calibration.temperature


@lru_cache(maxsize=2)
def _loaded(path: Path, digest: str) -> Any:
    """The network in this file; kept, since Keras traces a network anew for each object."""
    from fmnist_core.models.build import load_model

    return load_model(path)
