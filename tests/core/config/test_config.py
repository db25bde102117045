import json
import math

import pytest

from fmnist_core.config import (
    BackboneConfig,
    BlockConfig,
    ClassWeightsConfig,
    DistillationConfig,
    ModelConfig,
    RunConfig,
    ScheduleConfig,
    TrainConfig,
    flatten,
    override,
)
from fmnist_core.config.presets import PRESETS, preset
from fmnist_core.errors import ConfigError
from tests.nets import PLAIN

NO_CLASSES = ((10,), (-1,), (1, 1), ("Shirt",), "06", 6, (True,), tuple(range(10)), (0.0, 6))
RULES = {
    "image_size": "image_size must be a multiple of 32",
    "name": "name must be one of none, vgg16",
    "weights": "weights must be one of imagenet, random",
}
NO_SIDES = (-32, 1, 28, 31, 100, 225, 256, 10**9, 64.0, True, "64", None)


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_survives_json(name: str) -> None:
    config = preset(name).config
    assert RunConfig.from_json(json.loads(json.dumps(config.to_json()))) == config


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        (TrainConfig, "learning_rate", math.nan),
        (TrainConfig, "learning_rate", math.inf),
        (TrainConfig, "learning_rate", 0),
        (TrainConfig, "learning_rate", -1e-3),
        (TrainConfig, "learning_rate", "0.1"),
        (TrainConfig, "epochs", 0),
        (TrainConfig, "epochs", 2.5),
        (TrainConfig, "epochs", True),
        (TrainConfig, "batch_size", 10**9),
        (TrainConfig, "validation_share", 0.9),
        (TrainConfig, "optimizer", "adm"),
        (TrainConfig, "seed", -1),
        (ScheduleConfig, "kind", "linear"),
        (ScheduleConfig, "patience", 0),
        (BlockConfig, "filters", 10**9),
        (BlockConfig, "kernel", 0),
        (BlockConfig, "dropout", 1.0),
        (BlockConfig, "residual", 1),
        (ModelConfig, "dense", (64, 0)),
        (ModelConfig, "dense", 64),
        (ModelConfig, "blocks", [BlockConfig()] * 9),
        (ModelConfig, "blocks", [{"filters": 3}]),
        (DistillationConfig, "teacher", "x" * 81),
        (DistillationConfig, "weight", 1.1),
        *((DistillationConfig, "temperature", value) for value in (0.5, 21)),
        *((ClassWeightsConfig, "labels", value) for value in NO_CLASSES),
        *((ClassWeightsConfig, "factor", value) for value in (0.5, 11, math.nan, "2")),
        *((BackboneConfig, "image_size", value) for value in NO_SIDES),
        (BackboneConfig, "name", "alexnet"),
        *((BackboneConfig, "weights", value) for value in ("places365", None)),
    ],
)
def test_a_value_out_of_its_range_is_refused_by_name(kind: type, field: str, value: object) -> None:
    with pytest.raises(ConfigError, match=field) as caught:
        kind(**{field: value})
    assert RULES.get(field, "") in str(caught.value)


@pytest.mark.parametrize("part", ["model", "training"])
def test_what_a_file_of_an_older_version_lacks_has_its_default(part: str) -> None:
    tree = RunConfig().to_json()
    for key in tree[part]:
        older = {name: value for name, value in tree[part].items() if name != key}
        assert RunConfig.from_json({**tree, part: older}) == RunConfig()


def test_an_unknown_key_is_refused_with_the_nearest_one() -> None:
    tree = RunConfig().to_json()
    tree["training"]["learning_rat"] = 0.1
    with pytest.raises(ConfigError, match=r"Did you mean training\.learning_rate"):
        RunConfig.from_json(tree)


def test_an_unknown_key_inside_a_block_is_refused() -> None:
    tree = RunConfig().to_json()
    tree["model"]["blocks"][1]["filterz"] = 8
    with pytest.raises(ConfigError, match=r"blocks\[1\]\.filters"):
        RunConfig.from_json(tree)


@pytest.mark.parametrize("value", [None, 3, [], "x", {"model": []}, {"training": None}])
def test_what_is_no_configuration_is_refused(value: object) -> None:
    with pytest.raises(ConfigError):
        RunConfig.from_json(value)


