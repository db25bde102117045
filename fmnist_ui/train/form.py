"""The training form: its link, presets, folded parts, and the architecture with its cost table.

Essentials are open, everything else folded away; the choices are kept in the page's address.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from fmnist_core.config import BlockConfig, ModelConfig, RunConfig
from fmnist_core.config.model import BLOCK_COUNT
from fmnist_core.config.override import given_paths
from fmnist_core.config.presets import PRESETS, Preset
from fmnist_core.config.rules import Rule, Text, label_of, typed_whole
from fmnist_core.config.run import SEED_COUNT
from fmnist_core.errors import LabError, LinkError
from fmnist_ui.components.config_field import number_field, read_number
from fmnist_ui.components.share import show_share
from fmnist_ui.figures.cards import cost_html
from fmnist_ui.frame import page_errors, show_lead
from fmnist_ui.lessons.place import is_hidden, is_locked, locked_paths
from fmnist_ui.links import training_of, training_parameters
from fmnist_ui.links.query_params import (
    explain_faults,
    is_news,
    note_told,
    own_parameters,
    tell_address,
)
from fmnist_ui.train import draft
from fmnist_ui.train.choice import NEW
from fmnist_ui.train.fields import box, field, field_group, row
from fmnist_ui.train.launch import (
    Expectation,
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
from fmnist_ui.words import big, duration, whole

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
    with st.container(border=True):
        show_essentials()
        launch = st.container()
    check = check_form()
    with launch:
        show_launch(check)
    for part, (title, icon, show) in _FOLDED.items():
        if not is_hidden(part):
            with page_errors(), st.expander(title, icon=f":material/{icon}:", key=f"fold_{part}"):
                show(check)
    _tell_link(check.config)
    show_share(key="share_training")


def _show_architecture(check: FormCheck) -> None:
    form, table = st.columns([3, 2], gap="medium")
    with form:
        _show_architecture_form()
    with table, st.container(key="beside_architecture"):
        _show_cost(check)


# Folded parts by the names that lessons leave them out by: title, icon and what is in them.
_FOLDED: dict[str, tuple[str, str, Callable[[FormCheck], None]]] = {
    "architecture": ("Architecture", "account_tree", _show_architecture),
    "training": ("Training settings", "tune", show_training_form),
    "augmentation": ("Augmentation", "auto_awesome", show_augmentation_form),
    "style_augmentation": ("Style augmentation", "gesture", show_style_form),
    "transfer": ("Transfer learning", "move_up", show_transfer_form),
    "distillation": ("Distillation", "school", show_teacher_form),
    "collections": ("Your collections", "photo_library", show_collections_form),
}


def _show_architecture_form() -> None:
    """All fields of a `ModelConfig`; what is typed lands in the draft."""
    if draft.has_backbone():
        st.caption("A backbone replaces the blocks: see Transfer learning below.")
    else:
        _blocks()
    _head()


def _blocks() -> None:
    number_field(
        label_of(ModelConfig, "blocks"),
        BLOCK_COUNT,
        key=draft.key_of("blocks"),
        locked=is_locked("model.blocks"),
        persist_state="session",
        help="Number of convolution blocks; 0 gives a dense network (MLP).",
    )
    count = draft.block_count()
    draft.ensure_blocks(count)
    for index in range(count):
        _block(index)


def _block(index: int) -> None:
    path = f"model.blocks.{index}"
    with box(f"Block {index + 1}"):
        with row():
            for name in ("filters", "kernel", "convolutions", "activation", "pooling", "dropout"):
                field(BlockConfig, name, path)
        with st.container(horizontal=True, gap="small"):
            for name in ("batch_norm", "residual", "separable"):
                field(BlockConfig, name, path)


def _head() -> None:
    image = ("padding", "normalization", "head", "dense")
    answer = ("dense_activation", "head_dropout", "output")
    field_group("Classifier head and padding", ModelConfig, "model", *image, *answer)


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


def _show_cost(check: FormCheck) -> None:
    """Totals, then one line a layer; nothing for a network that cannot be built."""
    if check.config is None or check.expectation is None:
        st.caption("The table appears when the configuration is valid.")
        return
    _totals(check.config, check.expectation)
    st.html(cost_html(check.expectation.summary.layers))


def _totals(config: RunConfig, expectation: Expectation) -> None:
    summary = expectation.summary
    with st.container(horizontal=True, gap="medium"):
        st.metric("Parameters", big(summary.parameters), width="content")
        st.metric(
            "Multiply-adds per image",
            big(summary.multiply_adds),
            width="content",
            help="Multiply-accumulate operations (MACs) in one forward pass of one image.",
        )
        st.metric(
            "Memory",
            f"{whole(expectation.memory_bytes / 1e6)} MB",
            width="content",
            help=f"For batches of {config.training.batch_size}, plus 0.5 GB for TensorFlow itself.",
        )
        st.metric(
            "Time per epoch",
            f"about {duration(expectation.seconds_per_epoch)}",
            width="content",
            help="Estimate for two CPU cores; other programs on this machine make it longer.",
        )


def _take_link() -> None:
    """Fills the form from a link that was opened, before it is drawn; once."""
    try:
        asked = _asked()
        if is_news("train", asked):
            st.session_state[_SEEN] = asked
            st.session_state[_FAULTS] = _fill(asked)
    except LabError as error:
        st.session_state[_FAULTS] = [error]
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
