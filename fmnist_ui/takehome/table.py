"""All files that hold the network beside each other: what a smaller one costs."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from fmnist_core.export.formats import Format
from fmnist_core.export.job import ExportState
from fmnist_ui.words import whole


def show_table(states: dict[Format, ExportState]) -> None:
    """Nothing before the first file was checked."""
    rows = [_row(wanted, state) for wanted, state in states.items() if state.check is not None]
    if not rows:
        return
    st.subheader("What each costs", anchor=False)
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        column_config={
            "File": st.column_config.TextColumn(width="medium"),
            "Accuracy": st.column_config.NumberColumn(format="percent"),
            "Size, MB": st.column_config.NumberColumn(format="%.2f"),
            "Largest difference": st.column_config.NumberColumn(
                format="%.1e", help="Of any class's probability, 0 to 1, from the network's own."
            ),
            "One image, ms": st.column_config.NumberColumn(
                format="%.3f",
                help="Median of 100 on the lab's machine, one thread (Keras: its own).",
            ),
            "In batches, ms": st.column_config.NumberColumn(
                format="%.3f", help="Median an image, 500 at once, two threads (Keras: its own)."
            ),
        },
    )
    st.caption(
        "Test images, each asked once. The accuracy of a network that looks both ways is a little "
        "higher in the lab than in a file."
    )


def _row(wanted: Format, state: ExportState) -> dict[str, object]:
    check = state.check
    assert check is not None
    return {
        "File": wanted.title,
        "Size, MB": state.size / 1e6,
        "Accuracy": check.accuracy,
        "Labels as before": f"{whole(check.labels_equal)} of {whole(check.images)}",
        "Largest difference": check.max_probability_difference,
        "One image, ms": check.single_ms,
        "In batches, ms": check.batch_ms,
    }
