"""What the server holds after files that it refused, and after sessions whose browser is gone."""

import psutil
import pytest

from bench.memory import bad_files, memory_of, upload, visit
from tests.conftest import wait_for
from tests.e2e.conftest import PAGES

pytestmark = pytest.mark.browser

# Seconds: what a session keeps for a browser that comes back, and two rounds of cleaning up.
SOON = 60


@pytest.fixture
def server(lab):
    for name in PAGES:
        visit(lab, name)
    return psutil.Process(lab.process.pid)


def test_bytes_of_refused_files_are_free_while_the_page_is_open(lab, server, page, tmp_path):
    upload(page, lab, bad_files(tmp_path, 1, 100_000))
    before, folder = memory_of(server), tmp_path / "more"
    folder.mkdir()
    page.goto("about:blank")
    upload(page, lab, bad_files(folder, 10))
    wait_for(lambda: memory_of(server) < 1.1 * before, SOON, "the memory to be back")


def test_descriptors_of_sessions_are_free_soon_after_their_browsers_went(lab, server):
    wait_for(lambda: server.num_fds() < 30, SOON, "the sessions to end")
    before = server.num_fds()
    for number in range(20):
        visit(lab, PAGES[number % len(PAGES)])
    # Three of each session.
    assert server.num_fds() > before + 30
    wait_for(lambda: server.num_fds() <= before + 3, SOON, "the descriptors to be closed")
