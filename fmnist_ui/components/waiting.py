"""Waiting for the engine in such a way that a new stroke never waits for an old answer."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from threading import Thread
from typing import TypeVar

import streamlit as st

# Seconds between two looks whether the person went on.
_BEAT = 0.02

T = TypeVar("T")


def answered(question: Callable[[], T]) -> T:
    """What `question` returns or raises; it must not use Streamlit.

    As soon as the person does something else, this run of the page ends here.
    """
    future = begun(question)
    while not wait([future], timeout=_BEAT).done:
        _let_go_on()
    return future.result()


def begun(question: Callable[[], T]) -> Future[T]:
    """The same without waiting; a server that stops does not wait for it either."""
    future: Future[T] = Future()

    def work() -> None:
        try:
            future.set_result(question())
        except Exception as error:
            future.set_exception(error)

    Thread(target=work, name="question", daemon=True).start()
    return future


def pause(seconds: float) -> None:
    """Waits, unless the person goes on."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(_BEAT)
        _let_go_on()


def _let_go_on() -> None:
    # Reading the session state is where Streamlit looks for a newer wish of the person.
    st.session_state.get("try/way")
