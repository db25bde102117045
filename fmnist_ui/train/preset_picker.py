"""Choosing where to begin: one card a preset."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from fmnist_core.presets import PRESETS, Preset
from fmnist_ui.lessons.locks import locked_paths
from fmnist_ui.train import draft
from fmnist_ui.train.expectation import expect
from fmnist_ui.words import big, duration

_IN_A_ROW = 3


def show_presets() -> None:
    """Rows of cards; a click fills the whole form with the preset's configuration."""
    presets = list(PRESETS.values())
    with st.container(key="presets"):
        for start in range(0, len(presets), _IN_A_ROW):
            columns = st.columns(_IN_A_ROW, gap="small")
            for column, preset in zip(columns, presets[start:], strict=False):
                with column:
                    _card(preset, chosen=draft.get("preset") == preset.name)


def _card(preset: Preset, *, chosen: bool) -> None:
    with st.container(
        border=True,
        key=f"card_{preset.name}",
        height="stretch",
        gap="small",
        vertical_alignment="distribute",
    ):
        st.markdown(
            f"**{preset.title}**  \n:small[{preset.purpose}]  \n:gray[:small[{_size(preset)}]]"
        )
        st.button(
            "Chosen" if chosen else "Choose",
            key=f"preset_{preset.name}",
            type="primary" if chosen else "secondary",
            icon=":material/check:" if chosen else None,
            width="stretch",
            on_click=draft.choose_preset,
            args=(preset.name, locked_paths()),
        )


def _size(preset: Preset) -> str:
    training = replace(preset.config.training, dataset=draft.get("training.dataset"))
    expected = expect(replace(preset.config, training=training))
    seconds = expected.seconds_per_epoch * training.epochs
    return f"{big(expected.summary.parameters)} parameters, about {duration(seconds)}"
