"""What `improve` tells: for people in lines, for machines as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tqdm import tqdm

from fmnist_core.errors import LabError
from fmnist_core.remedies import (
    BeforeAfter,
    Change,
    Pair,
    Remedy,
    best_of,
    expected_seconds,
    tried_from,
)
from fmnist_core.runs.folder import RunFolder


@dataclass(frozen=True)
class Revealed:
    """The test figure of a remedy, and how often it was looked at, this time included."""

    figures: BeforeAfter
    looks: int


@dataclass(frozen=True)
class Told:
    """All that is known about a pair of a run.

    Attributes:
        remedies: What is offered.
        results: What was tried and can be compared, by the run's identifier.
        untold: Why others cannot be compared, in the same way.
        after: The run that tried a remedy just now; empty for none.
        shown: The run whose every change is told; empty for none.
    """

    base: RunFolder
    pair: Pair
    remedies: tuple[Remedy, ...]
    results: Mapping[str, BeforeAfter]
    untold: Mapping[str, str]
    after: str
    shown: str
    test: Revealed | None

    def lines(self) -> Iterator[str]:
        """For people."""
        if not self.after:
            yield f"Remedies for {self.pair.title} in {self.base.meta.name}"
            yield from map(self._offer, self.remedies)
            yield ""
        yield from self._tried()
        if self.shown in self.results:
            yield ""
            result = self.results[self.shown]
            yield f"On {result.images} images held back, 95 % intervals of paired differences"
            yield from map(_line, result.rows)
        if self.test is not None:
            images, times = self.test.figures.images, self.test.looks
            yield ""
            yield f"On {images} test images; looked at {times} time{'s' * (times > 1)} so far"
            yield from map(_line, self.test.figures.rows)

    def to_json(self) -> dict[str, Any]:
        """For machines; shares and differences from 0 to 1."""
        return {
            "run_id": self.base.id,
            "pair": list(self.pair.classes),
            "remedies": [self._remedy(remedy) for remedy in self.remedies],
            "tried": self._tried_json(),
            "after": self.after or None,
            "choice": best_of(self.results),
            "test": None
            if self.test is None
            else {"run_id": self.shown, "looks": self.test.looks, **_changes(self.test.figures)},
        }

    def _offer(self, remedy: Remedy) -> str:
        seconds = self._seconds(remedy)
        time = "" if seconds is None else f"about {tqdm.format_interval(seconds)}"
        return f"{remedy.name:14} {remedy.obstacle or f'{time}. {remedy.why}'}"

    def _seconds(self, remedy: Remedy) -> float | None:
        try:
            return expected_seconds(remedy.config, self.base.config, self.base.status)
        except LabError:
            return None

    def _tried(self) -> Iterator[str]:
        mine = [tried for tried in tried_from(self.base) if tried.pair == self.pair]
        if not mine:
            yield "None was tried yet: --remedy NAME."
            return
        yield f"Tried so far: {self.pair.title} mixed up"
        for tried in mine:
            start = "present weights" if tried.going_on else "afresh"
            if tried.run_id in self.results:
                told = _numbers(self.results[tried.run_id].mixed_up)
            else:
                told = self.untold[tried.run_id]
            yield f"{tried.remedy:14} {start:16} {tried.run_id:44} {told}"
        best = best_of(self.results)
        yield (
            f"The choice, by images held back: {best}"
            if best
            else "The choice, by images held back: the network as it was. "
            "None is clearly better at the pair without costing the rest."
        )

    def _remedy(self, remedy: Remedy) -> dict[str, Any]:
        return {
            "name": remedy.name,
            "title": remedy.title,
            "obstacle": remedy.obstacle,
            "seconds": self._seconds(remedy),
        }

    def _tried_json(self) -> list[dict[str, Any]]:
        found = []
        for tried in tried_from(self.base):
            if tried.pair == self.pair:
                about = {"run_id": tried.run_id, "remedy": tried.remedy, "going_on": tried.going_on}
                if tried.run_id in self.results:
                    found.append({**about, **_changes(self.results[tried.run_id])})
                else:
                    found.append({**about, "problem": self.untold[tried.run_id]})
        return found


def _changes(result: BeforeAfter) -> dict[str, Any]:
    return {
        "images": result.images,
        "changes": [
            {
                "name": change.name,
                "images": change.before.of,
                "before": change.before.value,
                "after": change.after.value,
                "difference": change.difference,
                "interval": list(change.interval),
                "verdict": _verdict(change),
            }
            for change in result.rows
        ],
    }


def _line(change: Change) -> str:
    return f"{change.name:36} {_numbers(change)}"


def _numbers(change: Change) -> str:
    low, high = change.interval
    shares = f"{change.before.value:7.2%} → {change.after.value:7.2%}"
    points = f"{100 * change.difference:+.2f} ({100 * low:+.2f} to {100 * high:+.2f}) points"
    return f"{shares}  {points}  {_verdict(change)}"


def _verdict(change: Change) -> str:
    return "better" if change.better else "worse" if change.worse else "may be chance"
