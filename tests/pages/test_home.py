"""The first page: what it tells and where it sends people."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.reading import words

APP = Path(__file__).parent.parent.parent / "app.py"

pytestmark = pytest.mark.usefixtures("engine_there", "no_work_left")


def home() -> AppTest:
    return AppTest.from_file(str(APP), default_timeout=30).run()


def test_a_bare_machine_is_told_how_to_get_images():
    app = home()
    assert "Synthetic garments are in use, not Fashion-MNIST" in words(app)
    assert "Download Fashion-MNIST" in words(app)
    assert "No runs yet" in words(app)
    assert "Drawing the synthetic garments" in app.get("progress")[0].text


def test_a_running_training_is_the_next_thing_to_watch(make_run):
    make_run("older")
    make_run("busy", state="running", judged=False, worker="training-1")
    app = home()
    assert "Watch busy train" in words(app)
    assert "1 training" in words(app)


def test_a_judged_run_is_the_next_thing_to_look_at(make_run):
    make_run("mine", skill=0.8)
    app = home()
    assert "See what mine gets right and wrong" in words(app)
    assert "Test accuracy 80.0% (synthetic garments)" in words(app)
    assert "Best test accuracy: 80.0%, mine" in words(app)


@pytest.mark.parametrize(
    ("visited", "said"),
    [
        ({"evaluate"}, "See how mine decides"),
        ({"evaluate", "explain"}, "Train a better network than mine"),
    ],
)
def test_what_was_done_in_this_session_is_not_the_next_step_again(make_run, visited, said):
    make_run("mine", skill=0.8)
    app = AppTest.from_file(str(APP), default_timeout=30)
    app.session_state["visited_pages"] = visited
    assert said in words(app.run())


def test_the_strip_shows_one_picture_of_each_class(make_run):
    make_run()
    html = "".join(part.value for part in home().get("html"))
    assert html.count("<figure") == 10
    assert "Ankle boot" in html


@pytest.mark.official
def test_with_the_official_images_there_is_no_banner(monkeypatch, official_dir):
    monkeypatch.setenv("FMNIST_DATA_DIR", str(official_dir))
    app = home()
    assert "not Fashion-MNIST" not in words(app)
    assert "Train a first network" in words(app)


def test_a_wrong_setting_is_said_once_and_calmly(monkeypatch):
    monkeypatch.setenv("FMNIST_SLOTS", "many")
    app = home()
    assert len(app.error) == 1
    assert "FMNIST\\_SLOTS must be a whole number" in app.error[0].value
