"""What a network makes of the training images, gathered in this process."""

import asyncio
from typing import Any

import pytest

from fmnist_core.datasets import load_dataset
from fmnist_core.datasets.dataset import Dataset
from fmnist_core.engine.inference import model_cache, predictions, worker_client
from fmnist_core.errors import DataError
from fmnist_core.models.calibration import Calibration
from fmnist_core.models.prediction import PredictionExplanation
from fmnist_core.runs.pretrained import SHIPPED_NETWORKS, shipped_card
from tests.core.engine.conftest import PATIENCE, wait_for

pytestmark = pytest.mark.training


def test_a_gathering_that_failed_is_tried_again_but_not_at_once(digest, garments, monkeypatch):
    tries: list[str] = []

    def broken_at_first(*place: Any) -> Dataset:
        tries.append("tried")
        if len(tries) == 1:
            raise DataError("The disk is away.")
        return load_dataset(*place)

    def look_until_gathered() -> PredictionExplanation:
        def gathered() -> PredictionExplanation | None:
            about = (garments.train.images[7], None, Calibration(), "")
            question = (predictions.prediction_explanation.name, *about)
            seen = asyncio.run(worker_client.answer(digest, "synthetic-garments", *question))
            return None if seen is None or seen[0].gathering else seen[0]

        return wait_for(gathered, PATIENCE, "the neighbours")

    monkeypatch.setattr(predictions, "load_dataset", broken_at_first)
    assert look_until_gathered().near is None
    assert look_until_gathered().near is None
    assert len(tries) == 1
    monkeypatch.setattr(predictions._banks, "retry_after", 0.0)
    near = look_until_gathered().near
    assert near.indices[0] == 7
    assert len(tries) == 2


@pytest.mark.parametrize("network", SHIPPED_NETWORKS)
def test_a_shipped_network_need_not_be_sent(network):
    assert model_cache.network(shipped_card(network)["recipe"]["sha256"]) is not None
    assert model_cache.network("of nobody") is None
