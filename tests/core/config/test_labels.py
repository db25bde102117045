"""What fields, options and paths of a configuration are called."""

from collections.abc import Iterator
from dataclasses import Field, fields, is_dataclass
from typing import Any, get_args

import pytest

from fmnist_core.config import BackboneConfig, ModelConfig, RunConfig, ScheduleConfig, TrainConfig
from fmnist_core.config.jsonform import flatten, hints_of
from fmnist_core.config.override import path_label, value_label
from fmnist_core.config.presets import PRESETS
from fmnist_core.config.rules import label_of, option_label
from fmnist_core.preprocessing.prepare import Corrections
from fmnist_core.sweeps import DimensionConfig, SweepConfig


def _fields_of(kind: Any) -> Iterator[tuple[str, Field[Any]]]:
    """All fields of a configuration and of those within it."""
    for item in fields(kind):
        yield f"{kind.__name__}.{item.name}", item
        hint = hints_of(kind)[item.name]
        inner = next(iter(get_args(hint)), hint)
        if is_dataclass(inner):
            yield from _fields_of(inner)


def test_every_field_of_a_run_has_a_label() -> None:
    bare = [name for name, item in _fields_of(RunConfig) if not item.metadata.get("label")]
    assert bare == []


@pytest.mark.parametrize("kind", [SweepConfig, DimensionConfig, Corrections])
def test_every_ruled_field_that_a_page_draws_has_a_label(kind: Any) -> None:
    ruled = [item for item in fields(kind) if "rule" in item.metadata]
    assert [item.name for item in ruled if not item.metadata["label"]] == []


def test_labels_of_one_group_differ() -> None:
    for kind in (TrainConfig, ModelConfig, ScheduleConfig):
        labels = [str(item.metadata["label"]) for item in fields(kind)]
        assert len(set(labels)) == len(labels)


@pytest.mark.parametrize(
    ("kind", "name", "label"),
    [
        (TrainConfig, "learning_rate", "Learning rate"),
        (TrainConfig, "ema_decay", "EMA decay"),
        (ScheduleConfig, "kind", "Schedule"),
        (BackboneConfig, "weights", "Backbone weights"),
    ],
)
def test_the_label_of_a_field(kind: Any, name: str, label: str) -> None:
    assert label_of(kind, name) == label


@pytest.mark.parametrize(
    ("kind", "name", "option", "label"),
    [
        (TrainConfig, "optimizer", "adamw", "AdamW"),
        (TrainConfig, "optimizer", "adam", "Adam"),
        (ModelConfig, "head", "global_average", "Global average"),
        (BackboneConfig, "image_size", 64, "64 pixels"),
        (BackboneConfig, "image_size", 0, "Default"),
    ],
)
def test_the_label_of_an_option(kind: Any, name: str, option: Any, label: str) -> None:
    assert option_label(kind, name, option) == label


@pytest.mark.parametrize(
    ("path", "label", "grouped"),
    [
        ("training.epochs", "Epochs", "Epochs"),
        ("model.blocks.0.filters", "Block 1: Filters", "Block 1: Filters"),
        ("model.blocks", "Blocks", "Blocks"),
        ("training.schedule.final_factor", "Final rate, share", "Schedule: final rate, share"),
        ("training.schedule.kind", "Schedule", "Schedule"),
        ("model.backbone.weights", "Backbone weights", "Backbone: backbone weights"),
        ("training.gone_since", "Gone since", "Gone since"),
        ("training.epochs.x", "X", "X"),
    ],
)
def test_the_label_of_a_path(path: str, label: str, grouped: str) -> None:
    assert (path_label(path), path_label(path, grouped=True)) == (label, grouped)


@pytest.mark.parametrize("name", PRESETS)
def test_every_setting_of_a_preset_can_be_said(name: str) -> None:
    for path, value in flatten(PRESETS[name].config).items():
        assert path_label(path)
        assert value_label(path, value) or value == ""


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("training.learning_rate", 0.0012, "0.0012"),
        ("model.dense", (64, 32), "64, 32"),
        ("model.dense", (), "none"),
        ("training.optimizer", "sgd", "SGD, Nesterov"),
        ("training.mlflow", True, "yes"),
        ("training.gone_since", "kept", "kept"),
    ],
)
def test_the_words_of_a_value(path: str, value: Any, words: str) -> None:
    assert value_label(path, value) == words
