"""The model that comes with the lab, its calibration and its card."""

from fmnist_core.shipped.asset import (
    ASSETS,
    SHIPPED,
    shipped_calibration,
    shipped_card,
    shipped_model_path,
)

__all__ = [
    "ASSETS",
    "SHIPPED",
    "shipped_calibration",
    "shipped_card",
    "shipped_model_path",
]
