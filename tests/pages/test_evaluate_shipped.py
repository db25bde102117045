"""The shipped networks on the pages about results: looked at like runs, and left as they are."""

import numpy as np
import pytest

from fmnist_core.evaluation import Evaluation, load_predictions, store
from fmnist_core.models.prediction import PredictionExplanation
from fmnist_core.runs.pretrained import (
    SHIPPED_CATALOGUE,
    SHIPPED_EVERYDAY,
    SHIPPED_TITLES,
    shipped_card,
    shipped_folder,
)
from fmnist_ui.components import prediction_details
from fmnist_ui.links import EVALUATE_SECTIONS
from tests.pages.played import answers
from tests.pages.reading import accuracy_said, metrics, words

pytestmark = pytest.mark.usefixtures("engine_there")

SECTIONS = [one for one in EVALUATE_SECTIONS if one != "Label issues"]
FINGERPRINT = "ca3ab2a37f845e1b8ae23cab1b51749a3011ba3bf1d9016176d75cbaabac376f"


@pytest.fixture
def official(monkeypatch, official_dir) -> None:
    monkeypatch.setenv("FMNIST_DATA_DIR", str(official_dir))


def accuracy(network: str) -> float:
    return shipped_card(network)["recipe"]["test_accuracy"]


def percent(network: str) -> str:
    return f"{accuracy(network):.2%}"


def test_without_runs_the_page_opens_with_a_shipped_network_and_says_so(open_app):
    app = open_app("evaluate")
    assert app.selectbox(key="evaluated_run").value == SHIPPED_CATALOGUE
    assert [name.split("  ·")[0] for name in app.selectbox[0].options] == [*SHIPPED_TITLES.values()]
    assert metrics(app)["Test accuracy"] == percent(SHIPPED_CATALOGUE)
    assert "Below is a network that comes with the lab" in words(app)
    assert "**Comes with the lab**" in words(app)
    epochs = shipped_card(SHIPPED_CATALOGUE)["recipe"]["epochs"]
    judged = "10,000 test images of Fashion-MNIST · last weights, after"
    assert f"{judged} {epochs} epochs" in words(app)


@pytest.mark.parametrize("section", SECTIONS)
def test_without_the_images_each_section_shows_the_rest(open_app, section):
    app = open_app("evaluate", section=section, run=SHIPPED_EVERYDAY)
    assert "could not be shown" not in words(app)
    assert accuracy_said(app) == percent(SHIPPED_EVERYDAY)
    only_figures = section in ("ROC & PR", "Calibration", "Compare")
    assert ("Fashion-MNIST is not on this machine" in words(app)) != only_figures


@pytest.mark.official
@pytest.mark.parametrize("section", EVALUATE_SECTIONS)
@pytest.mark.parametrize("network", SHIPPED_TITLES)
def test_with_the_images_each_section_shows_all(open_app, official, section, network):
    app = open_app("evaluate", section=section, run=network)
    assert not app.error
    assert "could not be shown" not in words(app)


@pytest.mark.official
def test_an_image_behind_a_cell_is_asked_about_by_the_networks_name(
    open_app, official, monkeypatch
):
    asked = []

    def explain_prediction(model: str, *_: object, **__: object) -> PredictionExplanation:
        asked.append(model)
        return PredictionExplanation(answers([0], 1.0, model), 0, None, None, gathering=False)

    monkeypatch.setattr(prediction_details, "explain_prediction", explain_prediction)
    key = f"confusion/{SHIPPED_EVERYDAY}"
    found = load_predictions(shipped_folder(SHIPPED_EVERYDAY)).cell(6, 0)
    session = {f"{key}/true": 6, f"{key}/predicted": 0, f"{key}/cell-6-0/opened": int(found[0])}
    app = open_app("evaluate", session, section="Confusion matrix", run=SHIPPED_EVERYDAY)
    assert asked == [SHIPPED_EVERYDAY]
    assert f"Test image {found[0]}" in words(app)


@pytest.mark.official
def test_nothing_on_the_page_would_change_a_shipped_network(open_app, official):
    folder = shipped_folder(SHIPPED_CATALOGUE).path
    before = {path: path.read_bytes() for path in folder.iterdir()}
    for section in ("Confusion matrix", "Calibration"):
        app = open_app("evaluate", section=section, run=SHIPPED_CATALOGUE)
        keys = {button.key for button in app.button}
        assert not {key for key in keys if key and key.startswith(("improve", "evaluate_run"))}
    app = open_app("evaluate", section="Confusion matrix", run=SHIPPED_CATALOGUE)
    assert "Remedies for Shirt and T-shirt/top are available for your own runs" in words(app)
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_runs_of_ones_own_come_first_even_one_that_was_not_judged(open_app, make_run):
    mine = make_run(state="crashed", judged=False, error="It was killed.")
    app = open_app("evaluate")
    assert app.selectbox(key="evaluated_run").value == mine.id
    assert "of your own yet" not in words(app)
    assert len(app.selectbox(key="evaluated_run").options) == 3


def test_after_a_look_at_a_shipped_network_ones_first_run_opens_all_the_same(open_app, make_run):
    app = open_app("evaluate")
    mine = make_run()
    del app.query_params["run"]
    app.switch_page("pages/predictions.py").run()
    assert app.selectbox(key="predicting_run").value == mine.id


def test_the_predictions_page_shows_a_shipped_network_too(open_app):
    app = open_app("predictions")
    assert app.selectbox(key="predicting_run").value == SHIPPED_CATALOGUE
    assert "Fashion-MNIST is not on this machine" in words(app)
    assert not [button for button in app.button if button.key == "evaluate_run"]


def test_a_run_on_the_same_images_is_compared_with_a_shipped_network(open_app, make_run):
    mine = make_run("mine")
    as_if_official(mine)
    app = open_app("evaluate", section="Compare", run=mine.id)
    key = f"versus/{mine.id}/other"
    assert app.selectbox(key=key).value == SHIPPED_CATALOGUE
    assert metrics(app)["Other run"] == percent(SHIPPED_CATALOGUE)
    assert "Shipped\\: catalog images is significantly better than mine" in words(app)


def as_if_official(folder) -> None:
    """Judges the run on the official test images: wrong about every third."""
    labels = load_predictions(shipped_folder(SHIPPED_CATALOGUE)).labels
    said = np.eye(10, dtype=np.float32)[(labels + (np.arange(len(labels)) % 3 == 0)) % 10]
    data = {"name": "fashion-mnist", "official": True, "fingerprint": FINGERPRINT}
    figures = Evaluation.from_probabilities(said, labels, data=data, weights="best", epoch=2)
    store(folder, figures, said, labels)
    (folder.path / "provenance.json").unlink()


def test_a_run_on_other_images_is_not_offered_a_shipped_network(open_app, make_run):
    make_run()
    assert "no second evaluated run" in words(open_app("evaluate", section="Compare"))


def test_a_shipped_network_is_compared_with_the_other_and_has_no_seeds(open_app):
    app = open_app("evaluate", section="Compare", run=SHIPPED_CATALOGUE)
    assert app.selectbox(key=f"versus/{SHIPPED_CATALOGUE}/other").value == SHIPPED_EVERYDAY
    difference = 100 * (accuracy(SHIPPED_CATALOGUE) - accuracy(SHIPPED_EVERYDAY))
    assert metrics(app)["Difference, points"] == f"{difference:+.2f}"
    assert [heading.value for heading in app.subheader] == ["Compare two runs"]
