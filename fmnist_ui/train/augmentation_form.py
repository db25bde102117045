"""Random changes to the training images, tried out on real ones."""

from __future__ import annotations

from dataclasses import fields

import streamlit as st

from fmnist_core.config import AugmentationConfig, RunConfig
from fmnist_core.data.augmentation import augment
from fmnist_ui.pixels import show_pictures
from fmnist_ui.train.fields import field
from fmnist_ui.train.preview_images import other_images_button, preview_images
from fmnist_ui.train.verdict import Verdict

_PICTURES = 10


def show_augmentation_form(verdict: Verdict) -> None:
    """The choices, and what they do to ten images: originals above, changed ones below."""
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        for item in fields(AugmentationConfig):
            field(AugmentationConfig, item.name, "training.augmentation")
    if verdict.config is not None:
        _preview(verdict.config)


def _preview(config: RunConfig) -> None:
    found = preview_images(config.training.dataset, _PICTURES, "augmentation")
    if found is None:
        return
    images, rng = found
    show_pictures(images, columns=_PICTURES, least_width=54)
    show_pictures(
        augment(images, config.training.augmentation, rng), columns=_PICTURES, least_width=54
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        other_images_button("augmentation")
        st.caption(
            "Above as they are, below as the network may meet them."
            if config.training.augmentation.active
            else "Nothing is changed: the images below are those above."
        )
