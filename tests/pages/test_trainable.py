"""What cannot be trained is refused alike, whichever way it comes in."""

import importlib.util
from collections.abc import Callable
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.cli.train import begin
from fmnist_core.config import RunConfig, override
from fmnist_core.config.presets import preset
from fmnist_core.engine import client
from fmnist_core.errors import ConfigError, LabError, NoDataError
from fmnist_core.runs.library import list_runs
from fmnist_core.settings import load_settings
from fmnist_core.sweeps import SweepConfig, parse_dimension
from fmnist_core.training.check import check_trainable

pytestmark = pytest.mark.usefixtures("engine_there")

Open = Callable[..., AppTest]
find_spec = importlib.util.find_spec


def without_mlflow(name: str, package: str | None = None) -> object:
    return None if name == "mlflow" else find_spec(name, package)


def tiny(*changes: str) -> RunConfig:
    return override(preset("tiny").config, ["dataset=synthetic-garments", "epochs=3", *changes])


def submit(config: RunConfig) -> None:
    client.submit(config, settings=load_settings())


def sweep(config: RunConfig) -> None:
    varied = (parse_dimension("batch_size=16,32"),)
    client.start_sweep(SweepConfig(config, varied), settings=load_settings())


def command(config: RunConfig) -> None:
    begin(config, "", load_settings(), chosen=True)


def refusal(way: Callable[[RunConfig], None], config: RunConfig) -> tuple[type[LabError], str]:
    with pytest.raises(LabError) as caught:
        way(config)
    return type(caught.value), str(caught.value)


def refused_on_the_form(open_app: Open, config: RunConfig, error: LabError) -> bool:
    app = open_app("train", {"train_config": config.to_json()}, run="new")
    # Names are protected from Markdown there, and commands stand in backticks.
    said = bare("\n".join(part.value for part in app.error))
    parts = (error.rule, str(error.received or ""), error.advice)
    return app.button(key="train_button").disabled and all(bare(part) in said for part in parts)


def bare(text: str) -> str:
    return text.replace("\\", "").replace("`", "")


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        (["model.classes=7"], "classes must be 10"),
        (["train_images=60000"], "train_images must be at most"),
        (["frozen_epochs=1"], "frozen_epochs needs pretrained"),
        (['collections=["gone"]'], "no such collection"),
        (["exclude_label_issues=true"], "No label issue is marked"),
        (["mlflow=true"], "The package mlflow is not installed"),
        (["initial_weights=nobody"], "initial_weights must name a run"),
        (["blocks=[]", "backbone=mobilenetv2"], "MobileNetV2 are not on this machine"),
        (["teacher=nobody"], "The teacher must be a run"),
    ],
)
def test_each_rule_holds_for_every_way_in(changes, rule, open_app, make_run, monkeypatch):
    make_run()
    monkeypatch.setattr(importlib.util, "find_spec", without_mlflow)
    config = tiny(*changes)
    with pytest.raises(LabError, match=rule) as caught:
        check_trainable(config, load_settings())
    error = caught.value
    for way in (submit, sweep, command):
        assert refusal(way, config) == (type(error), str(error)), way.__name__
    assert refused_on_the_form(open_app, config, error)
    assert len(list_runs(load_settings())) == 1
    assert client.list_sweeps(load_settings()) == []


def test_images_that_are_not_here_are_fetched_by_the_command_line_alone(open_app):
    config = tiny("dataset=fashion-mnist")
    with pytest.raises(NoDataError, match="Fashion-MNIST is not on this machine") as caught:
        check_trainable(config, load_settings())
    error = caught.value
    for way in (submit, sweep):
        assert refusal(way, config) == (type(error), str(error)), way.__name__
    assert refused_on_the_form(open_app, config, error)
    # It tries to fetch them, and says how else they come here.
    assert refusal(command, config)[0] is NoDataError
    # A cluster's workers may have them.
    check_trainable(config, replace(load_settings(), scheduler="tcp://far:8786"))
    assert list_runs(load_settings()) == []


def test_the_stand_in_for_missing_images_keeps_the_rules(make_run):
    make_run()
    with pytest.raises(ConfigError, match="train_images must be at most"):
        begin(
            tiny("dataset=fashion-mnist", "train_images=60000"), "", load_settings(), chosen=False
        )
    assert len(list_runs(load_settings())) == 1
