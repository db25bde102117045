"""The section "Calibration": reliability diagram, temperature, and selective prediction."""

from __future__ import annotations

import streamlit as st

from fmnist_core.errors import RunError
from fmnist_core.evaluation import (
    Predictions,
    Reliability,
    at_temperature,
    aurc_interval,
    calibration_error,
    reliability,
    reliability_bins,
    risk_coverage,
    selective_accuracy,
)
from fmnist_core.evaluation.calibration import TemperatureLoss, temperature_sweep
from fmnist_core.models.calibration import SURE, Calibration
from fmnist_ui.components import evaluated_model
from fmnist_ui.components.evaluated_model import Judged
from fmnist_ui.components.stored_results import remembered, said_of
from fmnist_ui.components.widget_start import start_of
from fmnist_ui.figures.reliability_diagram import (
    bin_counts,
    coverage_curve,
    reliability_diagram,
    temperature_curve,
)
from fmnist_ui.glossary import explained
from fmnist_ui.links.query_params import tell_choice
from fmnist_ui.page_errors import page_errors, plain
from fmnist_ui.results import in_address
from fmnist_ui.theme import palette, show_chart
from fmnist_ui.words import judged_on, percent, spanning, whole

_LEAST, _MOST = 0.25, 4.0
_GRID = tuple(_LEAST * 2 ** (step / 8) for step in range(33))


@st.fragment
@page_errors()
def show(chosen: Judged) -> None:
    """The diagram beside the slider; below, accuracy against coverage (selective prediction)."""
    stored = said_of(chosen.folder, chosen.evaluation)
    st.subheader(
        "Calibration", anchor=False, help=explained("Calibration", "ECE", "Temperature scaling")
    )
    fitted = _fitted(chosen)
    left, right = st.columns([6, 5], gap="large")
    with right:
        temperature = _choose_temperature(chosen, fitted)
        said = at_temperature(stored, temperature)
        _show_figures(said)
        _show_sweep(chosen, temperature, fitted)
        _say_what_was_fitted(chosen, fitted)
    with left:
        _show_diagram(chosen, said, temperature)
    _show_withholding(chosen, said)


def _fitted(chosen: Judged) -> Calibration | None:
    """What was fitted on validation images; None where nothing was."""
    try:
        found = chosen.folder.calibration
    except RunError:
        return None
    return found if found.images else None


def _choose_temperature(chosen: Judged, fitted: Calibration | None) -> float:
    key = f"calibration/{chosen.run.id}/temperature"
    best = None if fitted is None else min(_MOST, max(_LEAST, round(fitted.temperature, 2)))
    in_address.begin("temperature", key, 1.0)
    temperature = st.slider(
        "Temperature",
        _LEAST,
        _MOST,
        value=start_of(key),
        step=0.01,
        key=key,
        help="The logits are divided by it: above 1 lowers the confidence, below 1 raises it; the "
        "predicted class stays the same.",
    )
    with st.container(horizontal=True, gap="small"):
        _offer("As trained", 1.0, key, temperature)
        if best is not None:
            _offer("Fitted optimum", best, key, temperature)
    tell_choice("temperature", temperature)
    return min(_MOST, max(_LEAST, float(temperature)))


def _offer(label: str, value: float, key: str, now: float) -> None:
    st.button(
        f"{label}: {value:.2f}",
        key=f"{key}/{label}",
        disabled=abs(now - value) < 0.005,
        on_click=_set,
        args=(key, value),
    )


def _set(key: str, value: float) -> None:
    st.session_state[key] = value


def _show_figures(said: Predictions) -> None:
    sure = float(said.probabilities.max(axis=1).mean())
    with st.container(horizontal=True, gap="medium", key="calibration_figures"):
        st.metric(
            "Mean confidence",
            percent(sure, 2),
            width="content",
            help="Mean probability of the predicted class.",
        )
        st.metric("Accuracy", percent(float(said.right.mean()), 2), width="content")
        st.metric(
            "ECE",
            percent(calibration_error(said)),
            width="content",
            help="Expected calibration error: mean gap between confidence and accuracy, 15 bins.",
        )


def _show_sweep(chosen: Judged, temperature: float, fitted: Calibration | None) -> None:
    sweep = remembered(chosen.folder, _swept)
    best = None if fitted is None else fitted.temperature
    show_chart(temperature_curve(sweep, temperature, best, palette()), key="temperature_curve")


