"""The panel of a lesson above a page: the step's text, its question, and answer against result.

The answer is kept in a file of the lab's home until it can be compared.
"""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import streamlit as st

from fmnist_core.atomic_files import read_json, write_json
from fmnist_core.errors import LessonError
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.library import RunSummary, list_runs
from fmnist_core.settings import load_settings
from fmnist_ui.lab_state import owner
from fmnist_ui.lessons import FIGURES, Question, run_metric
from fmnist_ui.lessons.place import Place, arrive, current, leave, leave_for, tell
from fmnist_ui.navigation import page_entry
from fmnist_ui.page_errors import plain, show_error


def show_lesson(page: str) -> None:
    """Nothing outside of a lesson.

    Args:
        page: The name of the script of the page one is on, such as `train`.
    """
    try:
        place = current()
    except LessonError as error:
        show_error(error)
        leave()
        return
    if place is None:
        return
    arrive()
    tell(place)
    with st.container(border=True, key="lesson_panel", gap="small"):
        _show_head(place)
        _show_words(place, page)
        if place.step.page == page:
            _show_question(place)
        _show_ways(place)


def _show_head(place: Place) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f":material/school: **{plain(place.lesson.title)}**", width="stretch")
        st.caption(f"Step {place.number + 1} of {len(place.lesson.steps)}", width="content")
        st.button(
            "Leave",
            icon=":material/close:",
            type="tertiary",
            on_click=leave,
            key="lesson_leave",
            help="Ends the lesson. Your answers are saved.",
        )
    st.progress((place.number + 1) / len(place.lesson.steps))


def _show_words(place: Place, page: str) -> None:
    step = place.step
    st.markdown(f"#### {plain(step.title)}")
    if step.page == page:
        # A lesson's text is its teacher's, who may use Markdown; HTML stays text.
        st.markdown(step.text)
        return
    st.caption("This step uses another page.")
    if st.button("Open the page", icon=":material/arrow_forward:", key="lesson_there"):
        _go(place, place.number)


def _show_question(place: Place) -> None:
    question = place.step.ask
    if question is None:
        return
    answered = _kept_answer(place)
    with st.container(key="lesson_question", gap="small"):
        st.markdown(f"**{plain(question.text)}**")
        if answered is None:
            _ask(place, question)
            return
        _show_earlier(place, question)
        st.markdown(f"Your answer: **{plain(_said(question, answered['answer']))}**")
        if _show_comparison(place, question, answered) and place.step.answer:
            st.markdown(place.step.answer)


# No form: one that is filled while the page is still being drawn loses what was chosen.
@st.fragment
def _ask(place: Place, question: Question) -> None:
    key = f"lesson/{place.lesson.name}/{place.number}"
    choose = _choice if question.options else _number
    given = choose(question, f"{key}/answer")
    pressed = st.button("Submit answer", type="primary", key=f"{key}/keep")
    if pressed and given is None:
        st.caption(":material/arrow_upward: Choose an answer first.")
    elif pressed:
        _keep_answer(place, {"answer": given, "t": time.time(), "owner": owner()})
        st.rerun()


def _choice(question: Question, key: str) -> str | None:
    return st.radio(
        "Your answer", question.options, index=None, label_visibility="collapsed", key=key
    )


def _number(question: Question, key: str) -> float:
    step = 1.0 if question.high - question.low >= 10 else 0.1
    # The middle, on a step: not 500.5 of something that is counted.
    middle = question.low + round((question.high - question.low) / 2 / step) * step
    return st.slider(
        f"Your prediction{', ' + question.unit if question.unit else ''}",
        float(question.low),
        float(question.high),
        float(middle),
        step=step,
        format="%g",
        key=key,
    )


def _said(question: Question, answer: str | float) -> str:
    if isinstance(answer, str):
        return answer
    return f"{answer:g} {question.unit}".strip()


