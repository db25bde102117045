"""What holds for the words of every page: a full disk is said, names are shown as they are."""

import re
import shutil
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.errors import StorageError
from fmnist_core.runs.index import RunIndex

PAGES = ["data", "train", "runs", "evaluate", "predictions"]
pytestmark = pytest.mark.usefixtures("engine_there", "no_work_left")


def sidebar(app) -> str:
    return "\n".join(part.value for part in app.sidebar.markdown)


def text(app) -> str:
    return "\n".join(part.value for part in [*app.markdown, *app.caption, *app.sidebar.markdown])


@pytest.mark.parametrize("page", PAGES)
def test_little_space_is_said_on_every_page(open_app, make_run, monkeypatch, page):
    make_run()
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=42_000_000))
    app = open_app(page)
    assert "Disk nearly full, 42 MB free" in sidebar(app)


def test_enough_space_is_not_worth_a_word(open_app, make_run):
    make_run()
    words = sidebar(open_app("runs"))
    assert "Disk" not in words
    assert "cannot be written" not in words


def of_the_disk(app) -> list[str]:
    """The boxes that say so, wherever they stand; others are about images that are missing."""
    return [box.value for box in app.error if re.search("disk|writable|lab.sqlite", box.value)]


@pytest.mark.parametrize("page", [*PAGES, "home", "try", "sweeps", "explain", "export", "glossary"])
def test_a_home_that_cannot_be_written_is_said_once(open_app, monkeypatch, tmp_path, page):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("FMNIST_HOME", str(tmp_path / "file"))
    app = open_app(page)
    assert "The lab's folder is not writable" in sidebar(app)
    (box,) = of_the_disk(app)
    assert "not writable" in box


@pytest.mark.parametrize("page", ["home", "train", "runs", "evaluate"])
def test_a_full_disk_is_said_once_above_what_is_there(open_app, make_run, monkeypatch, page):
    make_run("an old run")

    def full(*_):
        raise StorageError("The list of runs cannot be used: database or disk is full.")

    monkeypatch.setattr(RunIndex, "_use", full)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=4096))
    app = open_app(page)
    (box,) = of_the_disk(app)
    assert "full" in box
    assert "an old run" in text(app)
    if page == "train":
        app.button(key="train_button").click().run()
        assert len(of_the_disk(app)) == 1
        assert [one for one in app.caption if "See the top of the page" in one.value]


NAME = "lr_*0.1*_$5 ![](http://x/y.png) :red[a] $6"


def written(app: AppTest) -> str:
    parts = [*app.markdown, *app.caption, *app.error, *app.info, *app.subheader]
    return "\n".join([*(part.value for part in parts), *(button.label for button in app.button)])


def shown_as_it_is(app: AppTest) -> None:
    """The name is there with every mark escaped, and nowhere without."""
    text = written(app)
    assert NAME not in text
    assert NAME in re.sub(r"\\(.)", r"\1", text)


@pytest.mark.parametrize("state", ["finished", "running"])
def test_on_the_first_page(open_app, make_run, state):
    make_run(NAME, state=state, worker="training-1", judged=state == "finished")
    app = open_app("data")
    shown_as_it_is(app.switch_page("pages/home.py").run())


def test_above_a_watched_run_and_in_the_queue(open_app, make_run):
    busy = make_run(NAME, state="running", judged=False, worker="training-1")
    shown_as_it_is(open_app("train", run=busy.id))
    shown_as_it_is(open_app("train", run="new"))


@pytest.mark.parametrize("page", ["train", "runs", "evaluate"])
def test_in_an_error_and_its_advice(open_app, make_run, page):
    folder = make_run("broken", state="failed", judged=False, error="It broke.", advice=NAME)
    session = {"run_table/ticked": [folder.id]}
    shown_as_it_is(open_app(page, session, run=folder.id))


def test_before_it_is_deleted(make_run):
    make_run(NAME)

    def page() -> None:
        from fmnist_core.runs.library import list_runs
        from fmnist_core.settings import load_settings
        from fmnist_ui.results import runs_page

        runs_page.delete(list_runs(load_settings()))

    shown_as_it_is(AppTest.from_function(page).run())
