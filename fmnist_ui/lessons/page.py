"""All lessons: begin one, hand out its link, print its sheets; above, how one has just gone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

import streamlit as st

from fmnist_core.errors import LessonError
from fmnist_core.permissions import acting
from fmnist_core.settings import load_settings
from fmnist_ui.components.share import hand_out, page_address
from fmnist_ui.lessons import Lesson, Step, find_lesson, lessons, own_lessons_dir
from fmnist_ui.lessons.answers import Outcome, forget, is_done, outcomes, step_reached
from fmnist_ui.lessons.in_class import is_held
from fmnist_ui.lessons.place import Place, first_parameters, leave, leave_for, pupil
from fmnist_ui.lessons.sheets import answer_key_html, summary_html, worksheet_html
from fmnist_ui.links import with_parameters
from fmnist_ui.links.query_params import tell_choice
from fmnist_ui.navigation import page_entry
from fmnist_ui.page_errors import page_errors, plain, show_error

_FINISHED = "finished"
# On the smallest phones the table is pushed sideways, not the page.
_STYLE = """
<style>.st-key-lesson_summary table { display: block; overflow-x: auto; }</style>
"""


def show_lessons() -> None:
    """The summary of a finished lesson, a card for each lesson, then how a teacher writes one."""
    settings = load_settings()
    who = pupil()
    # A reload, and a link to come back by, bring the ticks again.
    tell_choice("pupil", who)
    with page_errors():
        _show_finished(who)
    found, faults = lessons(settings)
    for fault in faults:
        show_error(fault)
    for start in range(0, len(found), 2):
        columns = st.columns(2, gap="small")
        for column, lesson in zip(columns, found[start : start + 2], strict=False):
            with column:
                _card(lesson, Place(lesson, 0, who))
    with st.expander("Write your own lesson", icon=":material/edit_note:"):
        st.markdown(
            "A lesson is a small text file (YAML). Put it as `NAME.yaml` (small letters, digits, "
            f"`-`) into `{plain(str(own_lessons_dir(settings)))}`; errors appear "
            "here with their line. Start from this example:"
        )
        st.code(_EXAMPLE, language="yaml")


def _show_finished(who: str) -> None:
    name = st.query_params.get(_FINISHED)
    if not name:
        return
    try:
        lesson = find_lesson(name, load_settings())
    except LessonError as error:
        show_error(error)
        return
    rows = _without_held(Place(lesson, 0, who), outcomes(Place(lesson, 0, who)))
    with st.container(border=True, key="lesson_summary"):
        st.markdown(f"#### :material/task_alt: Finished: {plain(lesson.title)}")
        if rows:
            st.html(_STYLE)
            st.markdown(_table(rows))
        with st.container(horizontal=True):
            st.download_button(
                "Download summary",
                lambda: summary_html(lesson, rows),
                f"{lesson.name}-summary.html",
                "text/html",
                icon=":material/download:",
                type="primary",
                on_click="ignore",
                key="lesson_summary_file",
                help="One file that any browser opens and prints.",
            )
            st.button("Close", type="tertiary", key="lesson_summary_close", on_click=_close_summary)


def _without_held(place: Place, rows: Sequence[Outcome]) -> list[Outcome]:
    """In a class, what the teacher still holds back is not in the summary either."""
    asking = [number for number, step in enumerate(place.lesson.steps) if step.task]
    return [
        replace(row, result="Not revealed yet") if is_held(replace(place, number=number)) else row
        for number, row in zip(asking, rows, strict=True)
    ]


def _close_summary() -> None:
    st.query_params.pop(_FINISHED, None)


def _table(rows: Sequence[Outcome]) -> str:
    lines = ["| Question | Your answer | What happened, or the correct answer |", "|---|---|---|"]
    for row in rows:
        cells = (row.question, row.answer, row.result or "–")
        lines.append("| " + " | ".join(plain(cell).replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines)


def _card(lesson: Lesson, place: Place) -> None:
    with st.container(border=True, key=f"card_lesson_{lesson.name}", height="stretch"):
        done, reached = is_done(place), step_reached(place)
        tick = ":green[:material/check_circle:] " if done else ""
        st.markdown(f"#### {tick}{plain(lesson.title)}")
        st.markdown(plain(lesson.summary))
        steps = f"{len(lesson.steps)} step{'s' if len(lesson.steps) > 1 else ''}"
        state = " · finished" if done else ""
        own = " · your own" if lesson.own else ""
        st.caption(f"{steps} · about {lesson.minutes} min{own}{state}")
        with st.container(horizontal=True):
            _show_begin(lesson, place, None if done else reached)
            if done:
                key = f"summary_{lesson.name}"
                args = (lesson.name,)
                st.button("Summary", type="tertiary", key=key, on_click=_open_summary, args=args)
            icon, key = ":material/qr_code:", f"hand_out_{lesson.name}"
            if st.button("Share", icon=icon, type="tertiary", key=key):
                hand_out(_link(lesson), f"Opens the lesson **{plain(lesson.title)}**.")
            icon, key = ":material/school:", f"teach_{lesson.name}"
            # In a class, the answer key is the teacher's.
            teaches = (person := acting()) is None or person.teaches
            if teaches and st.button("For teachers", icon=icon, type="tertiary", key=key):
                _show_for_teachers(lesson)


def _open_summary(name: str) -> None:
    st.query_params[_FINISHED] = name


def _show_begin(lesson: Lesson, place: Place, reached: int | None) -> None:
    if reached is not None and st.button(
        f"Continue at step {reached + 1}", type="primary", key=f"continue_{lesson.name}"
    ):
        _begin(lesson.steps[reached], place.parameters(reached))
    label = "Start" if reached is None and not is_done(place) else "Start over"
    first = "primary" if label == "Start" else "secondary"
    if st.button(label, type=cast(Any, first), key=f"begin_{lesson.name}"):
        forget(place)
        _begin(lesson.steps[0], {**first_parameters(lesson), "pupil": place.pupil})


def _begin(step: Step, parameters: dict[str, str]) -> None:
    leave()
    leave_for(step)
    st.switch_page(page_entry(step.page).script, query_params=parameters)


@st.dialog("For teachers", width="large", icon=":material/school:")
def _show_for_teachers(lesson: Lesson) -> None:
    """Notes, answer key, and sheets to print."""
    st.markdown(f"#### {plain(lesson.title)}")
    with st.container(horizontal=True):
        for label, file, make in (
            ("Worksheet", "worksheet", worksheet_html),
            ("Answer key", "answer-key", answer_key_html),
        ):
            st.download_button(
                label,
                make(lesson),
                f"{lesson.name}-{file}.html",
                "text/html",
                icon=":material/download:",
                on_click="ignore",
                key=f"{file}_{lesson.name}",
                help="One file that any browser opens and prints.",
            )
    if lesson.notes:
        st.markdown(lesson.notes)
    for number, step in enumerate(lesson.steps, 1):
        st.markdown(f"**{number}. {plain(step.title)}**")
        if step.ask is not None:
            correct = f" → **{plain(step.ask.correct)}**" if step.ask.correct else ""
            st.markdown(f"{plain(step.ask.text)}{correct}")
        if step.answer:
            st.caption(f"Shown to students: {step.answer}")
        if step.key:
            st.markdown(step.key)


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
notes: |          # for teachers, as each step's key: never shown in the lesson
  Goal, preparation, what to discuss.
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
    key: |
      What to expect, and why.
  - title: Count
    text: |
      A number is whole where its range is 10 or more; `value` is the correct one.
    page: data
    ask:
      text: How many pixels has an image?
      low: 1
      high: 1000
      value: 784
"""
