"""Training images that are probably mislabelled, and copies of test images among them."""

from fmnist_core.datasets.label_issues.confident_learning import (
    class_thresholds,
    confident_class,
    find_mislabelled,
)
from fmnist_core.datasets.label_issues.near_duplicates import Alikeness, alikeness
from fmnist_core.datasets.label_issues.store import CopyPair, Mislabelled, Suspects, SuspectStore

__all__ = [
    "Alikeness",
    "CopyPair",
    "Mislabelled",
    "SuspectStore",
    "Suspects",
    "alikeness",
    "class_thresholds",
    "confident_class",
    "find_mislabelled",
]
