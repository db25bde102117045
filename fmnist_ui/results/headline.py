"""How good a run is, in one line, and what that rests on."""

from __future__ import annotations

import streamlit as st

from fmnist_core.evaluation import Evaluation
from fmnist_ui.words import basis, percent, whole


def show(evaluation: Evaluation) -> None:
    """Test accuracy with its interval, the loss, and which images and weights."""
    low, high = evaluation.interval
    right = round(evaluation.accuracy * evaluation.images)
    with st.container(horizontal=True, gap="medium", key="headline"):
        st.metric("Test accuracy", percent(evaluation.accuracy, 2), width="content")
        st.metric(
            "95 % interval",
            f"{100 * low:.1f} – {percent(high)}",
            width="content",
            help="Where the accuracy on endlessly many such images lies, 19 times out of 20 "
            "(Wilson). Two runs whose intervals overlap widely may be equally good.",
        )
        st.metric(
            "Wrong",
            whole(evaluation.images - right),
            width="content",
            help="Test images that were taken for something else.",
        )
        st.metric(
            "Test loss",
            f"{evaluation.loss:.4f}",
            width="content",
            help="Mean cross-entropy: low where the network is right and sure of it.",
        )
    st.caption(basis(evaluation))
    warn_unless_official(evaluation)


def warn_unless_official(evaluation: Evaluation) -> None:
    """Says aloud that the images are not those of Fashion-MNIST, where they are not."""
    if evaluation.official:
        return
    st.warning(
        "**Judged on synthetic garments, not on Fashion-MNIST.** These figures say nothing "
        "about the real images and cannot be compared with results on them.",
        icon=":material/draw:",
    )
