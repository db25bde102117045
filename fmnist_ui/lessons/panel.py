"""The panel of a lesson beside a page: the step's text, its question, and answer against result.

A rail on the right where the screen has room for it, else a bar above the page that stays in view
and can be folded away.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

import streamlit as st

from fmnist_core.errors import LessonError
from fmnist_ui.lessons.answers import (
    compare,
    is_open,
    keep_answer,
    kept_answer,
    mark_done,
    mark_step,
    reveal,
)
from fmnist_ui.lessons.guess import is_guessed, show_guess
from fmnist_ui.lessons.in_class import follow, is_held, is_revealed, show_class_answers
from fmnist_ui.lessons.lesson import Question, Step
from fmnist_ui.lessons.place import (
    Place,
    arrive,
    current,
    leave,
    leave_for,
    restore_choices,
    tell,
)
from fmnist_ui.navigation import page_entry
from fmnist_ui.page_errors import page_errors, plain, show_error
from fmnist_ui.theme import palette

# The rail's width and its distance from the page, in rem.
_RAIL, _GAP = 18.5, 1.5
_STYLE = """
<style>
.st-key-lesson_panel [data-testid="stExpander"] summary p { font-weight: 600; }
.st-key-lesson_panel :is(p, li, label) { font-size: .92rem; }
.st-key-lesson_panel [data-testid="stMetricValue"] p { font-size: 1.6rem; }
.st-key-lesson_panel h4 { font-size: 1.1rem; padding-top: .25rem; }
.st-key-lesson_panel [data-testid="stProgress"] { margin-bottom: -.5rem; }
.st-key-lesson_classes { display: grid;
  grid-template-columns: repeat(auto-fill, minmax(7.2rem, 1fr)); }
