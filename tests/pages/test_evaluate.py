"""The Evaluate page: figures, the images behind them, and what is missing."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.array_files import write_arrays
from fmnist_core.datasets.label_issues import near_duplicates
from fmnist_core.evaluation import load_predictions
from fmnist_core.settings import load_settings
from fmnist_ui.explain.page import SECTIONS as INSIDE
from fmnist_ui.links import EVALUATE_SECTIONS, INSIDE_SECTIONS
from fmnist_ui.results.evaluate_page import SECTIONS as EVALUATE
from tests.pages.conftest import judged_on
from tests.pages.reading import metrics, words

pytestmark = pytest.mark.usefixtures("engine_there")


def heading_of_cell(app: AppTest) -> str:
    return app.subheader[1].value


def test_without_runs_there_is_one_next_step(open_app):
    app = open_app("evaluate")
    assert "No finished run of your own yet" in words(app)
    assert "Train your own" in [link.proto.label for link in app.get("page_link")]


def test_while_the_first_run_trains_it_says_so(open_app, make_run):
    folder = make_run(state="running", worker="here", epochs=1, judged=False)
    with folder.hold():
        assert "still training" in words(open_app("evaluate"))


def test_figures_and_what_they_rest_on(open_app, make_run):
    make_run("mine")
    app = open_app("evaluate")
    assert metrics(app)["Test accuracy"] == "80.00%"
    assert metrics(app)["95% interval"] == "73.9 – 85.0%"
    assert metrics(app)["Errors"] == "40"
    assert "200 test images of Synthetic garments · best weights, after 2 epochs" in words(app)
    assert "not on Fashion-MNIST" in words(app)
    assert "mine  ·  80.00%  ·  synthetic garments" in app.selectbox[0].options[0]


def test_the_page_begins_at_the_commonest_mistake_and_sentences_choose_cells(open_app, make_run):
    make_run(skill=0.5)
    app = open_app("evaluate", section="Confusion matrix")
    sentences = [button.label for button in app.button if ", predicted " in button.label]
    first = sentences[0].split(": ")
    assert heading_of_cell(app) == f"{first[0]}: {first[1].split(' ')[0]}"
    assert len(sentences) == 7
    button = [button for button in app.button if ", predicted " in button.label][3]
    name = button.label.split(":")[0]
    assert heading_of_cell(button.click().run()).startswith(name)


def test_select_boxes_choose_the_images(open_app, make_run):
    folder = make_run(skill=0.5)
    app = open_app("evaluate", section="Confusion matrix")
    key = f"confusion/{folder.id}"
    app.selectbox(key=f"{key}/true").set_value(6)
    app.selectbox(key=f"{key}/predicted").set_value(7).run()
    assert heading_of_cell(app).startswith("True Shirt, predicted Sneaker: ")
    app.selectbox(key=f"{key}/predicted").set_value(0).run()
    assert heading_of_cell(app) == "True Shirt, predicted T-shirt/top: 0"
    assert "No image is in this cell" in words(app)


def test_the_address_names_the_run_and_another_can_be_chosen(open_app, make_run):
    old, _ = make_run("old", skill=0.5), make_run("new")
    assert metrics(open_app("evaluate"))["Test accuracy"] == "80.00%"
    assert metrics(open_app("evaluate", run=old.id))["Test accuracy"] == "50.00%"
    app = open_app("evaluate")
    app.selectbox(key="evaluated_run").set_value(old.id).run()
    assert metrics(app)["Test accuracy"] == "50.00%"


def test_an_address_that_names_no_run_says_so(open_app, make_run):
    make_run()
    app = open_app("evaluate", run="../../etc")
    assert "nothing to show here" in words(app)
    assert metrics(app)["Test accuracy"] == "80.00%"


def test_what_was_learned_before_a_crash_can_be_evaluated(open_app, make_run):
    make_run(state="crashed", judged=False, error="It was killed.", advice="Go on.")
    app = open_app("evaluate")
    assert "It was killed." in words(app)
    assert app.button(key="evaluate_run").label == "Evaluate the saved weights"


def test_a_run_that_learned_nothing_says_so(open_app, make_run):
    make_run(state="failed", epochs=0, error="NaN.")
    app = open_app("evaluate")
    assert "saved no weights" in words(app)
    assert not app.button


def test_a_damaged_evaluation_is_explained(open_app, make_run):
    make_run().evaluation_path.write_text("{")
    app = open_app("evaluate")
    assert "evaluation.json is damaged" in words(app)
    assert app.button(key="evaluate_run")


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 not a zip"])
def test_damaged_predictions_leave_the_figures(open_app, make_run, damage):
    make_run().predictions_path.write_bytes(damage)
    app = open_app("evaluate")
    assert metrics(app)["Test accuracy"] == "80.00%"
    assert "predictions.npz is damaged" in words(app)


def test_other_images_of_the_same_name_are_not_shown(open_app, make_run):
    judged_on(make_run(), fingerprint="0" * 64)
    app = open_app("evaluate")
    assert "not on this machine" in words(app)
    assert metrics(app)["Test accuracy"] == "80.00%"


def test_missing_official_images_leave_the_figures(open_app, make_run):
    judged_on(make_run(), name="fashion-mnist", official=True)
    app = open_app("evaluate")
    assert metrics(app)["Test accuracy"] == "80.00%"
    assert len(app.error) == 1


def test_a_link_may_name_every_section_and_no_other():
    assert tuple(name for name, _ in EVALUATE) == EVALUATE_SECTIONS
    assert tuple(section.title for section in INSIDE) == INSIDE_SECTIONS


def test_a_cell_and_how_it_is_shown_come_from_the_link(open_app, make_run):
    run = make_run()
    choices = {"matrix": "This run", "cells": "% of the true class", "cell": "6-2"}
    app = open_app("evaluate", run=run.id, section="Confusion matrix", **choices)
    assert app.selectbox(key=f"confusion/{run.id}/true").value == 6
    assert app.selectbox(key=f"confusion/{run.id}/predicted").value == 2
    assert app.session_state["confusion_cells"] == "% of the true class"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Matrix", "Confusion matrix"),
        ("Classes", "Class report"),
        ("Curves", "ROC & PR"),
        ("Suspects", "Label issues"),
    ],
)
def test_a_section_opens_by_its_older_name(open_app, make_run, old, new):
    app = open_app("evaluate", run=make_run().id, section=old)
    assert app.session_state["section"] == new
    assert app.query_params["section"] == new
    assert "could not be followed" not in words(app)


def test_cells_are_shown_by_their_older_name(open_app, make_run):
    choices = {"matrix": "This run", "cells": "Per cent of the true class", "cell": "6-2"}
    app = open_app("evaluate", run=make_run().id, section="Matrix", **choices)
    assert app.session_state["confusion_cells"] == "% of the true class"


def test_what_is_chosen_is_told_to_the_address(open_app, make_run):
    run = make_run()
    app = open_app("evaluate", run=run.id, section="Confusion matrix")
    app.selectbox(key=f"confusion/{run.id}/true").set_value(4).run()
    assert app.query_params["cell"].startswith("4-")


def test_temperature_and_threshold_come_from_the_link(open_app, make_run):
    run = make_run()
    app = open_app("evaluate", run=run.id, section="Calibration", temperature="1.5", threshold="80")
    values = {slider.label: slider.value for slider in app.slider}
    assert values["Temperature"] == 1.5
    assert values["Confidence threshold"] == 80


def test_the_other_run_comes_from_the_link(open_app, make_run):
    first, second, third = make_run("one"), make_run("two"), make_run("three")
    app = open_app("evaluate", run=first.id, section="Compare", other=second.id)
    assert app.selectbox(key=f"versus/{first.id}/other").value == second.id
    app.selectbox(key=f"versus/{first.id}/other").set_value(third.id).run()
    assert app.query_params["other"] == third.id


@pytest.mark.parametrize(
    "choices",
    [
        {"section": "Matrx"},
        {"section": "Confusion matrix", "cell": "66-2"},
        {"section": "Calibration", "temperature": "1e9"},
        {"section": "Calibration", "threshold": "nan"},
    ],
)
def test_what_cannot_be_followed_is_said(open_app, make_run, choices):
    make_run()
    app = open_app("evaluate", **choices)
    assert "could not be followed" in words(app)


def test_near_duplicates_are_left_out_also_of_an_older_evaluation(
    open_app, make_run, garments, monkeypatch
):
    def searched(*_: object) -> None:
        raise AssertionError("A page does not search.")

    monkeypatch.setattr(near_duplicates, "find_copies", searched)
    folder = make_run("older")
    # Nobody has searched for them yet.
    assert metrics(open_app("evaluate"))["Test accuracy"] == "80.00%"
    assert "Accuracy without near-duplicates" not in metrics(open_app("evaluate"))
    kept = load_settings().cache_dir / "near-duplicates" / f"{garments.identity.fingerprint}.npz"
    write_arrays(kept, test=np.arange(60))
    told = metrics(open_app("evaluate"))
    assert list(told)[:3] == ["Test accuracy", "95% interval", "Accuracy without near-duplicates"]
    right = load_predictions(folder).right[60:].mean()
    assert told["Accuracy without near-duplicates"] == f"{right:.2%}"
    write_arrays(kept, test=np.arange(0))
    assert "Accuracy without near-duplicates" not in metrics(open_app("evaluate"))
    write_arrays(kept, test=np.arange(100, 300))
    assert "Accuracy without near-duplicates" in metrics(open_app("evaluate"))
    judged_on(folder, fingerprint="../../secrets")
    assert "Accuracy without near-duplicates" not in metrics(open_app("evaluate"))
