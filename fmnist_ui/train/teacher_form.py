"""Distillation: a stronger network that a training listens to beside the labels."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from fmnist_core.config import RunConfig, TeacherConfig
from fmnist_core.config.rules import help_of
from fmnist_core.errors import LabError
from fmnist_core.settings import Settings, load_settings
from fmnist_core.shipped import SHIPPED_TITLES
from fmnist_core.training.teacher import Teacher, check_teacher
from fmnist_ui.lessons.locks import is_locked
from fmnist_ui.train import draft
from fmnist_ui.train.fields import field
from fmnist_ui.train.offered_networks import network_titles, with_chosen
from fmnist_ui.train.verdict import Verdict

_WHAT_IT_IS = (
    "A label says Shirt. A good network also says: rather like a Pullover, hardly like a Bag. A "
    "small network that learns both can get further than with labels alone (distillation)."
)


def show_teacher_form(verdict: Verdict) -> None:
    """The teacher, how much it counts, and how far its answers are softened."""
    settings = load_settings()
    offers = _offers(verdict.config, settings) if verdict.config else {}
    chosen = draft.get_or("training.teacher.network", "") or ""
    able = {"": "None: labels alone"} | {name: title for name, (title, _) in offers.items()}
    titles = with_chosen(able, chosen, SHIPPED_TITLES, settings)
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        st.selectbox(
            "Teacher",
            list(titles),
            key=draft.key_of("training.teacher.network"),
            disabled=is_locked("training.teacher.network"),
            format_func=lambda name: titles.get(name, name),
            help=help_of(TeacherConfig, "network"),
            persist_state="session",
            width=420,
        )
        for item in ("share", "temperature"):
            field(TeacherConfig, item, "training.teacher", disabled=not chosen)
    found = offers.get(chosen)
    st.caption(_what_to_expect(found[1]) if found else _WHAT_IT_IS)


def _offers(config: RunConfig, settings: Settings) -> dict[str, tuple[str, Teacher]]:
    """All that may teach this network: a title for people, and what is known of it."""
    titles = network_titles(SHIPPED_TITLES, settings)
    found = ((name, title, _teacher(config, name, settings)) for name, title in titles.items())
    return {name: (title, teacher) for name, title, teacher in found if teacher}


def _teacher(config: RunConfig, name: str, settings: Settings) -> Teacher | None:
    asked = replace(config.training, teacher=TeacherConfig(name))
    try:
        return check_teacher(replace(config, training=asked), settings)
    except LabError:
        return None


def _what_to_expect(teacher: Teacher) -> str:
    once = (
        "It is asked once about each training image, before the first epoch. The training loss "
        "counts what it says, the validation loss labels alone."
    )
    if not teacher.saw_held_back:
        return f"{once} It never saw the images that this run holds back."
    return (
        f"{once} It may itself have learned from images that this run holds back: the validation "
        "accuracy flatters a little then. The test accuracy does not."
    )
