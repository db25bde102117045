"""The planned learning rate over the run, as a curve."""

from __future__ import annotations

import streamlit as st

from fmnist_core.figures.planned_rate import planned_rate
from fmnist_core.training.schedule import learning_rates
from fmnist_ui.charts import palette, show_chart
from fmnist_ui.train.verdict import Verdict


def show_schedule(verdict: Verdict) -> None:
    """Drawn by the function that the training follows."""
    if verdict.config is None:
        st.caption("The curve comes back once the choices can be trained.")
        return
    training = verdict.config.training
    st.markdown("**Learning rate as planned**")
    show_chart(planned_rate(*learning_rates(training), palette()), "planned_rate")
    if training.schedule.kind == "plateau":
        st.caption("Drops come when validation stops getting better, so they cannot be drawn yet.")
