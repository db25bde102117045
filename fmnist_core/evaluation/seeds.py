"""Runs that differ in nothing but their seed, as one entry."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from fmnist_core.evaluation.spread import Spread
from fmnist_core.runs.library import RunSummary


@dataclass(frozen=True)
class SeedGroup:
    """Runs of one configuration on the same images, one a seed.

    Attributes:
        runs: At least one, by seed; each with a test accuracy.
        spread: Of their test accuracies, in the same order.
    """

    runs: tuple[RunSummary, ...]
    spread: Spread

    @property
    def name(self) -> str:
        """The commonest name among the runs."""
        return Counter(run.name for run in self.runs).most_common(1)[0][0]

    @property
    def data(self) -> str:
        return self.runs[0].data

    @property
    def fingerprint(self) -> str:
        return self.runs[0].fingerprint


def seed_groups(runs: Iterable[RunSummary]) -> list[SeedGroup]:
    """Groups the finished runs with a test accuracy, in the order of their first run.

    Of several runs with the same seed the first counts: they are one training done twice. Runs that
    were stopped early or broke off are left out, since they did not do what their configuration
    says.
    """
    found: dict[tuple[str, str, str], dict[int, RunSummary]] = {}
    for run in runs:
        if run.state == "finished" and run.recipe and run.test_accuracy is not None:
            key = run.recipe, run.data, run.fingerprint
            found.setdefault(key, {}).setdefault(run.seed, run)
    return [_group(by_seed) for by_seed in found.values()]


def group_of(run: RunSummary, runs: Iterable[RunSummary]) -> SeedGroup | None:
    """The group among `runs` that `run` belongs to; None for a run that belongs to none."""
    for group in seed_groups(runs):
        first = group.runs[0]
        same = (first.recipe, first.data, first.fingerprint)
        if same == (run.recipe, run.data, run.fingerprint):
            return group
    return None


def _group(by_seed: dict[int, RunSummary]) -> SeedGroup:
    ordered = tuple(by_seed[seed] for seed in sorted(by_seed))
    return SeedGroup(ordered, Spread(tuple(float(run.test_accuracy or 0.0) for run in ordered)))
