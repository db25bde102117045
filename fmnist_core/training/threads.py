"""How many cores a training computes on, and how they share the work."""

from __future__ import annotations

import os

# A step goes through the network in two halves, side by side: see `models/build.py`, which needs
# Keras, as this must not.
_HALVES = 2


def share_cores(cores: int) -> None:
    """Leaves the halves of a step alone with one half of the cores each.

    To be called before TensorFlow computes anything in this process; later it has no effect.

    Args:
        cores: That this training may use, at least 1.
    """
    os.environ["TF_NUM_INTEROP_THREADS"] = str(min(_HALVES, cores))
    os.environ["TF_NUM_INTRAOP_THREADS"] = str(max(1, cores // _HALVES))
