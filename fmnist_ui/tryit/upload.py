"""Pictures from files: each is opened once, and what cannot be opened says why."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any

import streamlit as st

from fmnist_core.errors import InputError, LabError
from fmnist_core.inputs.archive import open_archive
from fmnist_core.inputs.decode import Opened, open_picture
from fmnist_core.inputs.shown_name import shown_name
from fmnist_ui.tryit.earlier_files import earlier_files, forget_earlier_files, keep_for_later
from fmnist_ui.tryit.item import Entry, Item

_OPENED, _CHOSEN, _TOUCHED = "try/opened", "try/chosen_file", "try/files_touched"
_ZIP = b"PK\x03\x04"
# Each takes up to 0.8 MB of the server's memory while the page is open.
MOST_AT_ONCE = 200


def show_upload() -> list[Entry]:
    """The place to drop files; returns what lies there, in the order in which it came.

    The kinds of files are not limited here: a file that the browser itself refused would leave
    the one before it in place, and its answer would pass for an answer to the refused one.
    """
    files = st.file_uploader(
        "Pictures (PNG, JPEG, WebP) or a ZIP of them",
        accept_multiple_files=True,
        key="try_files",
        help="Nothing leaves the machine that the lab runs on.",
        on_change=_touched,
    )
    now = _entries(files or [])
    earlier = earlier_files()
    if earlier:
        _offer_to_forget(len(earlier))
    entries = [*earlier, *now]
    _choose_newest(entries)
    return entries


def chosen_entry(entries: list[Entry]) -> Entry | None:
    """The file that is shown in detail; None where there are none."""
    wanted = st.session_state.get(_CHOSEN)
    found = [entry for entry in entries if entry.id == wanted]
    return found[0] if found else (entries[-1] if entries else None)


def choose(entry_id: str) -> None:
    """Shows another one in detail."""
    st.session_state[_CHOSEN] = entry_id


def anything_uploaded() -> bool:
    """Whether a file lies there, readable or not."""
    return bool(st.session_state.get(_OPENED) or earlier_files())


def _touched() -> None:
    """Callback: the person added or took away files; a field that is merely new calls nothing."""
    st.session_state[_TOUCHED] = True


def _offer_to_forget(count: int) -> None:
    words = "1 file" if count == 1 else f"{count} files"
    st.button(
        f"Let go of {words} from before",
        icon=":material/close:",
        type="tertiary",
        key="try_forget_files",
        on_click=forget_earlier_files,
        help="Kept while you were elsewhere: at most the newest 60.",
    )


def _entries(files: Iterable[Any]) -> list[Entry]:
    before: dict[str, list[Entry]] = st.session_state.get(_OPENED, {})
    files = list(files)
    if any(file.file_id not in before for file in files):
        with st.spinner("Opening what came…"):
            now = {file.file_id: before.get(file.file_id) or list(_opened(file)) for file in files}
    else:
        now = {file.file_id: before[file.file_id] for file in files}
    if not st.session_state.pop(_TOUCHED, False):
        keep_for_later([one for key, found in before.items() if key not in now for one in found])
    st.session_state[_OPENED] = now
    return [entry for found in now.values() for entry in found]


def _opened(file: Any) -> Iterator[Entry]:
    content = file.getvalue()
    if content[:4] != _ZIP:
        yield _entry(f"{file.file_id}/0", file.name, content)
        return
    try:
        for number, member in enumerate(open_archive(content, file.name)):
            if number == MOST_AT_ONCE:
                yield Entry(f"{file.file_id}/rest", shown_name(file.name), error=_too_many())
                return
            yield _entry(f"{file.file_id}/{number}", *member)
    except LabError as error:
        yield Entry(f"{file.file_id}/refused", shown_name(file.name), error=error)


def _entry(entry_id: str, name: str, content: bytes | InputError) -> Entry:
    try:
        if isinstance(content, InputError):
            raise content
        return Entry(entry_id, shown_name(name), item=item_of(open_picture(content, name), content))
    except LabError as error:
        return Entry(entry_id, shown_name(name), error=error)


def _too_many() -> InputError:
    return InputError(
        f"The page opens the first {MOST_AT_ONCE} pictures of an archive.",
        advice="For more: `python -m fmnist_core predict FOLDER --jsonl`.",
    )


def item_of(opened: Opened, content: bytes) -> Item:
    """The item in a file; the same content is the same item, whatever it is called."""
    note = "Turned upright, as its camera noted." if opened.turned else ""
    return Item(hashlib.sha256(content).hexdigest()[:16], opened.name, opened.picture, note)


def _choose_newest(entries: list[Entry]) -> None:
    """What came last is what the person wants to see, also where it could not be opened."""
    known = st.session_state.setdefault("try/known_files", set())
    new = [entry.id for entry in entries if entry.id not in known]
    st.session_state["try/known_files"] = {entry.id for entry in entries}
    if new:
        choose(new[-1])
