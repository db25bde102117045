"""One trial of a sweep, as the sweep's diary tells of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from fmnist_core.config.migration import present_key

# new -> waiting -> training -> one of the others. `deleted`: its run is gone.
ACTIVE_TRIALS = ("new", "waiting", "training")
ENDED_TRIALS = ("finished", "pruned", "stopped", "failed", "refused", "deleted")


@dataclass(frozen=True)
class Trial:
    """A trial and its result.

    Attributes:
        number: From 1.
        values: Path of each setting that varies, and its value.
        run_id: The run that tries it; empty before it was handed over.
        own: Whether the run was begun for it; an equal one that was there already is left alone.
        state: One of `ACTIVE_TRIALS` or `ENDED_TRIALS`.
        accuracies: On the images held back, after each epoch, 0 to 1.
        score: The objective: the best of them, or the last if last weights are kept.
        epochs: Epochs asked for.
        seconds: Spent training.
        begun, over: Unix time of its being queued and of its end; 0 before.
        pruned: Whether it was stopped since it lagged behind.
        error, advice: Why it was refused or failed.
    """

    number: int
    values: Mapping[str, Any]
    run_id: str = ""
    own: bool = True
    state: str = "new"
    accuracies: tuple[float, ...] = ()
    score: float | None = None
    epochs: int = 0
    seconds: float = 0.0
    begun: float = 0.0
    over: float = 0.0
    pruned: bool = False
    error: str = ""
    advice: str = ""

    @property
    def active(self) -> bool:
        return self.state in ACTIVE_TRIALS

    @property
    def evaluated(self) -> bool:
        """Whether it has ended with a figure and a run to open."""
        return not self.active and self.score is not None and self.state != "deleted"


def fold_trials(events: Iterable[Mapping[str, Any]]) -> tuple[Trial, ...]:
    """The trials that a diary tells of, in their order; what is malformed is passed over."""
    trials: dict[int, Trial] = {}
    for event in events:
        try:
            _take(trials, event)
        except (KeyError, TypeError, ValueError, OverflowError):
            continue
    return tuple(trials[number] for number in sorted(trials))


def _take(trials: dict[int, Trial], event: Mapping[str, Any]) -> None:
    number = int(event["number"])
    if event["kind"] == "trial":
        values = {
            present_key(str(path)): _frozen(value) for path, value in dict(event["values"]).items()
        }
        trials.setdefault(number, Trial(number, values))
        return
    trial = trials[number]
    if event["kind"] == "run":
        run_id, own = str(event["run"]), bool(event["own"])
        begun = float(event["t"])
        trials[number] = replace(trial, run_id=run_id, own=own, begun=begun, state="waiting")
    elif event["kind"] == "pruned":
        trials[number] = replace(trial, pruned=True)
    elif event["kind"] == "ended" and event["state"] in ENDED_TRIALS:
        trials[number] = _ended(trial, event)


def _ended(trial: Trial, event: Mapping[str, Any]) -> Trial:
    score = event["score"]
    return replace(
        trial,
        state=str(event["state"]),
        accuracies=tuple(float(value) for value in event["accuracies"]),
        score=None if score is None else float(score),
        epochs=int(event["epochs"]),
        seconds=float(event["seconds"]),
        over=float(event["t"]),
        error=str(event["error"]),
        advice=str(event["advice"]),
    )


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
