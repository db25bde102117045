"""The learning rate that a schedule plans, before anything is trained."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fmnist_core.figures.axes import epoch_axis, rate_axis
from fmnist_core.figures.chart import Chart, base_spec
from fmnist_core.figures.palette import Palette


def planned_rate(
    epochs: NDArray[np.float64], rates: NDArray[np.float64], palette: Palette, height: int = 220
) -> Chart:
    """Rate against time.

    Args:
        epochs: float64 (n,), epochs done, rising to the length of the run.
        rates: float64 (n,), the learning rate there.
    """
    encoding = {
        "x": {"field": "epoch", **epoch_axis(round(float(epochs[-1])))},
        "y": {"field": "rate", **rate_axis()},
    }
    area = {
        "type": "area",
        "color": palette.accent,
        "opacity": 0.12,
        "line": {"color": palette.accent, "strokeWidth": 2},
    }
    spec = {**base_spec(palette, height), "mark": area, "encoding": encoding}
    data = pd.DataFrame({"epoch": epochs, "rate": rates})
    return Chart(data, spec, "Planned learning rate over the epochs.")
