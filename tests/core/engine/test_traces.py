"""A trace and its probes on their way: from the lab to a worker, and home while the run trains."""

import numpy as np
import psutil
import pytest

from fmnist_core.engine import client
from fmnist_core.runs.pinned_images import PinnedImage, PinnedImageStore
from fmnist_core.runs.trace import read_trace
from tests.core.engine.conftest import PATIENCE, wait_for

pytestmark = pytest.mark.engine


def test_snapshots_come_home_while_the_run_trains_and_go_on_after_a_kill(lab):
    store = PinnedImageStore(lab.settings)
    pinned_image = PinnedImage(np.full((28, 28), 9, np.uint8), "my shoe", 7, "drawn")
    store.pin(pinned_image)
    folder = lab.submit("epochs=400")
    wait_for(lambda: read_trace(folder).pinned_images, PATIENCE, "the beginning of the trace")
    store.unpin(pinned_image.id)

    def seen(epochs: float) -> bool:
        snapshots = read_trace(folder).snapshots
        return bool(snapshots) and snapshots[-1].epochs >= epochs

    wait_for(lambda: seen(2), PATIENCE, "the snapshot after epoch 2")
    assert folder.status.state == "running"
    assert [one.title for one in read_trace(folder).pinned_images] == ["my shoe"]
    psutil.Process(folder.status.pid).kill()
    wait_for(lambda: folder.status.attempt == 2, PATIENCE, "the second attempt")
    done = read_trace(folder).snapshots[-1].epochs
    wait_for(lambda: seen(done + 2), PATIENCE, "snapshots after it was taken up again")
    client.request(folder.id, lab.settings, stop=True)
    lab.wait_until(folder, "stopped")
    trace = read_trace(folder)
    places = [one.epochs for one in trace.snapshots]
    assert places == sorted(set(places))
    assert trace.beginning is not None
    assert trace.damaged == 0
    assert not any("No snapshot" in words for words in trace.missing)
    assert [one.title for one in trace.pinned_images] == ["my shoe"]
