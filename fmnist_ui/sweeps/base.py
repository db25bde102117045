"""Where a sweep begins: a preset or the form on Train, and on how many images."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from fmnist_core.config import RunConfig, TrainConfig
from fmnist_core.config.rules import Whole, help_of
from fmnist_core.data.counts import TRAIN_IMAGES
from fmnist_core.data.dataset import DATASET_NAMES
from fmnist_core.data.load import choose_dataset
from fmnist_core.errors import LabError
from fmnist_core.presets import PRESETS
from fmnist_core.settings import load_settings
from fmnist_ui.number_field import number_field
from fmnist_ui.page_errors import show_error
from fmnist_ui.train import draft
from fmnist_ui.words import data_title

_TRAIN_FORM = "train-form"


def show_base() -> tuple[RunConfig | None, LabError | None]:
    """The configuration that all trials share but for what varies; None where it breaks a rule.

    And what is wrong with the number of images.
    """
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        name = st.selectbox(
            "Begin with",
            _names(),
            index=_names().index(draft.FIRST_PRESET),
            key="sweep/base",
            format_func=_title,
            help="All runs are alike in what does not vary.",
            persist_state="session",
            width=190,
        )
        config = _config(name)
        if config is None:
            return None, None
        return _with_essentials(name, config)


def _names() -> list[str]:
    # Who holds nothing back has nothing to choose by.
    names = [name for name, one in PRESETS.items() if one.config.training.validation_share]
    return [*names, *([_TRAIN_FORM] if draft.ready() else [])]


def _title(name: str) -> str:
    return PRESETS[name].title if name in PRESETS else "What the form on Train holds"


def _config(name: str) -> RunConfig | None:
    if name in PRESETS:
        return PRESETS[name].config
    try:
        return RunConfig.from_json(draft.collect())
    except LabError as error:
        show_error(error)
        return None


def _with_essentials(name: str, config: RunConfig) -> tuple[RunConfig, LabError | None]:
    training = config.training
    images = st.selectbox(
        "Images",
        DATASET_NAMES,
        index=DATASET_NAMES.index(choose_dataset(load_settings())),
        key="sweep/dataset",
        format_func=data_title,
        help=help_of(TrainConfig, "dataset"),
        persist_state="session",
        width=210,
    )
    count = number_field(
        "Training images",
        Whole(0, TRAIN_IMAGES[images]),
        value=training.train_images,
        step=1000,
        key=f"sweep/{name}/train_images",
        help=help_of(TrainConfig, "train_images"),
        persist_state="session",
        width=160,
    )
    images_wanted = training.train_images if count.fault else count.value
    wanted = replace(training, dataset=images, train_images=images_wanted)
    return replace(config, training=wanted), count.fault
