"""How results are said to people."""

from __future__ import annotations

from collections.abc import Sequence

from fmnist_core.config.presets import PRESETS
from fmnist_core.evaluation import Evaluation
from fmnist_core.runs.library import RunSummary
from fmnist_ui.words import data_title, percent, whole


def preset_title(run: RunSummary) -> str:
    """The preset's title; "Own design" for a free architecture."""
    if run.state == "damaged":
        return ""
    return PRESETS[run.preset].title if run.preset in PRESETS else (run.preset or "Own design")


def labels(runs: Sequence[RunSummary]) -> dict[str, str]:
    """A distinct short name for each run's id: its name, and where names repeat its seed or id."""
    alike: dict[str, list[RunSummary]] = {}
    for run in runs:
        alike.setdefault(run.name, []).append(run)
    return {run.id: _label(run, alike[run.name]) for run in runs}


def _label(run: RunSummary, namesakes: Sequence[RunSummary]) -> str:
    if len(namesakes) == 1:
        return run.name
    recipes, seeds = ({getattr(one, name) for one in namesakes} for name in ("recipe", "seed"))
    if len(recipes) == 1 and len(seeds) == len(namesakes):
        return f"{run.name} · seed {run.seed}"
    return f"{run.name} · {run.id[-4:]}"


def basis(evaluation: Evaluation) -> str:
    """What an accuracy rests on: images, data, weights."""
    epochs = f"after {evaluation.epoch} epoch" + ("s" if evaluation.epoch != 1 else "")
    return f"{judged_on(evaluation)} · {evaluation.weights} weights, {epochs}"


def judged_on(evaluation: Evaluation) -> str:
    """Such as "10 000 test images of Fashion-MNIST"."""
    name = data_title(str(evaluation.data.get("name", "unknown data")))
    return f"{whole(evaluation.images)} {evaluation.split} images of {name}"


def spanning(interval: tuple[float, float], digits: int = 1) -> str:
    """An interval of shares, such as "61.5 to 67.3 %"."""
    low, high = interval
    return f"{100 * low:.{digits}f} to {percent(high, digits)}"


def points(difference: float, digits: int = 2) -> str:
    """A difference of shares in percentage points, with its sign: "+1.25" or "−0.40"."""
    return f"{100 * difference:+.{digits}f}".replace("-", "−")


def between(interval: tuple[float, float], digits: int = 3) -> str:
    """An interval of plain numbers, such as "0.615 to 0.673"."""
    low, high = interval
    return f"{low:.{digits}f} to {high:.{digits}f}"


def chance(p: float) -> str:
    """A p-value with as many digits as mean anything."""
    return "< 0.0001" if p < 0.0001 else f"{p:.4f}" if p < 0.01 else f"{p:.3f}"
