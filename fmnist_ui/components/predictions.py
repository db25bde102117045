"""Predictions of networks, asked once for each image; a new rerun never waits for an old one."""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass
from functools import partial
from threading import Thread
from typing import TypeVar

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.classes import IMAGE_SIDE
from fmnist_core.engine.client import engine_status, predict_calibrated
from fmnist_core.errors import LabError
from fmnist_core.models.calibration import SURE
from fmnist_core.permissions import carried
from fmnist_core.runs.pretrained import SHIPPED_NETWORKS, ModelRef
from fmnist_core.settings import load_settings

# Seconds between two looks whether the person went on.
_BEAT = 0.02

T = TypeVar("T")


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
        is_other_clothing: Whether it is clothing, but none of the ten classes.
        other_clothing: The probability of that; NaN where the network has no output for it.
    """

    probabilities: NDArray[np.float32]
    clothing: float
    is_clothing: bool
    answered_by: str = ""
    is_other_clothing: bool = False
    other_clothing: float = math.nan

    @property
    def is_of_the_ten(self) -> bool:
        """Whether one of the ten classes is named."""
        return self.is_clothing and not self.is_other_clothing

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
    """What `model` says about images uint8 (s, s): a run's id, `"shipped"`, or one of its two.

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


def input_side(model: str) -> int:
    """Pixels a side of the image that a network reads: a run's id, or one of the two shipped ones.

    Of a network that cannot be opened, that of the data set's images.
    """
    try:
        return ModelRef.open(model, load_settings()).input_side
    except LabError:
        return IMAGE_SIDE


def wake() -> None:
    """Has the engine load the shipped networks while the person still draws; once a session.

    An engine that a person stopped by hand is left alone until it is really asked.
    """
    settings = load_settings()
    if _WOKEN in st.session_state or engine_status(settings).halted:
        return
    st.session_state[_WOKEN] = True
    for network in SHIPPED_NETWORKS:
        _begun(partial(predict_calibrated, network, np.zeros((1, 28, 28), np.uint8), settings))


def _asked(model: str, images: NDArray[np.uint8]) -> list[Verdict]:
    settings = load_settings()
    said = answered(lambda: predict_calibrated(model, images, settings))
    return [
        Verdict(
            said.probabilities[number],
            float(said.clothing[number]),
            bool(said.is_clothing[number]),
            by,
            bool(said.is_other_clothing[number]),
            float(said.other_clothing[number]),
        )
        for number, by in enumerate(said.answered_by)
    ]


def answered(question: Callable[[], T]) -> T:
    """What `question` returns or raises; it must not use Streamlit.

    As soon as the person does something else, this run of the page ends here.
    """
    future = _begun(question)
    while not wait([future], timeout=_BEAT).done:
        _let_go_on()
    return future.result()


def _begun(question: Callable[[], T]) -> Future[T]:
    """The same without waiting; a server that stops does not wait for it either."""
    future: Future[T] = Future()

    def work() -> None:
        try:
            future.set_result(question())
        except Exception as error:
            future.set_exception(error)

    Thread(target=carried(work), name="question", daemon=True).start()
    return future


def pause(seconds: float) -> None:
    """Waits, unless the person goes on."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(_BEAT)
        _let_go_on()


def _let_go_on() -> None:
    # Reading the session state is where Streamlit looks for a newer wish of the person.
    st.session_state.get("try/way")