def _show_earlier(place: Place, question: Question) -> None:
    if not question.recall:
        return
    before = replace(place, number=question.recall - 1)
    answered, asked = _kept_answer(before), before.step.ask
    if answered is not None and asked is not None:
        said = plain(_said(asked, answered["answer"]))
        st.markdown(f"In step {question.recall} you predicted: **{said}**")


def _show_comparison(place: Place, question: Question, answered: dict[str, Any]) -> bool:
    """Whether it is known what happened."""
    if question.right:
        right = question.options[question.right - 1]
        if answered["answer"] == right:
            st.success("Correct.", icon=":material/check:")
        else:
            st.info(f"Correct answer: {plain(right)}.", icon=":material/lightbulb:")
    return not question.compare or _compare(place, question, answered)


def _compare(place: Place, question: Question, answered: dict[str, Any]) -> bool:
    """With the first run of one's own that was begun since the guess and has ended."""
    guess, settings = float(answered["answer"]), load_settings()
    title = FIGURES[question.compare].title
    for run in _mine(answered):
        value = run_metric(RunFolder(settings.runs_dir / run.id), question.compare)
        if value is not None:
            _keep_answer(place, answered | {"run": run.id})
            off = abs(value - guess)
            guessed, was = st.columns(2)
            guessed.metric("Your prediction", _said(question, round(guess, 1)))
            was.metric(
                f"{title}: {plain(run.name)}",
                _said(question, round(value, 1)),
                f"{off:.1f} from your prediction",
                delta_color="off",
                delta_arrow="off",
            )
            return True
    st.caption(":material/hourglass_empty: The result appears here when your training run ends.")
    return False


def _mine(answered: dict[str, Any]) -> list[RunSummary]:
    """The run that was compared already; else those since the guess that have ended, in order."""
    runs = [run for run in list_runs(load_settings()) if not run.active]
    known = [run for run in runs if run.id == answered.get("run")]
    # Whoever has reloaded the page since is another owner to the engine.
    owners = {owner(), answered.get("owner")}
    since = [run for run in runs if run.owner in owners and run.created >= answered["t"]]
    return known or since[::-1]


def _show_ways(place: Place) -> None:
    with st.container(horizontal=True):
        if place.number and st.button("Back", icon=":material/arrow_back:", key="lesson_back"):
            _go(place, place.number - 1)
        last = place.number == len(place.lesson.steps) - 1
        if not last:
            answered = place.step.ask is None or _kept_answer(place) is not None
            pressed = st.button(
                "Next step",
                icon=":material/arrow_forward:",
                type="primary" if answered else "secondary",
                key="lesson_next",
            )
            if pressed:
                _go(place, place.number + 1)
        elif st.button("Finish", icon=":material/flag:", type="primary", key="lesson_finish"):
            leave()
            st.switch_page("pages/lessons.py", query_params={})


def _go(place: Place, number: int) -> None:
    step = place.lesson.steps[number]
    leave_for(step)
    st.switch_page(page_entry(step.page).script, query_params=place.parameters(number))


def _kept_answer(place: Place) -> dict[str, Any] | None:
    """`answer`, a text or a number, and `t`, its Unix time; later also `run`, which it was
    compared with.

    None where the step was not answered yet, or asks something else than it did then.
    """
    value = _all(place).get(str(place.number))
    if not isinstance(value, dict) or value.get("question") != _question(place):
        return None
    return value if {"answer", "t"} <= value.keys() else None


def _keep_answer(place: Place, answer: dict[str, Any]) -> None:
    """Raises StorageError: The disk is full or cannot be written."""
    answers = _all(place)
    kept = {**answer, "question": _question(place)}
    if answers.get(str(place.number)) != kept:
        write_json(_path(place), answers | {str(place.number): kept})


def _question(place: Place) -> str:
    return place.step.ask.text if place.step.ask else ""


def _all(place: Place) -> dict[str, Any]:
    value = read_json(_path(place))
    return value if isinstance(value, dict) else {}


def _path(place: Place) -> Path:
    home = load_settings().home / "lessons" / "answers"
    return home / f"{place.pupil}-{place.lesson.name}.json"
