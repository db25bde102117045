"""Uploaded files and camera photos: opened once, predicted in a gallery, saved as CSV.

A browser's file field forgets its files when the page is left; the last ones are kept here.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from threading import Lock
from urllib.parse import urlsplit
from weakref import WeakSet

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from streamlit.runtime.uploaded_file_manager import UploadedFile

from fmnist_core.classes import CLASS_COLOURS, CLASS_NAMES
from fmnist_core.errors import InputError, LabError
from fmnist_core.images import thumbnail_url
from fmnist_core.preprocessing.archive import Member, open_archive
from fmnist_core.preprocessing.decode import Opened, open_picture, shown_name
from fmnist_core.preprocessing.prepare import prepare
from fmnist_core.runs.pretrained import SHIPPED
from fmnist_core.safe_csv import csv_file
from fmnist_ui.components.predictions import Verdict, verdicts
from fmnist_ui.components.upload_limits import say_upload_limits
from fmnist_ui.components.verdict_words import short
from fmnist_ui.page_errors import show_error
from fmnist_ui.server_memory import content_of, lighten, release
from fmnist_ui.tryit.by_hand import Entry, Item, corrections_for
from fmnist_ui.tryit.picture_choice import Choice, show_choices
from fmnist_ui.words import probability

_VERDICT = (
    *("label", "label_id", "confidence", "clothing", "is_clothing"),
    *("other_clothing", "is_other_clothing", *CLASS_NAMES),
)

_HEAD = ("file", *_VERDICT, "error")

# A picture takes up to 0.8 MB of the server's memory while the session lasts.
_MOST, _MOST_BYTES = 60, 64 * 2**20

_FIELD, _EARLIER = "try_files", "try/earlier_files"

_INPUTS, _THUMBS = "try/inputs", "try/thumbs"

_HEIGHT = 420

_OPENED, _CHOSEN, _TOUCHED = "try/opened", "try/chosen_file", "try/files_touched"
_ZIP = b"PK\x03\x04"
# Of one session, whose pictures take up to 0.8 MB each; and the bytes of all sessions' pictures.
MOST_AT_ONCE, MOST_HELD = 200, 1024 * 2**20
# Sheets of one session, 12 kB each: more than a page of files and those from earlier come to.
MOST_PREPARED = 500
_held: WeakSet[Item] = WeakSet()
_held_lock = Lock()

_LOCAL = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, eq=False)
class Line:
    """A file's name with its verdict, or with the reason why there is none."""

    name: str
    verdict: Verdict | None = None
    error: str = ""


def show_upload() -> list[Entry]:
    """The place to drop files; returns what lies there, in the order in which it came.

    The kinds of files are not limited here: a file that the browser itself refused would leave
    the one before it in place, and its answer would pass for an answer to the refused one.
    """
    lighten(_FIELD)
    files = st.file_uploader(
        "Pictures (PNG, JPEG, WebP) or a ZIP file",
        accept_multiple_files=True,
        key=_FIELD,
        help="Files stay on the machine that runs the lab.",
        on_change=_touched,
    )
    say_upload_limits()
    now = _entries(files or [])
    earlier = _earlier_files()
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
    return bool(st.session_state.get(_OPENED) or _earlier_files())


def _touched() -> None:
    """Callback: the person added or took away files; a field that is merely new calls nothing."""
    st.session_state[_TOUCHED] = True


def _offer_to_forget(count: int) -> None:
    words = "1 file" if count == 1 else f"{count} files"
    st.button(
        f"Remove {words} from earlier",
        icon=":material/close:",
        type="tertiary",
        key="try_forget_files",
        on_click=_forget_earlier_files,
        help="Kept while you were on another page; at most the newest 60.",
    )


def _entries(files: Sequence[UploadedFile]) -> list[Entry]:
    opened: dict[str, list[Entry]] = st.session_state.setdefault(_OPENED, {})
    untouched = not st.session_state.pop(_TOUCHED, False)
    for gone in set(opened) - {file.file_id for file in files}:
        if untouched:
            _keep_for_later(opened[gone])
        del opened[gone]
    new = [file for file in files if file.file_id not in opened]
    if new:
        with st.spinner("Opening the files…"):
            for file in new:
                room = MOST_AT_ONCE - sum(one.item is not None for one in chain(*opened.values()))
                # Kept before the bytes go: a click may end this run of the page at any time.
                opened[file.file_id] = list(_opened(file, room))
                release(file)
    return [entry for file in files for entry in opened[file.file_id]]


