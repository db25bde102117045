"""Own collections that a training learns from as well."""

from __future__ import annotations

import streamlit as st

from fmnist_core.collection import CollectionStore
from fmnist_core.config import TrainConfig
from fmnist_core.config.rules import help_of
from fmnist_core.settings import load_settings
from fmnist_ui.lessons.locks import is_locked
from fmnist_ui.train import draft
from fmnist_ui.train.fields import field


def show_own_form() -> None:
    """Collections with their share."""
    settings = load_settings()
    names = CollectionStore(settings).names()
    chosen = tuple(draft.get_or("training.collections", ()) or ())
    # Also those that are chosen and gone: the reason stands beside the button then.
    options = [*names, *(name for name in chosen if name not in names)]
    if not options:
        st.caption(
            "None yet. Collect corrected pictures on the page Try it, or bring a folder in: "
            "`python -m fmnist_core collection import NAME FOLDER`."
        )
        return
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        st.multiselect(
            "Collections",
            options,
            key=draft.key_of("training.collections"),
            disabled=is_locked("training.collections"),
            help=help_of(TrainConfig, "collections"),
            placeholder="none",
            persist_state="session",
            width=420,
        )
        field(TrainConfig, "collection_share", "training", disabled=not chosen)