.st-key-lesson_classes > *, .st-key-lesson_classes :is(.stButton, button) { width: 100%%; }
.st-key-lesson_classes button { padding: .2rem .4rem; min-height: 2.1rem; }
.st-key-lesson_guess img { image-rendering: pixelated; display: block; border-radius: 4px; }
/* Beside the page, below the header, scrolled by itself. */
@media (min-width: 1340px) {
  [data-testid="stMainBlockContainer"]:has(.st-key-lesson_panel) {
    padding-left: 2.5rem; padding-right: %(beside)srem; }
  .st-key-lesson_panel { position: fixed; top: 3.75rem; right: 1rem; width: %(rail)srem;
    max-height: calc(100dvh - 4.75rem); overflow-y: auto; z-index: 80; }
}
/* Above it: a bar that stays in view, so that the task is one tap away. */
@media (max-width: 1339px) {
  [data-testid="stLayoutWrapper"]:has(> .st-key-lesson_panel) { position: sticky; top: 3.5rem;
    z-index: 80; }
  /* Unfolded it would cover what the keyboard is at. */
  [data-testid="stMain"]:has(:focus-visible):not(:has(.st-key-lesson_panel :focus-visible))
    [data-testid="stLayoutWrapper"]:has(> .st-key-lesson_panel details[open]) { position: static; }
  .st-key-lesson_panel { background: %(ground)s; max-height: 64dvh; overflow-y: auto;
    border-radius: .5rem; box-shadow: 0 4px 10px -6px rgba(0, 0, 0, .5); }
  .st-key-lesson_panel [data-testid="stElementContainer"]:has([data-testid="stProgress"]) {
    display: none; }
  .st-key-lesson_panel:has(.st-key-lesson_guess) { max-height: calc(100dvh - 4rem); }
}
</style>
"""


def show_lesson(page: str) -> None:
    """Nothing outside of a lesson.

    Args:
        page: The name of the script of the page one is on, such as `train`.
    """
    restore_choices()
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
    mark_step(place)
    with page_errors():
        follow(place)
    beside = _RAIL + _GAP + 1
    st.html(_STYLE % {"rail": _RAIL, "beside": beside, "ground": palette().background})
    of = f"Step {place.number + 1} of {len(place.lesson.steps)}"
    title = f":material/school: {plain(place.lesson.title)} · {of}"
    with (
        st.container(key="lesson_panel"),
        # By its step: each one begins unfolded.
        st.expander(title, expanded=True, key=f"lesson_fold_{place.number}"),
        st.container(key="lesson_step", gap="small"),
    ):
        st.progress((place.number + 1) / len(place.lesson.steps))
        _show_words(place, page)
        if place.step.page == page:
            _show_task(place)
        _show_ways(place, page)


def _show_words(place: Place, page: str) -> None:
    step = place.step
    st.markdown(f"#### {plain(step.title)}")
    if step.page == page:
        # A lesson's text is its teacher's, who may use Markdown; HTML stays text.
        st.markdown(step.text)
        return
    st.caption("This step uses another page.")
    if st.button("Open the page", icon=":material/arrow_forward:", key="lesson_there"):
        go(place, place.number)


def _show_task(place: Place) -> None:
    question, guess = place.step.ask, place.step.guess
    if guess is not None:
        with st.container(key="lesson_guess", gap="small"), page_errors():
            show_guess(place, guess, held=is_held(place))
            if is_guessed(place, guess):
                show_class_answers(place)
                _show_earlier(place, guess.recall)
                st.markdown(place.step.answer)
    elif question is not None:
        with st.container(key="lesson_question", gap="small"):
            st.markdown(f"**{plain(question.text)}**")
            _show_question(place, question)


def _show_question(place: Place, question: Question) -> None:
    if is_revealed(place):
        reveal(place)
    answered, changing = kept_answer(place), f"{_key(place)}/changing"
    if answered is None or (st.session_state.get(changing) and is_open(place)):
        _ask(place, question, answered, changing)
        return
    _show_earlier(place, question.recall)
    st.markdown(f"Your answer: **{plain(question.says(answered['answer']))}**")
    show_class_answers(place)
    held = is_held(place)
    if held:
        st.caption(":material/hourglass_empty: Your teacher reveals the answer to everybody.")
    revealed = not held and _show_result(place, question, answered)
    if revealed and place.step.answer:
        st.markdown(place.step.answer)
    if is_open(place) and not (revealed and _has_answer(place.step)):
        with st.container(horizontal=True, gap="small"):
            if _has_answer(place.step) and not question.compare and not held:
                st.button(
                    "Show the answer",
                    type="primary",
                    key="lesson_reveal",
                    on_click=_reveal,
                    args=(place,),
                    help="From then on your answer cannot be changed.",
                )
            st.button(
                "Change",
                type="tertiary",
                icon=":material/edit:",
                key="lesson_change",
                on_click=_set,
                args=(changing, True),
            )


def _has_answer(step: Step) -> bool:
    return bool(step.answer or (step.ask and step.ask.shows_something))


def _reveal(place: Place) -> None:
    with page_errors():
        reveal(place)


def _set(key: str, value: bool) -> None:
    st.session_state[key] = value


def _key(place: Place) -> str:
    return f"lesson/{place.lesson.name}/{place.number}"


# No form: one that is filled while the page is still being drawn loses what was chosen.
@st.fragment
def _ask(place: Place, question: Question, answered: dict[str, Any] | None, changing: str) -> None:
    before = answered["answer"] if answered else None
    given: str | float | None
    if question.options:
        given = _choice(question, f"{_key(place)}/answer", before)
    else:
        given = _number(question, f"{_key(place)}/answer", before)
    pressed = st.button("Submit answer", type="primary", key=f"{_key(place)}/keep")
    if pressed and given is None:
        st.caption(":material/arrow_upward: Choose an answer first.")
    elif pressed and given is not None:
        keep_answer(place, given)
        st.session_state[changing] = False
        st.rerun()


def _choice(question: Question, key: str, before: object) -> str | None:
    place = question.options.index(before) if before in question.options else None
    return st.radio(
        "Your answer", question.options, index=place, label_visibility="collapsed", key=key
    )


def _number(question: Question, key: str, before: object) -> float | None:
    kind = int if question.is_whole else float
    low, high, step = (kind(one) for one in (question.low, question.high, question.distance))
    known = kind(before) if isinstance(before, (int, float)) else None
    unit = f", {question.unit}" if question.unit else ""
    if question.is_typed:
        # Empty at first: a number that stands there would be half of an answer.
        return st.number_input(
            f"Your answer{unit}",
            low,
            high,
            known,
            step=step,
            placeholder=f"{low:,} to {high:,}",
            key=key,
        )
    # The middle, on a step of the scale.
    middle = kind(low + round((high - low) / 2 / step) * step)
    value = middle if known is None else min(high, max(low, known))
    return st.slider(
        f"Your answer{unit}",
        low,
        high,
        value,
        step=step,
        format="%d" if question.is_whole else "%g",
        key=key,
    )


def _show_earlier(place: Place, recall: int) -> None:
    if not recall:
        return
    before = replace(place, number=recall - 1)
    answered, asked = kept_answer(before), before.step.ask
    if answered is not None and asked is not None:
        said = plain(asked.says(answered["answer"]))
        st.markdown(f"In step {recall} you predicted: **{said}**")


def _show_result(place: Place, question: Question, answered: dict[str, Any]) -> bool:
    """Whether it is known, and to be shown, what is correct or what happened."""
    if question.compare:
        return _show_comparison(place, question, answered)
    if not answered.get("revealed"):
        return False
    if question.correct and question.is_correct(answered["answer"]):
        exact = "" if question.options else f" Exactly: {plain(question.correct)}."
        st.success(f"Correct.{exact}", icon=":material/check:")
    elif question.correct:
        st.info(f"Correct answer: {plain(question.correct)}.", icon=":material/lightbulb:")
    return True


def _show_comparison(place: Place, question: Question, answered: dict[str, Any]) -> bool:
    known = compare(place, question, answered)
    if known is None:
        st.caption(
            ":material/hourglass_empty: The result appears here when your training run ends."
        )
        return False
    guess = float(answered["answer"])
    st.metric(
        plain(known.title),
        question.says(known.value),
        f"{abs(known.value - guess):.1f} from your prediction",
        delta_color="off",
        delta_arrow="off",
    )
    return True


def _show_ways(place: Place, page: str) -> None:
    with st.container(horizontal=True, gap="small", key="lesson_ways"):
        if place.number and st.button("Back", icon=":material/arrow_back:", key="lesson_back"):
            go(place, place.number - 1)
        last = place.number == len(place.lesson.steps) - 1
        kind: Literal["primary", "secondary"] = "primary" if _is_through(place) else "secondary"
        if not last:
            pressed = st.button(
                "Next step",
                icon=":material/arrow_forward:",
                type=kind,
                key="lesson_next",
            )
            if pressed:
                go(place, place.number + 1)
        elif st.button("Finish", icon=":material/flag:", type=kind, key="lesson_finish"):
            mark_done(place)
            _leave_to("lessons", {"finished": place.lesson.name, "pupil": place.pupil})
        if st.button(
            "Leave",
            icon=":material/close:",
            type="tertiary",
            key="lesson_leave",
            help="Ends the lesson and restores the choices from before it. Your answers are saved.",
        ):
            _leave_to(page, {})


def _is_through(place: Place) -> bool:
    """Whether nothing is left to do on the step but to go on."""
    answered, question = kept_answer(place), place.step.ask
    if place.step.guess is not None:
        return is_guessed(place, place.step.guess)
    waits = _has_answer(place.step) and not is_held(place)
    return question is None or bool(answered and (answered.get("revealed") or not waits))


def _leave_to(page: str, parameters: dict[str, str]) -> None:
    leave()
    st.switch_page(page_entry(page).script, query_params=parameters)


def go(place: Place, number: int) -> None:
    """Opens a step, on its page as the step sets it up."""
    step = place.lesson.steps[number]
    leave_for(step)
    st.switch_page(page_entry(step.page).script, query_params=place.parameters(number))
