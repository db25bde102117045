"""Sweeps: what a setting should be, found by trying; each trial is an ordinary run.

The choice is made on images held back from training. Test images are not looked at to choose.
"""

from fmnist_core.sweeps.config import (
    GRID,
    GUIDED,
    MOST_DIMENSIONS,
    MOST_EPOCHS,
    MOST_TRIALS,
    DimensionConfig,
    SweepConfig,
    parse_dimension,
    parse_values,
)
from fmnist_core.sweeps.folder import SweepEnd, SweepFolder, SweepMeta, sweep_folders
from fmnist_core.sweeps.reading import Sweep, list_sweeps, read_sweep, trial_runs, unfinished
from fmnist_core.sweeps.trial import Trial

__all__ = [
    "GRID",
    "GUIDED",
    "MOST_DIMENSIONS",
    "MOST_EPOCHS",
    "MOST_TRIALS",
    "DimensionConfig",
    "Sweep",
    "SweepConfig",
    "SweepEnd",
    "SweepFolder",
    "SweepMeta",
    "Trial",
    "list_sweeps",
    "parse_dimension",
    "parse_values",
    "read_sweep",
    "sweep_folders",
    "trial_runs",
    "unfinished",
]
