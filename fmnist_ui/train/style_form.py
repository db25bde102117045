"""Style augmentation on the training form, each style previewed on a few real images."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.augmentation import restyle
from fmnist_core.augmentation.negatives import draw_other
from fmnist_core.augmentation.sketch_rendering import draw_sketch
from fmnist_core.augmentation.styles import STYLES
from fmnist_core.classes import CLASS_COUNT
from fmnist_core.config import RunConfig, StyleAugmentationConfig
from fmnist_ui.components.config_labels import label_of
from fmnist_ui.components.datasets import at_hand, dataset
from fmnist_ui.components.pixels import show_pictures
from fmnist_ui.train.fields import field
from fmnist_ui.train.launch import Verdict

_Images = NDArray[np.uint8]
_PICTURES = 10
_WHY = (
    "A network that saw only shop photos fails on drawings and phone photos. "
    "Show it some of its images in other styles."
)


def show_looks_form(verdict: Verdict) -> None:
    """The shares of the styles, and a row of images for each style in use."""
    st.caption(_WHY)
    _group("Training images in another style, as shares", *STYLES, "inverted", "distortion")
    _group("Images added, as shares", "synthetic_sketches", "negatives")
    if verdict.config is not None:
        _preview(verdict.config)


def _group(title: str, *names: str) -> None:
    with st.container(border=True, gap="small"):
        st.markdown(f"**{title}**")
        with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
            for name in names:
                field(StyleAugmentationConfig, name, "training.style_augmentation")


def _preview(config: RunConfig) -> None:
    style = config.training.style_augmentation
    if not style.active:
        return
    found = preview_images(config.training.dataset, _PICTURES, "looks")
    if found is None:
        return
    images, rng = found
    for name, share, make in _rows(style):
        st.caption(f"{label_of(name)} · {share:.0%}")
        show_pictures(make(images, rng), columns=_PICTURES, least_width=54)
    other_images_button("looks")


def _rows(
    style: StyleAugmentationConfig,
) -> list[tuple[str, float, Callable[[_Images, np.random.Generator], _Images]]]:
    """Name, share and maker of each row: what is in use, each shown as if it were all there is."""
    alone = replace(style, **dict.fromkeys(STYLES, 0.0))
    makers: dict[str, Callable[[_Images, np.random.Generator], _Images]] = {
        name: partial(_in_look, replace(alone, **{name: 1.0})) for name in STYLES
    }
    makers["synthetic_sketches"] = partial(_garments, style.distortion)
    makers["negatives"] = _others
    shares = {name: getattr(style, name) for name in makers}
    return [(name, shares[name], make) for name, make in makers.items() if shares[name] > 0]


def _in_look(style: StyleAugmentationConfig, images: _Images, rng: np.random.Generator) -> _Images:
    return restyle(images, style, rng)


def _garments(distortion: float, images: _Images, rng: np.random.Generator) -> _Images:
    labels = rng.permutation(max(CLASS_COUNT, len(images)))[: len(images)] % CLASS_COUNT
    return np.stack([draw_sketch(int(label), distortion, rng) for label in labels])


def _others(images: _Images, rng: np.random.Generator) -> _Images:
    return np.stack([draw_other(image, rng) for image in images])


def preview_images(
    name: str, count: int, key: str
) -> tuple[NDArray[np.uint8], np.random.Generator] | None:
    """Images uint8 (count, 28, 28) of the data set, and the randomness to change them with.

    Where the images are not on this machine it says so and returns None.
    """
    if name not in at_hand():
        st.caption("A preview appears here once these images are on this machine.")
        return None
    train = dataset(name).train
    rng = np.random.default_rng(st.session_state.setdefault(_place(key), 0))
    return train.images[np.sort(rng.choice(len(train), count, replace=False))], rng


def other_images_button(key: str) -> None:
    """A button that lets the next `preview_images` of this key return others."""
    st.button(
        "Other images",
        icon=":material/shuffle:",
        on_click=_reshuffle,
        args=(key,),
        key=f"reshuffle_{key}",
    )


def _reshuffle(key: str) -> None:
    st.session_state[_place(key)] += 1


def _place(key: str) -> str:
    return f"shuffle_{key}"
