"""A row of the table: what is measured, in which unit, and where the goal lies."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bench.training_rows.session import Session

# What measuring a row with one seed gives. `value`: the figure, None where it does not count.
# `note`: a sentence on this seed. `missed`: true where the figure stands but a condition does not.
# Anything else is kept beside it.
Raw = dict[str, Any]


class CannotMeasureError(Exception):
    """Something is not here, or did not run; says in a sentence what."""


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes:
        slug: Its name on the command line and in the file.
        what: For people: which figure of what, on which images.
        measure: Gives the figure for a seed.
        unit: Of the figure; empty for shares and ratios.
        goal: None where there is none.
        at_least: Whether the figure should be at least the goal; else at most.
        most_seeds: Fewer than asked for where there is only one thing to measure.
        beside: Keys of `Raw` whose medians stand in the note, and what they are.
        judged_by: Which of the seeds' figures has to reach the goal.
    """

    slug: str
    what: str
    measure: Callable[[Session, int], Raw]
    unit: str = ""
    goal: float | None = None
    at_least: bool = False
    most_seeds: int | None = None
    beside: Mapping[str, str] = field(default_factory=dict)
    judged_by: Callable[[list[float]], float] = statistics.median

    def seeds(self, asked: int) -> range:
        return range(min(asked, self.most_seeds or asked))

    def reaches(self, figures: list[float]) -> bool | None:
        """Whether these figures reach the goal; None without a goal."""
        if self.goal is None:
            return None
        figure = self.judged_by(figures)
        return figure >= self.goal if self.at_least else figure <= self.goal


def summary(row: Row, values: Mapping[str, Raw], failure: str = "") -> dict[str, Any]:
    """The row as it stands in the file and in the printed list.

    Args:
        values: What was measured, for each seed (as text, since JSON has no other keys).
        failure: Why the last attempt brought nothing.
    """
    raws = [values[seed] for seed in sorted(values, key=int)]
    figures = [raw["value"] for raw in raws if raw["value"] is not None]
    whole = bool(figures) and len(figures) == len(raws)
    held = whole and not failure and not any(raw.get("missed") for raw in raws)
    return {
        "row": row.slug,
        "median": statistics.median(figures) if whole else None,
        "min": min(figures) if whole else None,
        "max": max(figures) if whole else None,
        "goal": row.goal,
        "met": None if row.goal is None else held and row.reaches(figures),
        "unit": row.unit,
        "seeds": len(raws),
        "note": " ".join([row.what, *_beside(row, raws), *_notes(values), failure]).strip(),
    }


def _beside(row: Row, raws: list[Raw]) -> list[str]:
    told = []
    for key, words in row.beside.items():
        found = [raw[key] for raw in raws if raw.get(key) is not None]
        if found:
            told.append(f"{words}: {_said(statistics.median(found))}.")
    return told


def _said(figure: float) -> str:
    return f"{figure:,.0f}" if figure >= 1000 else f"{figure:.4g}"


def _notes(values: Mapping[str, Raw]) -> list[str]:
    told: dict[str, list[str]] = {}
    for seed in sorted(values, key=int):
        if note := values[seed].get("note"):
            told.setdefault(note, []).append(seed)
    return [f"{note} (seed {', '.join(seeds)})" for note, seeds in told.items()]
