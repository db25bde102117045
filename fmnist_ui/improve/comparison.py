"""Before and after in words and in one figure: the cell, the pair, all images, each class."""

from __future__ import annotations

import streamlit as st

from fmnist_core.figures.differences import Difference, differences
from fmnist_core.improve import TEST, VALIDATION, BeforeAfter, Change
from fmnist_ui.charts import palette, show_chart
from fmnist_ui.improve.words import change_words
from fmnist_ui.words import whole

_BASIS = {
    VALIDATION: "images held back, which neither network has ever learned from",
    TEST: "test images",
}
_BEST = {
    VALIDATION: ", and the best of several remedies looks a little better than it is",
    TEST: "",
}


def show(result: BeforeAfter, key: str) -> None:
    """Three sentences, then every difference with its interval; to the right is for the better."""
    st.markdown(
        "\n".join(
            f"- {change_words(change)}" for change in (result.cell, result.mixed_up, result.overall)
        )
    )
    rows = [
        _towards_better("Fewer in the cell", result.cell),
        _towards_better("Fewer mixed up", result.mixed_up),
        *(_towards_better(change.name, change) for change in (result.overall, *result.classes)),
    ]
    show_chart(differences(rows, ("after", "before"), palette()), key=key)
    st.caption(
        f"On {whole(result.images)} {_BASIS[result.split]}; both networks saw the same ones, so "
        "intervals are paired (Newcombe 1998). With ten classes, chance alone makes at least one "
        f"stand out in two comparisons of five{_BEST[result.split]}."
    )


def _towards_better(name: str, change: Change) -> Difference:
    low, high = change.interval
    images = change.before.of
    if change.mistakes:
        return Difference(name, -change.difference, (-high, -low), images)
    return Difference(name, change.difference, (low, high), images)
