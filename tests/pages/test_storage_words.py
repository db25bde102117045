"""A disk that is full or cannot be written is said on every page."""

from __future__ import annotations

import shutil
from types import SimpleNamespace

import pytest

PAGES = ["data", "train", "runs", "evaluate", "predictions"]
pytestmark = pytest.mark.usefixtures("engine_there")


def sidebar(app) -> str:
    return "\n".join(part.value for part in app.sidebar.markdown)


@pytest.mark.parametrize("page", PAGES)
def test_little_space_is_said_on_every_page(open_app, make_run, monkeypatch, page):
    make_run()
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=42_000_000))
    app = open_app(page)
    assert "Disk nearly full, 42 MB free" in sidebar(app)
    assert not app.exception


def test_enough_space_is_not_worth_a_word(open_app, make_run):
    make_run()
    words = sidebar(open_app("runs"))
    assert "Disk" not in words
    assert "cannot be written" not in words


def test_a_home_that_cannot_be_written_is_said(open_app, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("FMNIST_HOME", str(tmp_path / "file"))
    app = open_app("runs")
    assert "The lab's folder cannot be written" in sidebar(app)
    assert not app.exception
