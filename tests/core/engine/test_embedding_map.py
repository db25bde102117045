"""The map of the data, asked through a real engine."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fmnist_core.background_job import JobState
from fmnist_core.datasets.dataset import Dataset
from fmnist_core.engine import client
from fmnist_core.errors import NoDataError, RunError, TrainingError
from fmnist_core.runs.folder import RunFolder
from tests.core.engine.conftest import PATIENCE, Lab, untaught, wait_for

pytestmark = [pytest.mark.engine, pytest.mark.training]


def until_unfolded(lab: Lab, run: RunFolder) -> JobState[np.ndarray]:
    client.unfolding(run.id, lab.settings, begin=True)

    def ended() -> JobState[np.ndarray] | None:
        state = client.unfolding(run.id, lab.settings)
        return None if state.running else state

    found: JobState[np.ndarray] = wait_for(ended, PATIENCE, "the unfolded map")
    return found


def not_begun(state: JobState[np.ndarray]) -> bool:
    return state.result is None and not state.running and not state.error


def kept(lab: Lab, kind: str) -> list[Path]:
    return list(lab.settings.cache_dir.glob(f"{kind}-*/*.npy"))


def test_the_map_is_of_the_test_images_the_network_is_judged_by(
    lab: Lab, run: RunFolder, garments: Dataset
) -> None:
    found = client.data_map(run.id, lab.settings)
    assert found.dataset == "synthetic-garments"
    assert found.fingerprint == garments.identity.fingerprint
    assert found.indices.tolist() == list(range(200))
    assert found.plane.shape == (200, 2)
    assert 0 < found.shares[1] <= found.shares[0] <= 1
    said = client.recognise(run.id, garments.test.images, lab.settings)
    np.testing.assert_allclose(found.answers.probabilities, said.probabilities, atol=1e-4)
    assert kept(lab, "atlas")


def test_it_is_unfolded_when_asked_to_and_then_kept(
    lab: Lab, run: RunFolder, garments: Dataset
) -> None:
    image = garments.test.images[5]
    assert not_begun(client.unfolding(run.id, lab.settings))
    spot = client.place_on_map(run.id, image, lab.settings)
    assert spot.unfolded is None
    state = until_unfolded(lab, run)
    assert not state.error
    assert state.result is not None
    assert state.result.shape == (200, 2)
    assert len(kept(lab, "tsne")) == 1
    spot = client.place_on_map(run.id, image, lab.settings)
    plane = client.data_map(run.id, lab.settings).plane
    assert spot.rows[0] == 5
    np.testing.assert_allclose(spot.plane, plane[5], atol=1e-3)
    np.testing.assert_allclose(spot.unfolded, state.result[5], atol=1e-2)


def test_an_unfolding_can_be_stopped_and_begun_again(lab: Lab) -> None:
    other = untaught(lab)
    assert not client.stop_unfolding(other.id, lab.settings)
    state = client.unfolding(other.id, lab.settings, begin=True)
    assert state.running
    assert client.stop_unfolding(other.id, lab.settings)
    assert not_begun(client.unfolding(other.id, lab.settings))
    assert until_unfolded(lab, other).result is not None


def test_a_network_of_one_layer_has_a_map_of_its_pixels(lab: Lab) -> None:
    plain = untaught(lab, "blocks=[]", "dense=[]")
    assert client.data_map(plain.id, lab.settings).plane.shape == (200, 2)


def test_what_cannot_be_mapped_is_explained(lab: Lab) -> None:
    nothing = RunFolder.create(lab.settings.runs_dir, lab.config())
    with pytest.raises(RunError, match="saved no network"):
        client.data_map(nothing.id, lab.settings)
    nothing.model_path.write_bytes(b"no network")
    with pytest.raises(TrainingError, match="cannot be read"):
        client.data_map(nothing.id, lab.settings)
    away = untaught(lab, "dataset=fashion-mnist")
    with pytest.raises(NoDataError, match="not on this machine"):
        client.data_map(away.id, lab.settings)
