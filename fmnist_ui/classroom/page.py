"""Page Class: the way in for others, and for the teacher who is in and what they may do."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from fmnist_core.classroom import Member, join_link
from fmnist_core.errors import ClassError
from fmnist_core.permissions import Person, acting
from fmnist_ui.classroom.after_class import show_after_class
from fmnist_ui.classroom.collection import show_class_items, show_collection_section
from fmnist_ui.classroom.first_visit import show_warning
from fmnist_ui.classroom.joining import classroom, is_class
from fmnist_ui.classroom.leaderboard import show_leaderboard
from fmnist_ui.classroom.lesson import show_lesson_section
from fmnist_ui.classroom.limits import show_limits
from fmnist_ui.classroom.privacy import show_privacy
from fmnist_ui.classroom.queue import show_queue
from fmnist_ui.classroom.wall import show_wall
from fmnist_ui.components.share import page_address, qr_code
from fmnist_ui.page_errors import page_errors, plain
from fmnist_ui.theme import link_in_place
from fmnist_ui.web_access import base_path

Section = tuple[str, Callable[[Person], None]]
_START = "python -m fmnist_core class start --name 7b"


def class_heading() -> str:
    """The name of the class; empty outside of one."""
    try:
        return f":material/groups: {plain(classroom().name)}" if is_class() else ""
    except ClassError:
        # The page below says it.
        return ""


def show_class() -> None:
    """The page below its title."""
    person = acting()
    if person is None:
        _explain()
        return
    sections = TEACHERS if person.teaches else STUDENTS
    tabs = st.tabs([name for name, _ in sections], key="class_section", on_change="rerun")
    for tab, (_, show) in zip(tabs, sections, strict=True):
        if tab.open:
            with tab, page_errors():
                show(person)


def _show_wall(teacher: Person) -> None:
    show_wall(teacher, _show_invitation)


def _show_students(_teacher: Person) -> None:
    with _beside_the_way_in():
        _show_members(classroom().members())
        _show_permissions()
        show_limits()


def _show_own(person: Person) -> None:
    with _beside_the_way_in():
        _show_self(person)


def _beside_the_way_in() -> DeltaGenerator:
    left, right = st.columns([2, 3], gap="large")
    with left:
        _show_invitation()
    return right


def _show_invitation() -> None:
    here = classroom()
    with st.container(border=True):
        scheme, place, *_ = urlsplit(page_address())
        _show_way_in(join_link(f"{scheme}://{place}{base_path()}", here.code), here.code)


def _explain() -> None:
    st.markdown(
        "In **class mode** students join with a code and a nickname: no account, no e-mail. What "
        "somebody makes is theirs: only they and the teacher can stop, rename or delete it. "
        "Start the lab so on the teacher's machine:"
    )
    st.code(_START, language="shell")
    st.markdown(
        "It prints the link to join with its QR code, the class code and the teacher's PIN."
    )


def _show_way_in(link: str, code: str) -> None:
    st.subheader("Join the class", anchor=False)
    st.image(qr_code(link), width=260)
    st.code(link, language=None, wrap_lines=True)
    st.markdown(f"Class code: **{code[:3]} {code[3:]}**")
    show_warning(link)


def _show_self(person: Person) -> None:
    st.subheader(plain(person.nickname), anchor=False)
    st.markdown(
        "Your runs carry your nickname. Only you and the teacher can stop, rename or delete them."
    )
    link_in_place("Another device, or not me", f"{base_path()}/join")


def _show_members(members: tuple[Member, ...]) -> None:
    students = [member for member in members if member.role == "student"]
    count = f"{len(students)} students" if len(students) != 1 else "1 student"
    st.subheader(f"{count} in the class", anchor=False)
    if not students:
        st.caption("Nobody has joined yet. Show the code, or its QR code, on the projector.")
    with st.container(height=300, border=False) if len(students) > 6 else st.container():
        for member in students:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(plain(member.nickname), width="stretch")
                st.button(
                    "Take out",
                    key=f"take_out_{member.id}",
                    help="Their device must join again; what they trained stays.",
                    on_click=_take_out,
                    args=(member,),
                )


def _take_out(member: Member) -> None:
    with page_errors():
        classroom().remove(member.id)
        st.toast(f"{plain(member.nickname)} is out of the class.", icon=":material/logout:")


def _show_permissions() -> None:
    st.toggle(
        "Students can look at each other's runs",
        value=classroom().sees_others,
        key="sees_others",
        help="Off: each student sees only their own runs. You see all.",
        on_change=_allow_looking,
    )


def _allow_looking() -> None:
    with page_errors():
        classroom().allow_looking(bool(st.session_state["sees_others"]))


# What the page is made of; each draws itself for the person who looks.
TEACHERS: list[Section] = [
    ("Wall", _show_wall),
    ("Queue", show_queue),
    ("Leaderboard", show_leaderboard),
    ("Lesson", show_lesson_section),
    ("Collection", show_collection_section),
    ("Students", _show_students),
    ("After class", show_after_class),
]
STUDENTS: list[Section] = [
    ("Me", _show_own),
    ("Leaderboard", show_leaderboard),
    ("Collection", show_class_items),
    ("Privacy", show_privacy),
]
