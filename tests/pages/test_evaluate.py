"""The Evaluate page: figures, the images behind them, and what is missing."""

from __future__ import annotations

import json

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.reading import words

pytestmark = pytest.mark.usefixtures("engine_there")


def metrics(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def heading_of_cell(app: AppTest) -> str:
    return app.subheader[1].value


def test_without_runs_there_is_one_next_step(open_app):
    app = open_app("evaluate")
    assert "No finished run of your own yet" in words(app)
    assert "Train one of your own" in [link.proto.label for link in app.get("page_link")]
    assert not app.exception


def test_while_the_first_run_trains_it_says_so(open_app, make_run):
    folder = make_run(state="running", worker="here", epochs=1, judged=False)
    with folder.hold():
        assert "still training" in words(open_app("evaluate"))


def test_figures_and_what_they_rest_on(open_app, make_run):
    make_run()
    app = open_app("evaluate")
    assert metrics(app)["Test accuracy"] == "80.00 %"
    assert metrics(app)["95 % interval"] == "73.9 – 85.0 %"
    assert metrics(app)["Wrong"] == "40"
    assert "200 test images of Synthetic garments · best weights, after 2 epochs" in words(app)


def test_synthetic_garments_are_never_taken_for_fashion_mnist(open_app, make_run):
    make_run()
    assert "not on Fashion-MNIST" in words(open_app("evaluate"))


def test_the_page_begins_at_the_commonest_mistake(open_app, make_run):
    make_run(skill=0.5)
    app = open_app("evaluate", section="Matrix")
    sentences = [button.label for button in app.button if " taken for " in button.label]
    first = sentences[0].split(": ")
    assert heading_of_cell(app) == f"{first[0]}: {first[1].split(' ')[0]}"
    assert len(sentences) == 7


def test_select_boxes_choose_the_images(open_app, make_run):
    folder = make_run(skill=0.5)
    app = open_app("evaluate", section="Matrix")
    key = f"confusion/{folder.id}"
    app.selectbox(key=f"{key}/true").set_value(6)
    app.selectbox(key=f"{key}/predicted").set_value(7).run()
    assert heading_of_cell(app).startswith("Shirt taken for Sneaker: ")
    app.selectbox(key=f"{key}/predicted").set_value(0).run()
    assert heading_of_cell(app) == "Shirt taken for T-shirt/top: 0"
    assert "No image is in this cell" in words(app)


def test_a_sentence_chooses_its_cell(open_app, make_run):
    make_run(skill=0.5)
    app = open_app("evaluate", section="Matrix")
    button = [button for button in app.button if " taken for " in button.label][3]
    name = button.label.split(":")[0]
    assert heading_of_cell(button.click().run()).startswith(name)


def test_the_table_lists_all_classes(open_app, make_run):
    make_run()
    table = open_app("evaluate", section="Classes").dataframe[0].value
    assert len(table) == 10
    assert table["Support"].tolist() == [20] * 10


def test_the_address_names_the_run(open_app, make_run):
    old, _ = make_run("old", skill=0.5), make_run("new")
    assert metrics(open_app("evaluate"))["Test accuracy"] == "80.00 %"
    assert metrics(open_app("evaluate", run=old.id))["Test accuracy"] == "50.00 %"


def test_an_address_that_names_no_run_says_so(open_app, make_run):
    make_run()
    app = open_app("evaluate", run="../../etc")
    assert "nothing to show here" in words(app)
    assert metrics(app)["Test accuracy"] == "80.00 %"


def test_the_choice_of_runs_names_their_data(open_app, make_run):
    make_run("mine")
    assert "mine  ·  80.00 %  ·  synthetic garments" in open_app("evaluate").selectbox[0].options[0]


def test_another_run_can_be_chosen(open_app, make_run):
    old, _ = make_run("old", skill=0.5), make_run("new")
    app = open_app("evaluate")
    app.selectbox(key="evaluated_run").set_value(old.id).run()
    assert metrics(app)["Test accuracy"] == "50.00 %"


def test_what_was_learned_before_a_crash_can_be_evaluated(open_app, make_run):
    make_run(state="crashed", judged=False, error="It was killed.", advice="Go on.")
    app = open_app("evaluate")
    assert "It was killed." in words(app)
    assert app.button(key="evaluate_run").label == "Evaluate what it learned"


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
    assert metrics(app)["Test accuracy"] == "80.00 %"
    assert "predictions.npz is damaged" in words(app)
    assert not app.exception


def test_missing_predictions_leave_the_figures(open_app, make_run):
    make_run().predictions_path.unlink()
    app = open_app("evaluate")
    assert metrics(app)["Test accuracy"] == "80.00 %"
    assert "missing" in words(app)


def test_other_images_of_the_same_name_are_not_shown(open_app, make_run):
    folder = make_run()
    value = json.loads(folder.evaluation_path.read_text())
    value["data"]["fingerprint"] = "0" * 64
    folder.evaluation_path.write_text(json.dumps(value))
    app = open_app("evaluate")
    assert "not on this machine" in words(app)
    assert metrics(app)["Test accuracy"] == "80.00 %"


def test_missing_official_images_leave_the_figures(open_app, make_run):
    folder = make_run()
    value = json.loads(folder.evaluation_path.read_text())
    value["data"] |= {"name": "fashion-mnist", "official": True}
    folder.evaluation_path.write_text(json.dumps(value))
    app = open_app("evaluate")
    assert metrics(app)["Test accuracy"] == "80.00 %"
    assert len(app.error) == 1
    assert not app.exception