def _opened(file: UploadedFile, room: int) -> Iterator[Entry]:
    """At most as many entries as there is room for, and one that says so."""
    called = shown_name(file.name)
    try:
        content = content_of(file)
        one = [Member(file.name, content)]
        pictures = iter(one) if content[:4] != _ZIP else open_archive(content, file.name)
        for number, member in enumerate(pictures):
            if number >= room:
                raise _too_many()
            yield _entry(f"{file.file_id}/{number}", *member)
    except LabError as error:
        yield Entry(f"{file.file_id}/refused", called, error=error.to_keep())


def _entry(entry_id: str, name: str, content: bytes | InputError) -> Entry:
    try:
        if isinstance(content, InputError):
            raise content
        _check_room()
        item = item_of(open_picture(content, name), content)
    except LabError as error:
        return Entry(entry_id, shown_name(name), error=error.to_keep())
    with _held_lock:
        _held.add(item)
    return Entry(entry_id, shown_name(name), item)


def _check_room() -> None:
    """Raises InputError: All sessions together hold as many pictures as the server may."""
    with _held_lock:
        held = sum(item.picture.nbytes for item in _held)
    if held > MOST_HELD:
        raise InputError(
            f"All visitors' pictures together may take {MOST_HELD // 2**20} MB of the server's "
            "memory, which they do.",
            advice="Remove pictures that you are done with, or try again in a minute.",
        )


def _too_many() -> InputError:
    return InputError(
        f"The page opens {MOST_AT_ONCE} pictures at once.",
        advice="Remove some, or use `python -m fmnist_core predict FOLDER --jsonl`.",
    )


def item_of(opened: Opened, content: bytes) -> Item:
    """The item in a file; the same content is the same item, whatever it is called."""
    note = "Rotated upright (EXIF orientation)." if opened.turned else ""
    return Item(hashlib.sha256(content).hexdigest()[:16], opened.name, opened.picture, note)


def _choose_newest(entries: list[Entry]) -> None:
    """What came last is what the person wants to see, also where it could not be opened."""
    known = st.session_state.setdefault("try/known_files", set())
    new = [entry.id for entry in entries if entry.id not in known]
    st.session_state["try/known_files"] = {entry.id for entry in entries}
    if new:
        choose(new[-1])


def show_gallery(entries: Sequence[Entry], chosen: Entry) -> None:
    """All files with what they are taken for; a click shows one in detail."""
    said = _verdicts(entries)
    choices = [_choice(entry, verdict) for entry, verdict in zip(entries, said, strict=True)]
    with st.container(height=_HEIGHT if len(entries) > 18 else "content", border=False):
        show_choices("Files", choices, chosen.id, choose, key="try_gallery", least=112, line=True)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(_count(entries))
        st.download_button(
            "Download predictions (CSV)",
            predictions_csv([_line(*pair) for pair in zip(entries, said, strict=True)]),
            "predictions.csv",
            "text/csv",
            icon=":material/download:",
            key="try_csv",
            on_click="ignore",
        )


def _verdicts(entries: Sequence[Entry]) -> list[Verdict | None]:
    items = [entry.item for entry in entries if entry.item is not None]
    try:
        with st.spinner("Computing predictions…"):
            images = [_input(item) for item in items]
            known = [image for image in images if image is not None]
            answers = iter(verdicts(SHIPPED, known) if known else [])
    except LabError as error:
        show_error(error)
        return [None] * len(entries)
    by_item = {
        item.id: None if image is None else next(answers)
        for item, image in zip(items, images, strict=True)
    }
    return [None if entry.item is None else by_item[entry.item.id] for entry in entries]


