"""The Train page."""
from __future__ import annotations

import streamlit as st
from fmnist_ui.train import draft
from fmnist_ui.train.form import show_form

def show_train() -> None:
    draft.start()
    show_form()
