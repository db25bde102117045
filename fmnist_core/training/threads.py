"""How many threads a training computes with."""

from __future__ import annotations

import os

# A step goes through the network in two halves, side by side: see `models/build.py`, which needs
# Keras, as this must not.
_HALVES = 2


def share_cores(cores: int) -> None:
    """Gives each half of a step one half of the cores.

    To be called before TensorFlow computes anything in this process; later it has no effect.

    Args:
        cores: That this training may use, at least 1.
    """
    os.environ["TF_NUM_INTEROP_THREADS"] = str(min(_HALVES, cores))
    os.environ["TF_NUM_INTRAOP_THREADS"] = str(max(1, cores // _HALVES))
