"""Draws the weights that a run began with once more, in the worker that keeps networks warm."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

from fmnist_core.config import RunConfig
from fmnist_core.engine import interactive
from fmnist_core.explain.views import FirstFilters

# The seed belongs to the whole process.
_one_at_a_time = threading.Lock()


async def filters_before_training(
    config: RunConfig, provenance: dict[str, Any]
) -> FirstFilters | str | None:
    """The first layer's kernels as random as they were; a sentence where that cannot be known.

    Args:
        provenance: What the run was made with, see `training.provenance`.
    """
    return await asyncio.to_thread(_filters_before_training, config, provenance)


def _filters_before_training(
    config: RunConfig, provenance: dict[str, Any]
) -> FirstFilters | str | None:
    interactive.warm()
    from fmnist_core.explain import filters
    from fmnist_core.lab_keras import keras

    packages = provenance.get("packages")
    version = packages.get("keras") if isinstance(packages, dict) else None
    made_with = provenance.get("backend"), version
    if made_with != (keras.backend.backend(), keras.__version__):
        return (
            "The weights it began with were not kept, and this lab's version of Keras may draw "
            "others from the same seed."
        )
    with _one_at_a_time:
        return filters.filters_before_training(config)
