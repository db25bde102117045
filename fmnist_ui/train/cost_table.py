"""What the network on the form costs, layer by layer, while one edits."""

from __future__ import annotations

import streamlit as st

from fmnist_core.config import RunConfig
from fmnist_core.model.cost import ModelSummary
from fmnist_ui.train.expectation import Expectation
from fmnist_ui.train.words import big, duration


def show_cost(config: RunConfig, expectation: Expectation) -> None:
    """Totals, then one line a layer."""
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
            f"{expectation.memory_bytes / 1e6:,.0f} MB",
            width="content",
            help=f"For batches of {config.training.batch_size}, beside the framework's own 0.5 GB.",
        )
        st.metric(
            "An epoch",
            f"about {duration(expectation.seconds_per_epoch)}",
            width="content",
            help="Expected on two processor cores; what else runs here makes it longer.",
        )
    st.dataframe(
        _rows(summary),
        hide_index=True,
        height="content",
        column_config={
            "parameters": st.column_config.NumberColumn("Parameters", format="localized"),
            "multiply_adds": st.column_config.NumberColumn("Multiply-adds", format="localized"),
        },
        alt="Output shape, parameters and multiply-adds of each layer",
    )


def _rows(summary: ModelSummary) -> dict[str, list[object]]:
    layers = summary.layers
    return {
        "Layer": [layer.name for layer in layers],
        "Output": ["×".join(map(str, layer.output_shape)) for layer in layers],
        "parameters": [layer.parameters for layer in layers],
        "multiply_adds": [layer.multiply_adds for layer in layers],
        "What it does": [layer.explanation for layer in layers],
    }
