"""Networks: planned and costed by arithmetic, built with Keras, never in the Streamlit process."""

from fmnist_core.models.cost import (
    LayerRow,
    ModelSummary,
    check_memory,
    seconds_per_epoch,
    summarise,
    training_bytes,
)
from fmnist_core.models.plan import Layer, plan

__all__ = [
    "Layer",
    "LayerRow",
    "ModelSummary",
    "check_memory",
    "plan",
    "seconds_per_epoch",
    "summarise",
    "training_bytes",
]
