"""Which lesson and which step one is at: `?lesson=NAME&step=2&pupil=…` on every page."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass

import streamlit as st

from fmnist_core.settings import load_settings
from fmnist_ui.lessons import Lesson, Step, find_lesson
from fmnist_ui.links.query_params import tell_choice

_HERE = "lesson/place"
_PUPIL = re.compile(r"[0-9a-f]{8}")


@dataclass(frozen=True)
class Place:
    """A step of a lesson, counted from 0, and who is at it."""

    lesson: Lesson
    number: int
    pupil: str

    @property
    def step(self) -> Step:
        return self.lesson.steps[self.number]

    def parameters(self, number: int) -> dict[str, str]:
        """What the address of another step says of the lesson."""
        return {"lesson": self.lesson.name, "step": str(number + 1), "pupil": self.pupil}


def first_parameters(lesson: Lesson) -> dict[str, str]:
    """The address of a lesson's first step, with how its page is set up."""
    first = lesson.steps[0]
    # Else the page Train shows whatever is training.
    form = {"run": "new"} if first.page == "train" else {}
    return {**form, **first.set, "lesson": lesson.name, "step": "1"}


def current() -> Place | None:
    """Where one is; None outside of lessons.

    Raises:
        LessonError: The address names a lesson that is not there, or breaks a rule.
    """
    name = st.query_params.get("lesson")
    if name is None:
        kept: tuple[str, int, str] | None = st.session_state.get(_HERE)
        if kept is None:
            return None
        name, number, pupil = kept
    else:
        number = _number(st.query_params.get("step", "1"))
        pupil = _pupil(st.query_params.get("pupil", ""))
    lesson = find_lesson(name, load_settings())
    place = Place(lesson, min(number, len(lesson.steps) - 1), pupil)
    st.session_state[_HERE] = (name, place.number, pupil)
    return place


def tell(place: Place) -> None:
    """Keeps the place in the address, whatever page one is on."""
    wanted = {
        "lesson": place.lesson.name,
        "step": str(place.number + 1),
        "pupil": place.pupil,
    }
    for key, value in wanted.items():
        tell_choice(key, value)


def leave() -> None:
    """Ends the lesson; what was answered stays kept."""
    st.session_state.pop(_HERE, None)
    for key in ("lesson", "step", "pupil"):
        st.query_params.pop(key, None)


def page_path(page: str) -> str:
    """The script of a page."""
    return "app.py" if page == "home" else f"pages/{page}.py"


def _number(text: str) -> int:
    return max(0, int(text) - 1) if text.isdecimal() and len(text) < 4 else 0


def _pupil(text: str) -> str:
    if _PUPIL.fullmatch(text):
        return text
    kept = st.session_state.get(_HERE)
    return kept[2] if kept else secrets.token_hex(4)