def _swept(said: Predictions) -> tuple[TemperatureLoss, ...]:
    return temperature_sweep(said, _GRID)


def _say_what_was_fitted(chosen: Judged, fitted: Calibration | None) -> None:
    lines = [f"As trained: {_error(remembered(chosen.folder, reliability))}."]
    if fitted is None:
        lines.append(f"{_why_not_fitted(chosen)} It is never fitted on test images.")
    else:
        at_best = remembered(chosen.folder, _reliability_at, fitted.temperature)
        lines.append(
            f"At the optimum {fitted.temperature:.2f}: {_error(at_best)}. Fitted on "
            f"{plain(fitted.source) or 'validation images'}, measured on the test images."
        )
    st.caption("  \n".join(lines))
    if fitted is None and chosen.run.resumable and _has_validation(chosen):
        evaluated_model.offer_evaluation(chosen.run)


def _has_validation(chosen: Judged) -> bool:
    return chosen.folder.config.training.validation_share > 0


def _why_not_fitted(chosen: Judged) -> str:
    if not _has_validation(chosen):
        return "There is no fitted optimum: the run has no validation images."
    return (
        "There is no fitted optimum: an older version of the lab evaluated this run. Evaluate it "
        "again to fit one."
    )


def _reliability_at(said: Predictions, temperature: float) -> Reliability:
    return reliability(at_temperature(said, temperature))


def _error(found: Reliability) -> str:
    return f"ECE **{percent(found.error)}** ({spanning(found.interval)})"


def _show_diagram(chosen: Judged, said: Predictions, temperature: float) -> None:
    bins = reliability_bins(said)
    show_chart(reliability_diagram(bins, palette()), key="reliability_diagram")
    show_chart(bin_counts(bins, palette()), key="bin_counts")
    which = "as trained" if temperature == 1 else f"at temperature {temperature:.2f}"
    st.caption(
        f"{judged_on(chosen.evaluation)}, {which}. A bar below the diagonal: overconfident. "
        "Lines are 95% intervals (Wilson)."
    )


def _show_withholding(chosen: Judged, said: Predictions) -> None:
    """The curve, a slider for the least confidence, and what that leaves.

    Args:
        said: At the temperature that is chosen above.
    """
    st.subheader("Selective prediction", anchor=False, help=explained("Selective prediction"))
    left, right = st.columns([6, 5], gap="large")
    with right:
        key = f"calibration/{chosen.run.id}/threshold"
        in_address.begin("threshold", key, round(100 * SURE))
        threshold = st.slider(
            "Confidence threshold",
            0,
            99,
            value=start_of(key),
            format="%d %%",
            key=key,
            help="The network abstains below this confidence; Try it uses 60% and the fitted "
            "temperature.",
        )
        tell_choice("threshold", threshold)
        now = selective_accuracy(said, min(99, max(0, int(threshold))) / 100)
        curve = risk_coverage(said)
        _withholding_show_figures(now.coverage.value, now.accuracy.value, now.accuracy.of)
        _say(chosen, now.accuracy.interval, now.accuracy.of, curve.aurc)
    with left:
        show_chart(coverage_curve(curve, now, palette()), key="coverage_curve")
        st.caption(
            f"{judged_on(chosen.evaluation)}, most confident predictions first, at the "
            "temperature above."
        )


def _withholding_show_figures(coverage: float, accuracy: float, given: int) -> None:
    with st.container(horizontal=True, gap="medium", key="withholding_figures"):
        st.metric("Coverage", percent(coverage), width="content")
        st.metric("Selective accuracy", percent(accuracy if given else None), width="content")


def _say(chosen: Judged, interval: tuple[float, float], given: int, aurc: float) -> None:
    images = chosen.evaluation.images
    lines = [
        f"{whole(given)} of {whole(images)} images answered, {whole(images - given)} abstained."
    ]
    if given:
        lines.append(f"95% interval of the accuracy: {spanning(interval)} (Wilson).")
    low, high = remembered(chosen.folder, aurc_interval)
    lines.append(
        f"AURC (mean error rate over all coverages): {percent(aurc, 2)}; 95% interval as trained: "
        f"{spanning((low, high), 2)} (bootstrap)."
    )
    st.caption("  \n".join(lines))
