"""Remedies are configurations that can be trained, each with one change."""

import pytest

from fmnist_core.config import RunConfig
from fmnist_core.config.presets import PRESETS, preset
from fmnist_core.errors import ConfigError, DataError
from fmnist_core.remedies import Pair, expected_seconds, holding_back, remedies
from fmnist_core.runs.differences import config_differences
from fmnist_core.runs.status import RunStatus
from tests.nets import tiny

SHIRTS = Pair(6, 0)


def changed(before: RunConfig, after: RunConfig) -> set[str]:
    rows = config_differences([before, after])
    return {row.path.rsplit(".", 1)[-1] for row in rows if row.differs}


def test_afresh_each_changes_one_thing():
    config = tiny()
    found = {one.name: changed(config, one.config) for one in remedies(config, SHIRTS, suspects=3)}
    assert found == {
        "weight": {"labels"},
        "augmentation": {"flip", "shift", "erase"},
        "suspects": {"exclude_label_issues"},
        "longer": {"epochs"},
        "larger": {"filters"},
    }


def test_from_present_weights_they_go_on_at_a_low_rate():
    config = tiny()
    found = {
        one.name: one.config for one in remedies(config, SHIRTS, initial_weights="r", suspects=3)
    }
    assert set(found) == {"weight", "augmentation", "suspects", "fine-tuning"}
    for one in found.values():
        assert one.training.initial_weights == "r"
        assert one.training.learning_rate == pytest.approx(config.training.learning_rate / 10)
        assert one.model == config.model
    assert found["weight"].training.class_weights.labels == (0, 6)


@pytest.mark.parametrize(
    "name", [name for name, each in PRESETS.items() if each.config.training.validation_share]
)
@pytest.mark.parametrize("initial_weights", ["", "run"])
def test_the_images_held_back_stay_the_same(name, initial_weights):
    base = preset(name).config
    for remedy in remedies(base, SHIRTS, initial_weights=initial_weights, suspects=1):
        for key in ("dataset", "train_images", "validation_share", "seed"):
            assert getattr(remedy.config.training, key) == getattr(base.training, key)
        assert RunConfig.from_json(remedy.config.to_json()) == remedy.config
        assert remedy.why


def obstacles(config: RunConfig, suspects: int = 0) -> dict[str, str]:
    return {one.name: one.obstacle for one in remedies(config, SHIRTS, suspects=suspects)}


def test_what_cannot_be_tried_says_why():
    assert "marked for exclusion" in obstacles(tiny())["suspects"]
    assert not obstacles(tiny(), 2)["suspects"]
    assert "already" in obstacles(tiny("exclude_label_issues=true"), 2)["suspects"]
    assert "already" in obstacles(tiny("flip=true", "shift=2", "erase=0.5"))["augmentation"]
    heavy = ("class_weights.labels=[0, 6]", "class_weights.factor=10")
    assert "already" in obstacles(tiny(*heavy))["weight"]
    assert obstacles(tiny("epochs=1000"))["longer"]
    assert not any(obstacles(tiny(), 1).values())


def test_a_network_that_is_too_large_is_refused_in_the_words_of_the_rule():
    blocks = [{"filters": 1000, "convolutions": 4, "kernel": 11}] * 3
    wide = RunConfig.from_json({"model": {"blocks": blocks}})
    found = {one.name: one.obstacle for one in remedies(wide, SHIRTS)}
    assert "at most" in found["larger"]


def test_more_weight_again_weighs_more():
    again = tiny("class_weights.labels=[0, 6]", "class_weights.factor=2")
    (weight, *_) = remedies(again, SHIRTS)
    assert weight.config.training.class_weights.factor == 4
    other = tiny("class_weights.labels=[1, 3]", "class_weights.factor=10")
    (weight, *_) = remedies(other, SHIRTS)
    assert (weight.config.training.class_weights.labels, weight.obstacle) == ((0, 6), "")


def test_without_images_held_back_nothing_can_be_chosen():
    config = preset("reference-a").config
    with pytest.raises(ConfigError, match="this run has none"):
        remedies(config, SHIRTS)
    assert remedies(holding_back(config), SHIRTS)


@pytest.mark.parametrize("pair", [(6, 6), (6, 10), (-1, 0), (True, 0), ("Shirt", 0), (6.0, 0)])
def test_what_is_no_pair_is_refused(pair):
    with pytest.raises(DataError, match="two different classes"):
        Pair(*pair)


def test_cost_grows_from_what_the_run_took():
    base = tiny()
    found = {one.name: one.config for one in remedies(base, SHIRTS)}
    status = RunStatus(state="finished", epoch=8, epochs=8, seconds=80.0)
    assert expected_seconds(found["weight"], base, status) == pytest.approx(80)
    assert expected_seconds(found["longer"], base, status) == pytest.approx(160)
    assert expected_seconds(found["larger"], base, status) > 80
    assert expected_seconds(found["weight"], base, RunStatus()) > 0
