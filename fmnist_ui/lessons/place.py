"""Which lesson and step one is at (`?lesson=NAME&step=2&pupil=…`), and what a step sets and locks.

A step's page is set up when one arrives from another step, not through the address: Streamlit
refuses to change parameters that widgets of the page one comes from are bound to. For the same
reason the choices from before a lesson come back on the page that one gets to by leaving it.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import streamlit as st

from fmnist_core.config.override import full_path, given_paths
from fmnist_core.datasets.load import choose_dataset
from fmnist_core.errors import LessonError
from fmnist_core.permissions import acting
from fmnist_core.settings import load_settings
from fmnist_ui.lessons import Lesson, Step, find_lesson
from fmnist_ui.links import page_choices, training_of
from fmnist_ui.links.query_params import tell_choice

_ARRIVING, _CHOICES = "lesson/arriving", "lesson/choices"

# The session state's key of each choice. Of the page Evaluate most are kept for each run apart:
# the section that is opened takes them by `take_choice`.
KEYS: dict[str, dict[str, str]] = {
    "data": {
        "data": "data_name",
        "part": "gallery_part",
        "class": "gallery_class",
        "seed": "gallery_seed",
        "share": "counts_share",
        "normalisation": "normalisation",
    },
    "evaluate": {"run": "evaluated_run", "section": "section"},
    "predictions": {
        "run": "predicting_run",
        "class": "class",
        "seed": "seed",
        "images": "images",
        "errors": "errors",
    },
    "explain": {"model": "inside_model", "section": "section", "image": "inside_number"},
    "training_dynamics": {"run": "overtime_run"},
}


_HERE = "lesson/place"
# Who is in this session, in and out of lessons: their ticks stay on the page Lessons.
_WHO = "lesson/pupil"
_PUPIL = re.compile(r"[0-9a-f]{8}")
# What was chosen before the lesson began, and what of it is still to come back.
_BEFORE, _RETURNING = "lesson/before", "lesson/returning"
# What steps set beside `KEYS`: the form of the page Train (`fmnist_ui.train.draft`), and choices of
# Evaluate, of which some are kept for each run apart.
_SET = re.compile(
    r"train/.+|calibration/[^/]+/(temperature|threshold)|matrix_view|confusion_cells"
    r"|confusion/[^/]+/(true|predicted)"
)


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


def pupil() -> str:
    """Who is in this session; alone as the address says, which a reload brings back."""
    if person := acting():
        return person.id
    asked = st.query_params.get("pupil", "")
    if _PUPIL.fullmatch(asked):
        st.session_state[_WHO] = asked
    return str(st.session_state.setdefault(_WHO, secrets.token_hex(4)))


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
        kept: tuple[str, int] | None = st.session_state.get(_HERE)
        if kept is None:
            return None
        name, number = kept
    else:
        number = _number(st.query_params.get("step", "1"))
    lesson = find_lesson(name, load_settings())
    place = Place(lesson, min(number, len(lesson.steps) - 1), pupil())
    st.session_state[_HERE] = (name, place.number)
    _note_choices()
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
    """Ends the lesson; what was answered stays kept, and the next page restores what was chosen."""
    st.session_state.pop(_HERE, None)
    st.session_state.pop(_ARRIVING, None)
    if (before := st.session_state.pop(_BEFORE, None)) is not None:
        st.session_state[_RETURNING] = before
    for key in ("lesson", "step", "pupil"):
        st.query_params.pop(key, None)


def _note_choices() -> None:
    """Remembers, as a lesson begins, all that its steps may set."""
    if _BEFORE not in st.session_state:
        state = st.session_state
        state[_BEFORE] = {str(key): state[key] for key in state if _is_set_by_steps(key)}


def _is_set_by_steps(key: object) -> bool:
    keys = {name for keys in KEYS.values() for name in keys.values()}
    return key in keys or _SET.fullmatch(str(key)) is not None


def restore_choices() -> None:
    """After a lesson was left, before any widget is drawn: everything is as it was before."""
    before: dict[str, Any] | None = st.session_state.pop(_RETURNING, None)
    if before is None:
        return
    st.session_state.pop(_CHOICES, None)
    st.session_state.pop("train_config", None)
    for key in [key for key in st.session_state if _is_set_by_steps(key) and key not in before]:
        del st.session_state[key]
    for key, value in before.items():
        st.session_state[key] = value


def _number(text: str) -> int:
    return max(0, int(text) - 1) if text.isdecimal() and len(text) < 4 else 0


def is_locked(path: str) -> bool:
    """Whether a field of the form, or the group it belongs to, stays as the step set it."""
    return any(path == locked or path.startswith(f"{locked}.") for locked in locked_paths())


def locked_paths() -> tuple[str, ...]:
    """All that stays as it is, by its paths in the step's own configuration."""
    step = _step()
    if step is None:
        return ()
    return _paths(tuple(step.set.items()), step.lock)


# Every field of the form asks, each time it is drawn.
@lru_cache(maxsize=64)
def _paths(choices: tuple[tuple[str, str], ...], keys: tuple[str, ...]) -> tuple[str, ...]:
    # As the lesson's file was checked: a block that the usual network has not may be locked.
    config, _ = training_of(dict(choices))
    return tuple(full_path(config, key) for key in keys)


def is_hidden(part: str) -> bool:
    """Whether a part of the form is left out."""
    step = _step()
    return step is not None and part in step.hide


def _step() -> Step | None:
    try:
        place = current()
    except LessonError:
        # The panel says it.
        return None
    return place.step if place is not None and place.step.page == "train" else None


def leave_for(step: Step) -> None:
    """Remembers how the step's page is to be set up."""
    st.session_state[_ARRIVING] = step


def arrive() -> None:
    """Sets the page up, once, before its widgets are drawn."""
    step: Step | None = st.session_state.pop(_ARRIVING, None)
    if step is None:
        return
    st.session_state.pop(_CHOICES, None)
    if step.page == "train":
        _fill_form(step)
        return
    if step.page not in KEYS:
        return
    keys = KEYS[step.page]
    found, _ = page_choices(step.page, step.set)
    for name, value in found.items():
        if name in keys:
            st.session_state[keys[name]] = value == "true" if name == "errors" else value
    st.session_state[_CHOICES] = {name: found[name] for name in found if name not in keys}


def take_choice(name: str) -> Any:
    """What the step set for a choice of its page, once; None where it set nothing."""
    return st.session_state.get(_CHOICES, {}).pop(name, None)


def _fill_form(step: Step) -> None:
    config, _ = training_of(step.set)
    handed = config.to_json()
    if "training.dataset" not in given_paths(config, step.set):
        handed["training"]["dataset"] = choose_dataset(load_settings())
    # As other pages hand over a configuration.
    st.session_state["train_config"] = handed
