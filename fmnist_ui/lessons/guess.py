"""A step's test images, one after the other: ten buttons for the class, then the score.

Nothing is said of an image before all are classified, as the network was not told either.
"""

from __future__ import annotations

import numpy as np
import streamlit as st

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.datasets.dataset import FASHION_MNIST
from fmnist_core.images import data_url
from fmnist_ui.components.datasets import at_hand, dataset
from fmnist_ui.lessons.answers import (
    Contest,
    contest,
    guesses_of,
    keep_guesses,
    kept_answer,
    reveal,
)
from fmnist_ui.lessons.in_class import follow
from fmnist_ui.lessons.lesson import Guess
from fmnist_ui.lessons.place import Place
from fmnist_ui.page_errors import page_errors

_SIDE = 150
# Class names only: nothing in it needs to be escaped.
_ROW = (
    '<div style="display:flex;gap:.6rem;align-items:center;margin-bottom:.4rem;font-size:.85rem">'
    '<img width="48" height="48" alt="" src="{url}">'
    "<span><b>{true}</b><br>you: {mine}<br>network: {network}</span></div>"
)
_PEOPLE = "People: 83.5% of 1,000 images (Xiao et al., 2017)."


def is_guessed(place: Place, guess: Guess) -> bool:
    """Whether all images are classified, and the score is shown."""
    answered = kept_answer(place)
    done = len(guesses_of(answered, guess.images)) == guess.images
    return done and bool(answered and answered.get("revealed"))


def show_guess(place: Place, guess: Guess, *, held: bool = False) -> None:
    """The next image, or how all of them went.

    Args:
        held: Whether the score is not to be seen yet.
    """
    if FASHION_MNIST not in at_hand():
        st.info("This step needs the test images of Fashion-MNIST: get them on the page Data.")
        return
    if is_guessed(place, guess):
        _show_score(guess, guesses_of(kept_answer(place), guess.images))
    else:
        _show_next(place, guess, held)


@st.fragment
@page_errors()
def _show_next(place: Place, guess: Guess, held: bool) -> None:
    guesses = guesses_of(kept_answer(place), guess.images)
    done = len(guesses)
    if done < guess.images:
        st.caption(f"Image {done + 1} of {guess.images}")
        image = dataset(FASHION_MNIST).test.images[contest(guess).indices[done]]
        st.html(
            f'<img width="{_SIDE}" height="{_SIDE}" alt="Image {done + 1}, to be classified" '
            f'src="{data_url(np.asarray(image))}">'
        )
        with st.container(key="lesson_classes", gap="xxsmall"):
            for number, name in enumerate(CLASS_NAMES):
                st.button(
                    name,
                    key=f"lesson_class_{number}",
                    on_click=_take,
                    args=(place, [*guesses, number]),
                )
    else:
        st.markdown(f"All {guess.images} images are classified.")
        follow(place)
        if held:
            st.caption(":material/hourglass_empty: Your teacher reveals the score to everybody.")
        elif st.button("Show the score", type="primary", key="lesson_score"):
            reveal(place)
            st.rerun()
    if done:
        st.button(
            "Undo",
            icon=":material/undo:",
            type="tertiary",
            key="lesson_undo",
            on_click=_take,
            args=(place, guesses[:-1]),
            help="Takes the last class back.",
        )


def _take(place: Place, guesses: list[int]) -> None:
    with page_errors():
        keep_guesses(place, guesses)


def _show_score(guess: Guess, guesses: list[int]) -> None:
    images = contest(guess)
    network = int(images.said.right.sum())
    st.markdown(
        f"**You:** {images.score(images.right(guesses))}\n\n"
        f"**Network:** {images.score(network)}\n\n{_PEOPLE}"
    )
    _show_errors(images, guesses)


def _show_errors(images: Contest, guesses: list[int]) -> None:
    labels = np.asarray(images.said.labels)
    mine, network = np.asarray(guesses), images.said.predicted
    wrong = np.flatnonzero((mine != labels) | (network != labels))
    if not len(wrong):
        st.caption("Neither of you made an error.")
        return
    st.caption(f"Classified wrongly by you or by the network: {len(wrong)} images.")
    pictures = dataset(FASHION_MNIST).test.images[images.indices[wrong]]
    st.html(
        "".join(
            _ROW.format(
                url=data_url(np.asarray(picture)),
                true=CLASS_NAMES[labels[one]],
                mine=CLASS_NAMES[mine[one]],
                network=CLASS_NAMES[network[one]],
            )
            for one, picture in zip(wrong, pictures, strict=True)
        )
    )
