"""How a sweep, its trials and their settings are said to people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fmnist_core.sweeps import Trial
from fmnist_ui.components.config_labels import option_label, path_words
from fmnist_ui.words import StateWords, state_words

_SWEEPS = {
    "running": StateWords("running", "▶", "blue", ":material/tune:"),
    "stopping": StateWords("stopping", "■", "orange", ":material/stop_circle:"),
}
_TRIALS = {
    "new": StateWords("about to begin", "◷", "gray", ""),
    "waiting": StateWords("waiting", "◷", "gray", ""),
    "training": StateWords("training", "▶", "blue", ""),
    "pruned": StateWords("stopped early", "✂", "gray", ""),
    "refused": StateWords("impossible", "✗", "gray", ""),
    "deleted": StateWords("run deleted", "–", "gray", ""),
}


def sweep_words(state: str) -> StateWords:
    """Word, sign, colour and icon of a sweep's state."""
    return _SWEEPS.get(state, state_words(state))


def trial_words(trial: Trial) -> str:
    """Such as "✂ stopped early"."""
    return _TRIALS.get(trial.state, state_words(trial.state)).in_text


def value_words(value: Any) -> str:
    """A setting's value: 0.0012, 32, "64, 32", "Adam", yes."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (tuple, list)):
        return ", ".join(map(str, value)) or "none"
    if isinstance(value, (int, float)):
        return f"{value:g}"
    return option_label(str(value))


def values_words(values: Mapping[str, Any]) -> str:
    """All settings of a trial in a line: "Learning rate 0.0012 · Batch size 64"."""
    return " · ".join(f"{path_words(path)} {value_words(value)}" for path, value in values.items())


def runs_of(count: int) -> str:
    """1 run, 12 runs."""
    return f"{count} run" + ("" if count == 1 else "s")
