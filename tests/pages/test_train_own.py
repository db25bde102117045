"""The Train form: other looks, and own collections."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.collections import CollectionStore
from fmnist_core.config import override
from fmnist_core.config.presets import preset
from fmnist_core.datasets.label_issues import SuspectStore
from fmnist_core.settings import load_settings
from tests.pages.reading import labelled, words
from tests.pages.train_form import form_beside_runs, run_called, submitted

pytestmark = pytest.mark.usefixtures("engine_there")


@pytest.fixture
def form(open_app, make_run) -> AppTest:
    """The form at the preset Tiny, beside a finished run with an equal network and one without."""
    make_run("like")
    make_run("unlike", changes=("dense=[16]",))
    CollectionStore(load_settings()).add_strokes("shoes", [[[1, 9, 90], [1, 20, 200]]], 7)
    return form_beside_runs(open_app)


def pictures(app: AppTest) -> list[str]:
    return [part.value for part in app.get("html") if "<figure" in part.value]


def test_each_look_in_use_is_shown_on_real_images(form):
    before = len(pictures(form))
    labelled(form.number_input, "Line drawings").set_value(0.2)
    labelled(form.number_input, "Negatives (not clothing)").set_value(0.1).run()
    assert len(pictures(form)) == before + 2
    assert "Line drawings · 20%" in words(form)
    assert "Negatives (not clothing) · 10%" in words(form)
    row = pictures(form)[-2]
    form.button(key="reshuffle_looks").click().run()
    assert pictures(form)[-2] != row
    assert not form.exception


def test_looks_that_come_to_more_than_everything_are_refused(form):
    labelled(form.number_input, "Line drawings").set_value(0.7)
    labelled(form.number_input, "Background clutter").set_value(0.7).run()
    assert "at most 1 together" in words(form)
    assert form.button(key="train_button").disabled


def test_a_preset_with_looks_is_trained_with_them(form):
    form.button(key="preset_everyday").click().run()
    wanted = preset("everyday").config.training.style_augmentation
    assert labelled(form.number_input, "Line drawings").value == wanted.line_drawings
    assert submitted(form).config.training.style_augmentation == wanted


def test_collections_and_first_weights_go_with_the_run(form):
    start = labelled(form.selectbox, "Initial weights")
    assert start.options[0] == "No other network"
    assert any("like, " in option for option in start.options)
    start.set_value(run_called("like"))
    labelled(form.multiselect, "Collections").set_value(["shoes"]).run()
    labelled(form.number_input, "Variants, share").set_value(0.5).run()
    folder = submitted(form)
    training = folder.config.training
    assert training.collections == ("shoes",)
    assert (training.collection_share, training.initial_weights) == (0.5, run_called("like"))
    assert folder.initial_path.read_bytes() == b"weights"


def test_what_is_gone_is_named(open_app, make_run):
    make_run("old")
    changes = ('collections=["gone"]', "initial_weights=nobody", "dataset=synthetic-garments")
    config = override(preset("tiny").config, changes)
    app = open_app("train", {"train_config": config.to_json()})
    assert not app.exception
    assert "no such collection" in words(app)
    labelled(app.multiselect, "Collections").set_value([]).run()
    assert "There is no such run" in words(app)
    labelled(app.selectbox, "Initial weights").set_value("").run()
    assert not app.button(key="train_button").disabled


def test_without_collections_it_says_how_to_get_some(open_app, make_run):
    make_run("old")
    app = open_app("train", run="new")
    assert "collection import" in words(app)
    assert not any(widget.label == "Collections" for widget in app.multiselect)


def test_classes_that_count_more_go_with_the_run(form):
    assert labelled(form.number_input, "Class weight").disabled
    labelled(form.multiselect, "Weighted classes").set_value([6, 0]).run()
    labelled(form.number_input, "Class weight").set_value(3.0).run()
    weights = submitted(form).config.training.class_weights
    assert (weights.labels, weights.factor) == ((0, 6), 3.0)


def test_suspects_are_left_out_once_some_are_ticked(form, garments):
    labelled(form.toggle, "Exclude suspected label issues").set_value(True).run()
    assert "Nothing is ticked" in words(form)
    assert form.button(key="train_button").disabled
    SuspectStore(load_settings()).tick(garments.identity.fingerprint, (), [1, 2])
    form.run()
    assert submitted(form).config.training.exclude_label_issues
