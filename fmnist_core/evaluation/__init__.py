"""How good a network is: numbers only."""

from fmnist_core.evaluation.balanced import BalancedAccuracy, balanced_accuracy
from fmnist_core.evaluation.interval import wilson
from fmnist_core.evaluation.predictions import Predictions, pick
from fmnist_core.evaluation.reliability import Reliability, reliability
from fmnist_core.evaluation.report import ClassScore, Evaluation, Mixup
from fmnist_core.evaluation.separation import Separation, separation
from fmnist_core.evaluation.store import load_evaluation, load_predictions, store

__all__ = [
    "BalancedAccuracy",
    "ClassScore",
    "Evaluation",
    "Mixup",
    "Predictions",
    "Reliability",
    "Separation",
    "balanced_accuracy",
    "load_evaluation",
    "load_predictions",
    "pick",
    "reliability",
    "separation",
    "store",
    "wilson",
]
