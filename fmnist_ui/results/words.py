"""How results are said to people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from fmnist_core.evaluation import Evaluation
from fmnist_core.presets import PRESETS
from fmnist_core.runs.library import RunSummary
from fmnist_ui.words import data_title, whole


def preset_title(run: RunSummary) -> str:
    """The preset's title; "Own design" for a free architecture."""
    if run.state == "damaged":
        return ""
    return PRESETS[run.preset].title if run.preset in PRESETS else (run.preset or "Own design")


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
