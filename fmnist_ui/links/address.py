"""Links to a page with its choices in the parameters, written and checked within bounds.

For the page Train these are the preset and what differs from it; for other pages, a word from a
list or a number within limits.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.config import RunConfig, flatten
from fmnist_core.config.override import check_given_once, full_path, override, override_tree
from fmnist_core.config.presets import PRESETS
from fmnist_core.config.rules import Number, OneOf, Rule, Text, Whole
from fmnist_core.datasets.dataset import DATASET_NAMES
from fmnist_core.errors import ConfigError, LinkError, shown

_ALL_CLASSES = "All classes"

MOST_SEED = 999_999

EVALUATE_SECTIONS = (
    *("Overview", "Confusion matrix", "Class report", "ROC & PR", "Calibration", "Errors"),
    *("Compare", "Label issues"),
)

MATRICES = ("This run", "Against another run", "Over the epochs")

CELLS = ("Counts", "% of the true class")

INSIDE_SECTIONS = (
    *("Attribution", "Feature maps", "Filters", "Activation maximization", "Step through"),
    *("Data map", "Ablation"),
)

# What links and lessons of version 0.1 say, and what it is called now: by page and choice.
_OLD_WORDS: dict[tuple[str, str], dict[str, str]] = {
    ("evaluate", "section"): {
        "Matrix": "Confusion matrix",
        "Classes": "Class report",
        "Curves": "ROC & PR",
        "Suspects": "Label issues",
    },
    ("evaluate", "cells"): {"Per cent of the true class": "% of the true class"},
    ("explain", "section"): {
        "Where it looked": "Attribution",
        "What excites it": "Activation maximization",
        "Map of the data": "Data map",
        "Break it": "Ablation",
    },
}

_CLASS = OneOf(_ALL_CLASSES, *CLASS_NAMES)

_RUN, _SEED = Text(80), Whole(0, MOST_SEED)

_PRESET = "preset"

# What every browser, messenger and QR code still takes.
MOST_LENGTH = 4_000
_MOST_PARAMETERS = 120


class _Cell:
    """A cell of the confusion matrix: the numbers of true and predicted class, as `6-0`."""

    def check(self, name: str, value: object) -> str:
        if not isinstance(value, str) or not re.fullmatch(r"[0-9]-[0-9]", value):
            raise ConfigError(
                f"{name} must be two classes by number, such as 6-0.", received=shown(value)
            )
        return value


# Each page's choices by their names in its address.
PAGES: dict[str, dict[str, Rule]] = {
    "data": {
        "data": OneOf(*DATASET_NAMES),
        "part": OneOf("Training", "Test"),
        "class": _CLASS,
        "seed": _SEED,
        "share": Number(0.0, 0.5),
        "normalisation": OneOf("unit", "standard"),
    },
    "evaluate": {
        "run": _RUN,
        "section": OneOf(*EVALUATE_SECTIONS),
        "matrix": OneOf(*MATRICES),
        "cells": OneOf(*CELLS),
        "cell": _Cell(),
        "epochs": Number(0.0, 1_000.0),
        "other": _RUN,
        "temperature": Number(0.25, 4.0),
        "threshold": Whole(0, 99),
        "suspects": Whole(0, 1),
        "looks": _RUN,
    },
    "predictions": {
        "run": _RUN,
        "class": _CLASS,
        "seed": _SEED,
        "images": Whole(4, 40),
        "errors": OneOf("true", "false"),
    },
    "explain": {"model": _RUN, "section": OneOf(*INSIDE_SECTIONS), "image": Whole(0, 9_999)},
    "training_dynamics": {"run": _RUN},
}


def with_parameters(address: str, parameters: Mapping[str, str]) -> str:
    """The address of a page with parameters in place of those it had."""
    scheme, place, path, _, _ = urlsplit(address)
    return urlunsplit((scheme, place, path, urlencode(parameters), ""))


def checked_parameters(parameters: Mapping[str, str]) -> dict[str, str]:
    """The same, where they are no more than a link of the lab may have.

    Raises:
        LinkError: Too many, or too long.
    """
    length = sum(len(key) + len(value) for key, value in parameters.items())
    if len(parameters) > _MOST_PARAMETERS or length > MOST_LENGTH:
        raise LinkError(
            f"A link has at most {_MOST_PARAMETERS} choices and {MOST_LENGTH:,} characters.",
            received=f"{len(parameters)} choices, {length:,} characters",
            advice="It was cut or put together by hand: ask for it again.",
        )
    return dict(parameters)


def training_parameters(config: RunConfig) -> dict[str, str]:
    """What a link needs to bring the configuration back: paths and values, as `--set` takes them.

    Which images are trained on goes along only where it is not the preset's.
    """
    base = PRESETS.get(config.preset)
    begin = base.config if base else RunConfig()
    found = {_PRESET: base.name} if base else {}
    if config.model.blocks != begin.model.blocks:
        found["model.blocks"] = _short(config.to_json()["model"]["blocks"])
    usual = flatten(begin)
    for path, value in flatten(config).items():
        if path != _PRESET and not path.startswith("model.blocks") and value != usual[path]:
            found[path] = value if isinstance(value, str) else _short(value)
    return found


def training_of(parameters: Mapping[str, str]) -> tuple[RunConfig, list[ConfigError]]:
    """The configuration that a link asks for, and what in the link could not be followed.

    What cannot be followed is left out, one choice at a time: an older link still brings the rest.
    Its settings may have the names of version 0.1.
    """
    faults: list[ConfigError] = []
    config = RunConfig()
    if _PRESET in parameters:
        name = parameters[_PRESET]
        if name in PRESETS:
            config = PRESETS[name].config
        else:
            faults.append(
                ConfigError(f"preset must be one of {', '.join(PRESETS)}.", received=shown(name))
            )
    try:
        # Together first: some choices are allowed only beside others.
        return _together(config, parameters), faults
    except ConfigError:
        pass
    # Blocks first: what is said of a block needs it to be there.
    keys = sorted(
        (key for key in parameters if key != _PRESET), key=lambda key: key != "model.blocks"
    )
    given: dict[str, str] = {}
    for key in keys:
        try:
            check_given_once(given, key, full_path(config, key))
            config = _followed(config, key, parameters[key])
        except ConfigError as error:
            faults.append(error)
    return config, faults


def _together(config: RunConfig, parameters: Mapping[str, str]) -> RunConfig:
    tree = config.to_json()
    if "model.blocks" in parameters:
        tree["model"]["blocks"] = _blocks(parameters["model.blocks"])
    others = [key for key in parameters if key not in (_PRESET, "model.blocks")]
    return override_tree(tree, [f"{key}={parameters[key]}" for key in others])


def _blocks(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise ConfigError("model.blocks must be a list of blocks.", received=text[:80]) from None


def _followed(config: RunConfig, key: str, text: str) -> RunConfig:
    if key != "model.blocks":
        return override(config, [f"{key}={text}"])
    tree = config.to_json()
    tree["model"]["blocks"] = _blocks(text)
    return RunConfig.from_json(tree)


def _short(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def with_current_words(page: str, parameters: Mapping[str, str]) -> dict[str, str]:
    """The same, with the words of older links replaced by those of today."""
    return {
        name: _OLD_WORDS.get((page, name), {}).get(text, text) for name, text in parameters.items()
    }


def page_choices(
    page: str, parameters: Mapping[str, str]
) -> tuple[dict[str, str | int | float], list[LinkError]]:
    """What a link asks of a page, and what in it could not be followed."""
    rules = PAGES[page]
    found: dict[str, str | int | float] = {}
    faults = []
    for name, text in with_current_words(page, parameters).items():
        rule = rules.get(name)
        if rule is None:
            faults.append(_unknown(name, rules))
            continue
        try:
            found[name] = rule.check(name, _read(text, rule))
        except ConfigError as error:
            faults.append(LinkError(error.rule, received=error.received))
    return found, faults


def _read(text: str, rule: Rule) -> str | int | float:
    if isinstance(rule, Whole) and text.isdecimal() and len(text) < 12:
        return int(text)
    if isinstance(rule, Number) and re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,12})?", text):
        return float(text)
    return text


def _unknown(name: str, rules: Mapping[str, Rule]) -> LinkError:
    return LinkError(
        "The link has a choice that this page does not know.",
        received=name[:80],
        advice=f"Known: {', '.join(rules)}.",
    )
