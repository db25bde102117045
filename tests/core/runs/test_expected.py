"""One function says how long an epoch is expected to take."""

from __future__ import annotations

import pytest

from fmnist_core.config import RunConfig, override
from fmnist_core.model import summarise
from fmnist_core.runs.expected import expected_epoch_seconds, training_images


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
