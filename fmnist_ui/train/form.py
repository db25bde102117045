"""The whole form: presets and essentials open, everything else folded away."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from fmnist_ui.frame import page_errors, show_lead
from fmnist_ui.lessons.locks import is_hidden
from fmnist_ui.share import show_share
from fmnist_ui.train.architecture_form import show_architecture_form
from fmnist_ui.train.augmentation_form import show_augmentation_form
from fmnist_ui.train.cost_table import show_cost
from fmnist_ui.train.launch import show_essentials, show_launch
from fmnist_ui.train.linked import take_link, tell_link
from fmnist_ui.train.looks_form import show_looks_form
from fmnist_ui.train.own_form import show_own_form
from fmnist_ui.train.preset_picker import show_presets
from fmnist_ui.train.schedule_preview import show_schedule
from fmnist_ui.train.teacher_form import show_teacher_form
from fmnist_ui.train.training_form import show_training_form
from fmnist_ui.train.transfer_form import show_transfer_form
from fmnist_ui.train.verdict import Verdict, judge


def show_form() -> None:
    """Draws the form; the button stands above the folded parts but knows what is in them."""
    show_lead("Begin with a preset, change what you like, and watch it learn.")
    take_link()
    if not is_hidden("presets"):
        show_presets()
    with st.container(border=True):
        show_essentials()
        launch = st.container()
    verdict = judge()
    with launch:
        show_launch(verdict)
    for part, show in _FOLDED.items():
        if not is_hidden(part):
            with page_errors():
                show(verdict)
    tell_link(verdict.config)
    show_share(key="share_training")


def _show_architecture(verdict: Verdict) -> None:
    with st.expander("Architecture", icon=":material/account_tree:", key="fold_architecture"):
        form, table = st.columns([3, 2], gap="medium")
        with form:
            show_architecture_form()
        with table, st.container(key="beside_architecture"):
            show_cost(verdict)


def _show_training(verdict: Verdict) -> None:
    with st.expander("Training choices", icon=":material/tune:", key="fold_training"):
        form, curve = st.columns([3, 2], gap="medium")
        with form:
            show_training_form()
        with curve, st.container(key="beside_training"):
            show_schedule(verdict)


def _show_augmentation(verdict: Verdict) -> None:
    with st.expander("Augmentation", icon=":material/auto_awesome:", key="fold_augmentation"):
        show_augmentation_form(verdict)


def _show_looks(verdict: Verdict) -> None:
    with st.expander("Looks", icon=":material/gesture:", key="fold_looks"):
        show_looks_form(verdict)


def _show_transfer(verdict: Verdict) -> None:
    with st.expander("Transfer learning", icon=":material/move_up:", key="fold_transfer"):
        show_transfer_form(verdict)


def _show_teacher(verdict: Verdict) -> None:
    with st.expander("Learn from a teacher", icon=":material/school:", key="fold_teacher"):
        show_teacher_form(verdict)


def _show_own(verdict: Verdict) -> None:
    with st.expander("Own collections", icon=":material/photo_library:", key="fold_own"):
        show_own_form()


# Folded parts by the names that lessons leave them out by.
_FOLDED: dict[str, Callable[[Verdict], None]] = {
    "architecture": _show_architecture,
    "training": _show_training,
    "augmentation": _show_augmentation,
    "looks": _show_looks,
    "transfer": _show_transfer,
    "teacher": _show_teacher,
    "own": _show_own,
}
