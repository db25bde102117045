"""Fetching the files, from mirrors that work and mirrors that do not."""

import hashlib
import multiprocessing
import threading
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from fmnist_core.datasets.download import OFFICIAL_MIRRORS, download_files, mirrors_from_environment
from fmnist_core.datasets.locations import download_folder
from fmnist_core.datasets.progress import DataStoppedError, Listener, Progress
from fmnist_core.datasets.verification import Verifier
from fmnist_core.errors import NoDataError, StorageError

LARGEST = "train-images-idx3-ubyte.gz"


@pytest.fixture
def fetch(published, settings):
    def fetch(*mirrors, listener=None, settings=settings):
        return download_files(
            settings,
            Verifier(settings.cache_dir / "verified.json"),
            wanted=published.catalogue.files,
            mirrors=[mirror if isinstance(mirror, str) else mirror.url for mirror in mirrors],
            listener=listener,
        )

    return fetch


def begun(settings, content: bytes) -> None:
    """A download of the largest file that was broken off."""
    part = download_folder(settings) / f"{LARGEST}.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(content)


def assert_complete(folder: Path, published) -> None:
    for file in published.catalogue.files:
        assert hashlib.md5((folder / file.name).read_bytes()).hexdigest() == file.md5
    assert sorted(path.name for path in folder.iterdir() if path.name != ".lock") == sorted(
        file.name for file in published.catalogue.files
    )


def test_all_files_are_fetched_and_progress_ends_at_the_total(published, serve, fetch):
    seen: list[Progress] = []
    folder = fetch(serve(published.folder), listener=Listener(progress=seen.append))
    assert_complete(folder, published)
    done = [progress.done for progress in seen]
    assert done == sorted(done)
    assert done[-1] == seen[-1].total == sum(file.size for file in published.catalogue.files)


def test_a_second_call_asks_the_network_nothing(published, serve, fetch):
    fetch(serve(published.folder))
    silent = serve(published.folder)
    fetch(silent)
    assert silent.requests == []


@pytest.mark.parametrize("damage", [lambda data: data[:100], lambda data: b"\0" * len(data)])
def test_a_damaged_file_in_the_cache_is_named_and_fetched_again(
    published, serve, fetch, settings, damage
):
    broken = published.copy_to(download_folder(settings)) / LARGEST
    broken.write_bytes(damage(broken.read_bytes()))
    notices: list[str] = []
    mirror = serve(published.folder)
    folder = fetch(mirror, listener=Listener(notice=notices.append))
    assert_complete(folder, published)
    assert [name for name, _ in mirror.requests] == [LARGEST]
    assert any(LARGEST in notice for notice in notices)


def test_a_broken_connection_goes_on_where_it_broke(published, serve, fetch):
    mirror = serve(published.folder, break_after=100_000, breaks=1)
    assert_complete(fetch(mirror), published)
    ranges = [wanted for name, wanted in mirror.requests if name == LARGEST]
    assert len(ranges) == 2
    assert ranges[0] == ""
    start = int(ranges[1].removeprefix("bytes=").removesuffix("-"))
    assert 0 < start <= 100_000


def test_a_server_without_ranges_is_asked_from_the_start(published, serve, fetch):
    mirror = serve(published.folder, ranges=False, break_after=100_000, breaks=1)
    assert_complete(fetch(mirror), published)


def test_a_mirror_that_always_breaks_is_left_for_the_next_which_sends_the_rest(
    published, serve, fetch
):
    worse = serve(published.folder, break_after=70_000, breaks=10**6, ranges=False)
    better = serve(published.folder)
    assert_complete(fetch(worse, better), published)
    assert better.requests[0][1].startswith("bytes=")


@pytest.mark.parametrize("status", [404, 500, 503])
def test_a_mirror_that_is_down_is_left_for_the_next_and_asked_only_once(
    published, serve, fetch, status
):
    down, up = serve(published.folder, status=status), serve(published.folder)
    assert_complete(fetch(down, up), published)
    assert len(down.requests) == 1


def test_a_mirror_that_nobody_answers_at_is_left_for_the_next(published, serve, fetch):
    assert_complete(fetch("http://127.0.0.1:9/", serve(published.folder)), published)


@pytest.mark.parametrize("change", [lambda data: data[:-1] + b"x", lambda data: data + b"more"])
def test_a_foreign_file_is_never_used(published, serve, fetch, tmp_path, change):
    folder = published.copy_to(tmp_path / "foreign")
    (folder / LARGEST).write_bytes(change((folder / LARGEST).read_bytes()))
    notices: list[str] = []
    foreign, good = serve(folder), serve(published.folder)
    assert_complete(fetch(foreign, good, listener=Listener(notice=notices.append)), published)
    assert any("another file" in notice for notice in notices)


