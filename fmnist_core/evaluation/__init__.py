"""How good a network is: numbers only."""

from fmnist_core.evaluation.interval import wilson
from fmnist_core.evaluation.predictions import Predictions, pick
from fmnist_core.evaluation.report import ClassScore, Evaluation, Mixup
from fmnist_core.evaluation.store import load_evaluation, load_predictions, store

__all__ = [
    "ClassScore",
    "Evaluation",
    "Mixup",
    "Predictions",
    "load_evaluation",
    "load_predictions",
    "pick",
    "store",
    "wilson",
]
