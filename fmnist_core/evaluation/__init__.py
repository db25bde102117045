"""How good a network is: numbers only."""

from fmnist_core.evaluation.balanced_accuracy import BalancedAccuracy, balanced_accuracy
from fmnist_core.evaluation.calibration import (
    Answered,
    Reliability,
    RiskCoverage,
    Tempered,
    answered,
    at_temperature,
    aurc_interval,
    calibration_error,
    reliability,
    risk_coverage,
    temperature_sweep,
)
from fmnist_core.evaluation.class_report import ClassReport, Share, class_reports
from fmnist_core.evaluation.confidence_interval import wilson
from fmnist_core.evaluation.confused_pairs import ConfusedPair, confused_pairs
from fmnist_core.evaluation.exemplars import Exemplars, exemplars
from fmnist_core.evaluation.paired_comparison import (
    ChangedAnswers,
    PairedDifference,
    check_same_images,
    class_differences,
    paired,
    paired_difference,
)
from fmnist_core.evaluation.predictions import Predictions, pick
from fmnist_core.evaluation.reliability_diagram import Bin, reliability_bins
from fmnist_core.evaluation.report import ClassScore, Evaluation, Mixup
from fmnist_core.evaluation.roc import (
    OneVsRest,
    Separation,
    each_vs_rest,
    one_vs_rest,
    separation,
)
from fmnist_core.evaluation.seed_curves import CoursePoint, finite, seed_course
from fmnist_core.evaluation.seed_statistics import (
    Repeats,
    SeedGroup,
    Spread,
    WelchDifference,
    group_of,
    repeats,
    repeats_of,
    seed_groups,
    seeds_needed,
    welch,
)
from fmnist_core.evaluation.store import load_evaluation, load_predictions, store, whole_again
from fmnist_core.evaluation.validation_predictions import HeldBack, load_held_back, store_held_back

__all__ = [
    "Answered",
    "BalancedAccuracy",
    "Bin",
    "ChangedAnswers",
    "ClassReport",
    "ClassScore",
    "ConfusedPair",
    "CoursePoint",
    "Evaluation",
    "Exemplars",
    "HeldBack",
    "Mixup",
    "OneVsRest",
    "PairedDifference",
    "Predictions",
    "Reliability",
    "Repeats",
    "RiskCoverage",
    "SeedGroup",
    "Separation",
    "Share",
    "Spread",
    "Tempered",
    "WelchDifference",
    "answered",
    "at_temperature",
    "aurc_interval",
    "balanced_accuracy",
    "calibration_error",
    "check_same_images",
    "class_differences",
    "class_reports",
    "confused_pairs",
    "each_vs_rest",
    "exemplars",
    "finite",
    "group_of",
    "load_evaluation",
    "load_held_back",
    "load_predictions",
    "one_vs_rest",
    "paired",
    "paired_difference",
    "pick",
    "reliability",
    "reliability_bins",
    "repeats",
    "repeats_of",
    "risk_coverage",
    "seed_course",
    "seed_groups",
    "seeds_needed",
    "separation",
    "store",
    "store_held_back",
    "temperature_sweep",
    "welch",
    "whole_again",
    "wilson",
]
