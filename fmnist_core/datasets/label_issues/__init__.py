"""Training images that are probably mislabelled, and copies of test images among them."""

from fmnist_core.datasets.label_issues.confident_learning import (
    class_thresholds,
    confident_class,
    find_mislabelled,
)
from fmnist_core.datasets.label_issues.near_duplicates import (
    Similarity,
    copied_test_images,
    find_copies,
    kept_near_duplicates,
    near_duplicate_images,
    similarity,
)
from fmnist_core.datasets.label_issues.store import (
    CopyPair,
    LabelIssues,
    LabelIssueStore,
    Mislabelled,
)

__all__ = [
    "CopyPair",
    "LabelIssueStore",
    "LabelIssues",
    "Mislabelled",
    "Similarity",
    "class_thresholds",
    "confident_class",
    "copied_test_images",
    "find_copies",
    "find_mislabelled",
    "kept_near_duplicates",
    "near_duplicate_images",
    "similarity",
]
