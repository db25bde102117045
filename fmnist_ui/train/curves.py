"""Loss, accuracy and learning rate of a run, moving while it trains."""

from __future__ import annotations

import streamlit as st

from fmnist_core.figures.live_curves import accuracy_curve, loss_curve, rate_curve
from fmnist_core.runs.history import History
from fmnist_ui.charts import palette, show_chart

# Legend and axis included; both curves stay in view of a laptop without scrolling.
_HEIGHT = 320


def show_curves(history: History) -> None:
    """Two large curves side by side, the learning rate small below; nothing before the start."""
    if not history.epochs:
        return
    colours = palette()
    accuracy, loss = st.container(key="live_curves").columns(2, gap="medium")
    with accuracy:
        st.markdown("**Accuracy**")
        show_chart(accuracy_curve(history, colours, _HEIGHT), "live_accuracy")
    with loss:
        st.markdown("**Loss**")
        show_chart(loss_curve(history, colours, _HEIGHT), "live_loss")
    with st.expander("Learning rate so far", icon=":material/speed:", key="fold_rate"):
        show_chart(rate_curve(history, colours), "live_rate")
