"""The Train form: a backbone, weights to start from, and what rests at first."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.config import BackboneConfig
from fmnist_core.config.presets import preset
from fmnist_core.models.backbones import IMAGENET
from tests.pages.reading import labelled, words
from tests.pages.train_form import form_beside_runs, run_called, submitted

pytestmark = pytest.mark.usefixtures("engine_there")


@pytest.fixture
def form(open_app, make_run) -> AppTest:
    """The form at the preset Tiny, beside a finished run of an equal network and one of another."""
    make_run("like")
    make_run("unlike", changes=("dense=[16]",))
    return form_beside_runs(open_app)


def test_networks_of_which_a_part_fits_are_offered_after_those_that_fit(form):
    options = labelled(form.selectbox, "Initial weights").options
    assert [option.split(",")[0] for option in options] == ["No other network", "like", "unlike"]
    labelled(form.selectbox, "Initial weights").set_value(run_called("unlike")).run()
    assert "**Taken over, " in words(form)
    assert "**New, with random weights:** answer" in words(form)


def test_of_another_network_nothing_may_fit(form):
    labelled(form.selectbox, "Initial weights").set_value(run_called("like")).run()
    assert "All layers fit" in words(form)
    for filters in [one for one in form.number_input if one.label == "Filters"]:
        filters.set_value(40)
    form.run()
    labelled(form.text_input, "Dense layers").set_value("9").run()
    assert "No layer of the network to start from fits" in words(form)
    # The browser takes another title for another choice, and would send it as one.
    assert any(
        option.startswith("like, ")
        for option in labelled(form.selectbox, "Initial weights").options
    )
    assert form.button(key="train_button").disabled


def test_a_backbone_takes_the_place_of_the_blocks(form):
    labelled(form.selectbox, "Backbone").set_value("mobilenetv2").run()
    assert not form.exception
    assert not any(widget.label == "Blocks" for widget in form.number_input)
    assert "MobileNetV2" in words(form)
    assert "not measured in this lab" in words(form)
    assert "ImageNet weights of MobileNetV2 are not on this machine" in words(form)
    assert form.button(key="train_button").disabled
    labelled(form.selectbox, "Backbone weights").set_value("random")
    labelled(form.selectbox, "Image size").set_value(64).run()
    folder = submitted(form)
    assert folder.config.model.backbone == BackboneConfig("mobilenetv2", "random", 64)
    assert folder.config.model.blocks == ()


def test_blocks_come_back_when_the_backbone_goes(form):
    labelled(form.selectbox, "Backbone").set_value("vgg16").run()
    labelled(form.selectbox, "Backbone").set_value("none").run()
    assert submitted(form).config.model.blocks == preset("tiny").config.model.blocks


@pytest.mark.parametrize(("weights", "rests"), [("imagenet", 2), ("random", 0)])
def test_settings_that_suit_a_backbone_are_one_press(form, monkeypatch, weights, rests):
    monkeypatch.delenv("FMNIST_OFFLINE")
    labelled(form.selectbox, "Backbone").set_value("mobilenetv2").run()
    labelled(form.selectbox, "Backbone weights").set_value(weights).run()
    form.button(key="suit_backbone").click().run()
    config = submitted(form).config
    assert (config.model.head, config.model.dense) == ("global_average", ())
    assert (config.training.epochs, config.training.frozen_epochs) == (4, rests)


def test_weights_that_are_here_are_said_to_be(form, monkeypatch, tmp_path):
    file = IMAGENET["mobilenetv2"]
    with (tmp_path / file.name).open("wb") as stream:
        stream.truncate(file.size)
    monkeypatch.setenv("FMNIST_WEIGHTS_DIR", str(tmp_path))
    labelled(form.selectbox, "Backbone").set_value("mobilenetv2").run()
    assert f"weights are here: folder {tmp_path}" in words(form)
    assert not form.button(key="train_button").disabled
    (tmp_path / file.name).write_bytes(b"cut off")
    form.run()
    assert "is truncated" in words(form)
    assert form.button(key="train_button").disabled


def test_online_they_are_fetched_when_the_training_begins(form, monkeypatch):
    monkeypatch.delenv("FMNIST_OFFLINE")
    labelled(form.selectbox, "Backbone").set_value("resnet50").run()
    assert "95 MB are fetched when the training begins" in words(form)
    assert not form.button(key="train_button").disabled


def test_epochs_at_rest_need_something_learned(form):
    labelled(form.number_input, "Frozen epochs").set_value(2).run()
    assert "needs something that was learned" in words(form)
    labelled(form.selectbox, "Initial weights").set_value(run_called("like")).run()
    assert not form.button(key="train_button").disabled
    labelled(form.number_input, "Frozen epochs").set_value(900).run()
    assert "must not be more than epochs" in words(form)
