"""The sections of the Evaluate page: each computed when it is open, each on whatever is there."""

import json

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.datasets.dataset import Dataset
from fmnist_core.evaluation import Evaluation, store
from fmnist_core.evaluation.store import load_evaluation
from fmnist_ui.links import EVALUATE_SECTIONS
from tests.pages.conftest import judged_on
from tests.pages.reading import accuracy_said, labelled, metrics, words

pytestmark = pytest.mark.usefixtures("engine_there")

SECTIONS = [one for one in EVALUATE_SECTIONS if one != "Label issues"]


def whole(app: AppTest) -> bool:
    """Nothing was left to the catch-all."""
    return "could not be shown" not in words(app)


@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.parametrize("skill", [0.0, 0.8, 1.0])
def test_each_section_shows_any_run(open_app, make_run, section, skill):
    make_run(skill=skill)
    app = open_app("evaluate", section=section)
    assert whole(app)
    assert not app.error


@pytest.mark.parametrize("section", SECTIONS)
def test_without_predictions_each_section_shows_the_rest(open_app, make_run, section):
    make_run().predictions_path.unlink()
    app = open_app("evaluate", section=section)
    assert whole(app)
    assert accuracy_said(app) == "80.00%"
    if section != "Compare":
        assert "missing" in words(app)


@pytest.mark.parametrize("section", ["ROC & PR", "Calibration"])
def test_without_the_images_the_probabilities_still_speak(open_app, make_run, section):
    judged_on(make_run(), fingerprint="0" * 64)
    app = open_app("evaluate", section=section)
    assert whole(app)
    assert not app.error


def test_the_overview_says_it_in_sentences(open_app, make_run):
    make_run()
    text = words(open_app("evaluate"))
    assert "Lowest recall" in text
    assert "Most frequent error" in text
    assert "mean confidence 82.0%, accuracy 80.0%" in text
    assert "One seed" in text
    assert "200 test images of Synthetic garments" in text


def test_the_report_has_intervals(open_app, make_run):
    make_run()
    table = open_app("evaluate", section="Class report").dataframe[0].value
    low, high = map(float, table["Recall, 95% interval"][0].split(" to "))
    assert low < table["Recall"][0] < high
    assert table["Support"].tolist() == [20] * 10


def test_the_curves_have_areas_with_intervals(open_app, make_run):
    make_run()
    table = open_app("evaluate", section="ROC & PR").dataframe[0].value
    assert len(table) == 10
    assert set(table["Images"]) == {20}
    assert set(table["Others"]) == {180}


def test_the_temperature_moves_what_it_says_and_not_what_is_right(open_app, make_run):
    folder = make_run()
    app = open_app("evaluate", section="Calibration")
    before = metrics(app)
    app.slider(key=f"calibration/{folder.id}/temperature").set_value(2.0).run()
    after = metrics(app)
    assert (before["Mean confidence"], before["Accuracy"]) == ("82.00%", "80.00%")
    assert after["Accuracy"] == "80.00%"
    assert float(after["Mean confidence"].rstrip("%")) < 60
    assert "at temperature 2.00" in words(app)
    assert whole(app)


def test_the_fitted_optimum_is_one_press_away(open_app, make_run):
    folder = make_run()
    fitted = {"temperature": 1.31, "images": 60, "source": "60 validation images of garments"}
    folder.calibration_path.write_text(json.dumps(fitted))
    app = open_app("evaluate", section="Calibration")
    assert "Fitted on 60 validation images of garments" in words(app)
    labelled(app.button, "Fitted optimum: 1.31").click().run()
    assert app.slider(key=f"calibration/{folder.id}/temperature").value == 1.31


@pytest.mark.parametrize("stored", [None, '{"temperature": 1, "energy_threshold": 2}'])
def test_without_a_fitted_optimum_it_says_why(open_app, make_run, stored):
    folder = make_run()
    if stored:
        folder.calibration_path.write_text(stored)
    app = open_app("evaluate", section="Calibration")
    assert "an older version of the lab evaluated this run" in words(app)
    assert app.button(key="evaluate_run").label == "Evaluate it again"


def test_a_run_that_held_no_images_back_cannot_be_fitted(open_app, make_run):
    make_run(changes=("validation_share=0", "keep_weights=last"))
    app = open_app("evaluate", section="Calibration")
    assert "has no validation images" in words(app)
    assert whole(app)


def test_withholding_everything_leaves_no_accuracy(open_app, make_run):
    folder = make_run()
    app = open_app("evaluate", section="Calibration")
    app.slider(key=f"calibration/{folder.id}/threshold").set_value(99).run()
    assert metrics(app)["Coverage"] == "0.0%"
    assert metrics(app)["Selective accuracy"] == "–"
    assert whole(app)


