"""The training form: presets, architecture, augmentation, schedule, own data, and the cost table.

Essentials are open, everything else folded away; the choices are kept in the page's address.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from html import escape

import streamlit as st

from fmnist_core.augmentation.geometric import augment
from fmnist_core.collections import CollectionStore
from fmnist_core.config import AugmentationConfig, BlockConfig, ModelConfig, RunConfig, TrainConfig
from fmnist_core.config.model import BLOCK_COUNT
from fmnist_core.config.presets import PRESETS, Preset
from fmnist_core.config.rules import Rule, Text, help_of, typed_whole
from fmnist_core.config.run import SEED_COUNT
from fmnist_core.errors import LabError, LinkError
from fmnist_core.models.cost import LayerRow, ModelSummary
from fmnist_core.settings import load_settings
from fmnist_core.training.schedule import learning_rates
from fmnist_ui.components.number_field import number_field, read_number
from fmnist_ui.components.pixels import show_pictures
from fmnist_ui.components.share import show_share
from fmnist_ui.figures.live_curves import planned_rate
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
from fmnist_ui.theme import palette, show_chart
from fmnist_ui.train import draft
from fmnist_ui.train.choice import NEW
from fmnist_ui.train.fields import field
from fmnist_ui.train.launch import Expectation, Verdict, expect, judge, show_essentials, show_launch
from fmnist_ui.train.style_form import other_images_button, preview_images, show_looks_form
from fmnist_ui.train.training_form import show_training_form
from fmnist_ui.train.transfer_form import show_teacher_form, show_transfer_form
from fmnist_ui.words import big, duration, whole

_SEEN, _FAULTS = "linked/train", "linked/train/faults"

# What is no part of a configuration.
_RUN, _SEEDS, _NAME, _REPEAT = "run", "seeds", "name", "repeat"

_MOST_NAME = 80

_REPEATS: Rule = SEED_COUNT

# What the form calls them.
_FORM = {_NAME: "name", _REPEAT: "seeds"}


# As many as leave the button Train in view.
_IN_VIEW = 3


_PICTURES = 10


def show_form() -> None:
    """Draws the form; the button stands above the folded parts but knows what is in them."""
    show_lead("Begin with a preset, change what you like, and watch it learn.")
    _take_link()
    if not is_hidden("presets"):
        _show_presets()
    with st.container(border=True):
        show_essentials()
        launch = st.container()
    verdict = judge()
    with launch:
        show_launch(verdict)
    for part, show in _FOLDED.items():
        if not is_hidden(part):
            with page_errors():
                show(verdict)
    _tell_link(verdict.config)
    show_share(key="share_training")


def _show_architecture(verdict: Verdict) -> None:
    with st.expander("Architecture", icon=":material/account_tree:", key="fold_architecture"):
        form, table = st.columns([3, 2], gap="medium")
        with form:
            _show_architecture_form()
        with table, st.container(key="beside_architecture"):
            _show_cost(verdict)


def _show_training(verdict: Verdict) -> None:
    with st.expander("Training choices", icon=":material/tune:", key="fold_training"):
        form, curve = st.columns([3, 2], gap="medium")
        with form:
            show_training_form()
        with curve, st.container(key="beside_training"):
            _show_schedule(verdict)


def _show_augmentation(verdict: Verdict) -> None:
    with st.expander("Augmentation", icon=":material/auto_awesome:", key="fold_augmentation"):
        _show_augmentation_form(verdict)


def _show_looks(verdict: Verdict) -> None:
    with st.expander("Style augmentation", icon=":material/gesture:", key="fold_looks"):
        show_looks_form(verdict)


def _show_transfer(verdict: Verdict) -> None:
    with st.expander("Transfer learning", icon=":material/move_up:", key="fold_transfer"):
        show_transfer_form(verdict)


def _show_teacher(verdict: Verdict) -> None:
    with st.expander("Distillation", icon=":material/school:", key="fold_teacher"):
        show_teacher_form(verdict)


def _show_own(verdict: Verdict) -> None:
    with st.expander("Own collections", icon=":material/photo_library:", key="fold_own"):
        _show_own_form()


# Folded parts by the names that lessons leave them out by.
_FOLDED: dict[str, Callable[[Verdict], None]] = {
    "architecture": _show_architecture,
    "training": _show_training,
    "augmentation": _show_augmentation,
    "looks": _show_looks,
    "transfer": _show_transfer,
    "teacher": _show_teacher,
    "own": _show_own,
}


def _show_schedule(verdict: Verdict) -> None:
    """Drawn by the function that the training follows."""
    if verdict.config is None:
        st.caption("The curve comes back once the choices can be trained.")
        return
    training = verdict.config.training
    st.markdown("**Learning rate as planned**")
    show_chart(planned_rate(*learning_rates(training), palette()), "planned_rate")
    if training.schedule.kind == "plateau":
        st.caption("Drops come when validation stops getting better, so they cannot be drawn yet.")


def _show_own_form() -> None:
    """Collections with their share."""
    settings = load_settings()
    names = CollectionStore(settings).names()
    chosen = tuple(draft.get_or("training.collections", ()) or ())
    # Also those that are chosen and gone: the reason stands beside the button then.
    options = [*names, *(name for name in chosen if name not in names)]
    if not options:
        st.caption(
            "None yet. Collect corrected pictures on the page Try it, or bring a folder in: "
            "`python -m fmnist_core collection import NAME FOLDER`."
        )
        return
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        st.multiselect(
            "Collections",
            options,
            key=draft.key_of("training.collections"),
            disabled=is_locked("training.collections"),
            help=help_of(TrainConfig, "collections"),
            placeholder="none",
            persist_state="session",
            width=420,
        )
        field(TrainConfig, "collection_share", "training", disabled=not chosen)


def _show_augmentation_form(verdict: Verdict) -> None:
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


def _show_architecture_form() -> None:
    """All fields of a `ModelConfig`; what is typed lands in the draft."""
    if draft.has_backbone():
        st.caption("A backbone takes the place of the blocks: see Transfer learning further down.")
    else:
        _blocks()
    _head()


def _blocks() -> None:
    number_field(
        "Blocks",
        BLOCK_COUNT,
        key=draft.key_of("blocks"),
        locked=is_locked("model.blocks"),
        persist_state="session",
        help="How many blocks of convolutions follow each other; none leaves a plain dense net.",
    )
    count = draft.block_count()
    draft.ensure_blocks(count)
    for index in range(count):
        _block(index)


def _block(index: int) -> None:
    path = f"model.blocks.{index}"
    with st.container(border=True, gap="small"):
        st.markdown(f"**Block {index + 1}**")
        with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
            for name in ("filters", "kernel", "convolutions", "activation", "pooling", "dropout"):
                field(BlockConfig, name, path)
        with st.container(horizontal=True, gap="small"):
            field(BlockConfig, "batch_norm", path)
            field(BlockConfig, "residual", path)
            field(BlockConfig, "separable", path)


def _head() -> None:
    with st.container(border=True, gap="small"):
        st.markdown("**Classifier head and padding**")
        with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
            for name in ("padding", "normalization", "head", "dense"):
                field(ModelConfig, name, "model")
            for name in ("dense_activation", "head_dropout", "output"):
                field(ModelConfig, name, "model")


def _show_presets() -> None:
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


def _show_cost(verdict: Verdict) -> None:
    """Totals, then one line a layer; nothing for a network that cannot be built."""
    if verdict.config is None or verdict.expectation is None:
        st.caption("The table comes back once the network can be built.")
        return
    _totals(verdict.config, verdict.expectation)
    _table(verdict.expectation.summary)


def _totals(config: RunConfig, expectation: Expectation) -> None:
    summary = expectation.summary
    with st.container(horizontal=True, gap="medium"):
        st.metric("Parameters", big(summary.parameters), width="content")
        st.metric(
            "Multiply-adds an image",
            big(summary.multiply_adds),
            width="content",
            help="Multiplications with an addition, for one image and one way through.",
        )
        st.metric(
            "Memory",
            f"{whole(expectation.memory_bytes / 1e6)} MB",
            width="content",
            help=f"For batches of {config.training.batch_size}, beside the framework's own 0.5 GB.",
        )
        st.metric(
            "An epoch",
            f"about {duration(expectation.seconds_per_epoch)}",
            width="content",
            help="Expected on two processor cores; what else runs here makes it longer.",
        )


def _table(summary: ModelSummary) -> None:
    rows = "".join(_row(layer) for layer in summary.layers)
    st.html(
        '<div class="cost-table"><table><thead><tr><th>Layer</th><th>Output</th>'
        f"<th>Parameters</th><th>Mult-adds</th></tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _row(layer: LayerRow) -> str:
    shape = "×".join(map(str, layer.output_shape))
    return (
        f"<tr><td>{layer.name}<small>{escape(layer.explanation)}</small></td>"
        f"<td>{shape}</td><td>{_count(layer.parameters)}</td>"
        f"<td>{_count(layer.multiply_adds)}</td></tr>"
    )


def _count(number: int) -> str:
    return big(number) if number else "–"


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
    if "training.dataset" not in choices:
        draft.put("training.dataset", dataset)
    found: list[LabError] = list(faults)
    for key, rule, value in ((_NAME, Text(_MOST_NAME), name), (_REPEAT, _REPEATS, repeat)):
        try:
            number = typed_whole(value) if rule is _REPEATS else value
            draft.put(_FORM[key], rule.check(key, number))
        except LabError as error:
            found.append(LinkError(error.rule, received=error.received))
    return found
