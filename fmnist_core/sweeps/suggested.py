"""Which settings a form offers to vary, and how far it proposes to."""

from __future__ import annotations

from typing import Any

from fmnist_core.config import RunConfig
from fmnist_core.config.paths import rule_at, ruled_paths, value_at
from fmnist_core.config.rules import Flag, Number, OneOf, Whole, Wholes
from fmnist_core.sweeps.config import NEVER_VARY
from fmnist_core.sweeps.dimension import DimensionConfig

# What nearly every network gains or loses most by.
FIRST_FIELDS = ("training.learning_rate", "training.batch_size")

_OFFERED = (Flag, Number, OneOf, Whole, Wholes)
# Looking both ways changes neither the training nor the curve that trials are compared by.
_OF_NO_USE = (
    *("model.classes", "model.output", "training.trace", "training.epochs"),
    *("training.flip_at_test", "training.tensorboard", "training.mlflow"),
)
# Where the setting is 0, which says nothing about how much of it could help.
_UPTO = {
    "label_smoothing": 0.1,
    "weight_decay": 0.05,
    "shift": 3.0,
    "rotate": 15.0,
    "zoom": 0.15,
    "warmup_epochs": 2.0,
}
_SHARE_OF_ALL = 0.5
_SPREAD_BY_RATIOS = ("learning_rate",)


def fields_to_vary(base: RunConfig) -> tuple[str, ...]:
    """Paths of the settings that a form offers, in the order of the configuration."""
    return tuple(
        path
        for path in ruled_paths(base)
        if path not in NEVER_VARY + _OF_NO_USE and isinstance(rule_at(base, path), _OFFERED)
    )


def suggested_dimension(base: RunConfig, path: str) -> DimensionConfig:
    """A sensible range or choice around what the base has; checked."""
    rule, value = rule_at(base, path), value_at(base, path)
    return _around(path, rule, value).checked(path, rule)


def _around(path: str, rule: Any, value: Any) -> DimensionConfig:
    if isinstance(rule, Flag):
        return DimensionConfig(field=path, choices=(False, True))
    if isinstance(rule, OneOf):
        return DimensionConfig(field=path, choices=rule.options)
    if isinstance(rule, Wholes):
        doubled = tuple(min(2 * item, rule.each.high) for item in value)
        return DimensionConfig(field=path, choices=(value, doubled) if value else ((), (64,)))
    if isinstance(rule, Whole):
        return DimensionConfig(field=path, choices=_wholes(rule, value))
    return _numbers(path, rule, value)


def _wholes(rule: Whole, value: int) -> tuple[int, ...]:
    near = (value // 2, value, 2 * value, 4 * value) if value >= 8 else range(value - 1, value + 3)
    return tuple(dict.fromkeys(item for item in near if rule.low <= item <= rule.high))


def _numbers(path: str, rule: Number, value: float) -> DimensionConfig:
    name = path.rpartition(".")[2]
    if name in _SPREAD_BY_RATIOS and value > 0:
        low, high = _clear(value / 10), _clear(value * 5)
        return DimensionConfig(path, max(low, rule.low), min(high, rule.high), log=True)
    high = _UPTO.get(name, rule.low + _SHARE_OF_ALL * (rule.high - rule.low))
    return DimensionConfig(path, rule.low, min(rule.high, max(high, _clear(2 * value))))


def _clear(value: float) -> float:
    return float(f"{value:.2g}")
