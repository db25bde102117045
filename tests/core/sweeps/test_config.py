"""What may vary, in which notation, and what is refused with which sentence."""

import json

import pytest

from fmnist_core.config import RunConfig, override
from fmnist_core.config.presets import preset
from fmnist_core.errors import ConfigError
from fmnist_core.sweeps import GRID, MOST_TRIALS, DimensionConfig, SweepConfig, parse_dimension

BASE = override(RunConfig(), ["dataset=synthetic-garments", "epochs=8", "batch_size=64"])


def sweep(*vary: str, **more: object) -> SweepConfig:
    dimensions = tuple(parse_dimension(text) for text in vary)
    return SweepConfig(base=BASE, dimensions=dimensions, **more)  # type: ignore[arg-type]


def test_a_field_is_named_as_by_set_and_found_by_its_whole_path():
    config = sweep("learning_rate=1e-4..1e-2:log", "model.blocks.0.filters=32,8,16")
    rate, filters = config.dimensions
    assert rate.field == "training.learning_rate"
    assert (rate.low, rate.high, rate.log) == (1e-4, 1e-2, True)
    assert (filters.field, filters.choices) == ("model.blocks.0.filters", (8, 16, 32))


def test_it_survives_the_way_through_json_and_knows_no_other_keys():
    config = sweep("learning_rate=1e-4..1e-2:log:5", "model.dense=[[64],[128,64]]", epochs=3)
    value = json.loads(json.dumps(config.to_json()))
    assert SweepConfig.from_json(value) == config
    with pytest.raises(ConfigError, match="no such key"):
        SweepConfig.from_json({**value, "trails": 3})
    with pytest.raises(ConfigError, match=r"no such key.*dimensions\[0\]\.lo"):
        SweepConfig.from_json({"dimensions": [{"field": "learning_rate", "lo": 1}]})


def test_a_grid_has_both_ends_of_a_range_and_every_choice():
    config = sweep("learning_rate=1e-4..1e-2:log:3", "optimizer=adam,sgd", method=GRID)
    tried = [tuple(values.values()) for values in config.grid()]
    assert tried == [(rate, name) for rate in (1e-4, 1e-3, 1e-2) for name in ("adam", "sgd")]
    assert config.total == 6


def test_a_grid_of_whole_numbers_has_no_value_twice():
    (dimension,) = sweep("model.blocks.0.convolutions=1..3:8", method=GRID).dimensions
    assert dimension.grid_values == (1, 2, 3)


def test_a_guided_search_over_few_values_ends_when_all_were_tried():
    assert sweep("batch_size=32,64,128", "optimizer=adam,sgd", trials=50).total == 6
    assert sweep("learning_rate=1e-4..1e-2", trials=50).total == 50


def test_a_run_has_the_values_and_the_epochs_and_nothing_else_changed():
    config = sweep("learning_rate=1e-4..1e-2:log", "model.blocks.1.filters=8,16", epochs=2)
    run = config.run_config({"training.learning_rate": 0.002, "model.blocks.1.filters": 8})
    changes = ["learning_rate=0.002", "model.blocks.1.filters=8", "epochs=2"]
    assert run == override(BASE, changes)


def test_longer_is_at_least_twice_as_long_and_as_long_as_the_base():
    values = {"training.batch_size": 32}
    assert sweep("batch_size=32,64", epochs=2).longer(values).training.epochs == 8
    assert sweep("batch_size=32,64", epochs=6).longer(values).training.epochs == 12
    assert sweep("batch_size=32,64").longer(values).training.batch_size == 32


def test_the_base_is_a_trial_of_its_own_where_it_lies_inside():
    assert sweep("batch_size=32,64").base_values == {"training.batch_size": 64}
    assert sweep("batch_size=16,32").base_values is None


@pytest.mark.parametrize(
    ("vary", "sentence"),
    [
        (["learning_rate=1e-2..1e-4"], "low end is below its high end"),
        (["learning_rate=1e-2..1e-2"], "low end is below its high end"),
        (["weight_decay=0..0.1:log"], "log scale from 0"),
        (["learning_rate=0..100"], "must be a number from"),
        (["batch_size=8.5..16"], "whole number"),
        (["nonsense=1,2"], "no such key"),
        (["model.blocks.7.filters=8,16"], "no such key"),
        (["filters=8,16"], "several settings"),
        (["model.blocks=1,2"], "group of settings"),
        (["optimizer=adam..sgd"], "has no range"),
        (["optimizer=adam,adm"], "must be one of"),
        (["batch_size=32"], "two different values"),
        (["batch_size=32,32"], "two different values"),
        (["batch_size=32,64", "training.batch_size=16,32"], "only once"),
        (["dataset=fashion-mnist,synthetic-garments"], "different images"),
        (["seed=1,2"], "different images"),
        (["learning_rate"], "cannot be read"),
        (["learning_rate=1e-4..1e-2:lin"], "cannot be read"),
        (["model.dense=[[64]"], "no JSON"),
        ([], "From one to 8 settings"),
    ],
)
def test_what_cannot_vary_is_said_in_a_sentence(vary, sentence):
    with pytest.raises(ConfigError, match=sentence):
        sweep(*vary)


def test_a_grid_with_too_many_combinations_says_how_many_and_the_limit():
    with pytest.raises(ConfigError, match=f"at most {MOST_TRIALS} .*50 × 5 = 250"):
        sweep("learning_rate=1e-4..1e-2:50", "batch_size=8,16,32,64,128", method=GRID)


def test_without_validation_images_there_is_nothing_to_choose_by():
    with pytest.raises(ConfigError, match="on validation images"):
        SweepConfig(preset("reference-a").config, (parse_dimension("batch_size=32,64"),))


def test_a_dimension_is_a_range_or_choices_not_both():
    both = DimensionConfig("batch_size", low=8, high=16, choices=(8, 16))
    with pytest.raises(ConfigError, match="not both"):
        SweepConfig(BASE, (both,))


@pytest.mark.parametrize("digits", [400, 5_000])
@pytest.mark.parametrize(
    "form",
    [
        "learning_rate=1e-4..{}",
        "epochs=1..{}",
        "learning_rate=1e-4..1e-2:{}",
        "learning_rate=1e-3,{}",
        "model.dense=[[64],[{}]]",
        "model.dense=[[64],[{}]",
    ],
)
def test_a_number_of_any_length_is_refused_in_few_words(form, digits):
    with pytest.raises(ConfigError) as caught:
        sweep(form.format("1" * digits))
    assert len(str(caught.value)) < 400


def test_lists_in_lists_in_lists_are_refused():
    with pytest.raises(ConfigError):
        sweep("model.dense=" + "[" * 100_000)
    with pytest.raises(ConfigError):
        sweep("learning_rate=1e-3," + "[" * 100_000)
