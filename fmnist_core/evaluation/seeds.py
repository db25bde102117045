"""Runs that differ in nothing but their seed, as one entry."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from fmnist_core.evaluation.spread import Spread
from fmnist_core.runs.library import DAMAGED, RunSummary

_Source = tuple[str, str]


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
        """Those that say what the configuration is worth: trained to their end and judged."""
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
    """All runs by configuration and images, in the order of their first run.

    Which images a run learns from is known once it has begun; until then it is put with the first
    run of its configuration.
    """
    listed = [run for run in runs if run.recipe and run.state != DAMAGED]
    known = _known_sources(listed)
    found: dict[tuple[str, str, _Source], dict[int, RunSummary]] = {}
    for run in listed:
        source = _source(run) if run.fingerprint else known.get((run.recipe, run.data), ("", ""))
        by_seed = found.setdefault((run.recipe, run.data, source), {})
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
        if (first.recipe, first.data, _source(first)) == (run.recipe, run.data, _source(run)):
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
    held_back = [run.best_validation_accuracy for run in runs]
    known = tuple(share for share in held_back if share is not None)
    return SeedGroup(
        runs,
        Spread(tuple(float(run.test_accuracy or 0.0) for run in runs)),
        Spread(known) if len(known) == len(runs) else None,
    )


def _commonest_name(runs: tuple[RunSummary, ...]) -> str:
    return Counter(run.name for run in runs).most_common(1)[0][0]
