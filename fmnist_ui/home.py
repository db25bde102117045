"""What stands on the first page."""

from __future__ import annotations

import streamlit as st


def show_home() -> None:
    st.write("home")
