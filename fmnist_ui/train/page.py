"""The Train page: the form, or the run that is watched."""

from __future__ import annotations

import streamlit as st

from fmnist_core.errors import RunError
from fmnist_ui.lab_state import lab_state
from fmnist_ui.page_errors import show_error
from fmnist_ui.train import draft
from fmnist_ui.train.choice import chosen_run, seeds_of, set_up_another, together, watch
from fmnist_ui.train.form import show_form
from fmnist_ui.train.live_view import show_run
from fmnist_ui.train.queue_view import show_queue
from fmnist_ui.train.run_header import set_up_another_button
from fmnist_ui.train.seeds_view import show_seeds


def show_train() -> None:
    """A configuration handed over by another page opens the form."""
    if "train_config" in st.session_state:
        set_up_another()
    # Looked at once: a thousand runs are a thousand folders.
    state = lab_state()
    run_id = chosen_run(state)
    if run_id is None:
        draft.start()
        show_form()
        show_queue(state)
        return
    seeds = seeds_of(run_id, state)
    as_one = seeds is not None and together(seeds)
    watch(run_id, seeds=as_one)
    _say_once_already(run_id)
    try:
        if seeds is not None and as_one:
            show_seeds(run_id, seeds, state)
        else:
            show_run(run_id, state, seeds)
    except RunError as error:
        show_error(error)
        set_up_another_button()


def _say_once_already(run_id: str) -> None:
    if st.session_state.pop("already_there", None) == run_id:
        st.info(
            "This very configuration is training or waiting already: here it is. "
            "Change something, such as the seed, for a second one.",
            icon=":material/content_copy:",
        )
