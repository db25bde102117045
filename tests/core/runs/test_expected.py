"""One function says how long an epoch is expected to take."""

from __future__ import annotations

import pytest

from fmnist_core.config import RunConfig, override
from fmnist_core.machine import MachineSpeed, store_speed
from fmnist_core.model import summarise
from fmnist_core.runs.expected import expected_epoch_seconds, training_images
from fmnist_core.settings import load_settings


def seconds(*changes):
    config = override(RunConfig(), list(changes))
    return expected_epoch_seconds(config, summarise(config.model))


def test_other_looks_are_images_as_well():
    plain, styled = seconds(), seconds("style.garments=0.5")
    assert styled == pytest.approx(1.5 * plain, rel=0.01)
    assert training_images(override(RunConfig(), ["style.other=0.1"]).training) == 59_400


def test_epochs_in_which_a_backbone_rests_are_short():
    backbone = ["model.blocks=[]", "model.backbone.name=mobilenetv2", "epochs=4"]
    learning, mixed = seconds(*backbone), seconds(*backbone, "frozen_epochs=2")
    resting = seconds(*backbone, "frozen_epochs=4")
    assert resting < learning
    assert mixed == pytest.approx((resting + learning) / 2)


def test_the_speed_of_this_machine_counts():
    store_speed(load_settings(), MachineSpeed(0.02, 0.2, 2))
    auto, float32, bfloat16 = (
        seconds(),
        seconds("precision=float32"),
        seconds("precision=mixed_bfloat16"),
    )
    assert auto == float32
    assert bfloat16 > 5 * float32
    store_speed(load_settings(), MachineSpeed(0.04, 0.2, 2))
    assert seconds() == pytest.approx(2 * auto)
    store_speed(load_settings(), MachineSpeed(0.04, 0.01, 2))
    assert seconds() == seconds("precision=mixed_bfloat16") < seconds("precision=float32")