def _input(item: Item) -> NDArray[np.uint8] | None:
    """The network's input; None where nothing was found. Prepared once for each correction."""
    kept = st.session_state.setdefault(_INPUTS, {})
    corrections = corrections_for(item.id)
    key = (item.id, corrections)
    if key not in kept:
        if len(kept) >= MOST_PREPARED:
            # The oldest: a correction makes another one of the same item.
            del kept[next(iter(kept))]
        prepared = prepare(item.picture, corrections, steps=False)
        kept[key] = None if prepared.blank else prepared.sheet
    image: NDArray[np.uint8] | None = kept[key]
    return image


def _choice(entry: Entry, verdict: Verdict | None) -> Choice:
    if entry.item is None:
        return Choice(entry.id, "", "unreadable", entry.name)
    source = _thumb(entry.item)
    if verdict is None:
        return Choice(entry.id, source, "no garment found", entry.name)
    if not verdict.is_of_the_ten:
        return Choice(entry.id, source, short(verdict), entry.name)
    words = f"{short(verdict)} {probability(verdict.confidence)}"
    return Choice(entry.id, source, words, entry.name, CLASS_COLOURS[verdict.label])


def _thumb(item: Item) -> str:
    kept = st.session_state.setdefault(_THUMBS, {})
    if item.id not in kept:
        kept[item.id] = thumbnail_url(item.picture, 96)
    return str(kept[item.id])


def _line(entry: Entry, verdict: Verdict | None) -> Line:
    error = str(entry.error) if entry.error else ""
    return Line(entry.name, verdict, error or ("" if verdict else "No garment found."))


def _count(entries: Sequence[Entry]) -> str:
    refused = sum(entry.error is not None for entry in entries)
    words = f"{len(entries)} files" if len(entries) != 1 else "1 file"
    return words + (f", {refused} unreadable" if refused else "")


def _earlier_files() -> list[Entry]:
    """What was opened before the file field was last emptied by going elsewhere, oldest first."""
    return list(st.session_state.get(_EARLIER, []))


def _keep_for_later(entries: list[Entry]) -> None:
    """Adds what the file field has just forgotten; the oldest go where it would be too much."""
    st.session_state[_EARLIER] = newest([*st.session_state.get(_EARLIER, []), *entries])


def _forget_earlier_files() -> None:
    """Forgets the files of earlier visits."""
    st.session_state.pop(_EARLIER, None)


def newest(entries: list[Entry], most: int = _MOST, most_bytes: int = _MOST_BYTES) -> list[Entry]:
    """As many of the last entries as fit."""
    kept: list[Entry] = []
    size = 0
    for entry in reversed(entries[-most:]):
        size += 0 if entry.item is None else entry.item.picture.nbytes
        if size > most_bytes:
            break
        kept.insert(0, entry)
    return kept


def predictions_csv(lines: Sequence[Line]) -> bytes:
    """A CSV file in UTF-8, with the mark that spreadsheets look for; no text acts as a formula."""
    return csv_file(_HEAD, map(_row, lines))


def _row(line: Line) -> list[object]:
    verdict = line.verdict
    if verdict is None:
        return [line.name, *[""] * len(_VERDICT), line.error]
    return [
        line.name,
        CLASS_NAMES[verdict.label],
        verdict.label,
        f"{verdict.confidence:.4f}",
        f"{verdict.clothing:.4f}",
        verdict.is_clothing,
        # Empty where the network has no output for it.
        "" if math.isnan(verdict.other_clothing) else f"{verdict.other_clothing:.4f}",
        verdict.is_other_clothing,
        *(f"{share:.4f}" for share in verdict.probabilities),
        "",
    ]


def show_camera() -> Item | None:
    """The camera, or why the browser will not give it; returns the photo once one is taken.

    Raises:
        InputError: The photo cannot be read.
    """
    if not camera_allowed(str(st.context.url or "")):
        st.info(
            "Browsers allow the camera only over https, or on the machine that runs the lab. Take "
            "the photo with your camera app and use **Upload**.",
            icon=":material/no_photography:",
        )
        return None
    photo = st.camera_input(
        "Lay the garment on a plain background and fill the picture with it.", key="try_camera"
    )
    if photo is None:
        return None
    content = photo.getvalue()
    return item_of(open_picture(content, "photo"), content)


def camera_allowed(address: str) -> bool:
    """Whether browsers consider the page at this address safe enough; yes where it is unknown."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    return parts.scheme != "http" or host in _LOCAL or host.endswith(".localhost")
