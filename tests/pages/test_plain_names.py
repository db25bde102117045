"""Names and messages are shown as they are, whatever Markdown would make of them."""

from __future__ import annotations

import re

import pytest
from streamlit.testing.v1 import AppTest

NAME = "lr_*0.1*_$5 ![](http://x/y.png) :red[a] $6"
pytestmark = pytest.mark.usefixtures("engine_there")


def written(app: AppTest) -> str:
    parts = [*app.markdown, *app.caption, *app.error, *app.info, *app.subheader]
    return "\n".join([*(part.value for part in parts), *(button.label for button in app.button)])


def shown_as_it_is(app: AppTest) -> None:
    """The name is there with every mark escaped, and nowhere without."""
    assert not app.exception
    text = written(app)
    assert NAME not in text
    assert NAME in re.sub(r"\\(.)", r"\1", text)


@pytest.mark.parametrize("state", ["finished", "running"])
def test_on_the_first_page(open_app, make_run, state):
    make_run(NAME, state=state, worker="training-1", judged=state == "finished")
    app = open_app("data")
    shown_as_it_is(app.switch_page("app.py").run())


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
