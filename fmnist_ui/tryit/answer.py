"""The answer: what it is, how sure the network is, or that it is neither."""

from __future__ import annotations

from hashlib import sha256

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.errors import LabError
from fmnist_core.figures.answer import answer_html
from fmnist_core.shipped import SHIPPED
from fmnist_ui.charts import palette
from fmnist_ui.page_errors import show_error
from fmnist_ui.tryit.verdicts import Verdict, verdicts
from fmnist_ui.tryit.words import answered_by, sentence_of, title_of

_WAITING = "Looking at it; the first time takes some seconds…"


def show_answer(image: NDArray[np.uint8], *, drawn: bool) -> Verdict | None:
    """Asks the shipped model about the input uint8 (28, 28); None where it gave no answer."""
    with st.container(key="try_answer"):
        # Not `st.empty`: what stands there stays until the new answer takes its place.
        place, below = st.container(), st.container()
        try:
            with st.spinner(_WAITING):
                verdict = verdicts(SHIPPED, [image])[0]
        except LabError as error:
            with place:
                _show_failure(error)
            return None
        said = title_of(verdict), sentence_of(verdict, drawn=drawn), verdict.probabilities
        of = sha256(image.tobytes()).hexdigest()[:12]
        place.html(answer_html(*said, of, palette(), faded=not verdict.is_clothing))
        words, reason = answered_by(verdict)
        below.caption(words, help=reason)
    return verdict


def show_prompt(title: str, words: str) -> None:
    """What to do first, where an answer will stand."""
    with st.container(key="try_answer"):
        # One element: the answer's place takes its place, and none of it stays below a spinner.
        st.markdown(f"#### {title}\n\n{words}")


def _show_failure(error: LabError) -> None:
    show_error(error)
    st.button("Ask again", icon=":material/refresh:", key="try_again")
