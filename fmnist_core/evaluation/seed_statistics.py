"""Runs that differ in their seed alone: mean, deviation, t interval, and Welch's test."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from fmnist_core.errors import DataError
from fmnist_core.permissions import acting
from fmnist_core.runs.history import EpochPoint, History
from fmnist_core.runs.library import RunSummary
from fmnist_core.runs.status import DAMAGED


@dataclass(frozen=True)
class CoursePoint:
    """The values of the seeds that have completed epoch `epoch` (from 1)."""

    epoch: int
    spread: Spread


_Source = tuple[str, str]


@dataclass(frozen=True)
class Spread:
    """Values of several seeds.

    Attributes:
        values: At least one.
    """

    values: tuple[float, ...]

    def __post_init__(self) -> None:
        if not self.values or not all(map(math.isfinite, self.values)):
            raise DataError("A spread is that of one or more numbers.", received=self.values)

    @property
    def n(self) -> int:
        return len(self.values)

    @property
    def mean(self) -> float:
        return float(np.mean(self.values))

    @property
    def deviation(self) -> float | None:
        """Standard deviation from one seed to the next (n - 1); None for a single one."""
        return float(np.std(self.values, ddof=1)) if self.n > 1 else None

    @property
    def median(self) -> float:
        return float(np.median(self.values))

    @property
    def limits(self) -> tuple[float, float]:
        """The least and the greatest."""
        return min(self.values), max(self.values)

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % confidence interval of the mean over seeds (Student's t).

        About chance in training alone: the images are the same for all seeds. None for one seed.
        """
        if self.deviation is None:
            return None
        # Imported where it is needed: it takes most of a second, and most pages compare no seeds.
        from scipy import stats

        half = float(stats.t.ppf(0.975, self.n - 1)) * self.deviation / math.sqrt(self.n)
        return self.mean - half, self.mean + half


@dataclass(frozen=True)
class WelchDifference:
    """Mean of the first less that of the second, without assuming equal spreads.

    Welch 1947, Biometrika 34:28, https://doi.org/10.1093/biomet/34.1-2.28. A bootstrap would be
    too sure of itself here: of three seeds it can only draw the same three again.

    Attributes:
        interval: 95 % confidence interval of the difference.
        p: How often chance alone makes two such means differ so much, 0 to 1.
        freedom: Degrees of freedom.
    """

    difference: float
    interval: tuple[float, float]
    p: float
    freedom: float

    @property
    def more_than_chance(self) -> bool:
        low, high = self.interval
        return not low <= 0 <= high


@dataclass(frozen=True)
class SeedGroup:
    """Runs of one configuration on the same images, one a seed, all trained to their end.

    Attributes:
        runs: At least one, by seed; each with a test accuracy.
        spread: Of their test accuracies, in the same order: to report.
        validation: Of their best validation accuracies: to choose by. None where one of them held
            no images back.
    """

    runs: tuple[RunSummary, ...]
    spread: Spread
    validation: Spread | None = None

    @property
    def name(self) -> str:
        """The commonest name among the runs."""
        return _commonest_name(self.runs)

    @property
    def data(self) -> str:
        return self.runs[0].data

    @property
    def fingerprint(self) -> str:
        return self.runs[0].fingerprint

    @property
    def recipe(self) -> str:
        return self.runs[0].recipe


@dataclass(frozen=True)
class Repeats:
    """Runs of one configuration on the same images, one a seed, in whatever state.

    Attributes:
        runs: At least one, by seed. Of several with one seed, one that waits or trains, else one
            that trained to its end, else the first.
    """

    runs: tuple[RunSummary, ...]

    @property
    def name(self) -> str:
        """The commonest name among the runs."""
        return _commonest_name(self.runs)

    @property
    def counted(self) -> tuple[RunSummary, ...]:
        """The runs that finished training and evaluation."""
        return tuple(run for run in self.runs if _counts(run))

    @property
    def active(self) -> tuple[RunSummary, ...]:
        """Those that wait, train or pause."""
        return tuple(run for run in self.runs if run.active)

    @property
    def waiting(self) -> tuple[RunSummary, ...]:
        return tuple(run for run in self.runs if run.state == "queued")

    @property
    def lost(self) -> tuple[RunSummary, ...]:
        """Those that were stopped or broke off: they count for nothing."""
        return tuple(run for run in self.runs if not run.active and not _counts(run))

    @property
    def group(self) -> SeedGroup | None:
        """What is counted; None before the first."""
        return _group(self.counted) if self.counted else None


def repeats(runs: Iterable[RunSummary]) -> list[Repeats]:
    """All runs by configuration and images, in a class also by owner, in the order of their first
    run.

    Which images a run learns from is known once it has begun; until then it is put with the first
    run of its configuration.
    """
    listed = [run for run in runs if run.recipe and run.state != DAMAGED]
    known, is_class = _known_sources(listed), acting() is not None
    found: dict[tuple[str, str, _Source, str], dict[int, RunSummary]] = {}
    for run in listed:
        source = _source(run) if run.fingerprint else known.get((run.recipe, run.data), ("", ""))
        # Alone an owner is a browser's session, of which one person has many.
        owner = run.owner if is_class else ""
        by_seed = found.setdefault((run.recipe, run.data, source, owner), {})
        before = by_seed.setdefault(run.seed, run)
        by_seed[run.seed] = max(before, run, key=_weight)
    return [Repeats(tuple(by_seed[seed] for seed in sorted(by_seed))) for by_seed in found.values()]


