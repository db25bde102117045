"""What is gained when answers below a confidence are withheld."""

from __future__ import annotations

import streamlit as st

from fmnist_core.evaluation import Predictions, answered, aurc_interval, risk_coverage
from fmnist_core.figures.coverage_curve import coverage_curve
from fmnist_core.recognition.verdict import SURE
from fmnist_ui.charts import palette, show_chart
from fmnist_ui.linked import tell_choice
from fmnist_ui.results import in_address
from fmnist_ui.results.judged import Judged
from fmnist_ui.results.stored import remembered
from fmnist_ui.results.words import judged_on, spanning
from fmnist_ui.words import percent, whole


def show(chosen: Judged, said: Predictions) -> None:
    """The curve, a slider for the least confidence, and what that leaves.

    Args:
        said: At the temperature that is chosen above.
    """
    st.subheader("And if it may say “I am not sure”?", anchor=False)
    left, right = st.columns([6, 5], gap="large")
    with right:
        key = f"calibration/{chosen.run.id}/threshold"
        in_address.begin("threshold", key, round(100 * SURE))
        threshold = st.slider(
            "Withhold answers below",
            0,
            99,
            format="%d %%",
            key=key,
            help="The page Try it says “I am not sure” below 60 %, at the fitted temperature.",
        )
        tell_choice("threshold", threshold)
        now = answered(said, min(99, max(0, int(threshold))) / 100)
        curve = risk_coverage(said)
        _show_figures(now.coverage.value, now.accuracy.value, now.accuracy.of)
        _say(chosen, now.accuracy.interval, now.accuracy.of, curve.aurc)
    with left:
        show_chart(coverage_curve(curve, now, palette()), key="coverage_curve")
        st.caption(
            f"{judged_on(chosen.evaluation)}, the surest answers first, at the temperature above."
        )


def _show_figures(coverage: float, accuracy: float, given: int) -> None:
    with st.container(horizontal=True, gap="medium", key="withholding_figures"):
        st.metric("Answered", percent(coverage), width="content")
        st.metric("Of these right", percent(accuracy if given else None), width="content")


def _say(chosen: Judged, interval: tuple[float, float], given: int, aurc: float) -> None:
    images = chosen.evaluation.images
    lines = [
        f"{whole(given)} of {whole(images)} images answered, {whole(images - given)} withheld."
    ]
    if given:
        lines.append(f"95 % interval of the accuracy: {spanning(interval)} (Wilson).")
    low, high = remembered(chosen.folder, aurc_interval)
    lines.append(
        f"Mean share of errors over all coverages (AURC): {percent(aurc, 2)}; as trained it lies "
        f"in {spanning((low, high), 2)} (bootstrap)."
    )
    st.caption("  \n".join(lines))
