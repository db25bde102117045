"""What every page of somebody in a class has: a hand to raise, and what the teacher tells all.

A student's page asks every two seconds, in one small fragment: it reads what the server holds in
memory and files that have not changed, and draws `NOTICES` in their order.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from fmnist_core.classroom.stage import Stage, stage_of
from fmnist_core.permissions import Person, acting
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import load_settings
from fmnist_ui.classroom.joining import classroom
from fmnist_ui.classroom.lesson import begin_lesson_notice, tell_lesson
from fmnist_ui.classroom.presence import Whereabouts, presence
from fmnist_ui.page_errors import page_errors, plain
from fmnist_ui.theme import palette

Notice = Callable[[Person, Stage], None]
_SECONDS = 2.0
# What this session's page was drawn with.
_HAND, _FROZEN = "class/hand", "class/frozen"

# All else stays as it is, unseen and out of reach of mouse, finger and keyboard.
_FREEZE = """
<style>
body *:not(.class-frozen, .class-frozen *) { visibility: hidden !important; }
.class-frozen { visibility: visible; position: fixed; inset: 0; z-index: 1000000; display: grid;
  place-content: center; gap: .75rem; padding: 2rem; text-align: center;
  background: %(ground)s; color: %(ink)s; }
.class-frozen h1 { font: 550 clamp(2.25rem, 6vw, 4rem) Fraunces, serif; margin: 0; padding: 0; }
.class-frozen p { font-size: 1.15rem; opacity: .8; margin: 0; }
</style>
<div class="class-frozen" role="alert">
<h1>Eyes to the front</h1>
<p>Your teacher has frozen the pages. Yours comes back as it was.</p>
</div>
"""


def show_self() -> None:
    """Who one is, and a student's hand; for the sidebar. Nothing outside a class."""
    person = acting()
    if person is None:
        return
    if person.teaches:
        with st.container(key="class_self"):
            st.markdown(f":material/person: {plain(person.nickname)}")
    else:
        _show_hand()


def follow_class(at: Whereabouts) -> None:
    """Notes where one is, and has a student's page follow the teacher; outside a class nothing."""
    person, context = acting(), get_script_run_ctx()
    if person is None or not person.id or context is None:
        return
    presence.note(person.id, context.session_id, at)
    if not person.teaches:
        st.session_state[_FROZEN] = stage_of(load_settings()).frozen
        begin_lesson_notice()
        _follow()


@st.fragment
def _show_hand() -> None:
    person = acting()
    if person is None:
        return
    is_up = st.session_state[_HAND] = person.id in presence.hands()
    with st.container(horizontal=True, vertical_alignment="center", key="class_self"):
        st.markdown(f":material/person: {plain(person.nickname)}", width="stretch")
        st.button(
            "Hand is up" if is_up else "Raise hand",
            icon=":material/back_hand:",
            type="primary" if is_up else "secondary",
            key="raise_hand",
            help="Press to lower it." if is_up else "Your teacher sees it at once.",
            on_click=_turn_hand,
            args=(person, not is_up),
        )


def _turn_hand(person: Person, up: bool) -> None:
    with page_errors():
        if up:
            presence.raise_hand()
        else:
            presence.lower_hand(person.id)


@st.fragment(run_every=_SECONDS)
def _follow() -> None:
    person = acting()
    if person is None:
        return
    stage = stage_of(load_settings())
    was_frozen = st.session_state.get(_FROZEN, False) and not stage.frozen
    if was_frozen or (person.id in presence.hands()) != st.session_state.get(_HAND, False):
        # The teacher lowered the hand; or what the page refused while it was frozen goes now.
        st.rerun()
    for notice in NOTICES:
        with page_errors():
            notice(person, stage)


def _freeze(_person: Person, stage: Stage) -> None:
    if stage.frozen:
        colours = palette()
        st.html(_FREEZE % {"ground": colours.background, "ink": colours.text})


def _name_spotlight(person: Person, stage: Stage) -> None:
    if not stage.spotlight:
        return
    owner = _owner_of(load_settings().runs_dir, stage.spotlight)
    name = "Your" if owner == person.id else f"{plain(classroom().nickname(owner))}'s"
    if name != "'s":
        st.container(key="class_notice").caption(f":material/cast: {name} run is on the projector.")


@lru_cache(maxsize=16)
def _owner_of(runs_dir: Path, run_id: str) -> str:
    return RunFolder(runs_dir / run_id).owner


# What students are told, in this order.
NOTICES: list[Notice] = [tell_lesson, _freeze, _name_spotlight]
