"""The free architecture: blocks of convolutions, then a head."""

from __future__ import annotations

import streamlit as st

from fmnist_core.config import BlockConfig, ModelConfig
from fmnist_core.config.model import BLOCK_COUNT
from fmnist_ui.lessons.locks import is_locked
from fmnist_ui.number_field import number_field
from fmnist_ui.train import draft
from fmnist_ui.train.fields import field


def show_architecture_form() -> None:
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
        st.markdown("**Head and edges**")
        with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
            for name in ("padding", "normalisation", "head", "dense"):
                field(ModelConfig, name, "model")
            for name in ("dense_activation", "head_dropout", "output"):
                field(ModelConfig, name, "model")
