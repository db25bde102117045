"""Each image decides which network answers it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from fmnist_core.recognition.origin import from_data_set
from fmnist_core.recognition.verdict import Answers
from fmnist_core.shipped.asset import SHIPPED, SHIPPED_CATALOGUE, SHIPPED_EVERYDAY

Images = NDArray[np.uint8]
Places = NDArray[np.intp]


def answers_of(model: str, images: Images, ask: Callable[[str, Images], Answers]) -> Answers:
    """What `model` says about images uint8 (n, 28, 28), each asked of the network it belongs to.

    Args:
        model: `"shipped"`, one network of it, or a run's identifier.
        ask: Given a network's name and images uint8 (m, 28, 28), what that network says.
    """
    parts = split(model, images)
    if len(parts) == 1:
        return ask(parts[0][0], images)
    return merged([(places, ask(network, images[places])) for network, places in parts])


def split(model: str, images: Images) -> list[tuple[str, Places]]:
    """The networks that answer, each with the places of its images; at least one network."""
    if model != SHIPPED:
        return [(model, np.arange(len(images)))]
    own = from_data_set(images)
    parts = [(SHIPPED_EVERYDAY, np.flatnonzero(~own)), (SHIPPED_CATALOGUE, np.flatnonzero(own))]
    return [part for part in parts if len(part[1])] or parts[:1]


def merged(parts: Sequence[tuple[Places, Answers]]) -> Answers:
    """Answers in the order of the images; the places of all parts together are 0 to n-1."""
    order = np.argsort(np.concatenate([places for places, _ in parts]))
    several = [answers for _, answers in parts]
    by = [name for answers in several for name in answers.answered_by]
    return Answers(
        np.concatenate([answers.probabilities for answers in several])[order],
        np.concatenate([answers.clothing for answers in several])[order],
        np.concatenate([answers.is_clothing for answers in several])[order],
        tuple(by[place] for place in order),
    )
