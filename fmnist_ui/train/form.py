"""The training form: its link, presets, the picture of the network, and what is folded away.

Essentials are open, everything else folded away; the choices are kept in the page's address.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from fmnist_core.config import RunConfig
from fmnist_core.config.override import given_paths
from fmnist_core.config.presets import PRESETS, Preset
from fmnist_core.config.rules import Rule, Text, typed_whole
from fmnist_core.config.run import SEED_COUNT
from fmnist_core.errors import LabError, LinkError
from fmnist_ui.components.config_field import read_number
from fmnist_ui.components.share import show_share
from fmnist_ui.frame import page_errors, show_lead
from fmnist_ui.lessons.place import is_hidden, locked_paths
from fmnist_ui.links import training_of, training_parameters
from fmnist_ui.links.query_params import (
    explain_faults,
    is_news,
    note_told,
    own_parameters,
    tell_address,
)
from fmnist_ui.train import draft
from fmnist_ui.train.architecture_form import show_architecture_form, show_network
from fmnist_ui.train.choice import NEW
from fmnist_ui.train.launch import (
    FormCheck,
    check_form,
    expect,
    show_essentials,
    show_launch,
)
from fmnist_ui.train.training_form import (
    show_augmentation_form,
    show_collections_form,
    show_style_form,
    show_training_form,
)
from fmnist_ui.train.transfer_form import show_teacher_form, show_transfer_form
from fmnist_ui.words import big, duration

_SEEN, _FAULTS = "linked/train", "linked/train/faults"

# What is no part of a configuration.
_RUN, _SEEDS, _NAME, _REPEAT = "run", "seeds", "name", "repeat"

_MOST_NAME = 80

_REPEATS: Rule = SEED_COUNT

# What the form calls them.
_FORM = {_NAME: "name", _REPEAT: "seeds"}


# As many as fit in a row.
_IN_VIEW = 3


def show_form() -> None:
    """Draws the form; the button stands above the folded parts but knows what is in them."""
    show_lead("Choose a preset, change settings if you like, and train.")
    _take_link()
    if not is_hidden("presets"):
        _show_presets()
    picture = st.container(key="network")
    with st.container(border=True):
        show_essentials()
        launch = st.container()
    check = check_form()
    with picture, page_errors():
        show_network(check)
    with launch:
        show_launch(check)
    _show_advanced(check)
    _tell_link(check.config)
    show_share(key="share_training")


def _show_advanced(check: FormCheck) -> None:
    """All other settings, a tab for each subject."""
    parts = [part for name, part in _ADVANCED.items() if not is_hidden(name)]
    if not parts:
        return
    with st.expander("Advanced", icon=":material/tune:", key="advanced"):
        tabs = st.tabs([title for title, _ in parts])
        for tab, (_, show) in zip(tabs, parts, strict=True):
            with tab, page_errors():
                show(check)


# Folded parts by the names that lessons leave them out by: title and what is in them.
_ADVANCED: dict[str, tuple[str, Callable[[FormCheck], None]]] = {
    "architecture": ("Architecture", show_architecture_form),
    "training": ("Training", show_training_form),
    "augmentation": ("Augmentation", show_augmentation_form),
    "style_augmentation": ("Style augmentation", show_style_form),
    "transfer": ("Transfer learning", show_transfer_form),
    "distillation": ("Distillation", show_teacher_form),
    "collections": ("Your collections", show_collections_form),
}


def _show_presets() -> None:
    """A row of chips, the other presets behind "More"; a click fills the form with one."""
    presets = list(PRESETS.values())
    chosen = next((preset for preset in presets[_IN_VIEW:] if _is_chosen(preset)), None)
    with st.container(key="presets", horizontal=True, gap="small"):
        for preset in presets[:_IN_VIEW]:
            _chip(preset)
        with (
            st.popover(
                f"More: {chosen.title}" if chosen else "More",
                type="primary" if chosen else "secondary",
                width="stretch",
                key="popover_presets",
            ),
            st.container(key="more_presets"),
        ):
            for preset in presets[_IN_VIEW:]:
                _chip(preset)


def _is_chosen(preset: Preset) -> bool:
    return bool(draft.get("preset") == preset.name)


def _chip(preset: Preset) -> None:
    """One button: the name, a line on what it is for, and how long it takes."""
    chosen = _is_chosen(preset)
    st.button(
        f"**{preset.title}** :small[{preset.purpose}] :small[{_size(preset)}]",
        key=f"preset_{preset.name}",
        type="primary" if chosen else "secondary",
        width="stretch",
        on_click=draft.choose_preset,
        args=(preset.name, locked_paths()),
    )


def _size(preset: Preset) -> str:
    training = replace(preset.config.training, dataset=draft.get("training.dataset"))
    expected = expect(replace(preset.config, training=training))
    seconds = expected.seconds_per_epoch * training.epochs
    parameters = f"{big(expected.summary.parameters)} parameters"
    return f"about {duration(seconds)}" if expected.measured else parameters


def _take_link() -> None:
    """Fills the form from a link that was opened, before it is drawn; once."""
    try:
        asked = _asked()
        if is_news("train", asked):
            st.session_state[_SEEN] = asked
            st.session_state[_FAULTS] = _fill(asked)
    except LabError as error:
        st.session_state[_FAULTS] = [error.to_keep()]
    explain_faults(st.session_state.get(_FAULTS, []))


def _tell_link(config: RunConfig | None) -> None:
    """Puts the form's choices into the address; of a form that cannot be trained, nothing new."""
    if config is None:
        return
    parameters = training_parameters(config)
    if name := (draft.get_or("name", "") or "").strip():
        parameters[_NAME] = name
    repeat = read_number("Seeds", SEED_COUNT, draft.key_of("seeds"), usual=1)
    if repeat.fault is None and repeat.value > 1:
        parameters[_REPEAT] = str(repeat.value)
    if parameters != st.session_state.get(_SEEN):
        st.session_state.pop(_FAULTS, None)
    st.session_state[_SEEN] = parameters
    note_told("train", parameters)
    tell_address({_RUN: NEW, **parameters})


def _asked() -> dict[str, str]:
    return {key: value for key, value in own_parameters().items() if key not in (_RUN, _SEEDS)}


def _fill(asked: dict[str, str]) -> list[LabError]:
    choices = dict(asked)
    name, repeat = choices.pop(_NAME, ""), choices.pop(_REPEAT, "1")
    config, faults = training_of(choices)
    dataset = draft.get("training.dataset")
    draft.fill(config)
    if "training.dataset" not in given_paths(config, choices):
        draft.put("training.dataset", dataset)
    found: list[LabError] = list(faults)
    for key, rule, value in ((_NAME, Text(_MOST_NAME), name), (_REPEAT, _REPEATS, repeat)):
        try:
            number = typed_whole(value) if rule is _REPEATS else value
            draft.put(_FORM[key], rule.check(key, number))
        except LabError as error:
            found.append(LinkError(error.rule, received=error.received))
    return found
