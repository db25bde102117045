"""What the network on the form costs, layer by layer, while one edits."""

from __future__ import annotations

import streamlit as st

from fmnist_core.config import RunConfig
from fmnist_core.model.cost import ModelSummary
from fmnist_ui.train.expectation import Expectation
from fmnist_ui.train.verdict import Verdict
from fmnist_ui.train.words import big, duration


def show_cost(verdict: Verdict) -> None:
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


def _table(summary: ModelSummary) -> None:
    st.dataframe(
        _rows(summary),
        hide_index=True,
        height="content",
        column_config={
            "Layer": st.column_config.TextColumn(width=128),
            "Output": st.column_config.TextColumn(width=78),
            "Parameters": st.column_config.NumberColumn(format="localized", width=85),
            "Mult-adds": st.column_config.NumberColumn(format="localized", width=92),
        },
        alt="Output shape, parameters and multiply-adds of each layer",
    )


def _rows(summary: ModelSummary) -> dict[str, list[object]]:
    layers = summary.layers
    return {
        "Layer": [layer.name for layer in layers],
        "Output": ["×".join(map(str, layer.output_shape)) for layer in layers],
        "Parameters": [layer.parameters for layer in layers],
        "Mult-adds": [layer.multiply_adds for layer in layers],
        "What it does": [layer.explanation for layer in layers],
    }
