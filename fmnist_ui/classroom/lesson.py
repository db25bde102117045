"""A lesson for the whole class: the teacher's section of page Class, and what students see of it.

Students' pages look every few seconds: a lesson that was assigned is offered above the page, and
"Everybody to step 3" brings them there, once; after that they go on by themselves.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, suppress
from functools import partial

import streamlit as st

from fmnist_core.classroom import HandedOut, Whereabouts
from fmnist_core.classroom.stage import Stage
from fmnist_core.errors import LessonError
from fmnist_core.permissions import Person
from fmnist_core.settings import load_settings
from fmnist_ui.classroom.joining import classroom
from fmnist_ui.lessons import Lesson, find_lesson, lessons
from fmnist_ui.lessons.in_class import class_lesson, show_tally
from fmnist_ui.lessons.panel import go
from fmnist_ui.lessons.place import Place, current, pupil
from fmnist_ui.page_errors import page_errors, plain, show_error

# Seconds between two looks.
_PACE = 3.0
# Of this session: when it was last brought to a step, what its page was drawn with, and which
# offer was put off.
_MOVED, _SEEN, _LATER = "class_lesson/moved", "class_lesson/seen", "class_lesson/later"
_STEP = "class_lesson_step"
# The place of a notice takes no room while there is none.
_STYLE = """
<style>
[data-testid="stLayoutWrapper"]:has(> .st-key-class_lesson_notice):not(:has(button)) {
  display: none; }
</style>
"""


def show_lesson_section(_teacher: Person) -> None:
    """Hands a lesson out; of one that is, where everybody is and what they answered."""
    with page_errors():
        if class_lesson().damaged:
            st.warning("The assigned lesson cannot be read any more: assign it again.")
        now = class_lesson().now()
        if now is None:
            _show_hand_out()
            return
        try:
            _show_handed_out(now, find_lesson(now.lesson, load_settings()))
        except LessonError as error:
            show_error(error)
        _show_end()


def _show_hand_out() -> None:
    found, _ = lessons(load_settings())
    by_name = {lesson.name: lesson for lesson in found}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox(
            "Lesson",
            list(by_name),
            format_func=lambda name: _title(by_name[name]),
            key="class_lesson_name",
            width=380,
        )
        st.button(
            "Assign",
            type="primary",
            icon=":material/campaign:",
            key="class_lesson_begin",
            on_click=_hand_out,
            args=(by_name[name],),
        )
    st.caption(
        "Every student's page offers to open it. Then you see who is at which step, bring "
        "everybody to one, and reveal what the class answered."
    )
    st.markdown(plain(by_name[name].summary))


def _title(lesson: Lesson) -> str:
    own = ", your own" if lesson.own else ""
    return f"{lesson.title} ({len(lesson.steps)} steps{own})"


def _hand_out(lesson: Lesson) -> None:
    with page_errors():
        class_lesson().hand_out(lesson.name, len(lesson.steps))


def _show_handed_out(now: HandedOut, lesson: Lesson) -> None:
    st.subheader(plain(lesson.title), anchor=False)
    steps = range(min(now.steps, len(lesson.steps)))
    if st.session_state.get(_STEP) not in steps:
        st.session_state[_STEP] = now.step
    with st.container(horizontal=True, vertical_alignment="bottom"):
        step = st.selectbox(
            "Step",
            steps,
            index=steps.index(st.session_state[_STEP]),
            format_func=lambda number: f"{number + 1}. {lesson.steps[number].title}",
            key=_STEP,
            width=340,
        )
        st.button(
            f"Everybody to step {step + 1}",
            type="primary",
            icon=":material/directions_run:",
            key="class_lesson_bring",
            on_click=_done,
            args=(partial(class_lesson().bring_all, step),),
            help="Opens the step on every student's page, once. Then they go on by themselves.",
        )
        st.button(
            "Reveal the answers",
            icon=":material/visibility:",
            key="class_lesson_reveal",
            on_click=_done,
            args=(partial(class_lesson().reveal, step),),
            disabled=lesson.steps[step].task is None or step in now.revealed,
            help="Shows everybody how often each answer was given, without names.",
        )
    st.toggle(
        "Hide answers until I reveal them",
        value=now.held,
        key="class_lesson_held",
        on_change=_hold,
        help="Off: students see the answer to a question once they have answered it.",
    )
    with st.container():
        st.fragment(_follow, run_every=_PACE)(lesson, step)


def _show_end() -> None:
    st.button(
        "End the lesson",
        icon=":material/close:",
        type="tertiary",
        key="class_lesson_end",
        on_click=_done,
        args=(class_lesson().end,),
        help="No lesson is assigned any more. Students keep their own answers.",
    )


def _done(deed: partial[None]) -> None:
    with page_errors():
        deed()


def _hold() -> None:
    with page_errors():
        class_lesson().hold_back(bool(st.session_state["class_lesson_held"]))


@page_errors()
def _follow(lesson: Lesson, step: int) -> None:
    """The class's answers to the step, and who is where; of an answer nobody's name is said."""
    now = class_lesson().now()
    if now is None or now.lesson != lesson.name:
        st.rerun()
    places = class_lesson().whereabouts()
    # Below each other where there is no room for both: the chart needs its width.
    with st.container(horizontal=True, gap="medium"):
        with st.container(border=True, width=420, key="class_lesson_answers"):
            _show_answers(lesson, step, now)
        with st.container(width=420):
            _show_where(lesson, places)


def _show_answers(lesson: Lesson, step: int, now: HandedOut) -> None:
    asked = lesson.steps[step]
    if asked.task is None:
        st.caption(f"Step {step + 1} asks nothing.")
        return
    st.markdown(f"**{plain(asked.ask.text if asked.ask else 'Images to classify')}**")
    tally = class_lesson().tally(step)
    if not tally.of:
        st.caption("Nobody has opened the lesson yet.")
    elif step not in now.revealed:
        st.metric("Answered", f"{len(tally.answers)} of {tally.of}", width="content")
    else:
        show_tally(asked, tally, f"class_lesson_tally_{step}")
        if asked.ask and asked.ask.correct:
            st.markdown(f"Correct: **{plain(asked.ask.correct)}**")


def _show_where(lesson: Lesson, places: dict[str, Whereabouts]) -> None:
    students = [one for one in classroom().members() if one.role == "student"]
    lines = []
    for number, step in enumerate(lesson.steps):
        here = [one.nickname for one in students if _at(places.get(one.id)) == number]
        answered = sum(number in where.answered for where in places.values())
        words = f"**{number + 1}. {plain(step.title)}**"
        counts = [f"{len(here)} here"] if here else []
        counts += [f"{answered} answered"] if answered else []
        lines.append(f"- {words}  {' · '.join(counts)}" + _names(here))
    absent = [one.nickname for one in students if one.id not in places]
    if absent:
        lines.append(f"- **Not in the lesson**  {len(absent)}{_names(absent)}")
    st.markdown("\n".join(lines))


def _at(where: Whereabouts | None) -> int | None:
    return where.step if where else None


def _names(nicknames: list[str]) -> str:
    return f"  \n  :small[{', '.join(map(plain, nicknames))}]" if nicknames else ""


def begin_lesson_notice() -> None:
    """Before a student's page looks for notices: with what lesson it is drawn."""
    now = class_lesson().now()
    st.session_state[_SEEN] = now
    st.session_state.setdefault(_MOVED, now.moved if now else 0.0)
    st.html(_STYLE)


