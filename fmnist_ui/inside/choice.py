"""What the page "Inside" is about: one network and one image."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_ui.inside.networks import MODEL, choose_network
from fmnist_ui.inside.pictures import Picture, bring, choose_picture


@dataclass(frozen=True, eq=False)
class Chosen:
    """A network and an image that goes through it.

    Attributes:
        model: The network's name for the engine: a run's id, or one of the two shipped ones.
        model_name: Its name for people.
        image: uint8 (28, 28).
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


def look_inside(model: str, image: NDArray[np.uint8], name: str, label: int | None = None) -> None:
    """Opens the page "Inside" with this network and this image; ends the present run of a page.

    Args:
        model: A run's id, or the name of one of the two shipped networks.
        image: uint8 (28, 28).
        name: The image's name for people.
        label: Its true class number where it is known.
    """
    bring(image, name, label)
    st.session_state.pop(MODEL, None)
    st.switch_page("pages/inside.py", query_params={"model": model})


def choose() -> Chosen | None:
    """The controls at the head of the page; None where there is no image to look at."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="inside_choice"):
        network = choose_network()
        picture: Picture | None = choose_picture(network.dataset)
    if picture is None:
        return None
    return Chosen(
        network.model,
        network.name,
        np.asarray(picture.image),
        picture.name,
        picture.label,
        network.dataset,
    )
