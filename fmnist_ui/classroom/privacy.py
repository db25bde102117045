"""Section "Privacy": what the lab keeps of a student, in plain words, and its deletion."""

from __future__ import annotations

import streamlit as st

from fmnist_core.classwork.personal_data import Found, delete_mine, deleted_at, found_of
from fmnist_core.errors import ClassError
from fmnist_core.permissions import Person
from fmnist_core.settings import load_settings
from fmnist_ui.classroom.after_class import in_words, note_deletion, say_deleted
from fmnist_ui.classroom.school_account import accounts_sign_in
from fmnist_ui.page_errors import plain
from fmnist_ui.words import day

_WORDS = """
- **What:** {name}, the runs you train, the drawings and photos that you add to a collection, give
  to the class or pin, the label issues you select, the files you export, your answers in lessons.
- **Photos:** a photo or an upload is gone when you close the page, unless you press **Add to
  collection**, **Also for the class** or **Pin image**.
- **Where:** on the machine that runs this lab{machines}. Nothing is sent anywhere else.
- **Who sees it:** drawings and photos: you and your teacher. What you give to the class, everybody
  in it, once your teacher accepts it. Answers: you and your teacher; the class sees how often each
  was given, without names. {runs}
- **How long:** {time}
"""

_NAMED = {
    "nickname": "your nickname (no account, no e-mail, no real name)",
    "account": "the name that your school's account says",
}


def show_privacy(person: Person) -> None:
    """The section, for a student."""
    say_deleted()
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.subheader("What the lab keeps of you", anchor=False)
        st.markdown(
            _WORDS.format(
                name=_NAMED["account" if accounts_sign_in() else "nickname"],
                runs=_of_runs(person),
                time=_how_long(),
                machines=_machines(),
            )
        )
    with right, st.container(border=True):
        found = found_of(load_settings(), person.id)
        st.subheader(plain(person.nickname), anchor=False)
        st.markdown(in_words(found))
        if st.button("Delete all of mine", key="delete_mine", icon=":material/delete_forever:"):
            _confirm(person, found)


def _of_runs(person: Person) -> str:
    if person.sees_others:
        return "Your runs and your nickname: everybody in the class."
    return (
        "Your runs: you and your teacher, who can show one with your nickname on the projector; "
        "and whoever you give a code gets a copy."
    )


def _machines() -> str:
    return ", and on the machines that train for it" if load_settings().scheduler else ""


def _how_long() -> str:
    until = "until you delete it here, or your teacher deletes it."
    try:
        at = deleted_at(load_settings())
    except ClassError:
        at = None
    return until if at is None else f"until **{day(at)}** at the latest, or {until}"


@st.dialog("Delete all of yours?", icon=":material/delete_forever:")
def _confirm(person: Person, found: tuple[Found, ...]) -> None:
    st.markdown(f"{in_words(found)}\n\nYou leave the class. This cannot be undone.")
    runs = st.checkbox(
        "Also delete my runs", False, key="delete_mine_runs", help="Else they stay without a name."
    )
    with st.container(horizontal=True):
        pressed = [
            st.button(
                "Delete",
                type="primary",
                key="delete_mine_confirm",
                on_click=_delete,
                args=(person.id, runs),
            ),
            st.button("Cancel", key="delete_mine_cancel"),
        ]
    if any(pressed):
        st.rerun()


def _delete(person_id: str, runs: bool) -> None:
    note_deletion(lambda: delete_mine(load_settings(), person_id, runs=runs))
