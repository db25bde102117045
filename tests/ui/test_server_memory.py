"""What is held of uploads: no more than the limits, and none once it is read."""

from types import SimpleNamespace

import pytest
from streamlit import config
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFile, UploadedFileRec

from fmnist_core.errors import InputError
from fmnist_ui import server_memory
from fmnist_ui.server_memory import _Janitor, bound_uploads, content_of, release


@pytest.fixture
def manager(monkeypatch):
    monkeypatch.setattr(server_memory, "MOST_OF_SESSION", 100)
    monkeypatch.setattr(server_memory, "MOST_OF_ALL", 150)
    manager = MemoryUploadedFileManager("/upload")
    context = SimpleNamespace(uploaded_file_mgr=manager, session_id="mine")
    monkeypatch.setattr(server_memory, "get_script_run_ctx", lambda: context)
    bound_uploads(manager)
    return manager


def put(manager, session, name, size):
    record = UploadedFileRec(name, name, "image/png", b"x" * size)
    manager.add_file(session, record)
    return UploadedFile(manager.get_files(session, [name])[0], None)


def sizes(manager, session="mine"):
    return [len(file.data) for file in manager.file_storage[session].values()]


def test_a_file_too_much_for_its_session_comes_without_its_bytes_and_is_explained(manager):
    first, second = (put(manager, "mine", name, 60) for name in ("a.png", "b.png"))
    assert sizes(manager) == [60, 0]
    assert content_of(first) == b"x" * 60
    with pytest.raises(InputError, match=r"b.png was not kept.*fewer files"):
        content_of(second)


def test_all_sessions_together_have_a_limit_too(manager):
    for number in range(4):
        put(manager, f"session {number}", "a.png", 60)
    assert [sizes(manager, f"session {number}") for number in range(4)] == [[60], [60], [0], [0]]


def test_a_released_file_makes_room_and_stays_listed(manager):
    first = put(manager, "mine", "a.png", 60)
    release(first)
    assert content_of(first) == b""
    assert content_of(put(manager, "mine", "b.png", 60)) == b"x" * 60
    assert sizes(manager) == [0, 60]


@pytest.mark.parametrize(("option", "seconds"), [(None, 30), (600, 600), (5, 5)])
def test_a_session_waits_for_its_browser_for_30_s_or_as_long_as_a_person_set(
    option, seconds, monkeypatch
):
    now, closed = SimpleNamespace(at=0.0), []
    monkeypatch.setattr(server_memory.time, "monotonic", lambda: now.at)
    if option is not None:
        monkeypatch.setattr(config, "is_manually_set", lambda key: True)
        monkeypatch.setattr(config, "get_option", {"server.disconnectedSessionTTL": option}.get)
    gone = SimpleNamespace(client=None, session=SimpleNamespace(id="gone"))
    manager = SimpleNamespace(list_sessions=lambda: [gone])
    runtime, janitor = (
        SimpleNamespace(_session_mgr=manager, close_session=closed.append),
        _Janitor(),
    )
    for at in (0, seconds - 1):
        now.at = at
        janitor._end_sessions(runtime)
    assert not closed
    now.at = seconds
    janitor._end_sessions(runtime)
    assert closed == ["gone"]
