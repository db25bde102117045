"""The model that comes with the lab: two networks, what is known about them, and which answers."""

from fmnist_core.runs.pretrained.asset import (
    ASSETS,
    SHIPPED,
    SHIPPED_CATALOGUE,
    SHIPPED_EVERYDAY,
    SHIPPED_NETWORKS,
    SHIPPED_TITLES,
    folder_of,
    networks_of,
    shipped_calibration,
    shipped_card,
    shipped_folder,
    shipped_model_path,
    shipped_runs,
)
from fmnist_core.runs.pretrained.model_ref import ModelRef, merged, predictions_of, split

__all__ = [
    "ASSETS",
    "SHIPPED",
    "SHIPPED_CATALOGUE",
    "SHIPPED_EVERYDAY",
    "SHIPPED_NETWORKS",
    "SHIPPED_TITLES",
    "ModelRef",
    "folder_of",
    "merged",
    "networks_of",
    "predictions_of",
    "shipped_calibration",
    "shipped_card",
    "shipped_folder",
    "shipped_model_path",
    "shipped_runs",
    "split",
]
