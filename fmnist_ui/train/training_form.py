"""How to train, on the form: steps and schedule, augmentation and style with previews, own data."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import fields, replace
from functools import partial

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.augmentation import restyle
from fmnist_core.augmentation.geometric import augment
from fmnist_core.augmentation.negatives import draw_other
from fmnist_core.augmentation.sketch_rendering import draw_sketch
from fmnist_core.augmentation.styles import STYLES
from fmnist_core.classes import CLASS_COUNT
from fmnist_core.collections import CollectionStore
from fmnist_core.config import (
    AugmentationConfig,
    ClassWeightsConfig,
    RunConfig,
    ScheduleConfig,
    StyleAugmentationConfig,
    TrainConfig,
)
from fmnist_core.config.rules import label_of
from fmnist_core.machine import stored_speed
from fmnist_core.settings import load_settings
from fmnist_core.training.schedule import learning_rates
from fmnist_ui.components.datasets import at_hand, dataset
from fmnist_ui.components.pixels import show_pictures
from fmnist_ui.figures.live_curves import planned_rate
from fmnist_ui.theme import palette, show_chart
from fmnist_ui.train import draft
from fmnist_ui.train.fields import box, field, field_group, is_faulty, row
from fmnist_ui.train.launch import FormCheck

_Images = NDArray[np.uint8]
_Restyle = Callable[[_Images, np.random.Generator], _Images]

# Which settings a schedule listens to; the others are shown only to be mended.
_SCHEDULE_FIELDS = {
    "constant": ("warmup_epochs",),
    "cosine": ("warmup_epochs", "final_factor"),
    "one_cycle": ("peak_share", "final_factor"),
    "step": ("step_epochs", "drop_factor", "warmup_epochs"),
    "plateau": ("patience", "drop_factor", "warmup_epochs"),
}
_PICTURES = 10


def show_training_form(check: FormCheck) -> None:
    """All fields of a `TrainConfig` but its epochs and images, which are further up."""
    form, curve = st.columns([3, 2], gap="medium")
    with form:
        _show_choices()
    with curve, st.container(key="beside_training"):
        _show_schedule(check.config)


def _show_choices() -> None:
    steps = ("optimizer", "learning_rate", "batch_size", *_momentum(), "weight_decay")
    field_group("Optimizer", TrainConfig, "training", *steps)
    schedule = ("kind", *_schedule_fields())
    field_group("Learning rate schedule", ScheduleConfig, "training.schedule", *schedule)
    held_back = ("validation_share", "early_stopping", "keep_weights")
    field_group("Validation and early stopping", TrainConfig, "training", *held_back)
    steady = ("ema_decay", "test_time_flip", "gradient_clip_norm", "precision")
    field_group("Stability and precision", TrainConfig, "training", *steady)
    _say_where_bfloat16_is_slow()
    begun = ("whitened_first_layer", "dirac_initialization")
    field_group("Initialization", TrainConfig, "training", *begun)
    data = ("train_images", "label_smoothing", "seed", "record_dynamics")
    field_group("Data and seed", TrainConfig, "training", *data)
    with box("Class weights and excluded images"), row():
        weighted = field(ClassWeightsConfig, "labels", "training.class_weights")
        field(ClassWeightsConfig, "factor", "training.class_weights", disabled=not weighted.value)
        field(TrainConfig, "exclude_label_issues", "training")
    field_group("Experiment tracking", TrainConfig, "training", "tensorboard", "mlflow")


def _schedule_fields() -> list[str]:
    heard = _SCHEDULE_FIELDS[draft.get("training.schedule.kind")]
    known = dict.fromkeys(name for names in _SCHEDULE_FIELDS.values() for name in names)
    silent = [name for name in known if name not in heard]
    wrong = [name for name in silent if is_faulty(ScheduleConfig, name, "training.schedule")]
    return [*heard, *wrong]


def _momentum() -> tuple[str, ...]:
    needed = draft.get("training.optimizer") in ("sgd", "muon")
    return ("momentum",) if needed or is_faulty(TrainConfig, "momentum", "training") else ()


def _say_where_bfloat16_is_slow() -> None:
    """Where it was measured and chosen all the same."""
    speed = stored_speed(load_settings())
    if draft.get("training.precision") != "mixed_bfloat16" or speed is None:
        return
    if speed.bfloat16_factor == math.inf:
        told = "TensorFlow does not support bfloat16 on this machine. Choose Auto or float32."
    elif speed.bfloat16_factor > 1:
        told = (
            f"On this machine a step takes {speed.bfloat16_factor:.1f} times as long in bfloat16 "
            "as in float32. Auto chooses the faster one."
        )
    else:
        return
    st.warning(told, icon=":material/speed:")


def _show_schedule(config: RunConfig | None) -> None:
    """Drawn by the function that the training follows."""
    if config is None:
        st.caption("The curve appears when the configuration is valid.")
        return
    st.markdown("**Planned learning rate**")
    show_chart(planned_rate(*learning_rates(config.training), palette()), "planned_rate")
    if config.training.schedule.kind == "plateau":
        st.caption("Drops depend on the validation accuracy, so they cannot be drawn in advance.")


def show_augmentation_form(check: FormCheck) -> None:
    """The choices, and what they do to ten images: originals above, changed ones below."""
    with row():
        for item in fields(AugmentationConfig):
            field(AugmentationConfig, item.name, "training.augmentation")
    found = _preview_images(check.config, "augmentation")
    if check.config is None or found is None:
        return
    images, rng = found
    augmentation = check.config.training.augmentation
    _show_row(images)
    _show_row(augment(images, augmentation, rng))
    with st.container(horizontal=True, vertical_alignment="center"):
        _other_images_button("augmentation")
        st.caption(
            "Above: originals. Below: augmented."
            if augmentation.active
            else "No augmentation: both rows are the same."
        )


def show_style_form(check: FormCheck) -> None:
    """The shares of the styles, and a row of images for each style in use."""
    st.caption(
        "A network trained on catalog photos alone fails on drawings and phone photos (domain "
        "shift). Style augmentation turns a share of the training images into other styles."
    )
    path, restyled = "training.style_augmentation", (*STYLES, "inverted", "distortion")
    title = "Share of training images in each style"
    field_group(title, StyleAugmentationConfig, path, *restyled)
    added = ("synthetic_sketches", "other_clothing", "negatives")
    field_group(
        "Added images, as a share of the training images", StyleAugmentationConfig, path, *added
    )
    if check.config is None or not check.config.training.style_augmentation.active:
        return
    found = _preview_images(check.config, "looks")
    if found is None:
        return
    images, rng = found
    style, side = check.config.training.style_augmentation, check.config.model.input_side
    for name, share, restyled_by in _styles(style, side):
        st.caption(f"{label_of(StyleAugmentationConfig, name)} · {share:.0%}")
        _show_row(restyled_by(images, rng))
    _other_images_button("looks")


def _styles(style: StyleAugmentationConfig, side: int) -> list[tuple[str, float, _Restyle]]:
    """Name, share and maker of each row: what is in use, each shown as if it were all there is.

    Args:
        side: Of the images, as the network reads them.
    """
    alone = replace(style, **dict.fromkeys(STYLES, 0.0))
    makers: dict[str, _Restyle] = {
        name: partial(_in_style, replace(alone, **{name: 1.0}), side) for name in STYLES
    }
    makers["synthetic_sketches"] = partial(_sketches, style.distortion, side)
    makers["negatives"] = partial(_negatives, side)
    shares = {name: getattr(style, name) for name in makers}
    return [(name, shares[name], make) for name, make in makers.items() if shares[name] > 0]


def _in_style(
    style: StyleAugmentationConfig, side: int, images: _Images, rng: np.random.Generator
) -> _Images:
    return restyle(images, style, rng, side)


def _sketches(distortion: float, side: int, images: _Images, rng: np.random.Generator) -> _Images:
    labels = rng.permutation(max(CLASS_COUNT, len(images)))[: len(images)] % CLASS_COUNT
    return np.stack([draw_sketch(int(label), distortion, rng, side) for label in labels])


def _negatives(side: int, images: _Images, rng: np.random.Generator) -> _Images:
    return np.stack([draw_other(image, rng, side) for image in images])


def _show_row(images: _Images) -> None:
    show_pictures(images, columns=_PICTURES, least_width=54)


def _preview_images(
    config: RunConfig | None, key: str
) -> tuple[_Images, np.random.Generator] | None:
    """Images uint8 (10, 28, 28) of the data set, and the randomness to change them with.

    Where the images are not on this machine it says so and returns None.
    """
    if config is None:
        return None
    name = config.training.dataset
    if name not in at_hand():
        st.caption("A preview appears here when the data set is on this machine.")
        return None
    train = dataset(name).train
    rng = np.random.default_rng(st.session_state.setdefault(f"shuffle_{key}", 0))
    return train.images[np.sort(rng.choice(len(train), _PICTURES, replace=False))], rng


def _other_images_button(key: str) -> None:
    """Lets the next `_preview_images` of this key return others."""
    st.button(
        "Shuffle",
        icon=":material/shuffle:",
        on_click=_reshuffle,
        args=(key,),
        key=f"reshuffle_{key}",
    )


def _reshuffle(key: str) -> None:
    st.session_state[f"shuffle_{key}"] += 1


def show_collections_form(check: FormCheck) -> None:
    """Own collections with their share."""
    names = CollectionStore(load_settings()).names()
    chosen = tuple(draft.get_or("training.collections", ()) or ())
    # Also those that are chosen and gone: the reason is beside the button then.
    options = dict.fromkeys([*names, *chosen])
    if not options:
        st.caption(
            "None yet. Add pictures with their true class on Try it, or import a folder: "
            "`python -m fmnist_core collection import NAME FOLDER`."
        )
        return
    with row():
        titles = {name: name for name in options}
        field(TrainConfig, "collections", "training", options=titles)
        field(TrainConfig, "collection_share", "training", disabled=not chosen)
