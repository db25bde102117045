"""What browsers leave on the server: bounded while it waits, freed as soon as nobody needs it.

Streamlit 1.67 keeps every byte that was uploaded for as long as its session lasts, and a session
whose browser is gone until some other browser goes, at least two minutes later: on a quiet server
for ever, with three descriptors each. `.streamlit/config.toml` switches the collection of garbage
after each rerun off, and the C library keeps what was freed for later. So a thread looks after all
of that here.
"""

from __future__ import annotations

import ctypes
import gc
import logging
import threading
import time
from contextlib import suppress
from typing import cast

import streamlit as st
from streamlit import config
from streamlit.runtime import Runtime, exists, get_instance
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile, UploadedFileRec

from fmnist_core.errors import InputError
from fmnist_core.preprocessing.decode import shown_name

_log = logging.getLogger("fmnist_ui")

# Of files that no page has read yet: a dozen of the largest from one browser, twice that from all.
MOST_OF_SESSION = 384 * 2**20
MOST_OF_ALL = 768 * 2**20

# Seconds, unless somebody set another time. Long enough for a browser that lost its network for a
# moment to find its session again; short enough for the memory to be back within a minute after a
# browser was closed.
_GRACE, _GRACE_OPTION = 30.0, "server.disconnectedSessionTTL"
_BEAT = 10.0

# A collection takes up to 0.3 s of a live page's time, so less than this is left for later.
_WORTH_IT = 8 * 2**20

# Of malloc.h.
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3

_NOT_KEPT = "application/x-not-kept"


def lighten(field: str) -> None:
    """Empties the files of a field that is about to be drawn; `content_of` has their bytes.

    Streamlit copies whatever a field holds, bytes and all, in each run of the page.
    """
    files = st.session_state.get(field) or []
    for file in files if isinstance(files, list) else [files]:
        if isinstance(file, UploadedFile):
            file.seek(0)
            file.truncate()


def content_of(file: UploadedFile) -> bytes:
    """What was uploaded, in a field that was lightened; nothing once it was released.

    Raises:
        InputError: More had been uploaded than is held at once, so the file was dropped.
    """
    if file.type == _NOT_KEPT:
        raise InputError(
            f"{shown_name(file.name)} was not kept: files that wait to be opened may have "
            f"{MOST_OF_SESSION // 2**20} MB, those of all visitors {MOST_OF_ALL // 2**20} MB.",
            advice="Remove it and choose it again, with fewer files at a time.",
        )
    manager, session_id = _uploads()
    return b"".join(one.data for one in manager.get_files(session_id, [file.file_id]))


def release(file: UploadedFile) -> None:
    """Frees the bytes of a file that was read; the browser's field goes on listing it."""
    manager, session_id = _uploads()
    for one in manager.get_files(session_id, [file.file_id]):
        manager.add_file(session_id, one._replace(data=b""))
        _janitor.freed += len(one.data)


def forget_uploads() -> None:
    """Frees all files of this session, as its browser forgot them when another page was opened."""
    manager, session_id = _uploads()
    manager.remove_session_files(session_id)


def _uploads() -> tuple[MemoryUploadedFileManager, str]:
    """Where the files of this session are, and its name there."""
    context = get_script_run_ctx()
    if context is None:
        raise RuntimeError("Only a page has files that were uploaded.")
    return cast("MemoryUploadedFileManager", context.uploaded_file_mgr), context.session_id


def grace_seconds() -> float:
    """For how long a session waits for its browser to come back."""
    set_by_somebody = config.is_manually_set(_GRACE_OPTION)
    return float(config.get_option(_GRACE_OPTION)) if set_by_somebody else _GRACE


def keep_bounded() -> None:
    """Once a process: bounds what is held, and begins to look after it."""
    if exists():
        _janitor.begin(get_instance())


def bound_uploads(manager: MemoryUploadedFileManager) -> None:
    """From now on a file that would be too much comes without its bytes; the others stay."""
    add_any, lock = manager.add_file, threading.Lock()

    def add_file(session_id: str, file: UploadedFileRec) -> None:
        with lock:
            own, everything = _waiting(manager, session_id)
            size = len(file.data)
            if own + size > MOST_OF_SESSION or everything + size > MOST_OF_ALL:
                _log.warning("An upload of %d bytes was dropped: too many wait.", size)
                file = file._replace(type=_NOT_KEPT, data=b"")
            add_any(session_id, file)

    setattr(manager, add_any.__name__, add_file)


def _waiting(manager: MemoryUploadedFileManager, session_id: str) -> tuple[int, int]:
    """Bytes of a session's files, and of all files."""
    sizes = {
        session: sum(len(file.data) for file in list(files.values()))
        for session, files in list(manager.file_storage.items())
    }
    return sizes.get(session_id, 0), sum(sizes.values())


class _Janitor:
    """Ends sessions whose browser is gone, and gives back what was freed.

    Attributes:
        freed: Bytes since memory was last given back.
    """

    def __init__(self) -> None:
        self.freed = 0
        self._begun = threading.Lock()
        self._gone_since: dict[str, float] = {}

    def begin(self, runtime: Runtime) -> None:
        manager = runtime.uploaded_file_mgr
        # Not so in tests of pages, whose runtime is a stand-in.
        if not isinstance(manager, MemoryUploadedFileManager):
            return
        if self._begun.acquire(blocking=False):
            bound_uploads(manager)
            return_large_blocks()
            threading.Thread(target=self._work, args=(runtime,), daemon=True, name="memory").start()

    def _work(self, runtime: Runtime) -> None:
        while True:
            time.sleep(_BEAT)
            try:
                # Sessions belong to the thread of the event loop.
                loop = runtime._get_async_objs().eventloop
                loop.call_soon_threadsafe(self._end_sessions, runtime)
            except RuntimeError:
                # The server stops.
                return
            if self.freed >= _WORTH_IT:
                self.freed = 0
                give_back()

    def _end_sessions(self, runtime: Runtime) -> None:
        now, sessions = time.monotonic(), runtime._session_mgr.list_sessions()
        gone = [one.session.id for one in sessions if one.client is None]
        self._gone_since = {name: self._gone_since.get(name, now) for name in gone}
        for name, since in self._gone_since.items():
            if now - since >= grace_seconds():
                runtime.close_session(name)
                # Nobody knows how much it held.
                self.freed += _WORTH_IT


_janitor = _Janitor()


def return_large_blocks() -> None:
    """Has the C library return a block of a megabyte or more as soon as it is free.

    By itself glibc raises its limits with the largest block that was freed, up to 64 MB, and then
    keeps so much for each thread.
    """
    for option in (_MMAP_THRESHOLD, _TRIM_THRESHOLD):
        _of_c("mallopt", option, 2**20)


def give_back() -> None:
    """Collects garbage, and has the C library return what it keeps for later."""
    gc.collect()
    _of_c("malloc_trim", 0)


def _of_c(function: str, *arguments: int) -> None:
    # glibc's own; elsewhere there is nothing to do.
    with suppress(OSError, AttributeError, TypeError):
        getattr(ctypes.CDLL(None), function)(*arguments)
