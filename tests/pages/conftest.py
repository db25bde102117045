"""A lab with runs in it: made from a few hundred garments and invented answers, without Keras."""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from streamlit.runtime.scriptrunner import script_runner
from streamlit.testing.v1 import AppTest

from fmnist_core.config import override
from fmnist_core.config.presets import preset
from fmnist_core.datasets.array_cache import save_arrays
from fmnist_core.datasets.dataset import Dataset
from fmnist_core.datasets.synthetic import synthetic_folder
from fmnist_core.engine import lifecycle
from fmnist_core.engine.lifecycle import only_engine
from fmnist_core.evaluation import Evaluation, store
from fmnist_core.runs.events import EventWriter
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import Settings, load_settings
from fmnist_ui.components.data_job import current_work, stop_work
from fmnist_ui.navigation import run_page

ROOT = Path(__file__).parent.parent.parent
MakeRun = Callable[..., RunFolder]


@pytest.fixture(autouse=True)
def own_main(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streamlit puts the page in the place of `__main__`, which processes begin by running."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture(autouse=True)
def no_session_to_clear(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in the server, which never has Keras.

    Where tests before these loaded it, Streamlit would clear its session after each run of a page,
    and each would take three times as long.
    """
    monkeypatch.setattr(script_runner, "_clean_problem_modules", lambda: None)


@pytest.fixture(autouse=True)
def navigation_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a server that was asked for a page before: `app.py` runs.

    Each run of an `AppTest` is of a fresh server, which begins anew at once and forgets the click.
    """
    monkeypatch.setattr(script_runner, "_mpa_v1", lambda main_script: run_page())


@pytest.fixture(autouse=True)
def no_exception(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a test does on a page, none of its runs ends in an exception."""
    run = AppTest._run

    def checked(self: AppTest, *arguments: object, **options: object) -> AppTest:
        run(self, *arguments, **options)
        assert not self.exception
        return self

    monkeypatch.setattr(AppTest, "_run", checked)


@pytest.fixture(autouse=True)
def no_engine_left(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Stops the engine that a page began for this test's runs: it would outlive the tests."""
    start = lifecycle.start_supervisor
    begun: list[Settings] = []

    def noted(settings: Settings) -> bool:
        begun.append(settings)
        return start(settings)

    monkeypatch.setattr(lifecycle, "start_supervisor", noted)
    yield
    for settings in begun:
        lifecycle.stop_engine(settings)


@pytest.fixture
def no_work_left() -> Iterator[None]:
    """Ends what a page began to fetch or to draw."""
    yield
    stop_work()
    work = current_work()
    if work is not None:
        assert work.job.wait(10)
    st.cache_resource.clear()


@pytest.fixture
def open_app() -> Callable[..., AppTest]:
    """Opens a page by its file's name, with what the session knows and the address says."""

    def opened(name: str, session: dict[str, object] | None = None, **query: str) -> AppTest:
        # Links to other pages are relative to the front door, so it comes first.
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
        app.switch_page(f"pages/{name}.py")
        for key, value in query.items():
            app.query_params[key] = value
        for key, value in (session or {}).items():
            app.session_state[key] = value
        return app.run()

    return opened


@pytest.fixture
def engine_there(home: Path) -> Iterator[None]:
    """Holds the engine's lock, so that no real one is started by a page."""
    with only_engine(load_settings()) as alone:
        assert alone
        yield


@pytest.fixture
def make_run(garments: Dataset) -> MakeRun:
    """Makes run folders; the garments are in the cache, so that pages can show them."""
    save_arrays(synthetic_folder(load_settings()), garments)

    def made(
        name: str = "a run",
        *,
        state: str = "finished",
        epochs: int = 3,
        skill: float = 0.8,
        judged: bool = True,
        data: Dataset = garments,
        changes: tuple[str, ...] = (),
        saved: bool = False,
        **status: object,
    ) -> RunFolder:
        assignments = (f"dataset={data.identity.name}", f"epochs={max(1, epochs)}", *changes)
        config = override(preset("tiny").config, assignments)
        folder = RunFolder.create(load_settings().runs_dir, config, name=name)
        (folder.path / "provenance.json").write_text(json.dumps({"data": data.identity.to_json()}))
        write_events(folder, epochs)
        if epochs:
            (folder.path / "checkpoint.json").write_text("{}")
        if saved:
            # Of the network only the digest matters.
            folder.model_path.write_bytes(b"weights")
        if judged and epochs:
            status["test_accuracy"] = judge(folder, data, skill).accuracy
        folder.change_status(
            state=state, epoch=epochs, epochs=config.training.epochs, seconds=2.0 * epochs, **status
        )
        return folder

    return made


@pytest.fixture
def saved_run(make_run: MakeRun) -> RunFolder:
    return make_run("mine", saved=True)


@pytest.fixture
def busy(make_run: MakeRun) -> RunFolder:
    """A run that the engine trains."""
    return make_run("busy", state="running", judged=False, worker="training-1")


@pytest.fixture
def open_inside(open_app: Callable[..., AppTest], saved_run: RunFolder) -> Callable[..., AppTest]:
    """Opens a section of the page Inside for such a run."""

    def opened(section: str, session: dict[str, object] | None = None, **query: str) -> AppTest:
        return open_app("explain", session, **{"model": saved_run.id, "section": section, **query})

    return opened


def judged_on(folder: RunFolder, **data: object) -> None:
    """As if the run had been judged on other images."""
    value = json.loads(folder.evaluation_path.read_text())
    value["data"] |= data
    folder.evaluation_path.write_text(json.dumps(value))


def write_events(folder: RunFolder, epochs: int) -> None:
    writer = EventWriter(folder.events_path)
    writer.write("start", attempt=1, epoch=0, epochs=epochs, steps_per_epoch=9, train_images=540)
    for number in range(epochs):
        figures = {"loss": 1 / (number + 1), "accuracy": 0.7, "learning_rate": 1e-3}
        writer.write("batch", epoch=number, step=9, images_per_second=500.0, **figures)
        validation = {"val_loss": 0.9, "val_accuracy": 0.6 + number / 100}
        writer.write("epoch", epoch=number + 1, seconds=2.0, **figures, **validation)
    writer.close()


def judge(folder: RunFolder, data: Dataset, skill: float) -> Evaluation:
    """Answers that are right for the share `skill` of the images and else one class further on."""
    labels = data.test.labels.astype(int)
    wrong = np.arange(len(labels)) >= skill * len(labels)
    said = (labels + wrong) % 10
    probabilities = np.full((len(labels), 10), 0.02, dtype=np.float32)
    probabilities[np.arange(len(labels)), said] = 0.82
    evaluation = Evaluation.from_probabilities(
        probabilities, data.test.labels, data=data.identity.to_json(), weights="best", epoch=2
    )
    store(folder, evaluation, probabilities, data.test.labels)
    return evaluation
