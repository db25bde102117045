"""Settings under the names that version 0.1 gave them: read wherever configurations are read.

`RENAMED` is all that is known of older names. Nothing is ever written with them.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from fmnist_core.errors import ConfigError

# Older path: present path. A group comes before what it holds.
RENAMED = {
    "model.normalisation": "model.normalization",
    "model.backbone.side": "model.backbone.image_size",
    "training.start_from": "training.initial_weights",
    "training.drop_suspects": "training.exclude_label_issues",
    "training.averaging": "training.ema_decay",
    "training.clip_norm": "training.gradient_clip_norm",
    "training.flip_at_test": "training.test_time_flip",
    "training.trace": "training.record_dynamics",
    "training.style": "training.style_augmentation",
    "training.style.lines": "training.style_augmentation.line_drawings",
    "training.style.silhouettes": "training.style_augmentation.silhouettes",
    "training.style.textures": "training.style_augmentation.textures",
    "training.style.backgrounds": "training.style_augmentation.background_clutter",
    "training.style.inverted": "training.style_augmentation.inverted",
    "training.style.distortion": "training.style_augmentation.distortion",
    "training.style.garments": "training.style_augmentation.synthetic_sketches",
    "training.style.other": "training.style_augmentation.negatives",
    "training.emphasis": "training.class_weights",
    "training.emphasis.labels": "training.class_weights.labels",
    "training.emphasis.factor": "training.class_weights.factor",
    "training.teacher": "training.distillation",
    "training.teacher.network": "training.distillation.teacher",
    "training.teacher.share": "training.distillation.weight",
    "training.teacher.temperature": "training.distillation.temperature",
}

_FIRST = {new: old for old, new in RENAMED.items()}


def _endings(path: str) -> list[str]:
    parts = path.split(".")
    return [".".join(parts[start:]) for start in range(len(parts))]


_PRESENT_ENDINGS = {ending for path in RENAMED.values() for ending in _endings(path)}
_TIMES = Counter(ending for path in RENAMED for ending in _endings(path))
_BY_ENDING = {
    ending: new
    for old, new in RENAMED.items()
    for ending in _endings(old)
    if _TIMES[ending] == 1 and ending not in _PRESENT_ENDINGS
}


def present_key(key: str) -> str:
    """The present path of a setting that a key names as version 0.1 did, whole or by its end.

    Any other key is returned as it is, known or not.
    """
    return _BY_ENDING.get(key, key)


def is_older(key: str) -> bool:
    """Whether the key names a setting as version 0.1 did, and as this version does not."""
    return key in _BY_ENDING


def present_names(tree: Any) -> Any:
    """The JSON of a `RunConfig` with every setting under its present name; `tree` stays as it is.

    What is no such JSON, or has unknown keys, is left for the configuration to refuse.

    Raises:
        ConfigError: A setting is there twice, by its older name and its present one.
    """
    return _renamed(tree, RENAMED, "")


def first_names(tree: Any) -> Any:
    """The inverse, for what is computed of a configuration's JSON and compared for years."""
    return _renamed(tree, _FIRST, "")


def _renamed(tree: Any, names: dict[str, str], path: str) -> Any:
    if not isinstance(tree, dict):
        return tree
    found: dict[Any, Any] = {}
    for key, value in tree.items():
        here = f"{path}{key}"
        there = names.get(here, here)
        name = there.rpartition(".")[2]
        if name != key and name in tree:
            raise given_twice(here, there)
        found[name] = _renamed(value, names, f"{here}.")
    return found


def given_twice(older: str, present: str) -> ConfigError:
    """The error for a setting that is given by its older name and its present one."""
    return ConfigError(
        "A setting must be given once, not by both its old and its current name.",
        received=f"{older} and {present}",
        advice=f"Keep {present}.",
    )
