"""How results are said to people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from fmnist_core.evaluation import Evaluation
from fmnist_core.presets import PRESETS
from fmnist_core.runs.library import RunSummary

# A sign before each word: colour is never the only difference.
_STATES = {
    "queued": "◷ waiting",
    "running": "▶ training",
    "paused": "⏸ paused",
    "finished": "✓ finished",
    "stopped": "■ stopped",
    "failed": "✗ failed",
    "crashed": "✗ broken off",
    "damaged": "? damaged",
}
_DATA = {"fashion-mnist": "Fashion-MNIST", "synthetic-garments": "Synthetic garments"}


def state_words(state: str) -> str:
    """A run's state with its sign."""
    return _STATES.get(state, state)


def data_title(name: str) -> str:
    """A data set's name for people."""
    return _DATA.get(name, name)


def preset_title(run: RunSummary) -> str:
    """The preset's title; "Own design" for a free architecture."""
    if run.state == "damaged":
        return ""
    return PRESETS[run.preset].title if run.preset in PRESETS else (run.preset or "Own design")


def percent(share: float | None, digits: int = 1) -> str:
    """0.9123 as "91.2 %"; a dash where there is none."""
    return "—" if share is None else f"{100 * share:.{digits}f} %"


def whole(number: int) -> str:
    """12345 as "12 345", with spaces that do not break."""
    return f"{number:,}".replace(",", "\u202f")


def moment(unix_time: float) -> str:
    """A time of day for people, with the date."""
    return f"{datetime.fromtimestamp(unix_time):%d %b %Y, %H:%M}" if unix_time else ""


def labels(runs: Sequence[RunSummary]) -> dict[str, str]:
    """A distinct short name for each run's id: its name, and its number where names repeat."""
    count = Counter(run.name for run in runs)
    return {
        run.id: run.name if count[run.name] == 1 else f"{run.name} · {run.id[-4:]}" for run in runs
    }


def basis(evaluation: Evaluation) -> str:
    """What an accuracy rests on: images, data, weights."""
    epochs = f"after {evaluation.epoch} epoch" + ("s" if evaluation.epoch != 1 else "")
    return (
        f"{whole(evaluation.images)} {evaluation.split} images of "
        f"{data_title(str(evaluation.data.get('name', 'unknown data')))} · "
        f"{evaluation.weights} weights, {epochs}"
    )
