"""`train --seeds N`: one configuration with N seeds, one after another in this process."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from fmnist_core.config import RunConfig, override, with_seeds
from fmnist_core.config.rules import typed_whole
from fmnist_core.data.dataset import Dataset
from fmnist_core.errors import LabError
from fmnist_core.evaluation import Spread
from fmnist_core.runs.folder import RunFolder

if TYPE_CHECKING:
    from fmnist_core.training.loop import TrainResult

Begin = Callable[[RunConfig], tuple[RunFolder, Dataset]]
Train = Callable[[RunFolder, Dataset], "TrainResult"]
_FINISHED, _STOPPED = "finished", "stopped"
_FIGURES = ("validation_accuracy", "test_accuracy")


@dataclass(frozen=True)
class SeedResult:
    """How one seed ended; the figures are None where it failed."""

    seed: int
    data: str
    run_id: str
    status: str
    epochs: int
    seconds: float
    validation_accuracy: float | None
    test_accuracy: float | None
    test_loss: float | None
    error: str = ""


def train_seeds(config: RunConfig, seeds: str, begin: Begin, train: Train) -> list[SeedResult]:
    """Trains each seed; one that fails does not keep the others from their turn, Ctrl-C does.

    Args:
        seeds: How many, as typed.
        begin: Makes a run's folder and loads its images.
        train: Trains it.

    Raises:
        ConfigError: `seeds` is no number from 1 to `MOST_SEEDS`.
        LabError: A training cannot even begin.
    """
    wanted: Any = typed_whole(seeds)
    results: list[SeedResult] = []
    for each in with_seeds(config, wanted):
        # All seeds learn from the images that the first one found.
        same = override(each, [f"dataset={results[0].data}"]) if results else each
        folder, data = begin(same)
        results.append(_one(folder, data, train))
        if results[-1].status == _STOPPED:
            break
    return results


def _one(folder: RunFolder, data: Dataset, train: Train) -> SeedResult:
    about: dict[str, Any] = {"seed": folder.config.training.seed, "data": data.identity.name}
    try:
        return SeedResult(**about, **asdict(train(folder, data)))
    except LabError as error:
        print(f"Seed {about['seed']} failed: {error}", file=sys.stderr)
        return SeedResult(**about, **_of_failed(folder), error=str(error))


def _of_failed(folder: RunFolder) -> dict[str, Any]:
    status = folder.status
    return {
        "run_id": folder.id,
        "status": "failed",
        "epochs": status.epoch,
        "seconds": status.seconds,
        "validation_accuracy": status.best_validation_accuracy,
        "test_accuracy": None,
        "test_loss": None,
    }


def exit_status(results: Sequence[SeedResult]) -> int:
    """0 where every seed trained to its end."""
    states = {result.status for result in results}
    return 0 if states == {_FINISHED} else 130 if _STOPPED in states else 1


def report(results: Sequence[SeedResult], as_json: bool) -> None:
    """Each seed that was begun, and mean and spread of those that trained to their end."""
    if as_json:
        print(json.dumps(_for_machines(results)))
        return
    print(f"{'seed':>10}  {'state':9} {'validation':>10} {'test':>8}  run")
    for one in results:
        shown = f"{_percent(one.validation_accuracy):>10} {_percent(one.test_accuracy):>8}"
        print(f"{one.seed:>10}  {one.status:9} {shown}  {one.run_id}")
    for name in _FIGURES:
        print(f"{name.replace('_', ' '):20} {_in_words(spread_of(results, name))}")


def spread_of(results: Sequence[SeedResult], name: str) -> Spread | None:
    """Of one figure, over the seeds that trained to their end and have it."""
    values = [getattr(one, name) for one in results if one.status == _FINISHED]
    known = tuple(value for value in values if value is not None)
    return Spread(known) if known else None


def _for_machines(results: Sequence[SeedResult]) -> dict[str, Any]:
    return {
        "seeds": len(results),
        "finished": sum(one.status == _FINISHED for one in results),
        "data": results[0].data,
        "runs": [asdict(one) for one in results],
        **{name: _summary(spread_of(results, name)) for name in _FIGURES},
    }


def _summary(spread: Spread | None) -> dict[str, float | None] | None:
    if spread is None:
        return None
    return {
        "mean": spread.mean,
        "standard_deviation": spread.deviation,
        "min": spread.limits[0],
        "median": spread.median,
        "max": spread.limits[1],
    }


def _in_words(spread: Spread | None) -> str:
    if spread is None:
        return "none"
    deviation = "" if spread.deviation is None else f" ± {100 * spread.deviation:.2f}"
    low, high = spread.limits
    return (
        f"{100 * spread.mean:.2f}{deviation} % (least {low:.2%}, median {spread.median:.2%}, "
        f"greatest {high:.2%}; finished seeds: {spread.n})"
    )


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.2%}"