def tell_lesson(_student: Person, _stage: Stage) -> None:
    """Above a student's page: brings it to where the teacher wants the class, or offers the lesson
    that was assigned, until it is opened or put off."""
    now = class_lesson().now()
    if now is not None and now.moved > st.session_state.get(_MOVED, 0.0):
        st.session_state[_MOVED] = now.moved
        with _teachers_matter():
            _go_to(now)
    if now != st.session_state.get(_SEEN):
        st.rerun()
    # A place of its own whether or not there is a notice: what is below stays where it is.
    with st.container(key="class_lesson_notice"), _teachers_matter():
        if now and not _is_open(now) and st.session_state.get(_LATER) != now.begun:
            _offer(now)


def _teachers_matter() -> AbstractContextManager[None]:
    """A lesson whose file is gone or damaged: the teacher's section says so."""
    return suppress(LessonError)


def _offer(now: HandedOut) -> None:
    lesson = find_lesson(now.lesson, load_settings())
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(
            f":material/campaign: Your teacher assigned: **{plain(lesson.title)}**",
            width="stretch",
        )
        if st.button("Open it", type="primary", key="class_lesson_open"):
            go(Place(lesson, now.step, pupil()), now.step)
        st.button(
            "Later",
            type="tertiary",
            key="class_lesson_later",
            on_click=st.session_state.update,
            args=({_LATER: now.begun},),
        )


def _go_to(now: HandedOut) -> None:
    place = _place()
    if place is None or (place.lesson.name, place.number) != (now.lesson, now.step):
        go(Place(find_lesson(now.lesson, load_settings()), now.step, pupil()), now.step)


def _is_open(now: HandedOut) -> bool:
    place = _place()
    return place is not None and place.lesson.name == now.lesson


def _place() -> Place | None:
    try:
        return current()
    except LessonError:
        return None