def test_a_pair_opens_its_cell_in_the_matrix(open_app, make_run):
    folder = make_run(skill=0.5)
    app = open_app("evaluate", section="Errors")
    app.button(key=f"errors/{folder.id}/8-9").click().run()
    assert app.session_state["section"] == "Confusion matrix"
    assert app.selectbox(key=f"confusion/{folder.id}/true").value == 8
    assert app.selectbox(key=f"confusion/{folder.id}/predicted").value == 9
    assert whole(app)


def test_a_perfect_run_has_no_errors_to_show(open_app, make_run):
    make_run(skill=1.0)
    assert "are classified correctly" in words(open_app("evaluate", section="Errors"))


def test_a_better_run_is_better_by_more_than_chance(open_app, make_run):
    make_run("weak", skill=0.5), make_run("strong", skill=0.8, changes=("learning_rate=0.01",))
    app = open_app("evaluate", section="Compare")
    assert metrics(app)["Difference, points"] == "+30.00"
    assert "strong is significantly better than weak" in words(app)
    assert "| only strong | 60 |" in words(app)
    assert "| only weak | 0 |" in words(app)


def test_nearly_the_same_may_be_chance(open_app, make_run):
    make_run("one", skill=0.80), make_run("two", skill=0.81)
    text = words(open_app("evaluate", section="Compare"))
    assert "The difference is not significant" in text


def test_equal_answers_are_said_to_be_equal(open_app, make_run):
    make_run("one"), make_run("two")
    assert "both classify the same images correctly" in words(
        open_app("evaluate", section="Compare")
    )


def test_other_images_are_refused(open_app, make_run):
    judged_on(make_run("other"), name="fashion-mnist", fingerprint="1")
    make_run("mine")
    app = open_app("evaluate", section="Compare")
    assert "where both were tried on the same images" in words(app)
    assert "Difference, points" not in metrics(app)


def few(folder, data: Dataset) -> None:
    """Judges the run on a tenth of the images."""
    labels = data.test.labels[:20]
    rows = np.eye(10, dtype=np.float32)[labels]
    figures = Evaluation.from_probabilities(
        rows, labels, data=data.identity.to_json(), weights="best", epoch=1
    )
    store(folder, figures, rows, labels)


def test_another_number_of_images_is_refused(open_app, make_run, garments):
    few(make_run("few"), garments)
    make_run("all")
    text = words(open_app("evaluate", section="Compare"))
    assert "20 test images" in text
    assert "200 test images" in text
    assert "where both were tried on the same images" in text


def test_a_damaged_second_run_is_explained(open_app, make_run):
    make_run("broken").predictions_path.write_bytes(b"PK")
    make_run("mine")
    app = open_app("evaluate", section="Compare")
    assert "predictions.npz is damaged" in words(app)
    assert whole(app)


def test_seeds_of_one_configuration_are_one_entry(open_app, make_run):
    for seed, skill in enumerate((0.80, 0.82, 0.81)):
        make_run("mine", skill=skill, changes=(f"seed={seed}",))
    app = open_app("evaluate", section="Compare")
    (table,) = (frame.value for frame in app.dataframe)
    assert table["Seeds"].tolist() == [3]
    assert table["Mean"].tolist() == ["81.00%"]
    assert table["SD"].tolist() == ["1.00"]
    assert "3 seeds** of this configuration: mean 81.00%" in words(open_app("evaluate"))


def test_two_configurations_are_compared_by_their_seeds(open_app, make_run):
    for seed in (0, 1):
        slow = make_run("slow", skill=0.5 + seed / 100, changes=(f"seed={seed}",))
        rate = (f"seed={seed}", "learning_rate=0.01")
        quick = make_run("quick", skill=0.8 + seed / 100, changes=rate)
    app = open_app("evaluate", section="Compare", run=quick.id)
    text = words(app.selectbox(key=f"versus/{quick.id}/other").set_value(slow.id).run())
    assert "**quick is better than slow by 30.00 points** on test images" in text
    assert "**significant**" in text
    assert "2 and 2 seeds are few" in text


def test_the_overview_leads_to_the_images_of_the_most_frequent_error(open_app, make_run):
    folder = make_run(saved=True)
    app = open_app("evaluate", run=folder.id)
    app.button(key="overview_cell").click().run()
    (pair,) = load_evaluation(folder).most_confused(1)
    assert app.query_params["section"] == "Confusion matrix"
    assert app.query_params["cell"] == f"{pair.true}-{pair.predicted}"
