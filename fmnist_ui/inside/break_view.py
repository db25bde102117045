"""The section "Break it": what the answer and the accuracy hang on."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.engine.client import break_it, breakable_parts
from fmnist_core.explain.breakage import Breakage, Broken, Judged, Part
from fmnist_core.figures.before_after import Answered, Measured, accuracies_html, answers_html
from fmnist_core.settings import load_settings
from fmnist_ui.charts import palette
from fmnist_ui.inside.asked_once import asked_once
from fmnist_ui.inside.break_choice import choose_breakage
from fmnist_ui.inside.choice import Chosen
from fmnist_ui.words import data_name, percent, whole

_TITLES = ("Before", "After")


def show_break(chosen: Chosen) -> None:
    """Controls, then accuracy and the answer before and after."""
    st.caption(
        "Only a copy is broken, for you alone. What a filter or layer gives becomes 0; shortcuts "
        "around it stay."
    )
    parts = asked_once("break/parts", chosen, "", partial(_parts, chosen.model))
    breakage = choose_breakage(parts)
    if breakage.nothing:
        st.info("Nothing is broken.", icon=":material/check_circle:")
        return
    broken = asked_once("break/broken", chosen, breakage, partial(_broken, chosen, breakage))
    _show_accuracy(broken.judged, chosen.dataset)
    _show_answers(chosen, broken)


def _parts(model: str) -> tuple[Part, ...]:
    return breakable_parts(model, load_settings())


def _broken(chosen: Chosen, breakage: Breakage) -> Broken:
    return break_it(chosen.model, chosen.image, breakage, load_settings())


def _show_accuracy(judged: Judged | None, dataset: str) -> None:
    st.markdown("**Accuracy**")
    if judged is None:
        st.caption(f"Not known: {data_name(dataset)} is not on this machine.")
        return
    accuracies, intervals = judged.accuracies, judged.intervals
    rows = [Measured(*row) for row in zip(_TITLES, accuracies, intervals, strict=True)]
    st.html(accuracies_html(rows, palette()))
    st.markdown(_verdict(judged))
    st.caption(
        f"Measured on the same {whole(judged.images)} test images of {data_name(judged.dataset)} "
        f"each time, evenly of all classes. {whole(judged.changed)} get another answer. "
        "Intervals are 95 %."
    )


def _verdict(judged: Judged) -> str:
    loss = judged.loss
    low, high = (100 * limit for limit in loss.interval)
    if loss.difference == 0:
        return f"As many are recognised as before ({_span(low, high)} points)."
    size, way = 100 * abs(loss.difference), "lost" if loss.difference > 0 else "won"
    if loss.difference < 0:
        low, high = -high, -low
    further = _worst(judged) if loss.more_than_chance else " That may be chance."
    return f"**{size:.1f} points {way}** ({_span(low, high)}).{further}"


def _span(low: float, high: float) -> str:
    return f"{low:.1f} to {high:.1f}".replace("-", "\N{MINUS SIGN}")


def _worst(judged: Judged) -> str:
    """The class that lost most, where one lost something worth a word."""
    before, after = judged.recalls
    lost = np.nan_to_num(before - after)
    worst = int(lost.argmax())
    if lost[worst] < 0.05:
        return ""
    return (
        f" Hardest hit is {CLASS_NAMES[worst]}: {percent(before[worst], 0)} recognised before, "
        f"{percent(after[worst], 0)} now."
    )


def _show_answers(chosen: Chosen, broken: Broken) -> None:
    st.markdown("**This image**")
    before, after = broken.before, broken.after
    images = chosen.image, broken.image
    shares = before.probabilities[0], after.probabilities[0]
    rows = [Answered(*row) for row in zip(_TITLES, images, shares, strict=True)]
    st.html(answers_html(rows, palette()))
    if before.labels[0] != after.labels[0]:
        st.markdown(
            f"**{CLASS_NAMES[before.labels[0]]}** became **{CLASS_NAMES[after.labels[0]]}**."
        )