@pytest.mark.parametrize(
    "change",
    [
        {"early_stopping": 2, "keep_weights": "last"},
        {"schedule": ScheduleConfig(kind="plateau"), "keep_weights": "last"},
        {"keep_weights": "best"},
    ],
)
def test_choosing_needs_validation_images(change: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match="validation"):
        TrainConfig(validation_share=0, **change)  # type: ignore[arg-type]


def test_overrides_take_short_and_full_keys() -> None:
    changes = ["learning_rate=0.01", "model.blocks.0.filters=5", "schedule=cosine", "dense=[7, 8]"]
    config = override(preset("quick").config, changes)
    assert config.training.learning_rate == 0.01
    assert config.model.blocks[0].filters == 5
    assert config.training.schedule.kind == "cosine"
    assert config.model.dense == (7, 8)
    assert config.model.blocks[1] == preset("quick").config.model.blocks[1]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("filters=3", "several"),
        ("learning_rate", "KEY=VALUE"),
        ("learnin_rate=1", "Did you mean"),
        ("learning_rate=NaN", "learning_rate"),
        ("epochs=lots", "epochs"),
        ("model.blocks.7.filters=3", "no such key"),
    ],
)
def test_a_bad_override_is_explained(change: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        override(preset("quick").config, [change])


# As a float holds, longer than one can hold, and longer than Python writes out.
LENGTHS = [20, 400, 5_000]


@pytest.mark.parametrize("digits", LENGTHS)
@pytest.mark.parametrize(
    ("kind", "field"),
    [
        (TrainConfig, "learning_rate"),
        (TrainConfig, "epochs"),
        (TrainConfig, "dataset"),
        (TrainConfig, "collections"),
        (ScheduleConfig, "kind"),
        (BlockConfig, "residual"),
        (BackboneConfig, "image_size"),
        (ClassWeightsConfig, "labels"),
        (ModelConfig, "dense"),
        (ModelConfig, "backbone"),
    ],
)
def test_a_number_of_any_length_is_refused_in_few_words(
    kind: type, field: str, digits: int
) -> None:
    for value in (10**digits, [10**digits]):
        with pytest.raises(ConfigError, match=field) as caught:
            kind(**{field: value})
        assert len(str(caught.value)) < 400


@pytest.mark.parametrize("digits", LENGTHS)
@pytest.mark.parametrize("key", ["learning_rate", "epochs", "dense", "training", "blocks"])
def test_an_override_of_any_length_is_refused_in_few_words(key: str, digits: int) -> None:
    for text in ("1" * digits, f"[{'1' * digits}]"):
        with pytest.raises(ConfigError) as caught:
            override(preset("quick").config, [f"{key}={text}"])
        assert len(str(caught.value)) < 400


def test_equal_configurations_share_a_fingerprint_and_others_do_not() -> None:
    config = PLAIN
    assert RunConfig.from_json(config.to_json()).fingerprint == config.fingerprint
    assert override(config, ["seed=1"]).fingerprint != config.fingerprint


def test_an_unknown_preset_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(ConfigError, match="Did you mean quick"):
        preset("quik")


def test_flatten_names_each_setting_by_its_path_in_order() -> None:
    model = ModelConfig(blocks=(BlockConfig(filters=7), BlockConfig()), dense=(4, 2))
    found = flatten(RunConfig(model=model))
    assert found["model.blocks.0.filters"] == 7
    assert found["model.dense"] == [4, 2]
    assert found["training.schedule.kind"] == RunConfig().training.schedule.kind
    assert "model.blocks" not in found
    assert list(found)[-1] == "preset"
    bare = ModelConfig(blocks=(), backbone=BackboneConfig(name="mobilenetv2"))
    assert flatten(RunConfig(model=bare))["model.blocks"] == []


@pytest.mark.parametrize("name", PRESETS)
def test_every_flattened_setting_can_be_set_again(name: str) -> None:
    config = preset(name).config
    found = flatten(config)
    assert found == flatten(config.to_json())
    again = [f"{path}={json.dumps(value)}" for path, value in found.items()]
    assert override(config, again) == config


def test_a_block_is_set_by_its_settings_alone() -> None:
    with pytest.raises(ConfigError, match="no such key"):
        override(RunConfig(), ["blocks=[{},5]", "model.blocks.1=3"])
