"""From a cell of the matrix to its images, and from one of them to the reasons."""

from dataclasses import dataclass, field

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.errors import EngineError
from fmnist_core.models.prediction import Neighbours, PredictionExplanation
from fmnist_core.runs.pinned_images import MOST_PINNED, PinnedImage, PinnedImageStore
from fmnist_core.runs.trace import Snapshot, TraceWriter
from fmnist_core.settings import load_settings
from fmnist_ui.components import prediction_details
from tests.pages.played import answers
from tests.pages.reading import html, labelled, words

pytestmark = pytest.mark.usefixtures("engine_there")
NEXT_CLASS = "True Sneaker, predicted Bag"


@dataclass
class Engine:
    """Knows where a network looked; notes what it was asked."""

    heat: bool = True
    near: bool = True
    error: EngineError | None = None
    asked: list[tuple[str, int | None]] = field(default_factory=list)

    def explain_prediction(
        self, model: str, image: np.ndarray, settings: object, *, label: int | None = None
    ) -> PredictionExplanation:
        self.asked.append((model, label))
        if self.error is not None:
            raise self.error
        heat = np.ones((28, 28), np.float32) if self.heat else None
        five = np.zeros(5, np.uint8)
        images = np.zeros((5, 28, 28), np.uint8)
        near = Neighbours("synthetic-garments", np.arange(5), np.zeros(5), five, images)
        return PredictionExplanation(
            answers([0], 0.1), label or 0, heat, near if self.near else None, False
        )


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    played = Engine()
    monkeypatch.setattr(prediction_details, "explain_prediction", played.explain_prediction)
    return played


@pytest.fixture
def open_cell(open_app, make_run, engine, garments):
    """Opens the sneakers taken for bags, and one of them."""

    def opened(opened: int | None = 0):
        folder = make_run(skill=0.0)
        key = f"confusion/{folder.id}"
        session: dict[str, object] = {f"{key}/true": 7, f"{key}/predicted": 8}
        if opened is not None:
            index = int(np.flatnonzero(garments.test.labels == 7)[opened])
            session[f"{key}/cell-7-8/opened"] = index
        return open_app("evaluate", session, section="Confusion matrix"), folder

    return opened


def test_nobody_is_asked_until_an_image_is_opened(open_cell, engine):
    app, _ = open_cell(None)
    assert f"{NEXT_CLASS}: 20" in words(app)
    assert "Click an image" in words(app)
    assert engine.asked == []


def test_an_opened_image_shows_probabilities_heat_and_neighbours(open_cell, engine, garments):
    app, folder = open_cell(3)
    index = np.flatnonzero(garments.test.labels == 7)[3]
    assert f"**Test image {index}**" in words(app)
    assert html(app).count('class="bar"') == 10
    assert 'class="heat"' in html(app)
    assert 'class="alike"' in html(app)
    assert engine.asked == [(folder.id, 8)]


def test_the_heat_of_the_true_class_can_be_asked_for(open_cell, engine):
    app, folder = open_cell()
    labelled(app.segmented_control, "Grad-CAM for").set_value(7).run()
    assert engine.asked == [(folder.id, 8), (folder.id, 7)]


def test_a_network_without_convolutions_says_so(open_cell, engine):
    engine.heat, engine.near = False, False
    app, _ = open_cell()
    assert "has no convolution" in words(app)
    assert "training images are not on this machine" in words(app)


def test_an_engine_that_is_silent_leaves_the_images(open_cell, engine):
    engine.error = EngineError("The engine gave no answer.")
    app, _ = open_cell()
    assert "No explanation: The engine gave no answer" in words(app)
    assert f"{NEXT_CLASS}: 20" in words(app)
    assert not app.error


def test_an_image_that_is_not_in_the_cell_is_not_open(open_cell, engine):
    app, folder = open_cell()
    app.selectbox(key=f"confusion/{folder.id}/predicted").set_value(0).run()
    assert "No image is in this cell" in words(app)
    assert len(engine.asked) == 1


