"""The current network: which one it is, and that all pages are about it."""

import json

import pytest

from fmnist_core.errors import EngineError
from fmnist_core.settings import load_settings
from fmnist_core.sweeps import DimensionConfig, SweepConfig, SweepFolder
from fmnist_ui.components import predictions
from tests.pages.reading import words

pytestmark = pytest.mark.usefixtures("engine_there", "no_work_left")


@pytest.fixture(autouse=True)
def no_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for an engine: what the networks say is of no interest here."""

    def refuse(*arguments: object) -> None:
        raise EngineError("Not here.")

    monkeypatch.setattr(predictions, "predict_calibrated", refuse)


PICKERS = {
    "evaluate": "evaluated_run",
    "predictions": "predicting_run",
    "explain": "inside_model",
    "training_dynamics": "overtime_run",
    "export": "taken_home",
}


def finished_at(folder, seconds: float, **changes: object) -> None:
    """Gives the run's status this time, in seconds of the year 2001, and these values."""
    path = folder.path / "status.json"
    status = json.loads(path.read_text())
    path.write_text(json.dumps({**status, "updated": 1e9 + seconds, **changes}))


@pytest.fixture
def older(make_run):
    folder = make_run("older", saved=True, skill=0.6)
    finished_at(folder, 1)
    return folder


@pytest.fixture
def newer(make_run, older):
    folder = make_run("newer", saved=True, skill=0.7)
    finished_at(folder, 2)
    return folder


def trial(run) -> None:
    """Makes the run a trial of a sweep."""
    config = SweepConfig(base=run.config, dimensions=(DimensionConfig("epochs", choices=(1, 2)),))
    sweep = SweepFolder.create(load_settings().sweeps_dir, config)
    sweep.write("trial", 1, values={"training.epochs": 1})
    sweep.write("run", 1, run=run.id, own=True)


@pytest.mark.parametrize("page", PICKERS)
def test_each_page_opens_on_the_run_that_finished_last(open_app, newer, page):
    app = open_app(page)
    assert app.selectbox(key=PICKERS[page]).value == newer.id
    assert "newer**, 70.0%" in words(app)


def test_the_choice_of_one_page_is_that_of_all(open_app, older, newer):
    app = open_app("evaluate")
    app.selectbox(key="evaluated_run").set_value(older.id).run()
    assert "older**, 60.0%" in words(app)
    for page, key in PICKERS.items():
        app.query_params.clear()
        app.switch_page(f"pages/{page}.py").run()
        assert app.selectbox(key=key).value == older.id, page


def test_what_a_link_names_becomes_the_current_network(open_app, older, newer):
    app = open_app("predictions", run=older.id)
    app.query_params.clear()
    assert "older**, 60.0%" in words(app.switch_page("pages/home.py").run())
    assert "See what older gets right and wrong" in words(app)


def test_trials_of_sweeps_and_failed_runs_do_not_become_it(open_app, newer, make_run):
    finished_at(tried := make_run("tried", saved=True), 3)
    trial(tried)
    finished_at(make_run("broken", state="failed", saved=True), 4)
    assert open_app("evaluate").selectbox(key="evaluated_run").value == newer.id
    # Only where somebody says so.
    assert open_app("evaluate", run=tried.id).selectbox(key="evaluated_run").value == tried.id


@pytest.mark.parametrize(("owner", "becomes"), [("me", True), ("somebody", False)])
def test_a_run_of_ones_own_that_finishes_later_becomes_it(
    open_app, older, newer, make_run, owner, becomes
):
    app = open_app("evaluate", {"owner": "me"}, run=older.id)
    late = make_run("late", saved=True)
    finished_at(late, 9e8)
    meta = json.loads((late.path / "meta.json").read_text())
    (late.path / "meta.json").write_text(json.dumps({**meta, "owner": owner}))
    app.query_params.clear()
    app.switch_page("pages/predictions.py").run()
    expected = late if becomes else older
    assert app.selectbox(key="predicting_run").value == expected.id


def test_a_finished_run_leads_to_the_pages_about_it(open_app, newer, older):
    app = open_app("train", run=older.id)
    labels = [button.label for button in app.button]
    assert {"Evaluate", "Try it", "Explain"} <= set(labels)
    assert "older**, 60.0%" in words(app)
