"""The line on every page that says which images are in use when they are not the official ones."""

from __future__ import annotations

import streamlit as st

from fmnist_core.data.load import available
from fmnist_core.settings import load_settings


def show_banner(*, on_data_page: bool = False) -> None:
    """Nothing with Fashion-MNIST in place; else what stands in for it and where to get it."""
    if available(load_settings()).official_ready:
        return
    with st.container(key="banner", horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(
            ":orange[:material/draw:] **Synthetic garments are in use, not Fashion-MNIST.** "
            "Results on these drawn images say nothing about the real ones.",
            width="stretch",
        )
        if not on_data_page:
            st.page_link("pages/data.py", label="Get Fashion-MNIST", icon=":material/download:")
