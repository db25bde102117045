"""Choosing where to begin: one card a preset."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from fmnist_core.presets import PRESETS, Preset
from fmnist_ui.lessons.locks import locked_paths
from fmnist_ui.train import draft
from fmnist_ui.train.verdict import expect
from fmnist_ui.words import big, duration

# As many as leave the button Train in view.
_IN_VIEW = 3


def show_presets() -> None:
    """A card a preset, as many in a row as fit; a click fills the form with its configuration."""
    presets = list(PRESETS.values())
    _cards("presets", presets[:_IN_VIEW])
    chosen = [preset.title for preset in presets[_IN_VIEW:] if _is_chosen(preset)]
    with st.expander(f"More presets: {chosen[0]} chosen" if chosen else "More presets"):
        _cards("more_presets", presets[_IN_VIEW:])


def _cards(key: str, presets: list[Preset]) -> None:
    with st.container(key=key, horizontal=True, gap="small"):
        for preset in presets:
            _card(preset, chosen=_is_chosen(preset))


def _is_chosen(preset: Preset) -> bool:
    return bool(draft.get("preset") == preset.name)


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
    parameters = f"{big(expected.summary.parameters)} parameters"
    return f"{parameters}, about {duration(seconds)}" if expected.measured else parameters
