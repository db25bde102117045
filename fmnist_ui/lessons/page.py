"""All lessons: begin one, or hand out its link."""

from __future__ import annotations

import streamlit as st

from fmnist_core.settings import load_settings
from fmnist_ui.components.share import hand_out, page_address
from fmnist_ui.lessons import Lesson, lessons, own_lessons_dir
from fmnist_ui.lessons.place import first_parameters, leave, leave_for
from fmnist_ui.links import with_parameters
from fmnist_ui.navigation import page_entry
from fmnist_ui.page_errors import plain, show_error


def show_lessons() -> None:
    """A card each, then how a teacher writes one."""
    settings = load_settings()
    found, faults = lessons(settings)
    for fault in faults:
        show_error(fault)
    for start in range(0, len(found), 2):
        columns = st.columns(2, gap="small")
        for column, lesson in zip(columns, found[start : start + 2], strict=False):
            with column:
                _card(lesson)
    with st.expander("Write your own lesson", icon=":material/edit_note:"):
        st.markdown(
            "A lesson is a small text file (YAML). Put it as `NAME.yaml` (small letters, digits, "
            f"`-`) into `{plain(str(own_lessons_dir(settings)))}`; errors appear "
            "here with their line. Start from this example:"
        )
        st.code(_EXAMPLE, language="yaml")


def _card(lesson: Lesson) -> None:
    with st.container(border=True, key=f"card_lesson_{lesson.name}", height="stretch"):
        own = " · your own" if lesson.own else ""
        st.markdown(f"#### {plain(lesson.title)}")
        st.markdown(plain(lesson.summary))
        steps = f"{len(lesson.steps)} step{'s' if len(lesson.steps) > 1 else ''}"
        st.caption(f"{steps} · about {lesson.minutes} min{own}")
        with st.container(horizontal=True):
            if st.button("Start", type="primary", key=f"begin_{lesson.name}"):
                leave()
                first = lesson.steps[0]
                leave_for(first)
                st.switch_page(page_entry(first.page).script, query_params=first_parameters(lesson))
            icon, key = ":material/qr_code:", f"hand_out_{lesson.name}"
            if st.button("Share", icon=icon, type="tertiary", key=key):
                hand_out(_link(lesson), f"Opens the lesson **{plain(lesson.title)}**.")


def _link(lesson: Lesson) -> str:
    first = lesson.steps[0]
    own = page_address()
    if not own:
        return ""
    root = own.rsplit("/lessons", 1)[0]
    address = root + "/" if first.page == "home" else f"{root}/{first.page}"
    return with_parameters(address, first_parameters(lesson))


_EXAMPLE = """title: My lesson
summary: What it teaches, in one sentence.
minutes: 10
steps:
  - title: Predict, then train
    text: |
      What to do, in **Markdown**.
    page: train      # or home, try, data, sweeps, runs, evaluate, predictions, explain, …
    set:             # choices of the page, as in its address
      preset: quick
      training.epochs: 2
    lock: [training.epochs]
    hide: [style_augmentation, transfer, distillation, collections]
    ask:
      text: Which validation accuracy will it reach?
      compare: validation_accuracy
      low: 50
      high: 100
      unit: "%"
    answer: |
      Shown after the question is answered.
"""
