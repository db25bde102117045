"""The network on the Train form: its picture, the fields of its blocks, and the table of costs."""

from __future__ import annotations

import streamlit as st

from fmnist_core.config import BlockConfig, ModelConfig, RunConfig
from fmnist_core.config.model import BLOCK_COUNT
from fmnist_core.config.rules import label_of
from fmnist_ui.components.config_field import number_field
from fmnist_ui.components.pickable import show_pickable
from fmnist_ui.figures.cards import cost_html
from fmnist_ui.figures.network_diagram import network_diagram, stages_of
from fmnist_ui.lessons.place import is_hidden, is_locked
from fmnist_ui.theme import palette
from fmnist_ui.train import draft
from fmnist_ui.train.fields import box, field, field_group, row
from fmnist_ui.train.launch import Expectation, FormCheck
from fmnist_ui.train.seen_image import seen_by_current_network
from fmnist_ui.words import big, duration, whole

# The part of the picture that was clicked, such as `block-0`.
_PICKED = "train/picked_part"


def show_network(check: FormCheck) -> None:
    """The picture of the network as the form has it; a click on a block or the head edits it."""
    if check.config is None or check.expectation is None:
        st.caption("The picture appears when the configuration is valid.")
        return
    stages = stages_of(check.expectation.summary.layers)
    parts = [stage.part for stage in stages if stage.part.startswith(("block-", "head"))]
    editable = [] if is_hidden("architecture") else parts
    seen = seen_by_current_network(check.config)
    show_pickable(
        network_diagram(stages, palette(), editable, seen),
        key="network_picture",
        chosen=str(_picked()),
        on_pick=_pick,
    )
    if (picked := _picked()) in editable:
        with st.container(key="picked_part"):
            _show_part(picked)


def _picked() -> str:
    return str(st.session_state.get(_PICKED, ""))


def _pick(part: str) -> None:
    """Opens the part's fields; a second click on it closes them."""
    st.session_state[_PICKED] = "" if part == _picked() else part


def _show_part(part: str) -> None:
    if part == "head":
        _head()
    else:
        _block(int(part.removeprefix("block-")))


def show_architecture_form(check: FormCheck) -> None:
    """Fields of blocks and head, and beside them the table of layers and costs."""
    form, table = st.columns([3, 2], gap="medium")
    with form:
        _show_fields()
    with table, st.container(key="beside_architecture"):
        _show_cost(check)


def _show_fields() -> None:
    """All fields of a `ModelConfig`; what is typed lands in the draft."""
    field_group("Input", ModelConfig, "model", "input_side")
    if draft.has_backbone():
        st.caption("A backbone replaces the blocks: see Transfer learning below.")
    else:
        _blocks()
    if _picked() != "head":
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
        if _picked() != f"block-{index}":
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
    answer = ("dense_activation", "head_dropout", "output", "other_clothing")
    field_group("Classifier head and padding", ModelConfig, "model", *image, *answer)


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
