"""The numbers of a network from elsewhere (HDF5): the sizes that its layers need, and no links."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fmnist_core.errors import ImportedFileError
from fmnist_core.intake.shapes import MOST_WEIGHTS, Shape

_MOST_OBJECTS = 4_000
_MOST_DEPTH = 12
# What an optimizer remembers about each weight may lie beside the weights.
_LAYERS = ("layers", "_layer_checkpoint_dependencies")


def check_weights(path: Path, needed: list[Shape]) -> None:
    """Goes through the file without following anything.

    Args:
        needed: The shapes of the network's weights, in any order.

    Raises:
        ImportedFileError: It is damaged, links to other places, or has other weights.
    """
    import h5py

    try:
        with h5py.File(path, "r") as file:
            shapes = list(_shapes(file))
    except ImportedFileError:
        raise
    except Exception as error:
        raise ImportedFileError(
            "The file of the weights is damaged.", received=str(error)[:120]
        ) from error
    if lacking := Counter(needed) - Counter(shapes):
        shape, count = next(iter(lacking.items()))
        raise ImportedFileError(
            "The weights in the file are not those that its layers need.",
            received=f"{sum(lacking.values())} are missing, such as {count} of shape {shape}",
        )


def _shapes(file: Any) -> Iterator[Shape]:
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
                "The file of the weights points to another place, which is not followed.",
                received=name[:80],
            )
        found = group[name]
        if isinstance(found, h5py.Group):
            open_groups += [(inside, found, depth + 1) for inside in found]
        elif isinstance(found, h5py.Dataset):
            _check_dataset(found)
            if found.name.lstrip("/").startswith(_LAYERS):
                yield tuple(found.shape)
        else:
            raise ImportedFileError("The file of the weights holds an unknown part.")


def _check_dataset(found: Any) -> None:
    if found.external or found.is_virtual:
        raise ImportedFileError(
            "The weights lie in another file, which is not read.", received=found.name[:80]
        )
    if math.prod(found.shape) > MOST_WEIGHTS:
        raise ImportedFileError(
            "The weights in the file are not those that its layers need.",
            received=f"one of shape {found.shape}"[:120],
        )
    if found.dtype.kind not in "fiu" or found.dtype.itemsize > 8:
        raise ImportedFileError("Weights must be numbers.", received=str(found.dtype)[:40])
