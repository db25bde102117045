"""Transfer learning: begin with what was learned elsewhere, and let it rest at first."""

from __future__ import annotations

import streamlit as st

from fmnist_core.config import BackboneConfig, TrainConfig
from fmnist_core.config.backbone import NO_BACKBONE
from fmnist_core.model.backbones import BACKBONES, IMAGENET, side_of
from fmnist_core.model.imagenet import find_weights
from fmnist_core.settings import load_settings
from fmnist_ui.train import draft
from fmnist_ui.train.fields import field
from fmnist_ui.train.first_weights import show_first_weights
from fmnist_ui.train.verdict import Verdict
from fmnist_ui.words import whole

# What goes well with a backbone, for somebody who has just chosen one: few images and epochs,
# since each costs many times as much as with a network made for this size.
_SUITS = {
    "model.head": "global_average",
    "model.dense": "",
    "model.head_dropout": 0.2,
    "training.optimizer": "adam",
    "training.learning_rate": 1e-3,
    "training.schedule.kind": "constant",
    "training.batch_size": 32,
    "training.epochs": 4,
    "training.frozen_epochs": 2,
    "training.fine_tune_factor": 0.1,
    "training.train_images": 5000,
}


def show_transfer_form(verdict: Verdict) -> None:
    """The backbone, the weights to begin with, and how long they rest."""
    with st.container(border=True, gap="small"):
        st.markdown("**Backbone**")
        _show_backbone()
    with st.container(border=True, gap="small"):
        st.markdown("**First weights**")
        show_first_weights(verdict)
    with st.container(border=True, gap="small"):
        st.markdown("**First rest, then learn**")
        _show_freezing()


def _show_backbone() -> None:
    name = draft.get_or("model.backbone.name", NO_BACKBONE)
    chosen = name in BACKBONES
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        field(BackboneConfig, "name", "model.backbone")
        for item in ("weights", "side"):
            field(BackboneConfig, item, "model.backbone", disabled=not chosen)
        if chosen:
            st.button(
                "Settings that suit it",
                icon=":material/auto_fix_high:",
                key="suit_backbone",
                on_click=_suit,
                help="A plain answer behind it, 5,000 images, 4 epochs, 2 of them at rest.",
            )
    st.caption(_cost(name) if chosen else _WHAT_IT_IS)
    if chosen and draft.get("model.backbone.weights") == "imagenet":
        st.caption(_where(name))


def _suit() -> None:
    for path, value in _SUITS.items():
        draft.put(path, value)
    if draft.get("model.backbone.weights") == "random":
        # What has learned nothing has no reason to rest.
        draft.put("training.frozen_epochs", 0)


_WHAT_IT_IS = (
    "A well-known network, learned from a million photos, in place of blocks of your own. Made for "
    "large colour photos, it costs far more here than a network made for small gray images."
)


def _cost(name: str) -> str:
    facts = BACKBONES[name]
    side = side_of(BackboneConfig(name))
    return (
        f"**{facts.title}** ({facts.source}) sees the images enlarged to {side}x{side} unless you "
        f"say otherwise. What it costs on two processor cores at that side: "
        f"{facts.seconds_resting:g} s for 1,000 images at rest, {facts.seconds_learning:g} s when "
        f"all of it learns, {facts.megabytes / 1000:g} GB of memory, "
        f"{whole(facts.parameters * 4 / 1e6)} MB a saved network. The preset Quick takes less "
        "than a tenth of a second for them. How accurate it gets with ImageNet weights was not "
        "measured in this lab."
    )


def _where(name: str) -> str:
    settings = load_settings()
    found = find_weights(name, settings)
    if found.path is not None:
        return f":material/check: Its ImageNet weights are here: {found.title}."
    size = whole(IMAGENET[name].size / 1e6)
    passed = " ".join(found.problems)
    if settings.offline:
        return f":material/cloud_off: Its ImageNet weights are not here. {passed}"
    return (
        f":material/cloud_download: Its ImageNet weights are not here yet: {size} MB are fetched "
        f"when the training begins. {passed}"
    )


def _show_freezing() -> None:
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        field(TrainConfig, "frozen_epochs", "training")
        resting = bool(draft.get_or("training.frozen_epochs", 0))
        field(TrainConfig, "fine_tune_factor", "training", disabled=not resting)
    st.caption(
        "At first only what is new learns, so that its first rough steps do not spoil what was "
        "learned before. Then all learns, in smaller steps."
    )