def test_an_image_can_be_pinned(open_cell):
    app, _ = open_cell()
    labelled(app.button, "Pin image").click().run()
    (pinned_image,) = PinnedImageStore(load_settings()).list()
    assert (pinned_image.label, pinned_image.source) == (7, "test image")
    assert pinned_image.name.startswith("Test image ")


def test_too_many_pins_are_explained(open_cell):
    for number in range(MOST_PINNED):
        PinnedImageStore(load_settings()).pin(PinnedImage(np.full((28, 28), number, np.uint8), "x"))
    app, _ = open_cell()
    labelled(app.button, "Pin image").click().run()
    assert "can be pinned" in app.error[0].value


def matrix(open_app, view: str, **query: str) -> AppTest:
    return open_app("evaluate", {"matrix_view": view}, section="Confusion matrix", **query)


def against(open_app, **query: str) -> AppTest:
    return matrix(open_app, "Against another run", **query)


def test_without_a_second_run_there_is_nothing_to_lay_against(open_app, make_run):
    make_run()
    assert "no second evaluated run" in words(against(open_app))


def test_two_runs_are_laid_against_each_other(open_app, make_run):
    make_run("weak", skill=0.5)
    strong = make_run("strong", skill=0.8)
    app = against(open_app, run=strong.id)
    said = "60 of 200 test images have another prediction: 60 are correct only with this run"
    assert said in words(app)
    sides = labelled(app.segmented_control, "Which images")
    assert sides.options[1] == "Only other run: 0"
    assert "correctly" in app.subheader[1].value
    sides.set_value(1).run()
    assert "No image." in words(app)


def test_a_run_on_other_images_cannot_be_laid_against(open_app, make_run, garments):
    other = make_run("other")
    value = other.evaluation_path.read_text()
    other.evaluation_path.write_text(value.replace(garments.identity.fingerprint, "0" * 64))
    mine = make_run("mine")
    app = against(open_app, run=mine.id)
    assert "same images" in app.error[0].value


def test_the_other_runs_damaged_predictions_are_explained(open_app, make_run):
    make_run("other").predictions_path.write_bytes(b"PK\x03\x04 not a zip")
    mine = make_run("mine")
    app = against(open_app, run=mine.id)
    assert "predictions.npz is damaged" in app.error[0].value


def write_trace(folder, *epochs: float) -> None:
    writer = TraceWriter(folder.trace_path)
    facts = {"attempt": 1, "epoch": 0, "epochs": 3, "steps_per_epoch": 9}
    writer.begin(**facts, watched="validation", layers=[], pinned_images=[])
    for number, moment in enumerate(epochs):
        confusion = np.eye(10, dtype=np.int32) * 10
        confusion[6, 0], confusion[6, 6] = 8 - number, 2 + number
        none = np.zeros((0, 10), np.float32)
        writer.snapshot(Snapshot(moment, 9 * number, 0, confusion, None, none, ()))
    writer.close()


def test_a_run_without_a_trace_says_so(open_app, make_run):
    make_run()
    app = matrix(open_app, "Over the epochs")
    assert "has no snapshots" in words(app)


def test_the_matrix_moves_with_the_slider(open_app, make_run):
    write_trace(make_run(), 0, 0.5, 1)
    app = matrix(open_app, "Over the epochs")
    assert "94.0% of 100 validation images classified correctly after 1 epochs" in words(app)
    assert "True Shirt, predicted T-shirt/top" in words(app)
    app.select_slider[0].set_value(0.0).run()
    assert "92.0% of 100" in words(app)


def test_a_single_snapshot_has_no_slider(open_app, make_run):
    write_trace(make_run(), 0)
    app = matrix(open_app, "Over the epochs")
    assert not app.select_slider
    assert "92.0% of 100" in words(app)


def test_a_damaged_trace_shows_the_rest(open_app, make_run):
    folder = make_run()
    write_trace(folder, 0, 1)
    with folder.trace_path.open("a") as file:
        file.write('{"kind": "snapshot", "epochs": 2}\nnot a line\n')
    app = matrix(open_app, "Over the epochs")
    assert "93.0% of 100" in words(app)
    assert "cannot be read" in words(app)
