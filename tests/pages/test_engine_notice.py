"""What pages do and say where runs want an engine and none is running."""

import pytest

from fmnist_core.engine.client import start_failure
from fmnist_core.engine.lifecycle import halted_path, is_alive
from fmnist_core.runs.pretrained import SHIPPED_EVERYDAY
from fmnist_core.settings import load_settings
from tests.conftest import wait_for
from tests.pages.reading import words


def halt() -> None:
    """As a person does who stops the engine by hand."""
    path = halted_path(load_settings())
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()


@pytest.mark.parametrize("state", ["queued", "running", "paused"])
def test_a_run_that_stands_still_says_why_and_offers_the_engine(open_app, make_run, state):
    halt()
    folder = make_run("busy", state=state, judged=False, worker="training-1")
    app = open_app("train", run=folder.id)
    assert "The engine is stopped" in words(app)
    assert app.button(key="start_engine").label == "Start the engine"


def test_a_training_without_the_engine_does_not_ask_for_one(open_app, make_run):
    halt()
    folder = make_run("mine", state="running", judged=False, worker="here")
    with folder.hold():
        app = open_app("train", run=folder.id)
    assert "start_engine" not in [button.key for button in app.button]


@pytest.mark.engine
def test_an_engine_that_cannot_start_is_explained(open_app, make_run, monkeypatch):
    monkeypatch.setenv("FMNIST_SCHEDULER", "tcp://127.0.0.1:9")
    folder = make_run("busy", state="queued", judged=False, epochs=0)

    def failed() -> str:
        open_app("train", run=folder.id)
        return start_failure(load_settings())

    wait_for(failed, 180, "the failure")
    app = open_app("train", run=folder.id)
    assert "tcp" in words(app)
    assert app.button(key="start_engine").label == "Retry"
    assert "Engine failed to start" in words(app)


@pytest.mark.engine
def test_any_page_starts_the_engine_that_died_with_work_to_do(open_app, make_run):
    make_run("busy", state="running", judged=False, worker="training-1")
    open_app("evaluate")
    wait_for(lambda: is_alive(load_settings()), 180, "the engine")


def test_a_page_that_asks_a_network_says_that_the_engine_was_stopped(open_app, make_run):
    make_run()
    halt()
    app = open_app("explain", model=SHIPPED_EVERYDAY)
    assert "The engine is stopped, so no network can be asked" in words(app)
    assert not is_alive(load_settings())
    assert app.button(key="start_stopped_engine").label == "Start the engine"


@pytest.mark.engine
def test_the_button_beside_the_state_starts_a_stopped_engine(open_app):
    halt()
    app = open_app("glossary")
    app.button(key="start_stopped_engine").click().run()
    assert is_alive(load_settings())
    assert "start_stopped_engine" not in [button.key for button in app.button]
