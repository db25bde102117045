"""The choices of the pages other than Train in a link."""

from __future__ import annotations

import re
from collections.abc import Mapping

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.config.rules import Number, OneOf, Rule, Text, Whole
from fmnist_core.data.dataset import DATASET_NAMES
from fmnist_core.errors import ConfigError, LinkError, shown

ALL_CLASSES = "All classes"
MOST_SEED = 999_999
EVALUATE_SECTIONS = (
    *("Overview", "Matrix", "Classes", "Curves", "Calibration", "Errors", "Compare", "Suspects"),
)
MATRICES = ("This run", "Against another run", "Over the epochs")
CELLS = ("Counts", "Per cent of the true class")
INSIDE_SECTIONS = (
    *("Where it looked", "Feature maps", "Filters", "What excites it", "Step through"),
    *("Map of the data", "Break it"),
)
_CLASS = OneOf(ALL_CLASSES, *CLASS_NAMES)
_RUN, _SEED = Text(80), Whole(0, MOST_SEED)


class Cell:
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
        "cell": Cell(),
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
    "inside": {"model": _RUN, "section": OneOf(*INSIDE_SECTIONS), "image": Whole(0, 9_999)},
    "overtime": {"run": _RUN},
}


def page_choices(
    page: str, parameters: Mapping[str, str]
) -> tuple[dict[str, str | int | float], list[LinkError]]:
    """What a link asks of a page, and what in it could not be followed."""
    rules = PAGES[page]
    found: dict[str, str | int | float] = {}
    faults = []
    for name, text in parameters.items():
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
