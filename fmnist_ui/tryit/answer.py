"""The answer: what it is, how sure the network is, or that it is neither."""

from __future__ import annotations

from hashlib import sha256

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.errors import LabError
from fmnist_core.figures.answer import answer_html
from fmnist_ui.charts import palette
from fmnist_ui.page_errors import show_error
from fmnist_ui.tryit.verdicts import SHIPPED, Verdict, verdicts
from fmnist_ui.tryit.words import sentence_of, title_of

_WAITING = "Looking at it; the first time takes some seconds…"


def show_answer(image: NDArray[np.uint8]) -> Verdict | None:
    """Asks the shipped model about the input uint8 (28, 28); None where it gave no answer."""
    with st.container(key="try_answer"):
        # Not `st.empty`: what stands there stays until the new answer takes its place.
        place = st.container()
        try:
            with st.spinner(_WAITING):
                verdict = verdicts(SHIPPED, [image])[0]
        except LabError as error:
            with place:
                _show_failure(error)
            return None
        said = title_of(verdict), sentence_of(verdict), verdict.probabilities
        place.html(answer_html(*said, sha256(image.tobytes()).hexdigest()[:12], palette()))
    return verdict


def show_prompt(title: str, words: str) -> None:
    """What to do first, where an answer will stand."""
    with st.container(key="try_answer"):
        st.markdown(f"#### {title}")
        st.markdown(words)


def _show_failure(error: LabError) -> None:
    show_error(error)
    st.button("Ask again", icon=":material/refresh:", key="try_again")
