"""What the network on the form costs, layer by layer, while one edits."""

from __future__ import annotations

from html import escape

import streamlit as st

from fmnist_core.config import RunConfig
from fmnist_core.model.cost import LayerRow, ModelSummary
from fmnist_ui.train.verdict import Expectation, Verdict
from fmnist_ui.words import big, duration, whole


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
