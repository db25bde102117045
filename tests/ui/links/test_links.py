"""Choices in an address: what goes in comes out, and what cannot be followed is told."""

import json

import pytest

from fmnist_core.config import RunConfig, override
from fmnist_core.config.presets import PRESETS
from fmnist_core.errors import LinkError
from fmnist_ui.links import (
    checked_parameters,
    page_choices,
    training_of,
    training_parameters,
    with_parameters,
)


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_one_word_and_comes_back(name):
    config = PRESETS[name].config
    assert training_parameters(config) == {"preset": name}
    assert training_of({"preset": name}) == (config, [])


def test_every_choice_comes_back():
    changes = (
        *("learning_rate=0.05", "epochs=7", "schedule=step", "dense=[64, 32]"),
        *(
            "class_weights.labels=[6]",
            "augmentation.flip=true",
            "style_augmentation.line_drawings=0.2",
            "blocks.0.filters=48",
            "seed=11",
        ),
    )
    config = override(PRESETS["quick"].config, changes)
    assert training_of(training_parameters(config)) == (config, [])


def test_other_blocks_than_the_presets_come_back():
    tree = PRESETS["quick"].config.to_json()
    tree["model"]["blocks"] = [{"filters": 8}, {"filters": 16}, {"filters": 24}]
    config = RunConfig.from_json(tree)
    assert training_of(training_parameters(config)) == (config, [])


def test_a_configuration_of_no_preset_comes_back():
    config = override(RunConfig(), ["epochs=3"])
    assert training_of(training_parameters(config)) == (config, [])


@pytest.mark.parametrize(
    ("key", "text", "rule"),
    [
        ("preset", "quikc", "preset must be one of"),
        ("training.epochs", "-5", "epochs must be"),
        ("training.epochs", "many", "epochs must be"),
        ("nothing", "1", "no such key"),
        ("<script>", "1", "no such key"),
        ("model.blocks", "[[[", "blocks must be"),
        ("model.blocks", '[{"filters": 1e9}]', "filters must be"),
        ("model.blocks", "[" * 100_000, "blocks must be"),
    ],
)
def test_what_cannot_be_followed_is_told_and_the_rest_is_done(key, text, rule):
    config, faults = training_of({"training.seed": "5", key: text})
    assert config.training.seed == 5
    assert [rule in fault.rule for fault in faults] == [True]


@pytest.mark.parametrize("digits", [400, 3_900, 5_000])
@pytest.mark.parametrize("key", ["training.learning_rate", "training.epochs", "model.blocks"])
def test_a_number_of_any_length_is_told_in_few_words(key, digits):
    config, faults = training_of({"training.seed": "5", key: "1" * digits})
    assert config.training.seed == 5
    assert [len(str(fault)) < 300 for fault in faults] == [True]
    for page, choice in (("data", "seed"), ("data", "share"), ("predictions", "images")):
        found, others = page_choices(page, {choice: "1" * digits})
        assert (found, [len(str(fault)) < 300 for fault in others]) == ({}, [True])


def test_a_megabyte_of_parameters_is_no_link():
    with pytest.raises(LinkError, match="at most"):
        checked_parameters({"training.name": "x" * 2**20})
    with pytest.raises(LinkError, match="at most"):
        checked_parameters({f"key{i}": "1" for i in range(500)})


def test_parameters_take_the_place_of_those_before():
    made = with_parameters("http://lab:8501/train?run=new#x", {"preset": "quick", "a": "ü & <b>"})
    assert made == "http://lab:8501/train?preset=quick&a=%C3%BC+%26+%3Cb%3E"


def test_choices_of_a_page_are_checked():
    found, faults = page_choices(
        "data", {"class": "Bag", "seed": "7", "part": "Other", "extra": "1", "data": "<b>"}
    )
    assert found == {"class": "Bag", "seed": 7}
    assert len(faults) == 3
    assert page_choices("predictions", {"images": "1000000"})[0] == {}
    assert json.dumps(page_choices("evaluate", {"run": "x", "section": "Matrix"})[0])


@pytest.mark.parametrize(
    ("page", "name", "old", "new"),
    [
        ("evaluate", "section", "Matrix", "Confusion matrix"),
        ("evaluate", "cells", "Per cent of the true class", "% of the true class"),
        ("explain", "section", "Where it looked", "Attribution"),
        ("explain", "section", "Break it", "Ablation"),
    ],
)
def test_older_links_are_understood(page, name, old, new):
    assert page_choices(page, {name: old}) == ({name: new}, [])
