"""Training images that are probably mislabelled, and copies of test images among them."""

from fmnist_core.suspects.mislabelled import class_thresholds, confident_class, find_mislabelled
from fmnist_core.suspects.pixel_copies import Alikeness, alikeness
from fmnist_core.suspects.store import CopyPair, Mislabelled, SearchState, Suspects, SuspectStore

__all__ = [
    "Alikeness",
    "CopyPair",
    "Mislabelled",
    "SearchState",
    "SuspectStore",
    "Suspects",
    "alikeness",
    "class_thresholds",
    "confident_class",
    "find_mislabelled",
]
