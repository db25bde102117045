"""A long queue: what a page looks at in one run of it grows by one look at each run's files."""

from collections import Counter

import pytest

from fmnist_core.runs import library
from fmnist_core.runs.folder import RunFolder

COUNT = 30
pytestmark = pytest.mark.usefixtures("engine_there")


@pytest.mark.parametrize("page", ["home", "train", "runs", "evaluate", "sweeps"])
def test_each_run_is_looked_at_once_and_none_is_read(open_app, make_run, monkeypatch, page):
    for seed in range(COUNT):
        make_run("", state="queued", judged=False, changes=(f"training.seed={seed}",))
    app = open_app(page, **({"run": "new"} if page == "train" else {}))
    seen: Counter[str] = Counter()

    def counted(name, usual):
        def call(*args):
            seen[name] += 1
            return usual(*args)

        return call

    for name in ("_stamp", "_read"):
        monkeypatch.setattr(library, name, counted(name, getattr(library, name)))
    monkeypatch.setattr(RunFolder, "config", property(counted("config", RunFolder.config.fget)))
    app.run()
    assert seen["_stamp"] <= COUNT + 5
    assert seen["_read"] == 0
    # Runs compares the best 24 of the queue.
    assert seen["config"] <= 26
