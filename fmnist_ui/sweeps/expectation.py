"""How long a sweep will take, before it is started."""

from __future__ import annotations

import random
from statistics import mean

from fmnist_core.errors import ArchitectureError, LabError
from fmnist_core.sweeps import SweepConfig
from fmnist_ui.train.verdict import expect

# Networks of a sweep may differ in cost by ten; so many of them tell the mean well enough.
_SAMPLES = 12
# A child process begins, and at the end it judges the run on images held back.
_SECONDS_AROUND = 3.0


def expected_seconds(config: SweepConfig) -> float:
    """Of one run, averaged over some combinations of what varies; arithmetic only.

    Raises:
        ArchitectureError: None of them can be trained.
    """
    chance = random.Random(0)
    found: list[float] = []
    refused: LabError | None = None
    for _ in range(_SAMPLES):
        values = {one.field: chance.choice(one.grid_values) for one in config.dimensions}
        try:
            run = config.run_config(values)
            found.append(expect(run).seconds_per_epoch * run.training.epochs)
        except LabError as error:
            refused = error
    if not found and refused is not None:
        raise ArchitectureError(
            "None of the combinations can be trained.", received=refused.fact, advice=refused.advice
        )
    return mean(found) + _SECONDS_AROUND