def test_a_login_page_in_place_of_the_file_is_refused(published, serve, fetch, tmp_path):
    portal = tmp_path / "portal"
    portal.mkdir()
    for file in published.catalogue.files:
        (portal / file.name).write_text("<html>Please log in</html>")
    with pytest.raises(NoDataError, match=LARGEST):
        fetch(serve(portal))
    good = serve(published.folder)
    assert_complete(fetch(serve(portal), good), published)
    assert {wanted for _, wanted in good.requests} == {""}


@pytest.mark.parametrize("size", [50_000, 1_000_000])
def test_a_part_that_began_elsewhere_is_thrown_away(published, serve, fetch, settings, size):
    begun(settings, b"\0" * size)
    assert_complete(fetch(serve(published.folder)), published)


def test_a_part_that_is_whole_is_not_asked_for_again(published, serve, fetch, settings):
    begun(settings, (published.folder / LARGEST).read_bytes())
    mirror = serve(published.folder)
    assert_complete(fetch(mirror), published)
    assert LARGEST not in [name for name, _ in mirror.requests]


def test_stopping_keeps_the_part_and_the_next_start_goes_on(published, serve, fetch, settings):
    stop = threading.Event()

    def stop_in_the_middle(progress: Progress) -> None:
        if progress.done > 60_000:
            stop.set()

    mirror = serve(published.folder)
    with pytest.raises(DataStoppedError):
        fetch(mirror, listener=Listener(progress=stop_in_the_middle, should_stop=stop))
    part = download_folder(settings) / f"{LARGEST}.part"
    kept = part.stat().st_size
    assert kept > 60_000
    assert_complete(fetch(mirror), published)
    assert mirror.requests[1] == (LARGEST, f"bytes={kept}-")


def test_two_processes_at_once_fetch_each_file_once(published, serve, settings):
    mirror = serve(published.folder, pause=0.02)
    verifier = Verifier(settings.cache_dir / "verified.json")
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        asked = {"wanted": published.catalogue.files, "mirrors": [mirror.url]}
        calls = [pool.submit(download_files, settings, verifier, **asked) for _ in range(2)]
        folders = {call.result(timeout=60) for call in calls}
    assert len(folders) == 1
    assert_complete(folders.pop(), published)
    assert len(mirror.requests) == 4


def test_who_waits_for_another_is_told_so_and_can_stop(published, serve, fetch, settings):
    slow = serve(published.folder, pause=0.2)
    started, stop, enough = threading.Event(), threading.Event(), threading.Event()

    def first() -> None:
        with pytest.raises(DataStoppedError):
            fetch(slow, listener=Listener(lambda _: started.set(), should_stop=enough))

    thread = threading.Thread(target=first)
    thread.start()
    assert started.wait(10)
    notices: list[str] = []

    def stop_when_told(notice: str) -> None:
        notices.append(notice)
        stop.set()

    with pytest.raises(DataStoppedError):
        fetch(slow, listener=Listener(notice=stop_when_told, should_stop=stop))
    enough.set()
    thread.join(10)
    assert "Another process" in notices[0]


def test_offline_means_no_request(published, serve, fetch, settings):
    mirror = serve(published.folder)
    with pytest.raises(NoDataError, match="FMNIST_OFFLINE"):
        fetch(mirror, settings=replace(settings, offline=True))
    assert mirror.requests == []


def test_with_every_mirror_down_the_error_names_each(published, serve, fetch):
    down, closed = serve(published.folder, status=503), "http://127.0.0.1:9/"
    with pytest.raises(NoDataError) as error:
        fetch(down, closed)
    assert "503" in str(error.value)
    assert closed in str(error.value)


@pytest.mark.parametrize("home", ["/sys/fmnist-lab", "{tmp}/file"])
def test_a_folder_that_cannot_be_written_is_said_so(published, serve, fetch, settings, home):
    place = settings.home.parent
    (place / "file").write_text("in the way")
    closed = replace(settings, home=Path(home.format(tmp=place)))
    with pytest.raises(StorageError, match="FMNIST_HOME"):
        fetch(serve(published.folder), settings=closed)


def test_mirrors_come_from_the_environment_or_are_official(monkeypatch):
    assert mirrors_from_environment() == OFFICIAL_MIRRORS
    assert len(OFFICIAL_MIRRORS) >= 2
    monkeypatch.setenv("FMNIST_MIRRORS", "http://one/, http://two/")
    assert mirrors_from_environment() == ("http://one/", "http://two/")
