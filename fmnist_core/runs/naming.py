"""What a run is called: the name that a person gave it, else its preset and what differs from it.

"Quick, 3 blocks, dropout 0.2" names a run until somebody names it. A setting of the blocks counts
once, however many blocks have it; a block that was added with the settings of the one before it
changes the number of blocks and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any

from fmnist_core.config import IMPORTED, BlockConfig, RunConfig, flatten
from fmnist_core.config.override import path_label, value_label
from fmnist_core.config.presets import PRESETS
from fmnist_core.config.rules import label_of

NOTHING = "none"

# With more differences than this, two are named and the others counted.
_MOST_NAMED = 3

_BLOCKS = "model.blocks"

# Of these a name says first what differs: the network, then how it begins, then how it learns.
_TELLING = (
    "model.backbone.name",
    _BLOCKS,
    f"{_BLOCKS}.filters",
    "training.initial_weights",
    "training.distillation.teacher",
    "training.collections",
    f"{_BLOCKS}.dropout",
    "model.head_dropout",
    "model.dense",
    "training.optimizer",
    "training.learning_rate",
    "training.epochs",
    "training.train_images",
    "training.batch_size",
    "training.schedule.kind",
)
# No choice of who trains: the data, and what their class holds back.
_GIVEN = ("training.dataset", "training.class_holdout.images", "training.class_holdout.split_seed")
# What the network learns is the same, or nearly.
_UNTOLD = (
    *_GIVEN,
    "training.seed",
    "training.precision",
    "training.record_dynamics",
    "training.tensorboard",
    "training.mlflow",
)

# What versions without automatic names wrote where nobody had given a name.
_NAMELESS = ("own", "My run")


@dataclass(frozen=True)
class Change:
    """A setting that is not as in the preset, or not as in another configuration.

    Attributes:
        path: Of the setting; `model.blocks` is their number, `model.blocks.filters` all filters.
        label: What people call it.
        value, usual: Its value here and there, for people.
        short: What a name says of it, such as "dropout 0.2".
    """

    path: str
    label: str
    value: str
    usual: str
    short: str

    @property
    def sentence(self) -> str:
        """Such as "Dropout 0.2 (preset: 0.3)"."""
        return f"{self.label} {self.value} (preset: {self.usual})"


def run_name(given: str, config: RunConfig) -> str:
    """The name that somebody gave the run; the automatic one where nobody did."""
    return automatic_name(config) if is_nameless(given, config) else given


def is_nameless(given: str, config: RunConfig) -> bool:
    """Whether a stored name is none: empty, or what earlier versions wrote in its place."""
    return given in ("", *_NAMELESS, config.preset, preset_title(config.preset))


def automatic_name(config: RunConfig) -> str:
    """Its preset and the differences that tell most: "Quick, 3 blocks, dropout 0.2 + 4 more"."""
    if config.preset == IMPORTED:
        return preset_title(IMPORTED)
    # Without a preset it is told by the values that a configuration has of itself.
    usual = PRESETS[config.preset].config if config.preset in PRESETS else RunConfig()
    found = [change for change in differences(config, usual) if change.path not in _UNTOLD]
    found.sort(key=_rank)
    named = found if len(found) <= _MOST_NAMED else found[: _MOST_NAMED - 1]
    name = ", ".join([preset_title(config.preset), *(change.short for change in named)])
    rest = len(found) - len(named)
    return f"{name} + {rest} more" if rest else name


def preset_title(preset: str) -> str:
    """What people call a preset, by its name; other beginnings of a configuration too."""
    if preset in PRESETS:
        return PRESETS[preset].title
    return "Imported network" if preset == IMPORTED else (preset or "Custom")


def changes(config: RunConfig) -> tuple[Change, ...]:
    """What differs from the preset, in the order of the configuration; none without a preset."""
    if config.preset not in PRESETS:
        return ()
    found = differences(config, PRESETS[config.preset].config)
    return tuple(change for change in found if change.path not in _GIVEN)


def differences(config: RunConfig, other: RunConfig) -> list[Change]:
    """What differs from another configuration, each setting of the blocks once."""
    own, usual = _settings(config), _settings(other)
    # A backbone stands in the place of all blocks.
    no_blocks = config.model.backbone.active or other.model.backbone.active
    found = []
    for path in own:
        if path == "preset" or (no_blocks and path.startswith(_BLOCKS)):
            continue
        if not _as_usual(path, own[path], usual[path]):
            found.append(_change(path, own[path], usual[path]))
    return found


@lru_cache(maxsize=64)
def _settings(config: RunConfig) -> dict[str, Any]:
    """Each setting by its path, those of the blocks as one value a block."""
    blocks = config.model.blocks
    found: dict[str, Any] = {_BLOCKS: len(blocks)}
    for item in fields(BlockConfig):
        found[f"{_BLOCKS}.{item.name}"] = tuple(getattr(block, item.name) for block in blocks)
    others = {path: value for path, value in flatten(config).items() if _BLOCKS not in path}
    return found | others


def _as_usual(path: str, own: Any, usual: Any) -> bool:
    if not path.startswith(f"{_BLOCKS}."):
        return bool(own == usual)
    expected = [*usual[: len(own)], *own[len(usual) - 1 : -1]] if usual else own[:1] * len(own)
    return list(own) == list(expected)


def _change(path: str, own: Any, usual: Any) -> Change:
    return Change(path, _label(path), _words(path, own), _words(path, usual), _short(path, own))


def _label(path: str) -> str:
    field = path.removeprefix(f"{_BLOCKS}.")
    return label_of(BlockConfig, field) if field != path else path_label(path, grouped=True)


def _words(path: str, value: Any) -> str:
    if path.startswith(f"{_BLOCKS}.") and isinstance(value, tuple):
        first = path.replace(_BLOCKS, f"{_BLOCKS}.0")
        each = [value_label(first, one) for one in value]
        return (each[0] if len(set(each)) == 1 else "-".join(each)) if each else NOTHING
    if path == "training.train_images" and value == 0:
        return "all"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return value_label(path, value) or NOTHING


# What does not read well as "label value".
_PHRASES = {
    _BLOCKS: ("{} block", "{} blocks"),
    "training.epochs": ("{} epoch", "{} epochs"),
    "training.train_images": ("{} image", "{} images"),
    "training.initial_weights": ("pretrained",) * 2,
    "training.distillation.teacher": ("distilled",) * 2,
    "training.collections": ("own collections",) * 2,
}


def _short(path: str, value: Any) -> str:
    words = _words(path, value)
    if path in _PHRASES:
        return _PHRASES[path][value != 1].format(words)
    # What stands behind a comma is a unit, or an addition: "Zoom, share", "SGD, Nesterov".
    label = _label(path).rpartition(": ")[2].partition(", ")[0]
    label = label if label[:2].isupper() else label[:1].lower() + label[1:]
    if words in ("yes", "no"):
        return label if words == "yes" else f"no {label}"
    brief = words.replace(", ", "-") if isinstance(value, list) else words.partition(", ")[0]
    return f"{label} {brief}"


def _rank(change: Change) -> int:
    return _TELLING.index(change.path) if change.path in _TELLING else len(_TELLING)
