"""What networks say about images, asked once for each image."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.engine.client import engine_status, recognise
from fmnist_core.models.calibration import SURE
from fmnist_core.runs.pretrained import SHIPPED_NETWORKS
from fmnist_core.settings import load_settings
from fmnist_ui.components.waiting import answered, begun

_KNOWN, _WOKEN = "try/verdicts", "try/woken"
# More than a ZIP of pictures seen by a few networks; a verdict takes some 100 bytes.
_MOST_KNOWN = 20_000


@dataclass(frozen=True, eq=False)
class Verdict:
    """What a network says about one image.

    Attributes:
        probabilities: float32 (10,), calibrated.
        clothing: 0 to 1, how much it looks like clothing at all.
        answered_by: The name of the network that says so.
    """

    probabilities: NDArray[np.float32]
    clothing: float
    is_clothing: bool
    answered_by: str = ""

    @property
    def label(self) -> int:
        """The most probable class."""
        return int(self.probabilities.argmax())

    @property
    def confidence(self) -> float:
        """Its probability."""
        return float(self.probabilities.max())

    @property
    def sure(self) -> bool:
        """Whether it is probable enough to be said outright."""
        return self.confidence >= SURE


def verdicts(model: str, images: Sequence[NDArray[np.uint8]]) -> list[Verdict]:
    """What `model` says about images uint8 (28, 28): a run's id, `"shipped"`, or one of its two.

    Raises:
        LabError: The model cannot be asked.
    """
    known = st.session_state.setdefault(_KNOWN, {})
    keys = [(model, hashlib.sha256(image.tobytes()).digest()) for image in images]
    new = {key: image for key, image in zip(keys, images, strict=True) if key not in known}
    if new:
        if len(known) > _MOST_KNOWN:
            known.clear()
        known.update(zip(new, _asked(model, np.stack(list(new.values()))), strict=True))
    return [known[key] for key in keys]


def wake() -> None:
    """Has the engine load the shipped networks while the person still draws; once a session.

    An engine that a person stopped by hand is left alone until it is really asked.
    """
    settings = load_settings()
    if _WOKEN in st.session_state or engine_status(settings).halted:
        return
    st.session_state[_WOKEN] = True
    for network in SHIPPED_NETWORKS:
        begun(partial(recognise, network, np.zeros((1, 28, 28), np.uint8), settings))


def _asked(model: str, images: NDArray[np.uint8]) -> list[Verdict]:
    settings = load_settings()
    said = answered(lambda: recognise(model, images, settings))
    rows = zip(said.probabilities, said.clothing, said.is_clothing, said.answered_by, strict=True)
    return [Verdict(row, float(clothing), bool(is_it), by) for row, clothing, is_it, by in rows]