def repeats_of(run: RunSummary, runs: Iterable[RunSummary]) -> Repeats:
    """`run` and those among `runs` that differ from it in the seed at most."""
    alike = (other for other in runs if (other.recipe, other.data) == (run.recipe, run.data))
    # It comes first, and so does what it belongs to.
    found = repeats([run, *(other for other in alike if other.id != run.id)])
    return found[0] if found else Repeats((run,))


def seed_groups(runs: Iterable[RunSummary]) -> list[SeedGroup]:
    """Groups the finished runs with a test accuracy, in the order of their first run.

    Of several runs with the same seed the first counts: they are one training done twice. Runs that
    were stopped early or broke off are left out, since they did not do what their configuration
    says.
    """
    return [_group(found.runs) for found in repeats(filter(_counts, runs))]


def group_of(run: RunSummary, runs: Iterable[RunSummary]) -> SeedGroup | None:
    """The group among `runs` that `run` belongs to; None for a run that belongs to none."""
    for group in seed_groups(runs):
        first = group.runs[0]
        same = (first.recipe, first.data, _source(first)) == (run.recipe, run.data, _source(run))
        if same and (acting() is None or first.owner == run.owner):
            return group
    return None


def _counts(run: RunSummary) -> bool:
    return run.state == "finished" and bool(run.recipe) and run.test_accuracy is not None


def _weight(run: RunSummary) -> int:
    return 2 if run.active else 1 if _counts(run) else 0


def _source(run: RunSummary) -> _Source:
    return run.fingerprint, run.besides


def _known_sources(runs: Iterable[RunSummary]) -> dict[tuple[str, str], _Source]:
    """What the first run that knows its images learned from, by configuration and data."""
    found: dict[tuple[str, str], _Source] = {}
    for run in runs:
        if run.fingerprint:
            found.setdefault((run.recipe, run.data), _source(run))
    return found


def _group(runs: tuple[RunSummary, ...]) -> SeedGroup:
    validation = [run.best_validation_accuracy for run in runs]
    known = tuple(share for share in validation if share is not None)
    return SeedGroup(
        runs,
        Spread(tuple(float(run.test_accuracy or 0.0) for run in runs)),
        Spread(known) if len(known) == len(runs) else None,
    )


def _commonest_name(runs: tuple[RunSummary, ...]) -> str:
    return Counter(run.name for run in runs).most_common(1)[0][0]


def welch(first: Spread, second: Spread) -> WelchDifference:
    """Compares two configurations by their seeds.

    Raises:
        DataError: One of them has fewer than two seeds.
    """
    if first.deviation is None or second.deviation is None:
        raise DataError(
            "Two configurations are compared by two or more seeds of each.",
            received=f"{first.n} and {second.n}",
            advice="Train again with another seed.",
        )
    difference = first.mean - second.mean
    if not (first.deviation or second.deviation):
        # All seeds alike, as with a test set that is too easy: no spread to measure by.
        return WelchDifference(difference, (difference, difference), float(difference == 0), 1.0)
    from scipy import stats

    found = stats.ttest_ind(first.values, second.values, equal_var=False)
    limits = found.confidence_interval(0.95)
    interval = float(limits.low), float(limits.high)
    return WelchDifference(difference, interval, float(found.pvalue), float(found.df))


def seeds_needed(first: Spread, second: Spread, most: int = 100) -> int | None:
    """The number of seeds per group that would make a difference of this size significant.

    If the next seeds scatter as those so far did, and with the same Welch's interval; None where
    it would take more than `most`.

    Raises:
        DataError: One of them has fewer than two seeds.
    """
    found = welch(first, second)
    variances = [each.deviation**2 for each in (first, second) if each.deviation is not None]
    squares = sum(variance**2 for variance in variances)
    from scipy import stats

    seeds = np.arange(2, most + 1)
    freedom = (seeds - 1) * sum(variances) ** 2 / squares if squares else np.ones(len(seeds))
    half = stats.t.ppf(0.975, freedom) * np.sqrt(sum(variances) / seeds)
    enough = seeds[half < abs(found.difference)]
    return int(enough[0]) if len(enough) else None


def seed_course(histories: Iterable[History], field: str) -> list[CoursePoint]:
    """One point an epoch that at least two seeds have completed, in order.

    Args:
        field: Of `EpochPoint`, such as `"val_accuracy"`; what is None or infinite is passed over.
    """
    found: dict[int, list[float]] = {}
    for history in histories:
        for point in history.epochs_done:
            if (value := finite(point, field)) is not None:
                found.setdefault(point.epoch, []).append(value)
    return [
        CoursePoint(epoch, Spread(tuple(values)))
        for epoch, values in sorted(found.items())
        if len(values) > 1
    ]


def finite(point: EpochPoint, field: str) -> float | None:
    """A figure of an epoch, or None where there is no number to draw."""
    value = getattr(point, field)
    return None if value is None or not math.isfinite(value) else float(value)
