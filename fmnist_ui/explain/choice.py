"""Chooses the network and the image of the page Explain, and caches the answers about them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.config.model import INPUT_SIDES
from fmnist_core.datasets import FASHION_MNIST
from fmnist_core.errors import LabError
from fmnist_core.preprocessing.resize import SHEET, fit_to
from fmnist_core.runs.pretrained import SHIPPED_TITLES
from fmnist_ui.components.current_network import choose_network, visit
from fmnist_ui.components.evaluated_model import runs_with_network
from fmnist_ui.components.predictions import answered, input_side
from fmnist_ui.explain.pictures import Picture, bring, choose_picture
from fmnist_ui.page_errors import show_error
from fmnist_ui.words import labels

_MODEL = "inside_model"

T = TypeVar("T")

_WAITING = "Asking the network; the first answer takes some seconds…"


@dataclass(frozen=True, eq=False)
class Chosen:
    """A network and an image that goes through it.

    Attributes:
        model: The network's name for the engine: a run's id, or one of the two shipped ones.
        model_name: Its name for people.
        image: uint8 (side, side), as the network reads it.
        image_name: Such as "Test image 12"; may hold anything.
        true_label: The image's class number where it is known.
        dataset: The data set that the network learned from; may be missing on this machine.
    """

    model: str
    model_name: str
    image: NDArray[np.uint8]
    image_name: str
    true_label: int | None
    dataset: str

    @property
    def side(self) -> int:
        """Pixels a side of the image that the network reads."""
        return len(self.image)


def look_inside(model: str, image: NDArray[np.uint8], name: str, label: int | None = None) -> None:
    """Opens the page Explain with this network and this image; ends the present run of a page.

    Args:
        model: A run's id, or the name of one of the two shipped networks; empty: the current one.
        image: uint8 (28, 28), or a sheet (112, 112).
        name: The image's name for people.
        label: Its true class number where it is known.
    """
    bring(image, name, label)
    if model:
        visit(model, "model")
    st.switch_page("pages/explain.py", query_params={"model": model} if model else None)


def choose() -> Chosen | None:
    """The controls at the head of the page; None where there is no image to look at."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="inside_choice"):
        network = _choose_network()
        picture: Picture | None = choose_picture(network.dataset)
    if picture is None:
        return None
    return Chosen(
        network.model,
        network.name,
        _as_read(np.asarray(picture.image), network.model),
        picture.name,
        picture.label,
        network.dataset,
    )


def _as_read(image: NDArray[np.uint8], model: str) -> NDArray[np.uint8]:
    """The image as the network reads it; what is no square of a known side stays, to be refused."""
    known = image.shape in {(side, side) for side in (*INPUT_SIDES, SHEET)}
    return fit_to(image, input_side(model)) if known else image


def asked_once(key: str, chosen: Chosen, which: Hashable, question: Callable[[], T]) -> T:
    """The answer to `question`, asked anew only for another network, image or `which`.

    Only the last answer is kept, since some hold whole maps. A person who goes on meanwhile does
    not wait for it.

    Args:
        key: Where the session keeps it.
        question: Must not use Streamlit.
    """
    asked = chosen.model, hashlib.sha256(chosen.image.tobytes()).digest(), which
    kept = st.session_state.get(key)
    if kept is None or kept[0] != asked:
        # Not a skeleton: it would move what is below, and components would lose the keyboard.
        with st.spinner(_WAITING, show_time=False):
            kept = asked, answered(question)
        st.session_state[key] = kept
    found: T = kept[1]
    return found


def offer_retry(error: LabError, key: str) -> None:
    """Explains why there is no answer; the button asks again, as any new run of the page does."""
    show_error(error)
    st.button("Retry", icon=":material/refresh:", key=f"retry/{key}")


def _choose_network() -> _Network:
    """A select box of all networks; `?model=` in the address names one."""
    found = {one.model: one for one in (*_trained(), *_shipped())}
    names = {model: one.name for model, one in found.items()}
    return found[choose_network(names, _MODEL, parameter="model", width=320)]


@dataclass(frozen=True)
class _Network:
    """A network that can be asked.

    Attributes:
        model: Its name for the engine.
        name: Its name for people.
        dataset: Which images it learned from.
    """

    model: str
    name: str
    dataset: str


def _shipped() -> list[_Network]:
    return [_Network(model, name, FASHION_MNIST) for model, name in SHIPPED_TITLES.items()]


def _trained() -> list[_Network]:
    """Every run that saved a network, newest first, one that trains still included."""
    saved = runs_with_network(ended=False)
    names = labels(saved)
    return [_Network(run.id, names[run.id], run.data or FASHION_MNIST) for run in saved]
